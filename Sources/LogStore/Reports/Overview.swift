// The overview: one pass over the requests of the span fills all of its panels.
import Foundation
import GRDB
import Schema

/// What the pass adds up.
struct Overview {
    private var requests = 0
    private var bytesIn: Int64 = 0
    private var bytesOut: Int64 = 0
    private var firstID: Int64?
    private var lastID: Int64 = 0
    private var outcomes = [Int](repeating: 0, count: 6)

    /// Requests by hundreds of the status; 0: no answer was decided.
    private var classes = [Int](repeating: 0, count: 10)
    private var latency = LatencySketch()
    private var clients = KeyTally()
    private var paths = KeyTally()

    /// The names of the outcomes, by the number that the table holds.
    private static let outcomeNames = ["ok", "aborted", "timeout", "crashed", "killed", "shed"]

    /// Makes the panels.
    ///
    /// - Returns: The panels, and how many requests were read for them.
    static func panels(
        _ database: Database, span: TimeSpan, nowUs: Int64, limit: Int?
    ) throws -> (panels: [ReportPanel], rowsRead: Int) {
        var overview = Overview()
        let rows = try Row.fetchCursor(
            database, sql: SQL.overviewScan, arguments: ["since_id": span.sinceID, "until_id": span.untilID])
        while let row = try rows.next() { overview.add(row) }
        let errors = try LogReader.panel(
            "errors", database, sql: SQL.reportErrors, arguments: LogReader.arguments(span: span, limit: limit),
            key: "message")
        let panels = [
            overview.totals(span: span, nowUs: nowUs), overview.latencyPanel, overview.statusPanel,
            overview.outcomePanel, try overview.topPaths(database, limit: limit), errors,
        ]
        return (panels, overview.requests + errors.rows.count)
    }

    /// Adds a row of the scan, whose columns are id, status, outcome, duration_us, bytes_in, bytes_out, client, path.
    private mutating func add(_ row: Row) {
        let id: Int64 = row[0]
        let status: Int? = row[1]
        let outcome: Int = row[2]
        let durationUs: Int64 = row[3]
        let sent: Int64 = row[5]
        requests += 1
        if firstID == nil { firstID = id }
        lastID = id
        bytesIn += row[4] as Int64
        bytesOut += sent
        if outcomes.indices.contains(outcome) { outcomes[outcome] += 1 }
        let hundreds = (status ?? 0) / 100
        if classes.indices.contains(hundreds) { classes[hundreds] += 1 }
        latency.add(durationUs)
        clients.add(row, column: 6, bytesOut: sent, durationUs: durationUs)
        paths.add(row, column: 7, bytesOut: sent, durationUs: durationUs)
    }
}

/// The panels.
extension Overview {
    private func totals(span: TimeSpan, nowUs: Int64) -> ReportPanel {
        // The span as far as it lies in the past; one without a beginning begins with the first request.
        let begin = span.sinceUs ?? firstID.map(DatabaseFormat.unixMicroseconds(ofID:)) ?? nowUs
        let seconds = max(1, Double(min(span.untilUs ?? nowUs, nowUs) - begin) / 1e6)
        let distinct = clients.distinct
        return ReportPanel(
            "totals",
            columns: [
                "requests", "requests_per_second", "failed", "aborted", "bytes_in", "bytes_out",
                distinct.isLeast ? "clients_at_least" : "clients",
            ],
            rows: [
                [
                    .integer(Int64(requests)), .real(Double(requests) / seconds),
                    .integer(Int64(outcomes[2...].reduce(0, +))), .integer(Int64(outcomes[1])), .integer(bytesIn),
                    .integer(bytesOut), .integer(Int64(distinct.count)),
                ]
            ], isRecord: true)
    }

    private var latencyPanel: ReportPanel {
        func milliseconds(_ share: Double) -> ReportValue {
            latency.percentile(share).map { .real(Double($0) / 1000) } ?? .null
        }
        return ReportPanel(
            "latency", columns: ["p50_ms", "p95_ms", "p99_ms", "max_ms"],
            rows: [
                [
                    milliseconds(0.5), milliseconds(0.95), milliseconds(0.99),
                    latency.count == 0 ? .null : .real(Double(latency.maximumUs) / 1000),
                ]
            ], isRecord: true)
    }

    private var statusPanel: ReportPanel {
        let rows = classes.indices.filter { classes[$0] > 0 }.map { hundreds in
            shareRow(hundreds == 0 ? "none" : "\(hundreds)xx", classes[hundreds])
        }
        return ReportPanel("status_classes", columns: ["class", "requests", "requests_percent"], rows: rows)
    }

    private var outcomePanel: ReportPanel {
        let rows = outcomes.indices.filter { outcomes[$0] > 0 }.map { shareRow(Self.outcomeNames[$0], outcomes[$0]) }
        return ReportPanel("outcomes", columns: ["outcome", "requests", "requests_percent"], rows: rows)
    }

    private func shareRow(_ name: String, _ number: Int) -> [ReportValue] {
        [.text(name), .integer(Int64(number)), .real(100 * Double(number) / Double(requests))]
    }

    private func topPaths(_ database: Database, limit: Int?) throws -> ReportPanel {
        let rows = try paths.top(limit).map { key, tally -> [ReportValue] in
            let mean = Double(tally.durationUs) / Double(tally.requests) / 1000
            return [
                try name(key, database), .integer(Int64(tally.requests)),
                .real(100 * Double(tally.requests) / Double(requests)), .integer(tally.bytesOut), .real(mean),
            ]
        }
        return ReportPanel(
            "paths", columns: ["path", "requests", "requests_percent", "bytes_out", "duration_mean_ms"], rows: rows)
    }

    private func name(_ key: KeyTally.Key, _ database: Database) throws -> ReportValue {
        switch key {
        case .none: return .null
        case .others: return .text("(others)")
        case .text(let bytes): return .text(bytes)
        case .id(let id):
            // Data takes the text byte for byte.
            return try Data.fetchOne(database, sql: SQL.pathName, arguments: ["id": id]).map { .text(Array($0)) }
                ?? .null
        }
    }
}
