// The report on the running server, over a ring file as a server leaves it at some moment.
import AccessLog
import Foundation
import LinuxSyscalls
import LogStore
import SystemPackage
import Testing

@Suite struct LiveReportTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Begins a request in a slot and lets its handler run.
    private func begin(_ worker: LogProducer, target: String) throws {
        let (client, method, path, host) = (bytes("10.0.0.9"), bytes("GET"), bytes(target), bytes("localhost"))
        let none: [UInt8] = []
        let start = LogStart(
            requestID: 0xAB, connection: 7, protocolNumber: 11, startUs: Clock.realtimeUs(),
            startMonotonicNs: Clock.monotonicNs())
        let texts = unsafe LogTexts(
            client: client.span.bytes, method: method.span.bytes, target: path.span.bytes, host: host.span.bytes,
            referer: none.span.bytes, agent: none.span.bytes)
        let ticket = worker.begin(start, texts: texts)
        #expect(ticket != nil)
        worker.setRunning(ticket)
    }

    @Test func running_showsWorkersAndTheirRequests() throws {
        let log = try FixtureLog()
        let ring = try LogRingFile.create(database: log.path, slotCount: 4, entriesPerSlot: 8, ringBytes: 65_536)
        ring.assign(slot: 1, generation: 3, startUs: Clock.realtimeUs())
        let worker = try ring.worker(slot: 1, generation: 3, processID: 4242)
        worker.completePredecessor(startUs: Clock.realtimeUs())
        worker.heartbeat(Clock.monotonicNs())
        try begin(worker, target: "/hangs?x=1")

        let report = try LiveReport.report(database: log.path)
        #expect(report["workers"]["slot"] == [1])
        #expect(report["workers"]["pid"] == [4242])
        #expect(report["workers"]["generation"] == [3])
        #expect(report["workers"]["state"] == ["handling"])
        #expect(report["workers"]["in_flight"] == [1])
        // No master looks at its memory here.
        #expect(report["workers"]["resident_bytes"] == [.null])
        #expect(report["requests"]["path"] == ["/hangs?x=1"])
        #expect(report["requests"]["client"] == ["10.0.0.9"])
        #expect(report["requests"]["method"] == ["GET"])
        #expect(report["requests"]["request_id"] == ["00000000000000ab"])
        #expect(report["requests"]["state"] == ["handling"])
        for age in report["requests"]["age_ms"] + report["workers"]["heartbeat_age_ms"] {
            guard case .real(let milliseconds) = age else {
                Issue.record("no age")
                continue
            }
            #expect(milliseconds >= 0 && milliseconds < 600_000)
        }
    }

    @Test func deadServer_showsWhatItWasDoing() throws {
        let log = try FixtureLog()
        func serveAndDie() throws {
            let ring = try LogRingFile.create(database: log.path, slotCount: 4, entriesPerSlot: 8, ringBytes: 65_536)
            ring.assign(slot: 0, generation: 1, startUs: Clock.realtimeUs())
            let worker = try ring.worker(slot: 0, generation: 1, processID: 17)
            worker.completePredecessor(startUs: Clock.realtimeUs())
            try begin(worker, target: "/last")
        }
        try serveAndDie()
        // A program that another test is just starting has a copy of the dead server's lock until it begins.
        var report = try LiveReport.report(database: log.path)
        try eventually("dead") {
            report = try LiveReport.report(database: log.path)
            return report["workers"]["state"] == ["dead"]
        }
        #expect(report["requests"]["path"] == ["/last"])
    }

    @Test func withoutServer_isEmpty() throws {
        let log = try FixtureLog()
        #expect(try LiveReport.report(database: log.path).isEmpty)
        #expect(try LiveReport.report(database: "/nowhere/access.db").isEmpty)
    }

    @Test func damagedRingFile_isNamed() throws {
        let log = try FixtureLog()
        let ring = try LogRingFile.create(database: log.path, slotCount: 2, entriesPerSlot: 8, ringBytes: 65_536)
        try Data(repeating: 0x5A, count: 100_000).write(to: URL(fileURLWithPath: ring.path.string))
        #expect {
            try LiveReport.report(database: log.path)
        } throws: { error in
            (error as? LogReadError)?.kind == .damaged && "\(error)".contains(ring.path.string)
        }
    }
}
