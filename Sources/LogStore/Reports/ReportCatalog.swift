// The reports with a span, by name, and what answers each.
import GRDB
import Schema

/// The reports with a span.
public enum ReportName: String, Sendable, CaseIterable {
    case overview, paths, clients, hosts, agents, referers, status, methods, timeline, latency, slow, errors, crashes
    case workers

    /// The text that answers the report; `nil`: a question about the traffic does.
    var sql: String? {
        switch self {
        case .errors: SQL.reportErrors
        case .crashes: SQL.reportCrashes
        case .workers: SQL.reportWorkers
        case .overview, .paths, .clients, .hosts, .agents, .referers, .status, .methods, .timeline, .latency, .slow:
            nil
        }
    }

    /// The first schema that has what the report reads.
    var schema: Int32 { self == .crashes ? 2 : 1 }

    /// What the report lists; `nil`: it is no list of keys.
    var field: TrafficField? {
        switch self {
        case .paths: .path
        case .clients: .client
        case .hosts: .host
        case .agents: .agent
        case .referers: .referer
        case .status: .status
        case .methods: .method
        case .overview, .timeline, .latency, .slow, .errors, .crashes, .workers: nil
        }
    }

    /// The columns of a list that are shown unless others are asked for.
    func columns(key: String, percentiles: [String]) -> [String] {
        switch self {
        case .clients:
            [key, "requests", "requests_percent", "status_4xx", "status_5xx", "bytes_out", "duration_mean_ms"]
                + percentiles + ["last_seen"]
        case .status:
            [key, "requests", "requests_percent", "bytes_out", "duration_mean_ms", "duration_max_ms"] + percentiles
                + ["last_seen"]
        case .latency: ["requests", "duration_mean_ms"] + percentiles + ["duration_max_ms", key]
        default:
            [
                "requests", "requests_percent", "status_4xx", "status_5xx", "bytes_out", "duration_mean_ms",
                "duration_max_ms",
            ] + percentiles + [key]
        }
    }
}

extension LogReader {
    /// Makes a report of this log alone, in its usual shape.
    ///
    /// - Parameters:
    ///   - name: Which one.
    ///   - span: The span of time that it is about.
    ///   - limit: The greatest number of rows of a list; `nil`: all.
    /// - Returns: The report; it is empty when the span holds nothing.
    /// - Throws: ``LogReadError``.
    public func report(_ name: ReportName, span: TimeSpan, limit: Int?) throws -> Report {
        try LogFleet([self]).report(name, Selection(span: span), shape: ReportShape(limit: limit))
    }

    /// The public views and their columns.
    ///
    /// - Returns: A report with a row for each view.
    /// - Throws: ``LogReadError``.
    public func schemaReport() throws -> Report {
        try read { database in
            let panel = try Self.panel("rows", database, sql: SQL.schema, arguments: [])
            return Report(
                name: "schema", span: .all, generatedAtUs: WallClock.nowUs(), panels: [panel],
                rowsRead: panel.rows.count,
                newestUs: try Int64.fetchOne(database, sql: SQL.newest).map(DatabaseFormat.unixMicroseconds(ofID:)))
        }
    }

    /// What a report's text may ask for.
    static func arguments(span: TimeSpan, limit: Int?) -> StatementArguments {
        [
            "since_id": span.sinceID, "until_id": span.untilID, "since_us": span.sinceUs ?? 0,
            "until_us": span.untilUs ?? Int64.max, "limit": limit ?? -1,
        ]
    }

    /// Runs a text and gathers its rows.
    static func panel(
        _ name: String, _ database: Database, sql: String, arguments: StatementArguments, key: String? = nil
    ) throws -> ReportPanel {
        let statement = try database.makeStatement(sql: sql)
        var panel = ReportPanel(name, columns: statement.columnNames, key: key)
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { panel.rows.append(row.reportValues()) }
        return panel
    }
}
