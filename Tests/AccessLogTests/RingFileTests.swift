// Ring files: made, opened, refused when hostile, completed for the dead, watched while they live.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@Suite("Ring files")
struct RingFileTests {
    private func make(_ folder: TemporaryFolder) throws -> LogRingFile {
        try LogRingFile.create(database: folder.database, slotCount: 2, entriesPerSlot: 8, ringBytes: 4096)
    }

    @Test("A new file has its name, its source and its room; its own tree is alive to others and to itself")
    func create() throws {
        let folder = try TemporaryFolder()
        var file: LogRingFile? = try make(folder)
        let path = try #require(file?.path)
        #expect(LogRingFile.files(besides: folder.database) == [path])
        let other = try LogRingFile.open(path, writable: true)
        #expect(other.source == file?.source && other.source >> 63 == 0 && other.slotCount == 2)
        #expect(!other.isOfEarlierBoot && !other.takeIfDead())
        #expect(file?.takeIfDead() == false)
        file = nil
        // A program that another test is just starting has a copy of the lock until it begins.
        #expect(eventually { other.takeIfDead() })
        #expect(try !LogRingFile.open(path, writable: true).takeIfDead(), "two writers salvage one file")
        try other.remove()
        #expect(LogRingFile.files(besides: folder.database).isEmpty)
    }

    @Test("A rehearsal in a file that nobody has used changes no byte of it")
    func rehearsal() throws {
        let folder = try TemporaryFolder()
        let file = try make(folder)
        let size = Int(try File.status(of: file.descriptorNumber).size)
        let before = try File.read(file.descriptorNumber, at: 0, count: size)
        try file.rehearse()
        #expect(try File.read(file.descriptorNumber, at: 0, count: size) == before)
        let producer = try file.worker(slot: 0, generation: 1, processID: 1)
        producer.completePredecessor(startUs: 1)
        #expect(try File.read(file.descriptorNumber, at: 0, count: size) != before, "a start does")
    }

    @Test("What a killed maker left under the temporary name is no ring and is removed by the next maker")
    func unfinished() throws {
        let folder = try TemporaryFolder()
        let stale = FilePath(folder.database.string + "-ring-00000000000000ab.new")
        _ = try File.open(stale, .readWrite, options: [.create])
        #expect(LogRingFile.files(besides: folder.database).isEmpty)
        let file = try make(folder)
        #expect(throws: Errno.noSuchFileOrDirectory) { try File.status(at: stale) }
        #expect(LogRingFile.files(besides: folder.database) == [file.path])
    }

    @Test(
        "Impossible sizes are refused",
        arguments: [(0, 8, 4096), (5000, 8, 4096), (1, 0, 4096), (1, 8, 5000), (1, 8, 0)])
    func sizes(slots: Int, entries: Int, bytes: Int) throws {
        let folder = try TemporaryFolder()
        #expect(throws: LogRingError.self) {
            try LogRingFile.create(
                database: folder.database, slotCount: slots, entriesPerSlot: entries, ringBytes: bytes)
        }
    }

    @Test("A file that lies about itself is refused by name", arguments: [0, 8, 16, 48, 56, 64])
    func hostileHeader(offset: Int) throws {
        let folder = try TemporaryFolder()
        let file = try make(folder)
        for value in [UInt64.max, 1 << 63, 1 << 40, 12_345] {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
            let saved = try File.read(file.descriptorNumber, at: Int64(offset), count: 8)
            let raw = FileDescriptor(rawValue: file.descriptorNumber)
            _ = try raw.writeAll(toAbsoluteOffset: Int64(offset), bytes)
            if offset == 16, value >> 63 == 0 {
                #expect(throws: Never.self) { try LogRingFile.open(file.path, writable: true) }
            } else {
                let error = #expect(throws: LogRingError.self) { try LogRingFile.open(file.path, writable: true) }
                #expect(error?.description.contains(file.path.string) == true)
                if offset == 8 { #expect(error == .otherVersion(path: file.path, version: value)) }
            }
            _ = try raw.writeAll(toAbsoluteOffset: Int64(offset), saved)
        }
    }

    @Test("A truncated, empty or foreign file is refused by name")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let file = try make(folder)
        let size = try File.status(of: file.descriptorNumber).size
        for length in [size - 1, 4096, 71, 0] {
            try File.truncate(file.descriptorNumber, to: length)
            let error = #expect(throws: LogRingError.self) { try LogRingFile.open(file.path, writable: false) }
            #expect(error?.description.contains(file.path.string) == true)
        }
        #expect(throws: LogRingError.self) { try LogRingFile.open(folder.path.appending("none"), writable: false) }
    }

    @Test("Random bytes in control page, entries and ring: reading, completing and watching never trap")
    func hostileContent() throws {
        for seed in 0..<200 as Range<UInt64> {
            let folder = try TemporaryFolder()
            let file = try make(folder)
            var random = SplitMix(seed: seed)
            let size = Int(try File.status(of: file.descriptorNumber).size)
            let junk = (4096..<size).map { _ in UInt8(truncatingIfNeeded: random.below(4) == 0 ? random.below(256) : 0)
            }
            _ = try FileDescriptor(rawValue: file.descriptorNumber).writeAll(toAbsoluteOffset: 4096, junk)
            let opened = try LogRingFile.open(file.path, writable: true)
            for slot in 0..<2 {
                let reader = try opened.reader(slot: slot, storedPosition: seed % 2 == 0 ? nil : random.next() >> 1)
                _ = Row.all(reader)
                reader.complete()
                _ = Row.all(reader)
                _ = opened.status(ofSlot: slot)
                _ = opened.entries(ofSlot: slot)
            }
        }
    }

    @Test(
        "A dead worker's requests: the running one crashed, others killed, answers that may have left ok"
    )
    func nextWorkerCompletes() throws {
        let fixture = try Fixture()
        let tickets = try (1...3 as ClosedRange<UInt64>).map { try #require(fixture.begin($0)) }
        fixture.producer.setStatus(206, of: tickets[1])
        fixture.finish(tickets[0])
        fixture.producer.setRunning(tickets[1])
        fixture.file.recordDeath(slot: 0, generation: 1, processID: 42, end: .signalled(11), atUs: 5_000)
        #expect(fixture.file.status(ofSlot: 0).state == .ended)

        fixture.file.assign(slot: 0, generation: 2, startUs: 6_000)
        let next = try fixture.file.worker(slot: 0, generation: 2, processID: 43)
        next.completePredecessor(startUs: 6_000)
        let rows = fixture.drain()
        #expect(rows.map(\.kind) == [.request, .request, .request, .workerEnded, .workerStarted])
        #expect(rows.prefix(3).map(\.outcome) == [.ok, .crashed, .killed])
        #expect(rows[0].flags[2], "nobody filled in the true duration")
        #expect(rows[1].signal == 11 && rows[1].status == 206 && rows[1].completedUs == 5_000)
        #expect(rows[1].texts[0...4] == ["192.0.2.7", "GET", "/a/b", "c=d", "example.org"])
        #expect(rows[3].end == .signalled(11) && rows[3].requestID == 1 && rows[3].connection == 42)
        #expect(rows[4].requestID == 2 && rows[4].connection == 43)
        #expect(fixture.file.entries(ofSlot: 0).isEmpty)
    }

    @Test("A retired slot is completed by the writer, which then says so")
    func retired() throws {
        let fixture = try Fixture()
        _ = try #require(fixture.begin(1))
        #expect(fixture.file.isFree(slot: 1) && !fixture.file.isFree(slot: 0))
        #expect(fixture.file.retiredGeneration(slot: 0) == nil)
        fixture.file.recordDeath(slot: 0, generation: 1, processID: 42, end: .exited(status: 3), atUs: 5_000)
        fixture.file.retire(slot: 0)
        #expect(fixture.file.retiredGeneration(slot: 0) == 1 && !fixture.file.isFree(slot: 0))
        fixture.reader.complete()
        let rows = fixture.drain()
        #expect(rows.map(\.kind) == [.request, .workerEnded])
        #expect(rows[0].outcome == .killed && rows[1].end == .exited(status: 3))
        fixture.reader.setRetiredDone(generation: 1)
        #expect(fixture.file.isFree(slot: 0) && fixture.file.retiredGeneration(slot: 0) == nil)
    }

    @Test("A dead tree's worker is lost, its last sign of life is its end")
    func lostTree() throws {
        let fixture = try Fixture()
        _ = try #require(fixture.begin(1))
        fixture.producer.heartbeat(5 + 3_000_000)
        fixture.reader.complete()
        let rows = fixture.drain()
        #expect(rows.map(\.kind) == [.request, .workerEnded])
        #expect(rows[0].outcome == .killed && rows[0].durationUs == 3_000)
        #expect(rows[1].end == .lost && rows[1].completedUs == 4_000)
    }

    @Test("What a slot does shows while it does it")
    func live() throws {
        let fixture = try Fixture(ringBytes: 1 << 16)
        let ticket = try #require(fixture.begin(5, Texts(target: "/" + String(repeating: "z", count: 400))))
        fixture.producer.setRunning(ticket)
        fixture.producer.setConnections(3)
        fixture.producer.heartbeat(99)
        let watcher = try LogRingFile.open(fixture.file.path, writable: false)
        let status = watcher.status(ofSlot: 0)
        #expect(status.processID == 42 && status.generation == 1 && status.state == .assigned && !status.isTorn)
        #expect(status.runningRequestID == 5 && status.connections == 3 && status.heartbeatNs == 99)
        let request = try #require(watcher.entries(ofSlot: 0).first)
        #expect(request.requestID == 5 && request.isRunning && request.state == .inFlight && !request.isTorn)
        #expect(request.method == Array("GET".utf8) && request.target.count == 240)
        #expect(request.host == Array("example.org".utf8) && request.client == Array("192.0.2.7".utf8))
        #expect(watcher.entries(ofSlot: 1).isEmpty)
    }

    @Test("The doorbell rings only for a writer that sleeps, once for what was published")
    func doorbell() throws {
        let fixture = try Fixture()
        let bell = try EventDescriptor()
        func rang() throws -> Bool {
            try DescriptorIO.setNonBlocking(bell.rawValue, true)
            return (try? DescriptorIO.read(from: bell.rawValue, atMost: 8).count) == 8
        }
        fixture.producer.wakeWriterIfSleeping(doorbell: bell.rawValue)
        #expect(fixture.serve(1))
        fixture.producer.wakeWriterIfSleeping(doorbell: bell.rawValue)
        #expect(try !rang())
        fixture.file.setWriterSleeping(true)
        fixture.producer.wakeWriterIfSleeping(doorbell: bell.rawValue)
        #expect(try !rang())
        #expect(fixture.serve(2))
        fixture.producer.wakeWriterIfSleeping(doorbell: bell.rawValue)
        #expect(try rang())
    }

    @Test("A run of records ends at its limit, at its time, at a refusal and at the head")
    func runs() throws {
        let fixture = try Fixture()
        let client = [UInt8]("::1".utf8)
        func say(_ times: ClosedRange<Int64>) {
            for time in times {
                fixture.producer.appendError(
                    requestID: UInt64(time), timeUs: time, client: client.span.raw, message: client.span.raw)
            }
        }
        func run(limit: Int = 100, before boundUs: Int64 = .max, refuse: UInt64 = 0) -> [UInt64] {
            guard fixture.reader.load() else { return [] }
            var seen: [UInt64] = []
            let count = fixture.reader.drain(limit: limit, before: boundUs) { record in
                if record.requestID == refuse { return false }
                seen.append(record.requestID)
                return true
            }
            #expect(count == seen.count)
            return seen
        }
        say(1...9)
        #expect(run(limit: 2) == [1, 2])
        #expect(run(before: 5) == [3, 4])
        #expect(run(before: 5) == [5], "the current record is not asked for its time")
        let before = fixture.reader.position
        #expect(run(refuse: 6) == [])
        #expect(fixture.reader.position == before)
        #expect(run(refuse: 8) == [6, 7])
        #expect(run() == [8, 9])
        #expect(run() == [])
        say(10...11)
        #expect(run() == [10, 11], "a head that rose meanwhile is seen")
        fixture.reader.rewind(storedPosition: before)
        #expect(run() == [6, 7, 8, 9, 10, 11])
    }

    @Test("Reading goes on where the database says, or the tail, whichever is further")
    func positions() throws {
        let fixture = try Fixture()
        #expect(fixture.serve(1))
        let before = fixture.reader.position
        let first = Row.all(fixture.reader)
        #expect(first.map(\.requestID) == [1])
        let after = fixture.reader.position
        #expect(Row.all(try fixture.file.reader(slot: 0, storedPosition: nil)).count == 1)
        #expect(Row.all(try fixture.file.reader(slot: 0, storedPosition: after)).isEmpty)
        fixture.reader.rewind(storedPosition: before)
        #expect(Row.all(fixture.reader).count == 1)
        fixture.reader.storeTail(after)
        #expect(Row.all(try fixture.file.reader(slot: 0, storedPosition: before)).isEmpty)
        let beyond = try fixture.file.reader(slot: 0, storedPosition: after + 4096)
        #expect(!beyond.load() && beyond.damagedCount == 0)
    }
}
