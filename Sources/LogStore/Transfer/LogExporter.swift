// Takes requests out of a log one by one, in a format that other programs load.
import GRDB
internal import LinuxSyscalls
internal import Schema

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

/// How a log is at one moment.
public struct ExportState: Equatable, Sendable {
    /// Tells it from every other log, whatever its file is called; 0 in a log of an early schema.
    public var log: UInt64 = 0
    /// Where it ends.
    public var end = ExportPlace()
    /// Where the keys of its epoch began; 0: not known.
    public var epochStart: Int64 = 0
}

/// An export of one log.
public struct LogExporter {
    /// Rows that are read in one transaction: a snapshot that is held longer keeps the server's log from being
    /// emptied.
    private static let chunkRows = 5_000

    private let reader: LogReader
    private let format: ExportFormat
    private let source: ReportValue
    private let filter: RequestFilter

    /// The name of this machine.
    public static var defaultSource: String { CurrentProcess.hostName }

    /// Makes an export.
    ///
    /// - Parameters:
    ///   - source: what each row says of where it comes from: the name of a machine.
    ///   - filter: what rows must be like.
    public init(_ reader: LogReader, format: ExportFormat, source: String, filter: RequestFilter = RequestFilter()) {
        self.reader = reader
        self.filter = filter
        self.format = format
        self.source = .text(source)
    }

    /// The rows of a span, as it is now.
    public func range(_ span: TimeSpan) throws -> ExportRange {
        let greatest = try reader.read { try Int64.fetchOne($0, sql: SQL.newest) } ?? -1
        let (sinceID, untilID) = (span.sinceID, span.untilID)
        return ExportRange(stretches: [.init(afterID: sinceID - 1, lastID: min(untilID - 1, greatest), batch: nil)])
    }

    /// The log as it is now.
    public func state() throws -> ExportState {
        try reader.read { database in
            var state = ExportState()
            if let row = try Row.fetchOne(database, sql: SQL.exportState) {
                (state.end.epoch, state.end.id) = (row["epoch"], row["last_id"])
                state.epochStart = row["epoch_id"] ?? 0
                // The key itself stays secret: who knows it can make a log that import takes for another.
                let nothing: [UInt8] = []
                if let key: Int64 = row["log_key"] {
                    state.log = Bytes.hash(nothing.rawBytes, key: UInt64(bitPattern: key))
                }
            }
            state.end.importID = try Self.lastImport(database)
            return state
        }
    }

    /// The rows between two places.
    ///
    /// - Parameter epochStart: where the keys of the newer place's epoch began. Rows of an older epoch that lie behind
    ///   it leave once more when the epochs differ; their keys tell.
    public func range(after: ExportPlace, to end: ExportPlace, epochStart: Int64) throws -> ExportRange {
        let afterID =
            switch end.epoch - after.epoch {
            case 0: after.id
            case 1: min(after.id, max(0, epochStart - 1))
            // Where the epochs between these two began is not known any more.
            default: Int64(0)
            }
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
        var encoder = format.encoder()
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

    /// Writes the rows of a range to a file, which has its name when it is whole.
    ///
    /// - Returns: how many rows; without any there is no file.
    public func run(_ range: ExportRange, to file: OutputFile) throws -> Int {
        try file.take { write in try run(range, write: write) }
    }

    private func take(_ encoder: inout any RequestEncoder) -> [UInt8] {
        defer { encoder.output.removeAll(keepingCapacity: true) }
        return encoder.output
    }

    /// The next rows of a stretch, and how far it was read; nil at its end.
    func chunk(_ stretch: ExportRange.Stretch) throws -> (rows: [[ReportValue]], lastID: Int64)? {
        if stretch.afterID >= stretch.lastID { return nil }
        return try reader.read { database in
            if !filter.isEmpty { return try matches(stretch, database) }
            let cursor = try Self.cursor(stretch, database, limit: Self.chunkRows)
            var rows: [[ReportValue]] = []
            var lastID = stretch.afterID
            while try cursor.next() {
                lastID = cursor.integer(0)
                rows.append(row(cursor))
            }
            return rows.isEmpty ? nil : (rows, lastID)
        }
    }

    private func matches(
        _ stretch: ExportRange.Stretch, _ database: Database
    ) throws -> (rows: [[ReportValue]], lastID: Int64)? {
        var matcher = try RequestMatcher(filter, database)
        let scan = try ScanCursor(database, ScanPlan([], filter: filter, database))
        scan.restart(stretch.afterID + 1...stretch.lastID)
        let cursor = try Self.cursor(stretch, database, limit: 1)
        var rows: [[ReportValue]] = []
        var (lastID, count) = (stretch.afterID, 0)
        while count < Self.chunkRows, try scan.next() {
            (lastID, count) = (scan.integer(.id), count + 1)
            guard try matcher.accepts(scan) else { continue }
            cursor.restart(lastID - 1)
            // A row of another batch is passed over.
            if try cursor.next(), cursor.integer(0) == lastID { rows.append(row(cursor)) }
        }
        return count == 0 ? nil : (rows, lastID)
    }

    /// Rows of a stretch; ``RowCursor/restart(_:)`` takes the key behind which to begin.
    private static func cursor(
        _ stretch: ExportRange.Stretch, _ database: Database, limit: Int
    ) throws -> RowCursor {
        try RowCursor(
            database, sql: SQL.exportRows,
            arguments: [
                "after_id": stretch.afterID, "last_id": stretch.lastID, "batch": stretch.batch, "limit": limit,
            ])
    }

    private func row(_ cursor: RowCursor) -> [ReportValue] {
        ExportColumn.all.indices.map { index in
            if index == ExportColumn.all.count - 1 { return source }
            let column = Int32(index)
            switch (ExportColumn.all[index].kind, cursor.kind(column)) {
            case (_, .null): return .null
            case (.integer, _): return .integer(cursor.integer(column))
            case (.real, _): return .real(Double(cursor.integer(column)) / 1000)
            case (.moment, _):
                let us = cursor.integer(column)
                return format.hasMoments ? .integer(us) : .text(ISOTime.bytes(us: us))
            case (.text, _): return .text(cursor.text(column) ?? [])
            }
        }
    }

    /// Logs of earlier schemas have no imports.
    private static func lastImport(_ database: Database) throws -> Int64 {
        guard try database.tableExists("import") else { return 0 }
        return try Int64.fetchOne(database, sql: SQL.exportLastImport) ?? 0
    }
}

extension OutputFile {
    /// Takes what an export writes, and has its name when that is whole.
    ///
    /// - Returns: how many rows; without any there is no file.
    func take(_ export: (_ write: ([UInt8]) throws -> Bool) throws -> Int?) throws -> Int {
        do {
            let rows = try export { bytes in
                try write(bytes)
                return true
            }
            guard let rows, rows > 0 else {
                abandon()
                return 0
            }
            try finish()
            return rows
        } catch {
            // The space that it takes may be what was missing.
            abandon()
            throw error
        }
    }
}
