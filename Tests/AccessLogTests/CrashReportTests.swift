// What a crash handler leaves in the shared memory, and what the next worker makes of it.
import LinuxSyscalls
import SystemPackage
import Testing

@testable import AccessLog

@Suite struct CrashReportTests {
    /// Words of a report as CrashHandler.c writes them.
    static func report(
        generation: UInt64 = 1, request: UInt64 = 2, cause: UInt64 = 1, signal: UInt64 = 11, clientGot: UInt64 = 2,
        status: UInt64 = 500, bytes: UInt64 = 619, frames: [UInt64] = [0x1000, 0x2000]
    ) -> [UInt64] {
        [
            generation, request, cause, signal, 1, 0x40, 5_000, clientGot, status, bytes, 7, UInt64(frames.count),
        ] + frames
    }

    private func store(_ words: [UInt64], _ file: LogRingFile, at offset: Int) throws {
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
        try File.write(bytes.span.raw, to: file.descriptorNumber, at: Int64(offset))
    }

    private func storeReport(_ words: [UInt64], _ fixture: Fixture) throws {
        try store(words, fixture.file, at: fixture.file.layout.controlOffset(0) + 8 * 128)
    }

    /// What the next worker of slot 0 finds.
    private func complete(_ fixture: Fixture, end: LogWorkerEnd? = .signalled(11)) throws -> [Row] {
        if let end {
            fixture.file.recordDeath(slot: 0, generation: 1, processID: 42, end: end, atUs: 900_000)
        }
        let next = try fixture.file.worker(slot: 0, generation: 2, processID: 43)
        next.completePredecessor(startUs: 1_000_000)
        return fixture.drain()
    }

    @Test func aCrashIsARecordAndItsRequestHasWhatTheClientGot() throws {
        let fixture = try Fixture(ringBytes: 65_536)
        let running = try #require(fixture.begin(2))
        _ = try #require(fixture.begin(3))
        fixture.producer.setRunning(running)
        try storeReport(Self.report(), fixture)
        let rows = try complete(fixture)
        #expect(rows.map(\.kind) == [.request, .request, .crash, .workerEnded, .workerStarted])
        let crashed = try #require(rows.first { $0.requestID == 2 && $0.kind == .request })
        #expect(crashed.outcome == .crashed && crashed.signal == 11 && crashed.status == 500)
        // From the begin to the crash, and not to the end of the process.
        #expect(crashed.bytesOut == 619 && crashed.durationUs == 4_000 && crashed.ttfbUs == 4_000)
        let other = try #require(rows.first { $0.requestID == 3 })
        #expect(other.outcome == .killed && other.status == 0 && other.durationUs == 899_000)
        #expect(rows[2].requestID == 2 && rows[2].startUs == 5_000 && rows[2].connection == 42)
    }

    @Test func answersThatTheCrashHandlerSentAreOk() throws {
        let fixture = try Fixture(ringBytes: 65_536)
        let earlier = try #require(fixture.begin(1))
        let running = try #require(fixture.begin(2))
        fixture.producer.setAnswer(earlier, status: 200, bytes: 109, end: 109)
        fixture.producer.setRunning(running)
        let layout = fixture.file.layout
        let entry = layout.entriesOffset(0) + earlier.entry * FileLayout.entryBytes
        try store([LogEntryState.leaving.rawValue], fixture.file, at: entry + 8)
        try storeReport(Self.report(), fixture)
        let rows = try complete(fixture)
        let answered = try #require(rows.first { $0.requestID == 1 })
        #expect(answered.outcome == .ok && answered.status == 200 && answered.bytesOut == 109 && answered.signal == 0)
        #expect(rows.first { $0.requestID == 2 && $0.kind == .request }?.outcome == .crashed)
    }

    @Test func aTimeLimitIsATimeoutWhoeverEndedTheWorker() throws {
        let ends: [LogWorkerEnd?] = [.signalled(14), .timedOut(signal: 14), .signalled(9), nil]
        for end in ends {
            let fixture = try Fixture(ringBytes: 65_536)
            let running = try #require(fixture.begin(2))
            fixture.producer.setRunning(running)
            try storeReport(Self.report(cause: 2, signal: 14, status: 504), fixture)
            let row = try complete(fixture, end: end).first { $0.requestID == 2 && $0.kind == .request }
            #expect(row?.outcome == .timeout && row?.status == 504 && row?.signal == 14, "\(String(describing: end))")
        }
    }

    @Test func aReportOfAnEarlierLifeMeansNothing() throws {
        let fixture = try Fixture(ringBytes: 65_536)
        let running = try #require(fixture.begin(2))
        fixture.producer.setRunning(running)
        try storeReport(Self.report(generation: 7), fixture)
        let rows = try complete(fixture, end: .signalled(9))
        #expect(!rows.contains { $0.kind == .crash })
        #expect(rows.first { $0.requestID == 2 }?.outcome == .killed)
    }

    @Test func damageIsNoReportAndTooManyFramesAreCut() throws {
        for words in [Self.report(cause: 9), Self.report(clientGot: 77), []] {
            let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
            #expect(CrashReport(bytes: bytes.span.raw) == nil)
        }
        let fixture = try Fixture(ringBytes: 65_536)
        var words = Self.report(frames: (0..<104).map { $0 + 1 })
        words[11] = 60_000
        try storeReport(words, fixture)
        #expect(try complete(fixture).contains { $0.kind == .crash })
        let report = try #require(CrashReport(of: 1) { $0.index - 128 < words.count ? words[$0.index - 128] : 0 })
        #expect(report.frames.count == 104)
        let short = report.bytes(limit: 100 + 7)
        #expect(short.count == 104 && CrashReport(bytes: short.span.raw)?.frames == [1])
    }

    @Test func theMasterReadsTheDeadlinesOfAWorkerThatTookItsSlotOver() throws {
        let fixture = try Fixture()
        fixture.file.assign(slot: 0, generation: 1, startUs: 1)
        fixture.producer.completePredecessor(startUs: 2)
        #expect(fixture.file.deadlines(slot: 0) == (0, 0))
        fixture.producer.setDeadlines(softNs: 1_000, hardNs: 2_000)
        #expect(fixture.file.deadlines(slot: 0) == (1_000, 2_000))
        fixture.file.assign(slot: 0, generation: 2, startUs: 3)
        #expect(fixture.file.deadlines(slot: 0) == (0, 0), "the next worker has none of them")
    }

    @Test func theTableOfModulesHoldsThisProgram() throws {
        let fixture = try Fixture()
        let modules = fixture.file.modules()
        #expect(modules == LoadedModule.all() && !modules.isEmpty)
        #expect(LoadedModule.identity(of: modules[0].path) == modules[0].identity)
        let damaged = "zz 0 1 2 /x\n5 9 1 2 /y\n1 2 3 4\n1 2 3 4 /a b\n".utf8
        #expect(ModuleTable.modules(in: Array(damaged)).map(\.path) == ["/a b"])
    }
}
