// The reports that one SQL text answers, and how each is run.
import GRDB
import Schema

/// The reports with a span.
public enum ReportName: String, Sendable, CaseIterable {
    case overview, paths, clients, status, slow, errors, crashes, workers

    /// The text that answers the report; `nil`: a scan does.
    var sql: String? {
        switch self {
        case .overview: nil
        case .paths: SQL.reportPaths
        case .clients: SQL.reportClients
        case .status: SQL.reportStatus
        case .slow: SQL.reportSlow
        case .errors: SQL.reportErrors
        case .crashes: SQL.reportCrashes
        case .workers: SQL.reportWorkers
        }
    }

    /// The first schema that has what the report reads.
    var schema: Int32 { self == .crashes ? 2 : 1 }

    /// Whether the report reads all requests of the span, and not a table or an index of its own.
    var readsAllRequests: Bool {
        switch self {
        case .overview, .paths, .clients, .status, .slow: true
        case .errors, .crashes, .workers: false
        }
    }
}

extension LogReader {
    /// Makes a report.
    ///
    /// - Parameters:
    ///   - name: Which one.
    ///   - span: The span of time that it is about.
    ///   - limit: The greatest number of rows of a list; `nil`: all.
    /// - Returns: The report; it is empty when the span holds nothing.
    /// - Throws: ``LogReadError``.
    public func report(_ name: ReportName, span: TimeSpan, limit: Int?) throws -> Report {
        let nowUs = WallClock.nowUs()
        return try read { database in
            if let version = try Row.fetchOne(database, sql: SQL.identity)?[1] as Int32?, version < name.schema {
                throw LogReadError(
                    .unreadable,
                    "\(path) has schema \(version), which has no report \(name.rawValue); a start of this "
                        + "release's basehttpd brings it to schema \(DatabaseFormat.schemaVersion)")
            }
            let arguments = Self.arguments(span: span, limit: limit)
            let newest = try Int64.fetchOne(database, sql: SQL.newest).map(DatabaseFormat.unixMicroseconds(ofID:))
            let panels: [ReportPanel]
            let rowsRead: Int
            if let sql = name.sql {
                let panel = try Self.panel("rows", database, sql: sql, arguments: arguments)
                panels = [panel]
                rowsRead =
                    name.readsAllRequests
                    ? try Int.fetchOne(
                        database, sql: SQL.rowsInSpan,
                        arguments: ["since_id": span.sinceID, "until_id": span.untilID]) ?? 0
                    : panel.rows.count
            } else {
                (panels, rowsRead) = try Overview.panels(database, span: span, nowUs: nowUs, limit: limit)
            }
            return Report(
                name: name.rawValue, span: span, generatedAtUs: nowUs, panels: panels, rowsRead: rowsRead,
                newestUs: newest)
        }
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
