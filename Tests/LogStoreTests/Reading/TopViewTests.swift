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
            let lines = view.lines(size, isColoured: false, nowUs: FixtureLog.noonUs)
            #expect(lines.count == size.rows)
            #expect(lines[0].hasPrefix("httpstats top  2026-03-01T12:00:00Z  up") && lines[0].contains("/x/access.db"))
            #expect(lines[1].hasPrefix("2 workers  0.0 requests/s") && lines[1].contains("12 connections"))
            #expect(lines[3] == "latency  no request in 10 s" && lines[4] == "status   no request in 60 s")
            #expect(lines[6].split(separator: " ").map(String.init).prefix(4) == ["slot", "pid", "state", "req/s"])
            #expect(lines[7].contains("4242") && lines[7].contains("waiting"))
            #expect(lines[8].contains("4343") && lines[8].hasSuffix("GET /hangs?x=1"))
            // The oldest first, and nothing of a request moves the cursor.
            #expect(lines[11].contains("handling") && lines[11].contains("00000000000000ab"))
            #expect(lines[12].contains("begun") && lines[12].contains("/\\x1B[2Jevil"))
            #expect(lines[15].hasPrefix("q quit  ? help  s sort: slot"))
        }
    }

    @Test func rows_fillLatencyStatusAndLists() throws {
        let log = try FixtureLog()
        try log.insert(Path(id: 1, value: "/slow"), Client(id: 1, value: "10.0.0.1"))
        try log.insert(Access(at: -70, path: "/old"), Access(at: -30, path: 1, client: 1, durationUs: 900_000))
        try log.insert((0..<5).map { Access(at: -5, tie: Int64($0), path: "/ü\u{1B}", durationUs: 10_000) })
        try log.insert(Access(at: -1, status: 500, path: 1, client: 1, durationUs: 2_000))
        let nowUs = FixtureLog.noonUs
        var recent = try RecentTraffic(log.reader(), nowUs: nowUs)
        var view = TopView(database: "x")
        let screen = TerminalSize(columns: 110, rows: 24)
        view.take(TopTraffic(&recent, view.wish, nowUs: nowUs))
        var lines = view.lines(screen, isColoured: false, nowUs: nowUs)
        #expect(lines[3] == "latency  p50 10.0  p95 10.0  p99 10.0  max 10.0 ms in 10 s", "\(lines[3])")
        #expect(lines[4] == "status   2xx 85.7 %  5xx 14.3 % in 60 s")
        let first = try #require(lines.firstIndex { $0.contains("path, 60 s") })
        #expect(lines[first].contains("client, 60 s"))
        #expect(lines[first + 1].contains("/ü\\x1B") && lines[first + 1].hasSuffix("127.0.0.1"))
        #expect(lines[first + 2].contains("/slow") && lines[first + 2].hasSuffix("10.0.0.1"))
        #expect(!lines.contains { $0.contains("/old") })
        // By time and by errors the other path is first; a filter leaves only what it names.
        for _ in 0..<3 { #expect(view.press(Array("o".utf8)) == [.none]) }
        #expect(view.order == .errors)
        view.take(TopTraffic(&recent, view.wish, nowUs: nowUs))
        lines = view.lines(screen, isColoured: false, nowUs: nowUs)
        #expect(lines[first + 1].contains("/slow"))
        _ = view.press(Array("/SLO\r".utf8))
        view.take(TopTraffic(&recent, view.wish, nowUs: nowUs))
        #expect(view.traffic.paths.map(\.text) == [bytes("/slow")] && view.traffic.clients.isEmpty)
        #expect(view.lines(screen, isColoured: false, nowUs: nowUs).last?.contains("/ filter: SLO") == true)
        // What comes later is added once; what is older than the window goes.
        try log.insert(Access(at: 20, path: "/new"))
        try recent.look(nowUs: nowUs + 35_000_000)
        _ = view.press([0x1B])
        view.take(TopTraffic(&recent, view.wish, nowUs: nowUs + 35_000_000))
        #expect(view.traffic.counts.requests == 7 && view.traffic.paths.map(\.counts.requests) == [1, 5, 1])
    }

    @Test func aClockThatIsSetBack_losesNoRows() throws {
        let log = try FixtureLog()
        var recent = try RecentTraffic(log.reader(), nowUs: FixtureLog.noonUs + 100_000_000)
        try log.insert(Access(at: 100))
        try recent.look(nowUs: FixtureLog.noonUs + 100_000_000)
        try log.insert(Access(at: 10))
        try recent.look(nowUs: FixtureLog.noonUs + 10_500_000)
        #expect(recent.total(seconds: 60, nowUs: FixtureLog.noonUs + 10_500_000).counts.requests == 1)
    }

    @Test func sorting_putsTheOneThatHandlesFirst() throws {
        try withServer { log, _ in
            var view = TopView(database: "/x/access.db")
            view.take(try LiveReport.trees(database: log.path))
            let order = TopView.Sort.allCases.map { sort in
                #expect(view.sort == sort)
                let lines = view.lines(size, isColoured: false, nowUs: Clock.realtimeUs())
                _ = view.press(Array("s".utf8))
                return lines[7].contains("4242") ? 0 : 1
            }
            // By slot; by rate (none yet); by age; by connections; by memory (nobody looked).
            #expect(order[0] == 0 && order[2] == 1 && order[3] == 1)
            #expect(view.sort == .slot)
        }
    }

    @Test func narrowAndLowScreens_areNeverExceeded() throws {
        try withServer { log, _ in
            var view = TopView(database: "/x/漢字/access.db")
            view.take(try LiveReport.trees(database: log.path))
            for (columns, rows) in [(1, 1), (20, 3), (40, 6), (40, 12), (80, 24), (300, 100)] {
                let size = TerminalSize(columns: columns, rows: rows)
                for isHelpShown in [false, true] {
                    view.isHelpShown = isHelpShown
                    let lines = view.lines(size, isColoured: true, nowUs: Clock.realtimeUs())
                    #expect(lines.count == rows && lines.allSatisfy { TopView.width($0) <= columns })
                    #expect(lines.last == TopView.clipped(view.keyLine, to: columns))
                }
            }
        }
    }

    @Test func keys_typeAFilter_andMeanNothingElseMeanwhile() {
        var view = TopView(database: "x")
        #expect(view.press(Array("q".utf8)) == [.quit] && view.press([3]) == [.interrupt])
        #expect(view.press([0x1A]) == [.suspend] && view.press(Array("+-".utf8)) == [.faster, .slower])
        #expect(view.press(Array("/qé".utf8)) == [.none, .none, .none, .none])
        #expect(view.keyLine.hasPrefix("/qé_"))
        _ = view.press([0x7F])
        #expect(view.draft == bytes("q"))
        _ = view.press([0x1B])
        #expect(view.draft == nil && view.filter.part.isEmpty)
        // An arrow is no escape; help is over with any key.
        _ = view.press(Array("/x\r".utf8))
        #expect(view.press([0x1B, UInt8(ascii: "["), UInt8(ascii: "A")]).isEmpty && view.filter.part == bytes("x"))
        _ = view.press(Array("?".utf8))
        #expect(view.isHelpShown && view.press(Array("x".utf8)) == [.none] && !view.isHelpShown)
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
        #expect(view.lines(size, isColoured: false, nowUs: 5)[6] == "No server has this log open.")
    }

    @Test func clipping_countsNoEscapeSequence() {
        #expect(TopView.clipped("\u{1B}[1mabc\u{1B}[0mdef", to: 4) == "\u{1B}[1mabc\u{1B}[0md")
        #expect(TopView.clipped("\u{1B}[1mabc\u{1B}[0m", to: 2) == "\u{1B}[1mab\u{1B}[0m")
        #expect(TopView.clipped("漢字", to: 3) == "漢" && TopView.width("\u{1B}[1m漢\u{1B}[0m") == 2)
    }
}
