// Follows the log: every request once, in the order of the commits.
import GRDB
import Schema

/// A place in the log that moves on as requests are read.
public struct LogTail {
    private let reader: LogReader
    private let untilID: Int64
    private var position: Int64
    private var epoch: Int64?

    /// Whether keys began again since the start. Keys of before then lie in the future, and have been read.
    private var isInNewEpoch = false

    /// When the last look at the log began, by a clock that is never set, and by the one that rows are told.
    private var lookedAt = ContinuousClock.now
    private var lookedAtUs = WallClock.nowUs()

    /// How many rows are read at a time.
    private static let batch = 1000

    /// Starts before the newest requests of a span.
    ///
    /// - Parameters:
    ///   - reader: The log.
    ///   - span: Where to look.
    ///   - last: How many of the newest requests to begin with; `nil`: all of the span.
    /// - Throws: ``LogReadError``.
    public init(_ reader: LogReader, span: TimeSpan, last: Int?) throws {
        self.reader = reader
        untilID = span.untilID
        (position, epoch) = try reader.read { database in
            let arguments: StatementArguments = [
                "since_id": span.sinceID, "until_id": span.untilID, "limit": last ?? -1,
            ]
            let start = try Int64.fetchOne(database, sql: SQL.tailStart, arguments: arguments)
            let newest = try Int64.fetchOne(database, sql: SQL.newest)
            return (start ?? newest ?? -1, try Self.epoch(database))
        }
    }

    /// The columns of the rows.
    public static let columns =
        [
            "time", "client", "status", "outcome", "bytes_out", "duration_ms", "request_id", "method", "path", "query",
        ] + details

    private static let details = ["protocol", "host", "referer", "agent", "worker", "ttfb_ms", "bytes_in"]

    /// What the rows are a list of.
    public static var panel: ReportPanel {
        var panel = ReportPanel("tail", columns: columns)
        panel.details = Set(details)
        return panel
    }

    /// The requests that were committed since the last call, at most 1,000; call again at once while there are any.
    ///
    /// - Returns: Rows with a value for each of ``columns``.
    /// - Throws: ``LogReadError``.
    public mutating func next() throws -> [[ReportValue]] {
        let (tail, lookedAt, lookedAtUs) = (self, ContinuousClock.now, WallClock.nowUs())
        let (rows, moved) = try reader.read { database in
            var moved = tail
            moved.epoch = try Self.epoch(database)
            if moved.epoch != tail.epoch { moved.enterNewEpoch() }
            let cursor = try Row.fetchCursor(
                database, sql: SQL.tailNext,
                arguments: ["after_id": moved.position, "until_id": moved.bound, "limit": Self.batch])
            var rows: [[ReportValue]] = []
            while let row = try cursor.next() {
                moved.position = row[0]
                rows.append(Array(row.reportValues().dropFirst()))
            }
            return (rows, moved)
        }
        self = moved
        self.lookedAt = lookedAt
        self.lookedAtUs = lookedAtUs
        return rows
    }

    /// Goes to where keys began again when the clock was set back: their times are those of the present clock, and none
    /// of them is older than the last look. The clock may also have been put forward since, before or after it was set
    /// back: then it is the earlier of both readings.
    private mutating func enterNewEpoch() {
        let elapsedUs = (ContinuousClock.now - lookedAt) / .microseconds(1)
        let lookUs = min(lookedAtUs, WallClock.nowUs() - Int64(elapsedUs))
        position = DatabaseFormat.firstID(atUnixMicroseconds: lookUs - 1_000_000)
        isInNewEpoch = true
    }

    /// The key before which to read. A writer's keys run at most ten minutes ahead of the clock.
    private var bound: Int64 {
        guard isInNewEpoch else { return untilID }
        return min(untilID, DatabaseFormat.firstID(atUnixMicroseconds: WallClock.nowUs() + 601_000_000))
    }

    private static func epoch(_ database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: SQL.epoch)
    }
}
