// Reads the stored summaries. How to use it: plan a span, ask for the summaries and lists of the parts that have a
// tier, scan the keys of those that have none, and merge.
internal import GRDB
internal import Schema

/// The summaries of a log, as one transaction sees them.
struct TierReader {
    /// Which requests the summaries stand for.
    let coverage: TierCoverage

    private let rollups: BoundStatement
    private let lists: BoundStatement

    /// Prepares reading; nil when the log is of a schema without summaries.
    init?(_ database: Database) throws {
        guard let marks = try Row.fetchOne(database, sql: SQL.tierMarks), let from = marks["summed_from"] as Int64?
        else { return nil }
        func range(_ end: String, _ oldest: Int64? = nil) -> Range<Int64> {
            let end = marks[end] as Int64? ?? 0
            return min(max(from, oldest ?? 0), end)..<end
        }
        coverage = TierCoverage(
            minutes: range("summed_minute", marks["minutes_from"]), hours: range("summed_hour", marks["hours_from"]),
            days: range("summed_day"))
        rollups = BoundStatement(database, sql: SQL.rollups)
        lists = BoundStatement(database, sql: SQL.topLists)
    }

    /// How to put a span together.
    ///
    /// - Parameter tiers: those that may be used; lists are in hours and days.
    func plan(_ span: TimeSpan, tiers: [Tier] = Tier.allCases) -> TierPlan {
        TierPlan(span.sinceID..<max(span.sinceID, span.untilID), coverage, tiers: tiers)
    }

    /// Hands on the summaries of a part in the order of time, each with the first key of its minute, hour or day.
    ///
    /// - Returns: how many there were.
    @discardableResult
    func forEachSummary(
        _ part: TierPlan.Part, _ body: (_ startKey: Int64, _ summary: TrafficSummary) -> Void
    ) throws -> Int {
        guard let tier = part.tier, !part.keys.isEmpty else { return 0 }
        let ids = Self.rows(tier, part.keys)
        rollups.bind(1, ids.lowerBound)
        rollups.bind(2, ids.upperBound)
        var count = 0
        try rollups.forEachRow { row in
            var summary = TrafficSummary()
            summary.counts = TrafficCounts(row, from: 1)
            // A sketch that is damaged is no reason to withhold the counters.
            let latency = try? LatencySketch(blob: row.bytes(17), maximumUs: summary.counts.durationMaxUs)
            summary.latency = latency ?? LatencySketch()
            summary.clients = (try? DistinctSketch(blob: row.bytes(18))) ?? DistinctSketch()
            body(Tier.startKey(ofRow: row.integer(0)), summary)
            count += 1
        }
        return count
    }

    /// The lists of all hours and days among the parts, merged by field. Keys that were cut are among the others.
    ///
    /// - Parameter withLatency: whether the durations of the lines are wanted, which cost more than all else.
    /// - Returns: lists in no order, none for a field that no request had, and how many lines were read for them.
    func lists(
        _ fields: [TierField], _ parts: [TierPlan.Part], withLatency: Bool = true
    ) throws -> (lists: [TierField: TierListSum], lineCount: Int) {
        var (sums, lineCount) = ([TierField: TierListSum](), 0)
        for part in parts {
            guard let tier = part.tier, tier != .minute, !part.keys.isEmpty else { continue }
            let ids = Self.rows(tier, part.keys)
            lists.bind(1, ids.lowerBound << 4)
            lists.bind(2, ids.upperBound << 4)
            try lists.forEachRow { row in
                guard let field = TierField(rawValue: Int(row.integer(0) & 15)), fields.contains(field) else { return }
                lineCount += sums[field, default: TierListSum()].add(
                    blob: row.bytes(1), hasLatency: field.hasLatency, keepsLatency: withLatency)
            }
        }
        return (sums, lineCount)
    }

    /// The rows of table `rollup` that stand for keys; the last one may stand for a part of its span only.
    private static func rows(_ tier: Tier, _ keys: Range<Int64>) -> Range<Int64> {
        tier.rows(tier.start(ofKey: keys.lowerBound)..<tier.end(ofKey: keys.upperBound - 1))
    }
}
