// Scans a span of keys on two processors: each takes the next piece of the span until none is left.
import Dispatch
internal import GRDB
internal import Schema
import Synchronization

/// A scan of one log for a question.
struct SpanScan: Sendable {
    let question: TrafficQuestion
    let plan: ScanPlan

    /// How many rows are read before a second processor is worth its connection.
    private static let rowsBeforeHelp = 20_000

    /// How many pieces a span is cut into: with more of them both threads end at about the same time.
    private static let pieceCount: Int64 = 64

    init(_ question: TrafficQuestion) {
        self.question = question
        plan = ScanPlan(question.scannedColumns, filter: question.selection.filter)
    }

    /// What both threads share.
    private final class Share: Sendable {
        let pieces: [Range<Int64>]
        let next = Atomic(0)
        let found = Mutex<Result<CountedTraffic, any Error>?>(nil)

        init(_ pieces: [Range<Int64>]) {
            self.pieces = pieces
        }

        func take() -> Range<Int64>? {
            let index = next.add(1, ordering: .relaxed).oldValue
            return index < pieces.count ? pieces[index] : nil
        }

        /// Lets nobody begin another piece.
        func stop() {
            next.store(pieces.count, ordering: .relaxed)
        }
    }

    /// Counts the rows of the span.
    ///
    /// - Parameters:
    ///   - database: The log.
    ///   - helper: Opens a connection for the second thread; `nil`: there is one processor.
    func run(_ database: Database, helper: (() throws -> DatabaseQueue)?) throws -> CountedTraffic {
        let share = Share(try pieces(database))
        let group = DispatchGroup()
        defer {
            share.stop()
            group.wait()
        }
        var rows = 0
        var tally = try TrafficTally(question, plan: plan, database)
        var matcher = try RequestMatcher(question.selection.filter, plan: plan, database)
        var needsHelp = helper != nil
        while let piece = share.take() {
            // The first thread looks up from time to time whether the work has become enough for two.
            var piece: Range<Int64>? = piece
            while let rest = piece {
                let limit = needsHelp ? Self.rowsBeforeHelp - rows : Int.max
                piece = try Self.count(rest, limit: limit, database, plan, &matcher, &tally, &rows)
                if needsHelp, rows >= Self.rowsBeforeHelp {
                    needsHelp = false
                    // Without a second connection the first one does it all.
                    if let queue = try? helper?() { help(queue, share, group) }
                }
            }
        }
        var counted = tally.finish(rows: rows)
        group.wait()
        if let found = try share.found.withLock({ $0 })?.get() { counted.merge(found) }
        return counted
    }

    /// Lets another thread take pieces as well.
    private func help(_ queue: DatabaseQueue, _ share: Share, _ group: DispatchGroup) {
        DispatchQueue.global().async(group: group) {
            let result = Result {
                try queue.read { database in
                    var rows = 0
                    var tally = try TrafficTally(question, plan: plan, database)
                    var matcher = try RequestMatcher(question.selection.filter, plan: plan, database)
                    while let piece = share.take() {
                        _ = try Self.count(piece, limit: Int.max, database, plan, &matcher, &tally, &rows)
                    }
                    return tally.finish(rows: rows)
                }
            }
            if case .failure = result { share.stop() }
            share.found.withLock { $0 = result }
        }
    }

    /// Counts rows of a range of keys until `rows` grew by `limit`; what is left then is the result.
    @inline(never)
    private static func count(
        _ range: Range<Int64>, limit: Int, _ database: Database, _ plan: ScanPlan, _ matcher: inout RequestMatcher,
        _ tally: inout TrafficTally, _ rows: inout Int
    ) throws -> Range<Int64>? {
        let cursor = try RowCursor(
            database, sql: plan.sql, arguments: ["since_id": range.lowerBound, "until_id": range.upperBound])
        var count = 0
        defer { rows += count }
        while try cursor.next() {
            count += 1
            if try matcher.accepts(cursor) { try tally.add(cursor) }
            if count == limit { return cursor.integer(0) + 1..<range.upperBound }
        }
        return nil
    }

    /// The span as far as there are requests in it, in pieces of equal length.
    private func pieces(_ database: Database) throws -> [Range<Int64>] {
        guard let bounds = try Row.fetchOne(database, sql: SQL.keyBounds), let least: Int64 = bounds[0],
            let greatest: Int64 = bounds[1]
        else { return [] }
        let span = question.selection.span
        let since = max(span.sinceID, least)
        let until = min(span.untilID, greatest == Int64.max ? greatest : greatest + 1)
        if since >= until { return [] }
        let length = max(1, (until - since) / Self.pieceCount + 1)
        return stride(from: since, to: until, by: Int(length)).map { start in
            start..<min(until, start.addingReportingOverflow(length).overflow ? until : start + length)
        }
    }
}
