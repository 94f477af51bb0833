// The reports that look at single requests of a span: notfound and connections.
internal import GRDB
internal import HTTPMessage
internal import LinuxSyscalls
internal import Schema

extension LogFleet {
    /// The report `notfound`: a row for each path that was answered with 404: how often it was asked for, by how many
    /// clients, which existing path was probably meant, and from where most were led there.
    ///
    /// - Parameter limit: The greatest number of rows; `nil`: all.
    func notFound(_ selection: Selection, limit: Int?, _ draft: inout ReportDraft) throws {
        var tally = NotFoundTally<[UInt8]>()
        for reader in readers {
            // A read may run twice, so it works on a copy.
            let before = tally
            let (newest, sql): (Int64?, String)
            (tally, newest, sql) = try reader.read { database in
                var tally = before
                let plan = try ScanPlan([.status, .path, .client, .referer], filter: selection.filter, database)
                let found = try Self.notFound(database, selection, plan)
                let paths = try DictionaryTexts(database, table: "path")
                let referers = try DictionaryTexts(database, table: "referer")
                try tally.merge(found) { key in try (key.isReferer ? referers : paths).text(key.text) }
                return (tally, try Int64.fetchOne(database, sql: SQL.newest), plan.sql)
            }
            draft.cost.add(newest: newest)
            draft.cost.add(ReadPart(tier: .rows, keys: selection.span.keys), sql: sql)
        }
        draft.cost.rows = tally.rows
        draft.matches = Int(tally.requests)
        draft.panels = [tally.panel(limit: limit)]
    }

    /// The report `connections`: how many requests connections carried, how many were kept alive, left by their clients
    /// or timed out.
    func connections(_ selection: Selection, _ draft: inout ReportDraft) throws {
        var tally = ConnectionTally()
        for reader in readers {
            let before = tally
            let (rows, newest, sql): (Int, Int64?, String)
            (tally, rows, newest, sql) = try reader.read { database in
                var tally = before
                tally.begin(starts: try Self.starts(database))
                let plan = try ScanPlan(
                    [.worker, .connection, .status, .outcome, .durationUs, .lateUs, .flags], filter: selection.filter,
                    database)
                let rows = try Self.scanConnections(database, selection, plan, &tally)
                tally.finish()
                return (tally, rows, try Int64.fetchOne(database, sql: SQL.newest), plan.sql)
            }
            draft.cost.rows += rows
            draft.cost.add(newest: newest)
            draft.cost.add(ReadPart(tier: .rows, keys: selection.span.keys), sql: sql)
        }
        draft.cost.add(sql: SQL.workerStarts)
        draft.matches = Int(tally.requests)
        draft.panels = tally.panels
    }
}

/// A text of the log in the column of paths or of referers.
private struct NotFoundKey: Hashable {
    let text: StoredText
    let isReferer: Bool
}

extension LogFleet {
    private static func notFound(
        _ database: Database, _ selection: Selection, _ plan: ScanPlan
    ) throws -> NotFoundTally<NotFoundKey> {
        var tally = NotFoundTally<NotFoundKey>()
        // Clients have other ids in each log, and the same hash in all.
        var clients = TextValues(try DictionaryTexts(database, table: "client")) { text in
            text.map { Int64(bitPattern: Bytes.stableHash($0.span.octets)) } ?? -1
        }
        try scan(database, selection, plan) { row, isSelected in
            tally.rows += 1
            switch row.integer(.status) {
            case 404 where isSelected:
                let from = row.storedText(.referer)
                tally.add(
                    missing: NotFoundKey(text: row.storedText(.path), isReferer: false),
                    referer: from == .none ? nil : NotFoundKey(text: from, isReferer: true),
                    client: try clients.value(of: row.storedText(.client)),
                    us: DatabaseFormat.unixMicroseconds(ofID: row.integer(.id)))
            // What exists exists also for requests that are not selected.
            case 200..<300, 304: tally.add(existing: NotFoundKey(text: row.storedText(.path), isReferer: false))
            default: break
            }
        }
        return tally
    }

    private static func scanConnections(
        _ database: Database, _ selection: Selection, _ plan: ScanPlan, _ tally: inout ConnectionTally
    ) throws -> Int {
        var rows = 0
        try scan(database, selection, plan) { row, isSelected in
            rows += 1
            // Connections to other servers are not in the log, and those of imports number their transactions.
            guard isSelected, row.integer(.worker) != ImportRows.worker else { return }
            let id = row.integer(.id)
            tally.add(
                id: id, worker: row.integer(.worker), connection: row.integer(.connection),
                beganUs: DatabaseFormat.unixMicroseconds(ofID: id) - row.integer(.lateUs) - row.integer(.durationUs),
                status: row.integer(.status), outcome: row.integer(.outcome), isKeptAlive: row.integer(.flags) & 2 != 0)
        }
        return rows
    }

    /// Hands on the rows of the span, each with whether it meets the conditions.
    private static func scan(
        _ database: Database, _ selection: Selection, _ plan: ScanPlan, _ body: (ScanCursor, Bool) throws -> Void
    ) throws {
        var matcher = try RequestMatcher(selection.filter, database)
        let cursor = try ScanCursor(database, plan)
        cursor.restart(selection.span.keys)
        while try cursor.next() { try body(cursor, try matcher.accepts(cursor)) }
    }

    private static func starts(_ database: Database) throws -> [Int64: [Int64]] {
        var starts: [Int64: [Int64]] = [:]
        let cursor = try RowCursor(database, sql: SQL.workerStarts)
        while try cursor.next() { starts[cursor.integer(0), default: []].append(cursor.integer(1)) }
        return starts
    }
}

extension ScanCursor {
    /// What a column with a dictionary holds.
    fileprivate func storedText(_ column: ScannedColumn) -> StoredText {
        switch kind(column) {
        case .integer: .id(integer(column))
        case .text: .text(text(column) ?? [])
        case .null: .none
        }
    }
}

extension TextValues<Int64> {
    /// The hash of the text that a column holds; -1: there is none.
    fileprivate mutating func value(of stored: StoredText) throws -> Int64 {
        switch stored {
        case .none: -1
        case .text(let bytes): Int64(bitPattern: Bytes.stableHash(bytes.span.octets))
        case .id(let id): try value(id)
        }
    }
}

extension DictionaryTexts {
    /// The text that a column holds.
    fileprivate func text(_ stored: StoredText) throws -> [UInt8]? {
        switch stored {
        case .none: nil
        case .text(let bytes): bytes
        case .id(let id): try text(id)
        }
    }
}
