// The reports that look at single requests of a span: notfound and connections.
import GRDB
import Schema

extension LogFleet {
    /// The report `notfound`.
    ///
    /// - Parameters:
    ///   - selection: The requests.
    ///   - limit: The greatest number of rows; `nil`: all.
    /// - Returns: A row for each path that was answered with 404: how often it was asked for, by how many clients,
    ///   which existing path was probably meant, and from where most were led there.
    /// - Throws: ``LogReadError``.
    public func notFound(_ selection: Selection, limit: Int?) throws -> Report {
        var tally = NotFoundTally<[UInt8]>()
        var cost = ReadCost()
        for reader in readers {
            // A read may run twice, so it works on a copy.
            let before = tally
            let newest: Int64?
            (tally, newest) = try reader.read { database in
                var tally = before
                let found = try Self.notFound(database, selection)
                let paths = try database.makeStatement(sql: SQL.dictionaryText("path"))
                let referers = try database.makeStatement(sql: SQL.dictionaryText("referer"))
                try tally.merge(found) { key in
                    try Self.text(key.text, key.isReferer ? referers : paths)
                }
                return (tally, try Int64.fetchOne(database, sql: SQL.newest))
            }
            cost.note(newest: newest)
        }
        // What exists is only looked at for the sake of what is missing: without that there is no report.
        cost.rows = tally.requests == 0 ? 0 : tally.rows
        return Report(
            "notfound", span: selection.span, generatedAtUs: WallClock.nowUs(), panels: [tally.panel(limit: limit)],
            cost: cost)
    }

    /// The report `connections`.
    ///
    /// - Parameter selection: The requests.
    /// - Returns: How many requests connections carried, how many were kept alive, left by their clients or timed out.
    /// - Throws: ``LogReadError``.
    public func connections(_ selection: Selection) throws -> Report {
        var tally = ConnectionTally()
        var cost = ReadCost()
        for reader in readers {
            let before = tally
            let newest: Int64?
            (tally, newest) = try reader.read { database in
                var tally = before
                tally.begin(starts: try Self.starts(database))
                try Self.scanConnections(database, selection, &tally)
                tally.finish()
                return (tally, try Int64.fetchOne(database, sql: SQL.newest))
            }
            cost.note(newest: newest)
        }
        cost.rows = Int(tally.requests)
        return Report(
            "connections", span: selection.span, generatedAtUs: WallClock.nowUs(), panels: tally.panels, cost: cost)
    }
}

/// A text of the log in the column of paths or of referers.
private struct NotFoundKey: Hashable {
    let text: StoredText
    let isReferer: Bool
}

extension LogFleet {
    private static func notFound(
        _ database: Database, _ selection: Selection
    ) throws -> NotFoundTally<NotFoundKey> {
        var tally = NotFoundTally<NotFoundKey>()
        let rows = try Row.fetchCursor(
            database, sql: SQL.notFoundScan,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        while let row = try rows.next() {
            let path = NotFoundKey(text: row.storedText(2), isReferer: false)
            guard row[1] as Int64? == 404 else {
                tally.add(existing: path)
                continue
            }
            let referer = row.storedText(3)
            tally.add(
                missing: path, referer: referer == .none ? nil : NotFoundKey(text: referer, isReferer: true),
                client: row.storedText(4).number, us: DatabaseFormat.unixMicroseconds(ofID: row[0]))
        }
        return tally
    }

    private static func text(_ stored: StoredText, _ lookup: Statement) throws -> [UInt8]? {
        switch stored {
        case .none: return nil
        case .text(let bytes): return bytes
        case .id(let id):
            let rows = try Row.fetchCursor(lookup, arguments: ["id": id])
            guard let row = try rows.next(), case .text(let bytes) = row.reportValue(0) else { return nil }
            return bytes
        }
    }

    private static func starts(_ database: Database) throws -> [Int64: [Int64]] {
        var starts: [Int64: [Int64]] = [:]
        let rows = try Row.fetchCursor(database, sql: SQL.workerStarts)
        while let row = try rows.next() { starts[row[0], default: []].append(row[1]) }
        return starts
    }

    private static func scanConnections(
        _ database: Database, _ selection: Selection, _ tally: inout ConnectionTally
    ) throws {
        let rows = try Row.fetchCursor(
            database, sql: SQL.connectionsScan,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        while let row = try rows.next() {
            let id: Int64 = row[0]
            tally.add(
                id: id, worker: row[1], connection: row[2],
                beganUs: DatabaseFormat.unixMicroseconds(ofID: id) - (row[5] as Int64) - (row[6] as Int64),
                status: row[3] ?? 0, outcome: row[4], isKeptAlive: (row[7] as Int64) & 2 != 0)
        }
    }
}

extension Row {
    /// What a column with a dictionary holds.
    fileprivate func storedText(_ index: Int) -> StoredText {
        switch reportValue(index) {
        case .integer(let id): .id(id)
        case .text(let bytes), .blob(let bytes): .text(bytes)
        case .null, .real: .none
        }
    }
}
