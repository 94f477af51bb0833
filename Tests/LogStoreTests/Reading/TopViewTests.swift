// The screen of top, over ring files as servers leave them at some moment.
import AccessLog
import Foundation
import LinuxSyscalls
import Testing

@testable import LogStore

@Suite struct TopViewTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func begin(_ worker: LogProducer, id: UInt64, target: String, isRunning: Bool) {
        let (client, method, path, host) = (bytes("10.0.0.9"), bytes("GET"), bytes(target), bytes("localhost"))
        let none: [UInt8] = []
        let start = LogStart(
            requestID: id, connection: 7, protocolNumber: 11, startUs: Clock.realtimeUs(),
            startMonotonicNs: Clock.monotonicNs())
        let texts = unsafe LogTexts(
            client: client.span.bytes, method: method.span.bytes, target: path.span.bytes, host: host.span.bytes,
            referer: none.span.bytes, agent: none.span.bytes)
        let ticket = worker.begin(start, texts: texts)
        #expect(ticket != nil)
        if isRunning { worker.setRunning(ticket) }
    }

    /// A server of two workers; the second handles one request and has begun a hostile one.
    private func withServer(_ body: (FixtureLog, LogProducer) throws -> Void) throws {
        let log = try FixtureLog()
        let ring = try LogRingFile.create(database: log.path, slotCount: 4, entriesPerSlot: 8, ringBytes: 65_536)
        for slot in 0..<2 { ring.assign(slot: slot, generation: 1, startUs: Clock.realtimeUs()) }
        let first = try ring.worker(slot: 0, generation: 1, processID: 4242)
        first.completePredecessor(startUs: Clock.realtimeUs())
        let second = try ring.worker(slot: 1, generation: 1, processID: 4343)
        second.completePredecessor(startUs: Clock.realtimeUs())
        second.setConnections(12)
        begin(second, id: 0xAB, target: "/hangs?x=1", isRunning: true)
        begin(second, id: 0xAC, target: "/\u{1B}[2Jevil", isRunning: false)
        try body(log, second)
    }

    private let size = TerminalSize(columns: 100, rows: 16)

    @Test func screen_showsTotalsWorkersAndRequests() throws {
        try withServer { log, _ in
            var view = TopView(database: "/x/access.db")
            view.take(try LiveReport.trees(database: log.path))
            let lines = view.lines(size, isColoured: false, nowUs: Clock.realtimeUs())
            #expect(lines.count == size.rows)
            #expect(lines[0].hasPrefix("httpstats top") && lines[0].contains("/x/access.db"))
            #expect(lines[1].hasPrefix("2 workers  0.0 requests/s") && lines[1].contains("12 connections"))
            #expect(lines[3].split(separator: " ").map(String.init).prefix(4) == ["slot", "pid", "state", "req/s"])
            #expect(lines[4].contains("4242") && lines[4].contains("waiting"))
            #expect(lines[5].contains("4343") && lines[5].hasSuffix("GET /hangs?x=1"))
            // The oldest first, and nothing of a request moves the cursor.
            #expect(lines[8].contains("handling") && lines[8].contains("00000000000000ab"))
            #expect(lines[9].contains("begun") && lines[9].contains("/\\x1B[2Jevil"))
            #expect(lines[15].hasPrefix("q quit  s sort: slot"))
        }
    }

    @Test func sorting_putsTheOneThatHandlesFirst() throws {
        try withServer { log, _ in
            var view = TopView(database: "/x/access.db")
            view.take(try LiveReport.trees(database: log.path))
            let order = TopView.Sort.allCases.map { sort in
                view.sort = sort
                let lines = view.lines(size, isColoured: false, nowUs: Clock.realtimeUs())
                return lines[4].contains("4242") ? 0 : 1
            }
            // By slot; by rate (none yet); by age; by connections; by memory (nobody looked).
            #expect(order[0] == 0 && order[2] == 1 && order[3] == 1)
            #expect(TopView.Sort.memory.next == .slot)
        }
    }

    @Test func narrowAndLowScreens_areNeverExceeded() throws {
        try withServer { log, _ in
            var view = TopView(database: "/x/access.db")
            view.take(try LiveReport.trees(database: log.path))
            for (columns, rows) in [(1, 1), (20, 3), (40, 6), (80, 24), (300, 100)] {
                let size = TerminalSize(columns: columns, rows: rows)
                let lines = view.lines(size, isColoured: false, nowUs: Clock.realtimeUs())
                #expect(lines.count == rows && lines.allSatisfy { $0.unicodeScalars.count <= columns })
                #expect(
                    lines.last == TopView.clipped("q quit  s sort: slot  space pause  + faster  - slower", to: columns))
            }
        }
    }

    @Test func rates_areWhatTheCountersGrewBy() throws {
        func tree(requests: UInt64, generation: UInt64, atNs: Int64) -> LogTreeStatus {
            let slot = LogSlotStatus(
                slot: 0, state: .assigned, life: .ready, processID: 9, generation: generation, startUs: 1,
                requests: requests, bytesOut: requests * 2_048, connections: 1)
            return LogTreeStatus(
                createdUs: 1, isDead: false, isOfEarlierBoot: false, takenNs: atNs, slots: [slot], requests: [])
        }
        var view = TopView(database: "x")
        view.take([tree(requests: 1_000, generation: 1, atNs: 1_000_000_000)])
        #expect(view.lines(size, isColoured: false, nowUs: 5)[1].contains(" 0.0 requests/s"))
        view.take([tree(requests: 1_500, generation: 1, atNs: 3_000_000_000)])
        #expect(view.lines(size, isColoured: false, nowUs: 5)[1].contains(" 250.0 requests/s  500 KiB/s"))
        // A new worker counts from nothing; the rate is never below zero.
        view.take([tree(requests: 10, generation: 2, atNs: 4_000_000_000)])
        #expect(view.lines(size, isColoured: false, nowUs: 5)[1].contains(" 10.0 requests/s"))
        view.take([])
        #expect(view.lines(size, isColoured: false, nowUs: 5)[3] == "No server has this log open.")
    }

    @Test func clipping_countsNoEscapeSequence() {
        #expect(TopView.clipped("\u{1B}[1mabc\u{1B}[0mdef", to: 4) == "\u{1B}[1mabc\u{1B}[0md")
        #expect(TopView.clipped("\u{1B}[1mabc\u{1B}[0m", to: 2) == "\u{1B}[1mab\u{1B}[0m")
    }
}
