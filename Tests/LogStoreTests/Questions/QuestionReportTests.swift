// The reports on messages, single requests, missing paths, connections and workers, over rows that are known.
import GRDB
import Schema
import Testing

@testable import LogStore

@Suite struct QuestionReportTests {
    private let noon = FixtureLog.noonUs

    @Test func errors_foldMessagesOfOnePattern() throws {
        let log = try FixtureLog()
        try log.insert(MessageText(id: 1, value: "took 17 ms"))
        try log.insert(
            Message(at: 1, requestID: 1, message: 1), Message(at: 2, requestID: 2, message: "took 250 ms"),
            Message(at: 3, requestID: 2, message: "took 250 ms"), Message(at: 4, level: 4, message: "took 3 ms"),
            Message(at: 5, message: "cannot open /srv/a\u{1b}[31m"))
        let report = try LogFleet([log.reader()]).errors(Selection(span: .all), limit: nil)
        let rows = report["rows"]
        #expect(rows["pattern"].last == "took <number> ms")
        #expect(rows["level"] == ["error", "warning", "error"])
        #expect(rows["count"] == [1, 1, 3])
        #expect(rows["requests"] == [0, 0, 2])
        #expect(rows["messages"] == [1, 1, 2])
        #expect(rows["request_id"] == [nil, nil, "0000000000000002"])
        #expect(rows["message"].last == "took 250 ms")
        #expect(rows["first_seen"].last == "2026-03-01T12:00:01.000Z")
        #expect(rows["last_seen"].last == "2026-03-01T12:00:03.000Z")
        #expect(report.rowsRead == 5)
        #expect(try LogFleet([log.reader()]).errors(Selection(span: .all), limit: 1)["rows"].rows.count == 1)
        let span = TimeSpan(sinceUs: noon + 4_000_000, untilUs: noon + 5_000_000)
        #expect(try LogFleet([log.reader()]).errors(Selection(span: span), limit: nil)["rows"]["count"] == [1])
    }

    @Test func errors_ofSeveralLogsAreOne() throws {
        let (one, other) = (try FixtureLog(), try FixtureLog())
        try one.insert(MessageText(id: 1, value: "row 1 is bad"), Message(at: 1, message: 1))
        try other.insert(MessageText(id: 1, value: "row 2 is bad"), Message(at: 9, message: 1))
        let rows = try LogFleet([one.reader(), other.reader()]).errors(Selection(span: .all), limit: nil)["rows"]
        #expect(rows["count"] == [2])
        #expect(rows["message"] == ["row 2 is bad"])
    }

    @Test func digest_isBoundedByItsPatterns() {
        var digest = ErrorDigest()
        for number in 0..<(ErrorDigest.patternLimit + 10) {
            let text = Array("pattern \(number)".utf8)
            digest.add(ErrorDigest.Entry(timeUs: Int64(number), requestID: 1, level: 3), text: text, pattern: text)
        }
        #expect(digest.rows(limit: nil).count == ErrorDigest.patternLimit + 1)
    }

    @Test func request_showsEverythingOfIt() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(
                at: 5, requestID: 0x6f39, worker: 2, status: 500, outcome: 3, path: "/a", query: "b=1",
                durationUs: 2_000_000, flags: 1, signal: 11),
            Access(at: 6, requestID: 7), Message(at: 4, requestID: 0x6f39, message: "about to fail"),
            WorkerRun(slot: 2, pid: 41, started: 0, ended: 4.9, reason: "crashed", signal: 11),
            WorkerRun(slot: 2, generation: 2, pid: 42, started: 4.95))
        try log.queue.write { database in
            try database.execute(
                sql: SQL.insertCrash,
                arguments: [
                    DatabaseFormat.firstID(atUnixMicroseconds: noon), 0, 2, 1, 41, 0x6f39, "fault", 11, 1, 64, "error",
                    "inner at a\nouter at b", 0,
                ])
        }
        let fleet = LogFleet([try log.reader()])
        let report = try fleet.request(try #require(RequestNumber("Request-Id: 0000000000006F39")))
        #expect(report["request"]["path"] == ["/a"])
        #expect(report["request"]["query"] == ["b=1"])
        #expect(report["request"]["pid"] == [41])
        #expect(report["request"]["began"] == ["2026-03-01T12:00:03.000Z"])
        #expect(report["request"]["request_id"] == ["0000000000006f39"])
        #expect(report["messages"]["message"] == ["about to fail"])
        #expect(report["crash"]["signal"] == ["SIGSEGV"])
        #expect(report["frames"]["frame"] == ["inner at a", "outer at b"])
        #expect(report["worker"]["reason"] == ["crashed"])
        let plain = try fleet.request(try #require(RequestNumber("7")))
        #expect(plain.panels.map(\.name) == ["request"])
        #expect(try fleet.request(try #require(RequestNumber("8"))).isEmpty)
    }

    @Test func request_isFoundInALogOfSchema1AndInAnyOfAFleet() throws {
        let (old, other) = (try FixtureLog(schemaVersion: 1), try FixtureLog())
        try old.insert(Access(requestID: 9))
        let fleet = LogFleet([try other.reader(), try old.reader()])
        #expect(try fleet.request(try #require(RequestNumber("9")))["request"]["request_id"] == ["0000000000000009"])
    }

    @Test(arguments: ["", "x", "12345678901234567", "ffffffffffffffff", "-1", "0x", "Request-Id:", "1 or 1=1"])
    func requestNumber_refusesWhatIsNone(_ text: String) {
        #expect(RequestNumber(text) == nil)
    }

    @Test func notFound_namesTheRefererAndTheRedirect() throws {
        let log = try FixtureLog()
        try log.insert(
            Path(id: 1, value: "/docs/guide.html"), Path(id: 2, value: "/docs/guide"), Client(id: 1, value: "192.0.2.1")
        )
        try log.insert(Access(at: 0, path: 1, client: 1))
        for index in 1...3 {
            try log.insert(
                Access(
                    at: Double(index), status: 404, path: 2, client: index == 3 ? "192.0.2.9" : 1,
                    referer: index == 1 ? "https://b.example/" : "https://a.example/"))
        }
        try log.insert(Access(at: 9, status: 404, path: "/.env"))
        let report = try LogFleet([log.reader()]).notFound(Selection(span: .all), limit: nil)
        let rows = report["rows"]
        #expect(rows["path"] == ["/docs/guide", "/.env"])
        #expect(rows["requests"] == [3, 1])
        #expect(rows["requests_percent"] == [75.0, 25.0])
        #expect(rows["clients"] == [2, 1])
        #expect(rows["redirect_to"] == ["/docs/guide.html", nil])
        #expect(rows["referers"] == [2, 0])
        #expect(rows["referer"] == ["https://a.example/", nil])
        #expect(rows["referer_requests"] == [2, nil])
        #expect(rows["last_seen"][0] == "2026-03-01T12:00:03.000Z")
        let none = TimeSpan(sinceUs: noon, untilUs: noon + 1_000_000)
        #expect(try LogFleet([log.reader()]).notFound(Selection(span: none), limit: nil).isEmpty)
    }

    @Test func connections_areToldApartByTheLifeOfTheirWorker() throws {
        let log = try FixtureLog()
        try log.insert(
            WorkerRun(slot: 0, pid: 1, started: -60, ended: 9.5), WorkerRun(slot: 0, generation: 2, pid: 2, started: 10)
        )
        for index in 0..<6 { try log.insert(Access(at: Double(index), flags: index < 5 ? 2 : 0)) }
        try log.insert(
            Access(at: 11, outcome: 1), Access(at: 12, tie: 1, worker: 1, status: 408, outcome: 2),
            // Logged by the successor, but begun before it.
            Access(at: 10.5, outcome: 4, durationUs: 2_000_000))
        let report = try LogFleet([log.reader()]).connections(Selection(span: .all))
        let totals = report["totals"]
        #expect(totals["requests"] == [9])
        #expect(totals["connections"] == [3])
        #expect(totals["requests_per_connection"] == [3.0])
        #expect(totals["max_requests"] == [7])
        #expect(totals["aborted"] == [1])
        #expect(totals["timeout"] == [1])
        #expect(totals["status_408"] == [1])
        #expect(totals["reused_percent"] == [.real(100 * 6.0 / 9)])
        #expect(report["by_requests"]["requests_on_connection"] == ["1", "6-20"])
        #expect(report["by_requests"]["connections"] == [2, 1])
    }

    @Test func connections_thatAreSilentAreLetGo() {
        var tally = ConnectionTally()
        let hour: Int64 = 3_600_000_000 << 8
        for number in 0..<Int64(ConnectionTally.openLimit + 10) {
            tally.add(
                id: number * hour / 1000, worker: 0, connection: number, beganUs: 0, status: 200, outcome: 0,
                isKeptAlive: false)
        }
        #expect(tally.connections > Int64(ConnectionTally.openLimit) - 2000)
        tally.finish()
        #expect(tally.connections == Int64(ConnectionTally.openLimit) + 10)
    }

    @Test func balance_countsRestartsAndIdleWorkers() {
        var counts = TrafficCounts()
        for _ in 0..<30 { counts.add(status: 200, outcome: 0, bytesIn: 0, bytesOut: 0, durationUs: 100_000) }
        var fewer = TrafficCounts()
        for _ in 0..<10 { fewer.add(status: 500, outcome: 3, bytesIn: 0, bytesOut: 0, durationUs: 100_000) }
        let balance = WorkerBalance(
            lines: [
                TrafficLine(key: .text(Array("0".utf8)), counts: counts, latency: nil),
                TrafficLine(key: .text(Array("1".utf8)), counts: fewer, latency: nil),
            ], lives: [0: WorkerLives(lives: 1, pid: 7), 1: WorkerLives(lives: 3, restarts: 2, deaths: 2, pid: 9)],
            seconds: 10)
        let (totals, workers) = (balance.panels[0], balance.panels[1])
        #expect(totals["requests_per_worker"] == [20.0])
        #expect(totals["deaths"] == [2])
        #expect(workers["requests"] == [30, 10])
        #expect(workers["requests_percent"] == [75.0, 25.0])
        #expect(workers["busy_percent"] == [30.0, 10.0])
        #expect(workers["failed"] == [0, 10])
        #expect(workers["restarts"] == [0, 2])
    }
}
