// Takes requests out of a log one by one, in a format that other programs load.
import GRDB
internal import Schema
public import SystemPackage

/// What leaves the log.
public struct ExportRange: Sendable {
    /// Rows between two keys, of all or of one transaction of an import.
    struct Stretch: Equatable {
        var afterID: Int64
        let lastID: Int64
        /// nil: of everybody; 0: of this server.
        let batch: Int64?
    }

    let stretches: [Stretch]
}

/// An export of one log.
public struct LogExporter {
    /// Rows that are read in one transaction: a snapshot that is held longer keeps the server's log from being
    /// emptied.
    private static let chunkRows = 5_000

    private let reader: LogReader
    private let format: ExportFormat
    private let source: String
    private let filter: RequestFilter

    /// Makes an export.
    ///
    /// - Parameters:
    ///   - source: what each row says of where it comes from: the name of a machine.
    ///   - filter: what rows must be like.
    public init(_ reader: LogReader, format: ExportFormat, source: String, filter: RequestFilter = RequestFilter()) {
        self.reader = reader
        self.filter = filter
        self.format = format
        self.source = source
    }

    /// The rows of a span, as it is now.
    public func range(_ span: TimeSpan) throws -> ExportRange {
        let greatest = try reader.read { try Int64.fetchOne($0, sql: SQL.newest) } ?? -1
        let (sinceID, untilID) = (span.sinceID, span.untilID)
        return ExportRange(stretches: [.init(afterID: sinceID - 1, lastID: min(untilID - 1, greatest), batch: nil)])
    }

    /// The end of the log as it is now.
    public func end() throws -> (place: ExportPlace, epochStart: Int64) {
        try reader.read { database in
            var place = ExportPlace()
            var start: Int64 = 0
            if let row = try Row.fetchOne(database, sql: SQL.exportState) {
                (place.epoch, place.id) = (row["epoch"], row["last_id"])
                start = row["epoch_id"] ?? 0
            }
            place.importID = try Self.lastImport(database)
            return (place, start)
        }
    }

    /// The rows between two places.
    ///
    /// - Parameter epochStart: where the keys of the newer place's epoch began. Rows of an older epoch that lie behind
    ///   it leave once more when the epochs differ; their keys tell.
    public func range(after: ExportPlace, to end: ExportPlace, epochStart: Int64) throws -> ExportRange {
        let afterID = after.epoch == end.epoch ? after.id : min(after.id, max(0, epochStart - 1))
        let lastID = after.epoch == end.epoch ? end.id : max(after.id, end.id)
        let own = ExportRange.Stretch(afterID: afterID, lastID: lastID, batch: 0)
        guard end.importID > after.importID else { return ExportRange(stretches: [own]) }
        let imported = try reader.read { database in
            try Row.fetchAll(
                database, sql: SQL.exportImports, arguments: ["after_id": after.importID, "last_id": end.importID]
            ).map { ExportRange.Stretch(afterID: $0["first_id"] - 1, lastID: $0["last_id"], batch: $0["id"]) }
        }
        return ExportRange(stretches: [own] + imported)
    }

    /// Writes the rows of a range.
    ///
    /// - Parameter write: takes the bytes; answers whether anybody still wants them.
    /// - Returns: how many rows; nil when nobody wanted the rest.
    public func run(_ range: ExportRange, write: ([UInt8]) throws -> Bool) throws -> Int? {
        var encoder = format.encoder(source: source)
        var count = 0
        for var stretch in range.stretches {
            while let chunk = try chunk(stretch) {
                for row in chunk.rows { encoder.add(row) }
                count += chunk.rows.count
                stretch.afterID = chunk.lastID
                guard try encoder.output.isEmpty || write(take(&encoder)) else { return nil }
            }
        }
        encoder.end()
        return try write(take(&encoder)) ? count : nil
    }

    /// Writes the rows of a range to a file, which has its name when it is whole, or to a stream.
    ///
    /// - Returns: how many rows; nil when nobody wanted the rest.
    public func run(_ range: ExportRange, to path: FilePath?, stream: ([UInt8]) throws -> Bool) throws -> Int? {
        guard let path else { return try run(range, write: stream) }
        let file = try WholeFile(path)
        let rows = try run(range) { bytes in
            try file.write(bytes)
            return true
        }
        try file.publish()
        return rows
    }

    private func take(_ encoder: inout any RequestEncoder) -> [UInt8] {
        defer { encoder.output.removeAll(keepingCapacity: true) }
        return encoder.output
    }

    /// The next rows of a stretch, and how far it was read; nil at its end.
    private func chunk(_ stretch: ExportRange.Stretch) throws -> (rows: [[ReportValue]], lastID: Int64)? {
        if stretch.afterID >= stretch.lastID { return nil }
        return try reader.read { database in
            let statement = try database.makeStatement(sql: SQL.exportRows)
            if !filter.isEmpty { return try matches(stretch, database, statement) }
            let rows = try Self.rows(statement, stretch, limit: Self.chunkRows)
            guard case .integer(let lastID)? = rows.last?[0] else { return nil }
            return (rows, lastID)
        }
    }

    private func matches(
        _ stretch: ExportRange.Stretch, _ database: Database, _ statement: Statement
    ) throws -> (rows: [[ReportValue]], lastID: Int64)? {
        let plan = ScanPlan([], filter: filter)
        var matcher = try RequestMatcher(filter, plan: plan, database)
        let cursor = try RowCursor(
            database, sql: plan.sql, arguments: ["since_id": stretch.afterID + 1, "until_id": stretch.lastID + 1])
        var ids: [Int64] = []
        var (lastID, count) = (stretch.afterID, 0)
        while count < Self.chunkRows, try cursor.next() {
            (lastID, count) = (cursor.integer(0), count + 1)
            if try matcher.accepts(cursor) { ids.append(lastID) }
        }
        if count == 0 { return nil }
        let rows = try ids.flatMap { id in
            try Self.rows(statement, .init(afterID: id - 1, lastID: id, batch: stretch.batch), limit: 1)
        }
        return (rows, lastID)
    }

    private static func rows(
        _ statement: Statement, _ stretch: ExportRange.Stretch, limit: Int
    ) throws -> [[ReportValue]] {
        let cursor = try Row.fetchCursor(
            statement,
            arguments: [
                "after_id": stretch.afterID, "last_id": stretch.lastID, "batch": stretch.batch, "limit": limit,
            ])
        var rows: [[ReportValue]] = []
        while let row = try cursor.next() { rows.append(row.reportValues()) }
        return rows
    }

    /// Logs of earlier schemas have no imports.
    private static func lastImport(_ database: Database) throws -> Int64 {
        guard try database.tableExists("import") else { return 0 }
        return try Int64.fetchOne(database, sql: SQL.exportLastImport) ?? 0
    }
}
