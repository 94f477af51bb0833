// Scans ranges of keys on two processors: each takes the next piece until none is left.
import Dispatch
internal import GRDB
internal import Schema
import Synchronization

/// A scan of one log for a question.
struct SpanScan: Sendable {
    let question: TrafficQuestion
    let plan: ScanPlan

    /// What is read; the stretches rise.
    private let stretches: [ScanStretch]

    /// How many rows are read before a second processor is worth its connection.
    private static let rowsBeforeHelp = 10_000

    /// How many pieces a span is cut into: with more of them both threads end at about the same time.
    private static let pieceCount: Int64 = 256

    init(_ question: TrafficQuestion, _ stretches: [ScanStretch], _ database: Database) throws {
        self.question = question
        self.stretches = stretches
        plan = try ScanPlan(question.scannedColumns, filter: question.selection.filter, database)
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

    /// Counts the rows.
    ///
    /// - Parameters:
    ///   - database: The log.
    ///   - helper: What opens a connection in the second thread; `nil`: there is one processor.
    func run(
        _ database: Database, helper: () -> (@Sendable () throws -> DatabaseQueue)?
    ) throws -> CountedTraffic {
        let share = Share(try pieces(stretches.map(\.keys), database))
        let group = DispatchGroup()
        defer {
            share.stop()
            group.wait()
        }
        var rows = 0
        var tally = TrafficTally(question, stretches: stretches)
        var matcher = try RequestMatcher(question.selection.filter, database)
        let cursor = try ScanCursor(database, plan)
        var needsHelp = true
        while let piece = share.take() {
            // The first thread looks up from time to time whether the work has become enough for two.
            var piece: Range<Int64>? = piece
            while let rest = piece {
                let limit = needsHelp ? Self.rowsBeforeHelp - rows : Int.max
                piece = try Self.count(rest, limit: limit, cursor, &matcher, &tally, &rows)
                if needsHelp, rows >= Self.rowsBeforeHelp {
                    needsHelp = false
                    if let open = helper() { help(open, share, group) }
                }
            }
        }
        var counted = tally.finish(rows: rows)
        group.wait()
        if let found = try share.found.withLock({ $0 })?.get() { counted.merge(found) }
        return counted
    }

    /// Lets another thread take pieces as well.
    private func help(
        _ open: @escaping @Sendable () throws -> DatabaseQueue, _ share: Share, _ group: DispatchGroup
    ) {
        DispatchQueue.global().async(group: group) {
            // Without a second connection the first one does it all.
            guard let queue = try? open() else { return }
            let result = Result {
                try queue.read { database in
                    var rows = 0
                    var tally = TrafficTally(question, stretches: stretches)
                    var matcher = try RequestMatcher(question.selection.filter, database)
                    let cursor = try ScanCursor(database, plan)
                    while let piece = share.take() {
                        _ = try Self.count(piece, limit: Int.max, cursor, &matcher, &tally, &rows)
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
        _ range: Range<Int64>, limit: Int, _ cursor: ScanCursor, _ matcher: inout RequestMatcher,
        _ tally: inout TrafficTally, _ rows: inout Int
    ) throws -> Range<Int64>? {
        cursor.restart(range)
        var count = 0
        defer { rows += count }
        while try cursor.next() {
            count += 1
            if try matcher.accepts(cursor) { try tally.add(cursor) }
            if count == limit { return cursor.integer(.id) + 1..<range.upperBound }
        }
        return nil
    }

    /// The ranges as far as there are requests in them, in pieces of equal length.
    private func pieces(_ ranges: [Range<Int64>], _ database: Database) throws -> [Range<Int64>] {
        guard let bounds = try Row.fetchOne(database, sql: SQL.keyBounds), let least: Int64 = bounds[0],
            let greatest: Int64 = bounds[1]
        else { return [] }
        let all = least..<(greatest == Int64.max ? greatest : greatest + 1)
        let filled = ranges.map { $0.clamped(to: all) }.filter { !$0.isEmpty }
        let length = max(1, filled.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } / Self.pieceCount)
        return filled.flatMap { range in
            stride(from: range.lowerBound, to: range.upperBound, by: Int(length)).map { start in
                let (end, overflow) = start.addingReportingOverflow(length)
                return start..<(overflow ? range.upperBound : min(range.upperBound, end))
            }
        }
    }
}
