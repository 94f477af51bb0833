// The rows of a scan: what they hold in both forms of the table, in both directions, and who may call its function.
import GRDB
import Schema
import Testing

@testable import LogStore

@Suite struct ScanCursorTests {
    /// The columns that reports ask for, as they are called in both forms of the table.
    private static let columns = ScannedColumn.allCases.filter { ![.facts, .methodNumber, .received].contains($0) }

    /// Requests with each kind of value; the texts have lengths around that of a short one.
    private static var requests: [Access] {
        [
            Access(at: 0, host: 3, path: 900_000, client: 1, referer: 2, agent: 7, bytesIn: 1 << 50, bytesOut: 1 << 40),
            Access(at: 1, worker: 700, method: nil, status: nil, outcome: 4, httpVersion: nil, path: nil, client: nil),
            Access(at: 2, method: "CONNECT", status: 101, outcome: 5, httpVersion: 9, path: "", client: "1234567"),
            Access(at: 3, method: "BREWING", status: 599, outcome: 1, httpVersion: 10, path: "12345678", client: 9),
            Access(at: 4, method: "PROPPATCH", path: "a\0b\0", client: "\0", referer: "\u{1}", agent: "ü"),
            Access(at: 5, method: "DELETE", path: 1, client: "12345678", durationUs: 0, lateUs: -77, flags: 7),
            Access(at: 6, worker: -1, method: "get", path: String(repeating: "/x", count: 5000), flags: 2),
            Access(at: 7, method: "LONGMETHOD", path: "/1", client: 2),
            Access(at: 8, method: "HEAD", path: 2),
        ]
    }

    private static func value(_ row: ScanCursor, _ column: ScannedColumn) -> DatabaseValue {
        switch row.kind(column) {
        case .null: .null
        case .integer: row.integer(column).databaseValue
        case .text: String(decoding: row.text(column) ?? [], as: UTF8.self).databaseValue
        }
    }

    @Test(arguments: [3, 4] as [Int32], [false, true])
    func rows_holdWhatTheTableHolds(schemaVersion: Int32, isNewestFirst: Bool) throws {
        let log = try FixtureLog(schemaVersion: schemaVersion)
        try log.insert(Self.requests)
        try log.reader().read { database in
            let plan = try ScanPlan(
                Self.columns, filter: RequestFilter(), isNewestFirst: isNewestFirst, database)
            #expect(plan.stored.contains(.facts) == (schemaVersion > 3))
            let row = try ScanCursor(database, plan)
            let order = isNewestFirst ? "DESC" : "ASC"
            // Twice, because what was read before must not show.
            for _ in 0..<2 {
                row.restart(0..<Int64.max)
                let expected = try Row.fetchAll(database, sql: "SELECT * FROM access ORDER BY id \(order)")
                #expect(expected.count == Self.requests.count)
                for stored in expected {
                    #expect(try row.next())
                    for column in Self.columns {
                        let value: DatabaseValue = stored[column.name]
                        #expect(Self.value(row, column) == value, "\(column) of \(stored)")
                    }
                }
                #expect(try !row.next())
            }
        }
    }

    @Test(arguments: [3, 4] as [Int32]) func rowsOfACondition_areThoseOfTheView(schemaVersion: Int32) throws {
        let log = try FixtureLog(schemaVersion: schemaVersion)
        try log.insert(Self.requests)
        let conditions = [
            "method = 'GET' OR path LIKE '/x%'", "status >= 500", "outcome = 'killed'", "protocol = 'HTTP/1.0'",
            "worker = 700", "duration_ms < 0.5", "path GLOB '/1' AND method <> 'HEAD'",
        ]
        for condition in conditions {
            var filter = RequestFilter()
            try filter.add(condition: condition)
            let (found, expected) = try log.reader().read { database in
                let row = try ScanCursor(database, ScanPlan([.path, .status], filter: filter, database))
                row.restart(0..<Int64.max)
                var found: [Int64] = []
                while try row.next() { found.append(row.integer(.id)) }
                return (
                    found,
                    try Int64.fetchAll(database, sql: "SELECT id FROM requests WHERE \(condition) ORDER BY id")
                )
            }
            #expect(!expected.isEmpty && found == expected, "\(condition)")
        }
    }

    /// A hostile database may have any key: that of a request that messages lead to, and the last one of all.
    @Test(arguments: [Int64.min, -1, .max]) func aKeyThatNoServerGives_endsNothing(key: Int64) throws {
        let log = try FixtureLog()
        try log.insert(Access(requestID: 77, flags: 1), Message(requestID: 77, message: "odd"))
        try log.queue.write { try $0.execute(sql: "UPDATE access SET id = ?", arguments: [key]) }
        var filter = RequestFilter()
        try filter.add(condition: "status = 200")
        let selection = Selection(span: .all, filter: filter)
        let fleet = LogFleet([try log.reader()])
        for name in ReportName.allCases where name != .workers {
            _ = try fleet.report(name, selection, shape: ReportShape())
        }
        #expect(try fleet.request(try #require(RequestNumber("4d")))["messages"].rows.count == 1)
        let exporter = LogExporter(try log.reader(), format: .csv, source: "s", filter: filter)
        for afterID in [Int64.min, 0, key] {
            let range = ExportRange(stretches: [.init(afterID: afterID, lastID: key, batch: nil)])
            #expect(try exporter.run(range) { _ in true } != nil)
        }
    }

    @Test func condition_stillUsesAnIndex() throws {
        let log = try FixtureLog()
        var filter = RequestFilter()
        try filter.add(condition: "status >= 500")
        let report = try LogFleet([try log.reader()]).explain(
            .report(.paths, ReportShape()), Selection(span: .all, filter: filter))
        #expect(report["plans"]["step"] == ["SEARCH access USING INDEX access_failed (id>? AND id<?)"])
    }

    @Test(arguments: ["scan_row()", "scan_row(NULL, id)", "scan_row(1, id, status)"])
    func functionOfTheScan_isForTheScanOnly(call: String) throws {
        let log = try FixtureLog()
        try log.insert(Access())
        let reader = try log.reader()
        let refusal = #expect(throws: LogReadError.self) {
            try reader.query("SELECT \(call) FROM requests", begin: { _ in }, row: { _ in true })
        }
        #expect(refusal?.kind == .query)
        var filter = RequestFilter()
        try filter.add(condition: call)
        #expect(throws: LogReadError.self) {
            try LogFleet([reader]).traffic(TrafficQuestion(Selection(span: .all, filter: filter)))
        }
        #expect(try reader.report(.status, span: .all, limit: nil).rowsRead == 1)
    }
}
