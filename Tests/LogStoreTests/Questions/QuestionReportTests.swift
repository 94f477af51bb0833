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
            // Digits would be folded.
            let text = ErrorDigest.Text(String(number).utf8.map { $0 + 49 })
            digest.add(ErrorDigest.Entry(timeUs: Int64(number), requestID: 1, level: 3), text)
        }
        let panel = digest.panel(limit: nil)
        #expect(panel.rows.count == ErrorDigest.patternLimit + 1)
        #expect(panel["pattern"].first == "(others)" && panel["count"].first == 10 && panel["messages"].first == 10)
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
        let reversed = LogFleet([try old.reader(), try other.reader()])
        #expect(try !reversed.request(try #require(RequestNumber("9"))).isEmpty)
    }

    @Test func request_thatSeveralLogsHave_isShownOfEach() throws {
        let (one, other, none) = (try FixtureLog(), try FixtureLog(), try FixtureLog())
        try one.insert(Access(at: 1, requestID: 9, path: "/one"), Message(requestID: 9, message: "alone"))
        try other.insert(Access(at: 1, requestID: 9, path: "/other"))
        let fleet = LogFleet([try one.reader(), try other.reader(), try none.reader()])
        let report = try fleet.request(try #require(RequestNumber("9")))
        #expect(report["request"]["path"] == ["/one", "/other"])
        #expect(report["request"]["log"] == fleet.names.prefix(2).map { .text(Array($0.utf8)) })
        #expect(report.panels.map(\.isRecord) == [false, false])
        #expect(report["messages"]["log"] == [.text(Array(fleet.names[0].utf8))])
        let keys = try fleet.newestRequests(Selection(span: .all), limit: 1).keys
        #expect(try fleet.request(key: keys[0]).first?.rows.count == 2)
        let single = LogFleet([try one.reader(), try none.reader()])
        #expect(try single.request(try #require(RequestNumber("9")))["request"].isRecord)
    }

    @Test(arguments: ["", "x", "12345678901234567", "ffffffffffffffff", "-1", "0x", "Request-Id:", "1 or 1=1"])
    func requestNumber_refusesWhatIsNone(_ text: String) {
        #expect(RequestNumber(text) == nil)
    }

    @Test func notFound_countsAClientOfSeveralLogsOnce_andThoseWithTheSameNumberTwice() throws {
        let (one, other) = (try FixtureLog(), try FixtureLog())
        try one.insert(Client(id: 1, value: "192.0.2.1"), Client(id: 2, value: "192.0.2.2"))
        try other.insert(Client(id: 1, value: "192.0.2.3"), Client(id: 2, value: "192.0.2.4"))
        for log in [one, other] {
            try log.insert(
                Access(at: 1, status: 404, path: "/x", client: 1), Access(at: 2, status: 404, path: "/x", client: 2),
                Access(at: 3, status: 404, path: "/x", client: "192.0.2.1"))
        }
        let fleet = LogFleet([try one.reader(), try other.reader()])
        let rows = try fleet.report(.notfound, Selection(span: .all), shape: ReportShape())["rows"]
        #expect(rows["clients"] == [4] && rows["requests"] == [6])
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
        let report = try LogFleet([log.reader()]).report(.notfound, Selection(span: .all), shape: ReportShape())
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
        #expect(try LogFleet([log.reader()]).report(.notfound, Selection(span: none), shape: ReportShape()).isEmpty)
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
            Access(at: 10.5, outcome: 4, durationUs: 2_000_000),
            // Of another server, by an import.
            Access(at: 13, worker: -1), Access(at: 14, worker: -1))
        let report = try LogFleet([log.reader()]).report(.connections, Selection(span: .all), shape: ReportShape())
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

    private func balance(_ logs: [FixtureLog], worker: String? = nil, path: String? = nil) throws -> Report {
        var selection = Selection(span: TimeSpan(sinceUs: noon, untilUs: noon + 10_000_000))
        if let worker { try selection.filter.add(.worker, worker) }
        if let path { try selection.filter.add(.path, path) }
        return try LogFleet(try logs.map { try $0.reader() }).report(.balance, selection, shape: ReportShape())
    }

    private func balancedLog() throws -> FixtureLog {
        let log = try FixtureLog()
        try log.insert((0..<30).map { Access(at: Double($0) / 10, worker: 0, durationUs: 100_000) })
        try log.insert(
            (0..<10).map { Access(at: 4 + Double($0) / 10, worker: 1, status: 500, outcome: 3, durationUs: 100_000) })
        try log.insert((0..<5).map { Access(at: 6 + Double($0) / 10, worker: -1, path: "/old") })
        try log.insert(
            WorkerRun(slot: 0, pid: 7, started: -5),
            WorkerRun(slot: 1, pid: 8, started: -5, ended: 1, reason: "crashed"),
            WorkerRun(slot: 1, generation: 2, pid: 9, started: 2, ended: 3, reason: "killed"),
            WorkerRun(slot: 1, generation: 3, pid: 10, started: 4), WorkerRun(slot: 2, pid: 11, started: 8),
            // The span is over before this one ends.
            WorkerRun(slot: 3, pid: 12, started: 9, ended: 11, reason: "killed"))
        return log
    }

    @Test func balance_countsRestartsDeathsAndIdleWorkers_andNoImports() throws {
        let report = try balance([balancedLog()])
        let (totals, workers) = (report["totals"], report["workers"])
        #expect(totals["workers"] == [4] && totals["requests"] == [40] && totals["requests_per_worker"] == [10.0])
        #expect(totals["least_to_most_requests_percent"] == [0.0] && totals["deaths"] == [2])
        #expect(totals["restarts"] == [2])
        #expect(workers["worker"] == [0, 1, 2, 3])
        #expect(workers["pid"] == [7, 10, 11, nil])
        #expect(workers["requests"] == [30, 10, 0, 0])
        #expect(workers["requests_percent"] == [75.0, 25.0, 0.0, 0.0])
        #expect(workers["busy_s"] == [3.0, 1.0, 0.0, 0.0] && workers["busy_percent"] == [30.0, 10.0, 0.0, 0.0])
        #expect(workers["failed"] == [0, 10, 0, 0] && workers["status_5xx"] == [0, 10, 0, 0])
        #expect(workers["duration_max_ms"] == [100.0, 100.0, nil, nil])
        #expect(workers["lives"] == [1, 3, 1, 1] && workers["deaths"] == [0, 2, 0, 0])
        #expect(workers["log"].isEmpty)
    }

    @Test func balance_keepsWorkersOfSeveralLogsApart() throws {
        let other = try FixtureLog()
        try other.insert(Access(at: 1, worker: 0), WorkerRun(slot: 0, pid: 70, started: 0))
        let report = try balance([balancedLog(), other])
        #expect(report["totals"]["workers"] == [5] && report["totals"]["requests"] == [41])
        #expect(report["workers"]["worker"] == [0, 1, 2, 3, 0])
        #expect(report["workers"]["pid"] == [7, 10, 11, nil, 70])
        #expect(report["workers"]["requests"] == [30, 10, 0, 0, 1])
        #expect(Set(report["workers"]["log"].map { "\($0)" }).count == 2)
    }

    @Test func balance_ofConditions_showsTheWorkersThatTheyName() throws {
        let log = try balancedLog()
        #expect(try balance([log], worker: "1")["workers"]["worker"] == [1])
        #expect(try balance([log], worker: "!1")["workers"]["worker"] == [0, 2, 3])
        #expect(try balance([log], path: "/none")["workers"]["requests"] == [0, 0, 0, 0])
    }
}
