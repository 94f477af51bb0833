// The reports with a span, by name, and what answers each.
import GRDB
import Schema

/// The reports with a span.
public enum ReportName: String, Sendable, CaseIterable {
    case overview, paths, clients, hosts, agents, referers, status, methods, timeline, latency, slow, errors, notfound
    case connections, balance, crashes, workers

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
        case .overview, .timeline, .latency, .slow, .errors, .notfound, .connections, .balance, .crashes, .workers: nil
        }
    }

    /// Refuses a shape that the report would not heed.
    func check(_ shape: ReportShape) throws {
        let isList = field != nil || self == .latency
        let isTable = isList || self == .timeline
        let unheeded = [
            ("--by", !shape.fields.isEmpty && !isList), ("--sort", shape.sortColumn != nil && !isTable),
            ("--columns", !shape.columns.isEmpty && !isTable),
            ("--percentiles", !shape.percentiles.isEmpty && !isTable),
            ("--bucket", shape.stepSeconds != nil && self != .timeline),
        ]
        if let option = unheeded.first(where: \.1)?.0 {
            let takers = option == "--bucket" ? "timeline does" : "paths, clients and latency do"
            throw LogReadError(.query, "\(rawValue) takes no \(option); \(takers)")
        }
    }

    /// The columns of a list that are shown unless others are asked for.
    func columns(keys: [String], percentiles: [String]) -> [String] {
        switch self {
        case .clients:
            keys + ["requests", "requests_percent", "status_4xx", "status_5xx", "bytes_out", "duration_mean_ms"]
                + percentiles + ["last_seen"]
        case .status:
            keys + ["requests", "requests_percent", "bytes_out", "duration_mean_ms", "duration_max_ms"] + percentiles
                + ["last_seen"]
        case .latency: ["requests", "duration_mean_ms"] + percentiles + ["duration_max_ms"] + keys
        default:
            [
                "requests", "requests_percent", "status_4xx", "status_5xx", "bytes_out", "duration_mean_ms",
                "duration_max_ms",
            ] + percentiles + keys
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
