// The views, which other people's scripts rely on: their names, columns and values.
import LogStore
import Testing

@Suite struct ViewsTests {
    private func rows(_ log: FixtureLog, _ sql: String) throws -> ReportPanel {
        var panel = ReportPanel("query", columns: [])
        try log.reader().query(sql) {
            panel = ReportPanel("query", columns: $0)
        } row: {
            panel.rows.append($0)
            return true
        }
        return panel
    }

    @Test func requests_haveTheColumnsOfTheContract() throws {
        let panel = try rows(FixtureLog(), "SELECT * FROM requests")
        #expect(
            panel.columns.map(\.name) == [
                "id", "time", "request_id", "worker", "client", "method", "host", "path", "query", "status", "outcome",
                "duration_ms", "ttfb_ms", "bytes_in", "bytes_out", "referer", "agent", "protocol", "signal",
            ])
        let errors = try rows(FixtureLog(), "SELECT * FROM errors")
        #expect(
            errors.columns.map(\.name).prefix(6) == ["id", "time", "request_id", "worker", "level", "message"])
    }

    @Test func dictionaryIdAndInlineText_readTheSame() throws {
        let log = try FixtureLog()
        // The text "7" must not be taken for the id 7.
        try log.insert(
            Path(id: 7, value: "/seven"), Client(id: 1, value: "10.0.0.1"), Access(tie: 0, path: 7, client: 1),
            Access(tie: 1, path: "7", client: "10.0.0.2"), Access(tie: 2, path: nil, client: 99))
        let panel = try rows(log, "SELECT path, client FROM requests ORDER BY id")
        #expect(panel.rows == [["/seven", "10.0.0.1"], ["7", "10.0.0.2"], [nil, nil]])
    }

    @Test func time_isTheTrueCompletion_withoutTheLateness() throws {
        let log = try FixtureLog()
        try log.insert(Access(at: 2.5, lateUs: 1_250_000))
        #expect(try rows(log, "SELECT time FROM requests").rows == [["2026-03-01T12:00:01.250Z"]])
    }

    @Test func words_nameOutcomeProtocolSignalAndLevel() throws {
        let log = try FixtureLog()
        for outcome in 0...5 { try log.insert(Access(tie: Int64(outcome), outcome: outcome)) }
        try log.insert(
            Access(at: 1, httpVersion: 10, signal: 9), Access(at: 2, httpVersion: 9, signal: 40),
            Access(at: 3, httpVersion: nil))
        let words = try rows(log, "SELECT outcome FROM requests ORDER BY id LIMIT 6")
        #expect(words["outcome"] == ["ok", "aborted", "timeout", "crashed", "killed", "shed"])
        let rest = try rows(log, "SELECT protocol, signal FROM requests ORDER BY id DESC LIMIT 3")
        #expect(rest.rows == [[nil, nil], ["HTTP/0.9", "signal 40"], ["HTTP/1.0", "SIGKILL"]])
        try log.insert(Message(at: 1, level: 3), Message(at: 2, level: 6), Message(at: 3, level: 4))
        let levels = try rows(log, "SELECT level FROM errors ORDER BY id")
        #expect(levels["level"] == ["error", "info", "warning"])
    }

    @Test func requestErrors_joinMessagesToTheirRequest() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(requestID: 255, status: 500, path: "/broken", flags: 1), Access(at: 1, requestID: 256),
            Message(requestID: 255, worker: 1), Message(at: 1))
        let panel = try rows(log, "SELECT request_id, path, message FROM request_errors")
        #expect(panel.rows == [["00000000000000ff", "/broken", "it broke"]])
    }

    @Test func failedAndSlow_holdTheirRequestsOnce() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(tie: 0), Access(tie: 1, status: 404), Access(tie: 2, status: 500), Access(tie: 3, outcome: 1),
            Access(tie: 4, status: 500, outcome: 3), Access(tie: 5, status: nil, outcome: 4),
            Access(tie: 6, durationUs: 1_000_000), Access(tie: 7, durationUs: 999_999))
        let failed = try rows(log, "SELECT status, outcome FROM failed_requests ORDER BY id")
        #expect(failed.rows == [[500, "ok"], [500, "crashed"], [nil, "killed"]])
        #expect(try rows(log, "SELECT duration_ms FROM slow_requests").rows == [[1000.0]])
    }

    @Test func minutesHoursDays_addUp() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(at: 0), Access(at: 59, status: 404), Access(at: 60, status: 500, durationUs: 1500),
            Access(at: 3600, outcome: 4), Access(at: 86_400, status: nil, outcome: 1))
        let columns = "time, requests, status_2xx, status_4xx, status_5xx, aborted, failed"
        let minutes = try rows(log, "SELECT \(columns) FROM minutes ORDER BY time LIMIT 2")
        #expect(
            minutes.rows == [
                ["2026-03-01T12:00:00Z", 2, 1, 1, 0, 0, 0], ["2026-03-01T12:01:00Z", 1, 0, 0, 1, 0, 0],
            ])
        #expect(try rows(log, "SELECT requests FROM hours ORDER BY time")["requests"] == [3, 1, 1])
        let days = try rows(log, "SELECT time, requests, failed, bytes_out FROM days ORDER BY time")
        #expect(days.rows == [["2026-03-01T00:00:00Z", 4, 1, 4000], ["2026-03-02T00:00:00Z", 1, 0, 1000]])
    }

    @Test func otel_splitsHostAndPort() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(tie: 0, host: "example.org:8080"), Access(tie: 1, host: "[::1]:80"),
            Access(tie: 2, status: 503, host: "[::1]"), Access(tie: 3, outcome: 3, host: nil))
        let panel = try rows(
            log,
            "SELECT \"server.address\", \"server.port\", \"error.type\", \"http.server.request.duration\" FROM otel")
        #expect(
            panel.rows == [
                ["example.org", 8080, nil, 0.0005], ["[::1]", 80, nil, 0.0005], ["[::1]", nil, "503", 0.0005],
                [nil, nil, "crashed", 0.0005],
            ])
    }

    @Test func clock_boundsAreKeys() throws {
        let panel = try rows(FixtureLog(), "SELECT now - hour_ago, hour_ago - day_ago FROM clock")
        #expect(panel.rows == [[.integer(3_600_000_000 << 8), .integer(82_800_000_000 << 8)]])
    }

    @Test func unusedNames_areNotLookedUp() throws {
        let panel = try rows(FixtureLog(), "EXPLAIN QUERY PLAN SELECT count(*), max(status) FROM requests")
        #expect(panel.rows.count == 1, "a count over the view must not touch a dictionary")
    }

    @Test func spanOnTheView_isASearchByKey() throws {
        let panel = try rows(
            FixtureLog(),
            "EXPLAIN QUERY PLAN SELECT status FROM requests WHERE id >= (SELECT hour_ago FROM clock)")
        let plan = panel["detail"].map { "\($0)" }.joined()
        #expect(
            panel["detail"].contains("SEARCH access USING INTEGER PRIMARY KEY (rowid>?)"), "the plan was \(plan)")
    }
}
