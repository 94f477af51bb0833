// Finds single requests that meet conditions: the newest, or those that took longest.
internal import GRDB
internal import Schema

/// Which of the requests of a selection are wanted first.
public enum RequestOrder: Sendable {
    case newest, slowest
}

/// Looks through the requests of one log.
struct RequestSearch {
    let selection: Selection
    let order: RequestOrder

    /// The greatest number of requests; `nil`: all.
    let limit: Int?

    /// A request that was found.
    struct Match {
        let id: Int64
        let durationUs: Int64

        /// Whether it comes before another one in the order of the slowest.
        func isSlower(than other: Match) -> Bool { (durationUs, id) > (other.durationUs, other.id) }
    }

    /// The requests, the first in the order first, and how many rows were read.
    func matches(_ database: Database) throws -> (matches: [Match], rows: Int) {
        let plan = ScanPlan([.durationUs], filter: selection.filter, isNewestFirst: true)
        var matcher = try RequestMatcher(selection.filter, plan: plan, database)
        let duration = plan.index(.durationUs)
        let cursor = try RowCursor(
            database, sql: plan.sql,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        let limit = limit ?? Int.max
        var found: [Match] = []
        // What a request must take to be among the slowest, once there are enough of them.
        var floorUs = Int64.min
        var rows = 0
        while found.count < limit || order == .slowest, try cursor.next() {
            rows += 1
            let match = Match(id: cursor.integer(0), durationUs: cursor.integer(duration))
            guard match.durationUs > floorUs, try matcher.accepts(cursor) else { continue }
            found.append(match)
            // Cutting back when twice as many are gathered costs a few comparisons a match, as a heap would.
            if order == .slowest, found.count >= 2 * max(limit, 500), limit < Int.max {
                found = found.sorted { $0.isSlower(than: $1) }.dropLast(found.count - limit)
                floorUs = found.last?.durationUs ?? floorUs
            }
        }
        if order == .slowest { found = Array(found.sorted { $0.isSlower(than: $1) }.prefix(limit)) }
        return (found, rows)
    }
}

extension LogFleet {
    /// Single requests of all logs with what lists of them show.
    ///
    /// - Parameters:
    ///   - selection: The conditions.
    ///   - order: Which come first.
    ///   - limit: The greatest number; `nil`: all.
    /// - Returns: A panel with a row for each, and what it cost to find them.
    /// - Throws: ``LogReadError``.
    public func requests(
        _ selection: Selection, order: RequestOrder, limit: Int?
    ) throws -> (panel: ReportPanel, cost: ReadCost) {
        var panels: [ReportPanel] = []
        var cost = ReadCost()
        for reader in readers {
            let (panel, rows, newest) = try reader.read { database in
                let search = RequestSearch(selection: selection, order: order, limit: limit)
                let (matches, rows) = try search.matches(database)
                let statement = try database.makeStatement(sql: SQL.requestRow)
                var panel = ReportPanel("rows", columns: statement.columnNames)
                for match in matches {
                    let cursor = try Row.fetchCursor(statement, arguments: [match.id])
                    if let row = try cursor.next() { panel.rows.append(row.reportValues()) }
                }
                return (panel, rows, try Int64.fetchOne(database, sql: SQL.newest))
            }
            panels.append(panel)
            cost.rows += rows
            cost.add(newest: newest)
        }
        let column = order == .slowest ? "duration_ms" : "time"
        let panel = ReportPanel.joined(panels, sortColumn: column, limit: limit) ?? ReportPanel("rows", columns: [])
        return (panel, cost)
    }
}

extension ReadCost {
    /// Notes the newest key of a log.
    mutating func add(newest: Int64?) {
        guard let newest else { return }
        newestUs = max(newestUs ?? Int64.min, DatabaseFormat.unixMicroseconds(ofID: newest))
    }
}
