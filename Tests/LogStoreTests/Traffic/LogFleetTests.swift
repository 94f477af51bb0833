// Questions to one log and to several: lists, timelines, percentiles, and a scan on two threads.
import GRDB
import LogStore
import Testing

@Suite struct LogFleetTests {
    /// Requests of one log, a second apart from a moment on, by path and client.
    private func log(from: Double, count: Int, client: String, texts: [String] = ["/a", "/b", "/a/b"]) throws
        -> FixtureLog
    {
        let log = try FixtureLog()
        for (index, text) in texts.enumerated() { try log.insert(Path(id: Int64(index + 1), value: text)) }
        try log.insert(Client(id: 1, value: client))
        try log.insert(
            (0..<count).map { index in
                Access(
                    at: from + Double(index), requestID: Int64(index), status: index % 7 == 0 ? 404 : 200,
                    path: Int64(index % texts.count + 1), client: index % 5 == 0 ? "10.9.9.9" : 1,
                    bytesOut: Int64(index), durationUs: Int64(1000 + index))
            })
        return log
    }

    private func text(_ text: String) -> TrafficKey { .text(Array(text.utf8)) }

    @Test func severalLogs_answerAsOne() throws {
        // The same paths have other ids in the second log.
        let logs = [
            try log(from: 0, count: 30, client: "10.0.0.1"),
            try log(from: 1000, count: 60, client: "10.0.0.2", texts: ["/b", "/c"]),
        ]
        let fleet = LogFleet(try logs.map { try $0.reader() })
        var question = TrafficQuestion(Selection(span: .all))
        question.fields = [.path, .client, .notFound, .status]
        let traffic = try fleet.traffic(question)
        #expect(traffic.total.counts.requests == 90)
        #expect(traffic.clientCount == 3)
        #expect(traffic.cost.rows == 90)
        #expect(traffic.lists[.path]?.map(\.key) == [text("/b"), text("/c"), text("/a/b"), text("/a")])
        #expect(traffic.lists[.path]?.map(\.counts.requests) == [40, 30, 10, 10])
        #expect(traffic.lists[.client]?.first { $0.key == text("10.9.9.9") }?.counts.requests == 18)
        #expect(traffic.lists[.notFound]?.reduce(0) { $0 + $1.counts.requests } == 14)
        #expect(traffic.lists[.status]?.map(\.key) == [text("200"), text("404")])
        let report = try fleet.report(.slow, Selection(span: .all), shape: ReportShape(limit: 31))
        #expect(report["rows"]["duration_ms"].first == 1.059)
        #expect(report["rows"].rows.count == 31)
        let newest = try fleet.requests(Selection(span: .all), order: .newest, limit: 61).panel
        #expect(newest["path"].last == "/a/b")
    }

    @Test func timeline_hasEmptySteps() throws {
        let log = try log(from: 0, count: 130, client: "10.0.0.1")
        var question = TrafficQuestion(
            Selection(span: TimeSpan(sinceUs: FixtureLog.noonUs - 60_000_000, untilUs: FixtureLog.noonUs + 240_000_000))
        )
        question.stepSeconds = 60
        let traffic = try LogFleet([try log.reader()]).traffic(question)
        #expect(traffic.steps.map(\.summary.counts.requests) == [0, 60, 60, 10, 0])
        #expect(traffic.steps.map(\.startUs).first == FixtureLog.noonUs - 60_000_000)
        #expect(traffic.steps[1].summary.latency.maximumUs == 1059)
        #expect(traffic.total.counts.requests == 130)
    }

    @Test func timelineOfTooManySteps_isRefused() throws {
        let log = try log(from: 0, count: 2, client: "10.0.0.1")
        try log.insert(Access(at: 1e7))
        var question = TrafficQuestion(Selection(span: .all))
        question.stepSeconds = 1
        let error = #expect(throws: LogReadError.self) { try LogFleet([try log.reader()]).traffic(question) }
        #expect(error?.kind == .query)
    }

    @Test func longScan_countsEachRowOnce_onTwoThreads() throws {
        let log = try FixtureLog()
        let count = 60_000
        try log.insert((1...50).map { Path(id: $0, value: "/\($0)") })
        try log.insert(
            (0..<count).map {
                Access(
                    at: Double($0) / 10, path: Int64($0 % 50 + 1), client: "10.0.\($0 % 200).1",
                    durationUs: Int64($0))
            })
        var question = TrafficQuestion(Selection(span: .all))
        question.fields = [.path, .client]
        question.keyLimit = nil
        question.needsLatencyByKey = true
        question.stepSeconds = 3600
        let traffic = try LogFleet([try log.reader()]).traffic(question)
        #expect(traffic.cost.rows == count)
        #expect(traffic.total.counts.requests == Int64(count))
        #expect(traffic.total.counts.durationUs == Int64(count * (count - 1) / 2))
        #expect(traffic.clientCount == 200)
        #expect(traffic.steps.map(\.summary.counts.requests) == [36_000, 24_000])
        let paths = try #require(traffic.lists[.path])
        #expect(paths.count == 50 && paths.allSatisfy { $0.counts.requests == Int64(count / 50) })
        #expect(paths.allSatisfy { $0.latency?.count == count / 50 })
        #expect(Set(paths.compactMap { $0.latency?.maximumUs }).count == 50)
    }

    @Test func tail_showsWhatTheFilterLetsThrough() throws {
        let log = try log(from: 0, count: 20, client: "10.0.0.1")
        var filter = RequestFilter()
        try filter.add(.status, "404")
        var tail = try LogTail(try log.reader(), span: .all, filter: filter, last: 2)
        #expect(try tail.next().map { $0[6] } == ["0000000000000007", "000000000000000e"])
        #expect(try tail.next().isEmpty)
        try log.insert(Access(at: 30, requestID: 30), Access(at: 31, requestID: 31, status: 404))
        #expect(try tail.next().map { $0[6] } == ["000000000000001f"])
    }
}

@Suite struct ReportShapeTests {
    private func fleet(_ log: FixtureLog) throws -> LogFleet {
        try log.insert(
            Access(at: 0, path: "/a", bytesOut: 10, durationUs: 1000), Access(at: 1, path: "/a", durationUs: 3000),
            Access(
                at: 2, status: 500, path: "/b", referer: "https://Example.org:8080/x?y", bytesOut: 5000,
                durationUs: 9000),
            Access(at: 3, path: "/c", referer: "https://example.org:8080/z", durationUs: 500))
        return LogFleet([try log.reader()])
    }

    @Test func columnsSortAndLimit_shapeAList() throws {
        let log = try FixtureLog()
        var shape = ReportShape(limit: 2)
        shape.columns = ["path", "duration_max_ms"]
        shape.sortColumn = "bytes_out"
        let panel = try fleet(log).report(.paths, Selection(span: .all), shape: shape)["rows"]
        #expect(panel.columns.map(\.name) == ["path", "duration_max_ms"])
        #expect(panel.rows == [["/b", 9.0], ["/a", 3.0]])
    }

    @Test func percentiles_areColumnsOfEachKey() throws {
        let log = try FixtureLog()
        var shape = ReportShape()
        shape.percentiles = [50, 99.9]
        let fleet = try fleet(log)
        let panel = try fleet.report(.paths, Selection(span: .all), shape: shape)["rows"]
        #expect(panel["p99_9_ms"].first == 2.976)
        #expect(panel["p50_ms"].count == 3)
        shape.fields = [.status]
        #expect(try fleet.report(.latency, Selection(span: .all), shape: shape)["rows"]["status"].first == 200)
    }

    @Test func by_listsAnotherField() throws {
        let log = try FixtureLog()
        var shape = ReportShape()
        shape.fields = [.site]
        let panel = try fleet(log).report(.referers, Selection(span: .all), shape: shape)["rows"]
        #expect(panel["site"] == ["example.org:8080", nil])
        #expect(panel["requests"] == [2, 2])
    }

    @Test(arguments: ["no_such", "p75_ms", "query"]) func unknownColumn_isNamed(_ column: String) throws {
        let log = try FixtureLog()
        var shape = ReportShape()
        shape.sortColumn = column
        let error = #expect(throws: LogReadError.self) {
            try fleet(log).report(.paths, Selection(span: .all), shape: shape)
        }
        #expect(error?.kind == .query && error?.description.contains(column) == true)
    }

    @Test func filterThatNothingMeets_isEmpty() throws {
        let log = try FixtureLog()
        var filter = RequestFilter()
        try filter.add(.status, "418")
        let fleet = try fleet(log)
        for name in [ReportName.overview, .paths, .slow, .timeline, .latency] {
            let report = try fleet.report(name, Selection(span: .all, filter: filter), shape: ReportShape())
            #expect(report.isEmpty && report.rowsRead > 0, "\(name)")
        }
    }

    @Test(arguments: ReportName.allCases) func explain_showsStatementsAndPlans(_ name: ReportName) throws {
        let log = try FixtureLog()
        let report = try fleet(log).explain(.report(name, ReportShape(limit: 3)), Selection(span: .all))
        #expect(!report["statements"].rows.isEmpty && !report["plans"].rows.isEmpty)
        #expect(report["cost"].rows.count == 1)
        #expect(report["parts"]["tier"].allSatisfy { $0 == "rows" })
    }
}
