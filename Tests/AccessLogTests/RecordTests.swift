// Records through a real mapping: every field, the wrap, the full ring, damage.
import AccessLog
import LinuxSyscalls
import SystemPackage
import Testing

@Suite("Records")
struct RecordTests {
    @Test("A request comes out with every field it was given")
    func roundTrip() throws {
        let fixture = try Fixture()
        #expect(fixture.serve(77))
        let row = try #require(fixture.drain().first)
        #expect(row.kind == .request && row.requestID == 77 && row.worker == 0 && row.connection == 9)
        #expect(row.status == 200 && row.outcome == .ok && row.protocolNumber == 11 && row.signal == 0)
        #expect(row.flags == [false, true, false] && row.startUs == 1_000 && row.completedUs == 1_070)
        #expect(row.durationUs == 70 && row.ttfbUs == 50 && row.bytesIn == 321 && row.bytesOut == 660)
        #expect(row.texts == ["192.0.2.7", "GET", "/a/b", "c=d", "example.org", "http://example.org/", "test/1", ""])
        #expect(row.hasQuery)
    }

    @Test(
        "The query begins behind the first question mark, wherever it is",
        arguments: ["/", "/?", "?", "/12345?x", "/123456?x", "/1234567?x?y", "/a-path-of-more-than-sixteen-bytes?", ""])
    func query(target: String) throws {
        let fixture = try Fixture()
        #expect(fixture.serve(1, Texts(target: target)))
        let row = try #require(fixture.drain().first)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        #expect(row.texts[2] == parts[0])
        #expect(row.hasQuery == (parts.count == 2))
        #expect(row.texts[3] == (parts.count == 2 ? String(parts[1]) : ""))
    }

    @Test("Aborted requests, errors, messages and a worker's start are records too")
    func otherKinds() throws {
        let folder = try TemporaryFolder()
        let file = try LogRingFile.create(database: folder.database, slotCount: 1, entriesPerSlot: 1, ringBytes: 4096)
        let producer = try file.worker(slot: 0, generation: 3, processID: 42)
        producer.completePredecessor(startUs: 500)
        let ticket = try #require(
            Texts().with {
                producer.begin(
                    LogStart(requestID: 5, connection: 1, protocolNumber: 10, startUs: 10, startMonotonicNs: 1),
                    texts: $0)
            })
        Texts().with { producer.finishAborted(ticket, .timeout, texts: $0, answer: Fixture.answer) }
        producer.appendError(
            level: .warning, requestID: 5, timeUs: 20, client: RawSpan(), message: Array("oops".utf8).span.raw)
        producer.appendMessage(requestID: 0, timeUs: 30, client: RawSpan(), message: Array("hello".utf8).span.raw)
        let rows = Row.all(try file.reader(slot: 0, storedPosition: nil))
        #expect(rows.map(\.kind) == [.workerStarted, .request, .error, .message])
        #expect(rows[0].requestID == 3 && rows[0].connection == 42 && rows[0].startUs == 500)
        #expect(rows[1].outcome == .timeout && rows[1].flags == [false, true, false])
        #expect(rows[2].texts.last == "oops" && rows[2].level == .warning && rows[2].requestID == 5)
        #expect(rows[3].texts.last == "hello" && rows[3].level == .informational && rows[3].completedUs == 30)
    }

    @Test("Records that cross the end of the ring are whole, lap after lap")
    func wrap() throws {
        let fixture = try Fixture()
        for id in 1...500 as ClosedRange<UInt64> {
            let target = "/" + String(repeating: "x", count: Int(id % 97))
            #expect(fixture.serve(id, Texts(target: target)))
            let rows = fixture.drain()
            #expect(rows.map(\.requestID) == [id] && rows[0].texts[2] == target)
        }
        #expect(fixture.reader.position > 10 * 4096 && fixture.reader.damagedCount == 0)
    }

    @Test("A full ring refuses to begin, what was begun still finishes, errors have room of their own, gaps are told")
    func full() throws {
        let fixture = try Fixture(entries: 64)
        var open: [LogTicket] = []
        while let ticket = fixture.begin(UInt64(open.count + 1)) { open.append(ticket) }
        #expect(open.count > 10 && open.count < 64)
        var errors = 0
        while fixture.say("no room") { errors += 1 }
        #expect(errors > 0)
        fixture.producer.countShed()
        fixture.producer.countShed()
        fixture.producer.countDropped()
        for ticket in open {
            fixture.finish(ticket)
            fixture.producer.confirm(ticket, durationUs: 1, ttfbUs: 1, bytesOut: 1)
        }
        fixture.producer.settle()
        #expect(!fixture.producer.tellGap(timeUs: 1), "it is not over")
        let rows = fixture.drain()
        #expect(rows.filter { $0.kind == .request }.map(\.requestID) == (1...UInt64(open.count)).map { $0 })
        #expect(rows.filter { $0.kind == .error }.count == errors)
        #expect(fixture.say("room again"))
        #expect(fixture.producer.tellGap(timeUs: 1) && !fixture.producer.hasGap)
        #expect(!fixture.producer.tellGap(timeUs: 1), "it is told once")
        let gap = try #require((rows + fixture.drain()).first { $0.kind == .gap })
        #expect(gap.requestID == 2 && gap.connection == 1 && gap.bytesIn == 1)
        #expect(fixture.reader.damagedCount == 0)
    }

    @Test("No entry is free: nothing begins until one is")
    func entriesUsedUp() throws {
        let fixture = try Fixture(entries: 2, ringBytes: 1 << 16)
        let first = try #require(fixture.begin(1))
        #expect(fixture.begin(2) != nil)
        #expect(fixture.begin(3) == nil)
        fixture.finish(first)
        fixture.producer.confirm(first, durationUs: 1, ttfbUs: nil, bytesOut: 1)
        fixture.producer.settle()
        #expect(fixture.begin(4) != nil)
    }

    @Test("Long texts are cut, never refused; longer texts at finish than at begin stay within what was reserved")
    func longTexts() throws {
        let fixture = try Fixture()
        let long = String(repeating: "y", count: 100_000)
        #expect(fixture.serve(1, Texts(target: long, agent: long)))
        let cut = try #require(fixture.drain().first)
        #expect(cut.texts[2].count == fixture.producer.textLimit && cut.texts[6].count == fixture.producer.textLimit)
        let ticket = try #require(fixture.begin(2, Texts(agent: "")))
        fixture.finish(ticket, Texts(agent: long))
        fixture.producer.confirm(ticket, durationUs: 1, ttfbUs: nil, bytesOut: 1)
        fixture.producer.settle()
        #expect(fixture.drain().map(\.requestID) == [2])
        #expect(fixture.say(long))
        #expect(fixture.drain().last?.texts.last?.count == fixture.producer.messageLimit)
    }

    @Test(
        "Answers taken in part come back: only those that left whole are in the log, the others after their second send"
    )
    func takenInPart() throws {
        let fixture = try Fixture()
        let tickets = try (1...3 as ClosedRange<UInt64>).map { try #require(fixture.begin($0)) }
        for ticket in tickets { fixture.finish(ticket) }
        #expect(!fixture.say("between finish and settle"))
        fixture.producer.confirm(tickets[0], durationUs: 1, ttfbUs: 1, bytesOut: 1)
        fixture.producer.settle()
        #expect(fixture.drain().filter { $0.kind == .request }.map(\.requestID) == [1])
        for ticket in tickets[1...] { fixture.finish(ticket) }
        for ticket in tickets[1...] { fixture.producer.confirm(ticket, durationUs: 1, ttfbUs: 1, bytesOut: 1) }
        fixture.producer.settle()
        #expect(fixture.drain().map(\.requestID) == [2, 3])
        #expect(fixture.producer.isIdle)
    }

    @Test("No flipped bit of a record goes unnoticed but in the four mutable words, and none traps")
    func flippedBits() throws {
        let fixture = try Fixture(ringBytes: 1 << 16)
        let start = Int(fixture.reader.position)
        #expect(fixture.serve(1))
        let length = Int(try #require(try RingBytes.head(fixture.file))) - start
        let bytes = try RingBytes(fixture.file)
        var missed = 0
        for offset in 0..<length {
            for bit in 0..<8 {
                try bytes.flip(start + offset, bit)
                let reader = try fixture.file.reader(slot: 0, storedPosition: UInt64(start))
                let rows = Row.all(reader)
                let mutable = (72..<104).contains(offset)
                if !mutable, !rows.isEmpty || reader.damagedCount != 1 { missed += 1 }
                try bytes.flip(start + offset, bit)
            }
        }
        #expect(missed == 0)
        #expect(fixture.drain().map(\.requestID) == [1])
    }

    @Test("A damaged record costs the records up to the head, not those after")
    func damageIsSkipped() throws {
        let fixture = try Fixture()
        let start = Int(fixture.reader.position)
        #expect(fixture.serve(1) && fixture.serve(2))
        try RingBytes(fixture.file).flip(start + 30, 3)
        #expect(fixture.drain().isEmpty && fixture.reader.damagedCount == 1)
        #expect(fixture.serve(3))
        #expect(fixture.drain().map(\.requestID) == [3])
    }
}

/// The bytes of the first slot's ring in its file, behind the mapping's back.
struct RingBytes {
    private let file: FileDescriptor
    private let offset: Int64

    init(_ ring: LogRingFile) throws {
        file = FileDescriptor(rawValue: ring.descriptorNumber)
        // Header page, a control page a slot, one page of eight entries.
        offset = Int64(4096 * (1 + ring.slotCount) + 4096)
    }

    func flip(_ place: Int, _ bit: Int) throws {
        let byte = try File.read(file.rawValue, at: offset + Int64(place), count: 1)[0] ^ 1 << UInt8(bit)
        _ = try file.writeAll(toAbsoluteOffset: offset + Int64(place), [byte])
    }

    /// The head of the first slot.
    static func head(_ ring: LogRingFile) throws -> UInt64? {
        let bytes = try File.read(ring.descriptorNumber, at: 4096 + 64 * 8, count: 8)
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
