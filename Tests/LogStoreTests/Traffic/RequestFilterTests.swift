// Filters: what their values mean, which are refused, and which requests of a log they let through.
import GRDB
import LogStore
import Testing

@Suite struct RequestFilterTests {
    /// Eight requests; the first four name their texts by ids, the others hold them.
    private func log() throws -> FixtureLog {
        let log = try FixtureLog()
        try log.insert(
            Path(id: 1, value: "/api/a"), Path(id: 2, value: "/logo.PNG"), Client(id: 1, value: "10.0.0.1"),
            Client(id: 2, value: "2001:db8::1"))
        try log.insert(
            Access(at: 0, requestID: 0, path: 1, client: 1, durationUs: 1_000),
            Access(at: 1, requestID: 1, status: 301, path: 2, client: 2, durationUs: 2_000),
            Access(at: 2, requestID: 2, worker: 3, status: 404, path: 1, client: 1, durationUs: 3_000),
            Access(at: 3, requestID: 3, method: "POST", status: 500, path: 1, client: 2, durationUs: 4_000),
            Access(
                at: 4, requestID: 4, host: "Example.com", path: "/api/b", query: "x=1", client: "10.1.2.3",
                agent: "Googlebot/2.1", durationUs: 5_000),
            Access(
                at: 5, requestID: 5, status: nil, outcome: 3, path: "/c", client: "::ffff:10.0.0.9",
                referer: "https://example.org/x", agent: "curl/8.5", durationUs: 6_000),
            Access(at: 6, requestID: 6, method: nil, status: 400, path: nil, client: nil, durationUs: 7_000),
            Access(at: 7, requestID: 7, worker: 5000, status: 599, outcome: 1, path: "it's", durationUs: 8_000))
        return log
    }

    /// The numbers of the requests that a filter lets through, and the number that a count gives.
    private func found(_ log: FixtureLog, _ filter: RequestFilter) throws -> [Int] {
        let fleet = LogFleet([try log.reader()])
        let (panel, _) = try fleet.requests(Selection(span: .all, filter: filter), order: .newest, limit: nil)
        let numbers = panel["request_id"].map { value -> Int in
            guard case .text(let bytes) = value else { return -1 }
            return Int(String(decoding: bytes, as: UTF8.self), radix: 16) ?? -1
        }
        let traffic = try fleet.traffic(TrafficQuestion(Selection(span: .all, filter: filter)))
        #expect(traffic.total.counts.requests == Int64(numbers.count))
        return numbers.reversed()
    }

    @Test(
        arguments: [
            (.path, ["/api/*"], [0, 2, 3, 4]), (.path, ["!/api/*"], [1, 5, 6, 7]),
            (.path, ["/api/*", "!*b"], [0, 2, 3]),
            (.path, ["-"], [6]), (.path, ["!-"], [0, 1, 2, 3, 4, 5, 7]), (.path, ["it's"], [7]),
            (.status, ["404"], [2]), (.status, ["5xx"], [3, 7]), (.status, ["400-499", "301"], [1, 2, 6]),
            (.status, ["none"], [5]), (.status, ["!2xx", "!none"], [1, 2, 3, 6, 7]),
            (.client, ["10.0.0.0/8"], [0, 2, 4, 5]), (.client, ["!10.0.0.0/8"], [1, 3, 6, 7]),
            (.client, ["2001:db8::/32"], [1, 3]), (.client, ["10.0.0.1"], [0, 2]), (.client, ["-"], [6]),
            (.client, ["0.0.0.0/0"], [0, 2, 4, 5, 7]), (.client, ["::/0"], [0, 1, 2, 3, 4, 5, 7]),
            (.method, ["post"], [3]), (.method, ["-"], [6]), (.host, ["example.*"], [4]), (.host, ["example"], []),
            (.agent, ["CURL"], [5]), (.agent, ["curl*", "*bot*"], [4, 5]), (.referer, ["example.org"], [5]),
            (.worker, ["3", "5000"], [2, 7]), (.worker, ["!0"], [2, 7]),
            (.outcome, ["crashed", "aborted"], [5, 7]), (.outcome, ["!ok"], [5, 7]),
            (.crawlers, ["only"], [4]), (.crawlers, ["none"], [0, 1, 2, 3, 5, 6, 7]), (.static, ["only"], [1]),
            (.static, ["!only"], [0, 2, 3, 4, 5, 6, 7]), (.static, ["!none"], [1]),
        ] as [(RequestFilter.Property, [String], [Int])])
    func values_letThrough(_ property: RequestFilter.Property, _ values: [String], _ expected: [Int]) throws {
        var filter = RequestFilter()
        for value in values { try filter.add(property, value) }
        #expect(try found(try log(), filter) == expected)
    }

    @Test func properties_mustAllHold() throws {
        var filter = RequestFilter()
        try filter.add(.path, "/api/*")
        try filter.add(.client, "10.0.0.0/8")
        try filter.setDuration(minimumMs: 3, maximumMs: 5)
        try filter.add(condition: "status IS NULL OR status < 500")
        #expect(try found(try log(), filter) == [2, 4])
    }

    @Test(arguments: [
        ("duration_ms >= 7", [6, 7]), ("path = 'it''s'", [7]), ("client LIKE '10.%' AND query IS NOT NULL", [4]),
        ("method = 'POST' OR outcome = 'crashed'", [3, 5]), ("request_id = '0000000000000002'", [2]),
        ("time < '2026-03-01T12:00:01.000Z'", [0]), ("status IN (301, 404)", [1, 2]), ("1 = 0", []),
        ("\"worker\" > 100", [7]), ("protocol = 'HTTP/1.1' AND bytes_in + bytes_out > 5 AND worker = 3", [2]),
    ]) func condition_isSQLOverTheView(_ condition: String, _ expected: [Int]) throws {
        var filter = RequestFilter()
        try filter.add(condition: condition)
        #expect(try found(try log(), filter) == expected)
    }

    @Test(arguments: [
        "", "  ", "1; DROP TABLE access", "1) OR (1", "1 -- and", "1 /* and", "(1", "1)", "'", "\"x", "[x",
        "status = ?",
        "id > :since_id", "$columns", "@x", "id IN (SELECT id FROM access)", "exists(select 1)", "1 IN (VALUES (1))",
        "(WITH RECURSIVE a AS (b) c)", String(repeating: "(", count: 101) + "1" + String(repeating: ")", count: 101),
        "path = '" + String(repeating: "x", count: 5000) + "'", "1 = 1\0", "{", "#",
    ]) func hostileCondition_isRefused(_ condition: String) {
        var filter = RequestFilter()
        #expect(throws: RequestFilterError.self) { try filter.add(condition: condition) }
    }

    @Test(arguments: [
        "count(*) > 1", "no_such_column = 1", "status = ", "load_extension('x')", "1 UNION ALL", "1 ORDER BY 1",
        "1 LIMIT 1",
        "row_number() OVER () = 1", "writefile('x', 'y')",
    ]) func wrongCondition_isAnErrorOfTheQuery(_ condition: String) throws {
        var filter = RequestFilter()
        try filter.add(condition: condition)
        let fleet = LogFleet([try log().reader()])
        let error = #expect(throws: LogReadError.self) {
            try fleet.traffic(TrafficQuestion(Selection(span: .all, filter: filter)))
        }
        #expect(error?.kind == .query)
    }

    @Test(
        arguments: [
            (.status, "6xy"), (.status, "99"), (.status, "400-"), (.status, "500-400"), (.status, "1000"),
            (.status, ""),
            (.client, "10.0.0.0/33"), (.client, "host"), (.client, ""), (.worker, "-1"), (.worker, "x"),
            (.outcome, "fine"), (.path, ""), (.path, "["), (.crawlers, "some"), (.static, ""),
        ] as [(RequestFilter.Property, String)])
    func wrongValue_isRefusedByName(_ property: RequestFilter.Property, _ value: String) {
        var filter = RequestFilter()
        let error = #expect(throws: RequestFilterError.self) { try filter.add(property, value) }
        #expect(error?.description.contains("--\(property.rawValue)") == true)
    }

    @Test func durations_mustBeARange() throws {
        var filter = RequestFilter()
        #expect(throws: RequestFilterError.self) { try filter.setDuration(minimumMs: 2, maximumMs: 1) }
        #expect(throws: RequestFilterError.self) { try filter.setDuration(minimumMs: -1, maximumMs: nil) }
        #expect(throws: RequestFilterError.self) { try filter.setDuration(minimumMs: nil, maximumMs: .nan) }
    }

    /// The scan with a condition repeats the columns of the view, because the view hides those of the table.
    @Test func columnsOfACondition_areThoseOfTheView() throws {
        let log = try log()
        let columns = try log.queue.read { try $0.columns(in: "requests").map(\.name) }
        for column in columns {
            let values = try log.queue.read {
                try String?.fetchAll($0, sql: "SELECT \(column) FROM requests ORDER BY id")
            }
            for (number, value) in values.enumerated() {
                var filter = RequestFilter()
                let literal = value.map { "'" + $0.replacing("'", with: "''") + "'" }
                try filter.add(condition: literal.map { "CAST(\(column) AS TEXT) = \($0)" } ?? "\(column) IS NULL")
                #expect(try found(log, filter).contains(number), "\(column) \(value ?? "NULL")")
            }
        }
    }
}
