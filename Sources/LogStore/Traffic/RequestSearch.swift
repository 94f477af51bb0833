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

    /// The requests, the first in the order first, how many rows were read, and by which statement.
    func matches(_ database: Database) throws -> (matches: [Match], rows: Int, sql: String) {
        let plan = try ScanPlan([.durationUs], filter: selection.filter, isNewestFirst: true, database)
        var matcher = try RequestMatcher(selection.filter, database)
        let cursor = try ScanCursor(database, plan)
        cursor.restart(selection.span.keys)
        let limit = limit ?? Int.max
        var found: [Match] = []
        // What a request must take to be among the slowest, once there are enough of them.
        var floorUs = Int64.min
        var rows = 0
        while found.count < limit || order == .slowest, try cursor.next() {
            rows += 1
            let match = Match(id: cursor.integer(.id), durationUs: cursor.integer(.durationUs))
            guard match.durationUs > floorUs, try matcher.accepts(cursor) else { continue }
            found.append(match)
            // Cutting back when twice as many are gathered costs a few comparisons a match, as a heap would.
            if order == .slowest, limit < Int.max / 2, found.count >= 2 * max(limit, 500) {
                found = found.sorted { $0.isSlower(than: $1) }.dropLast(found.count - limit)
                floorUs = found.last?.durationUs ?? floorUs
            }
        }
        if order == .slowest { found = Array(found.sorted { $0.isSlower(than: $1) }.prefix(limit)) }
        return (found, rows, plan.sql)
    }
}

extension RequestSearch {
    /// The next requests behind a key in the order of the keys.
    ///
    /// - Returns: Their keys, and the key up to which was looked.
    static func next(
        _ filter: RequestFilter, after position: Int64, until bound: Int64, limit: Int, _ database: Database
    ) throws -> (ids: [Int64], position: Int64) {
        if position >= bound { return ([], position) }
        var matcher = try RequestMatcher(filter, database)
        let cursor = try ScanCursor(database, ScanPlan([], filter: filter, database))
        cursor.restart(position + 1..<bound)
        var ids: [Int64] = []
        var position = position
        while ids.count < limit, try cursor.next() {
            position = cursor.integer(.id)
            if try matcher.accepts(cursor) { ids.append(position) }
        }
        return (ids, position)
    }
}

extension LogFleet {
    /// Single requests of all logs with what lists of them show.
    ///
    /// - Parameters:
    ///   - selection: The conditions.
    ///   - order: Which come first.
    ///   - limit: The greatest number; `nil`: all.
    ///   - row: The text that reads what is shown of a request, by its key; `nil`: the usual one.
    /// - Returns: A panel with a row for each, and what it cost to find them.
    /// - Throws: ``LogReadError``.
    public func requests(
        _ selection: Selection, order: RequestOrder, limit: Int?, row: String? = nil
    ) throws -> (panel: ReportPanel, cost: ReadCost) {
        var panels: [ReportPanel] = []
        var cost = ReadCost()
        for reader in readers {
            let (panel, rows, sql, newest) = try reader.read { database in
                let search = RequestSearch(selection: selection, order: order, limit: limit)
                let (matches, rows, sql) = try search.matches(database)
                let statement = try database.makeStatement(sql: row ?? SQL.requestRow)
                var panel = ReportPanel("rows", columns: statement.columnNames)
                for match in matches {
                    let cursor = try Row.fetchCursor(statement, arguments: [match.id])
                    if let row = try cursor.next() { panel.rows.append(row.reportValues()) }
                }
                return (panel, rows, sql, try Int64.fetchOne(database, sql: SQL.newest))
            }
            panels.append(panel)
            cost.rows += rows
            cost.add(ReadPart(tier: .rows, keys: selection.span.keys), sql: sql)
            cost.add(newest: newest)
        }
        let column = order == .slowest ? "duration_ms" : "time"
        return (joined(panels, sortColumn: column, limit: limit), cost)
    }
}
