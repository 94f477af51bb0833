// What the answer to a question cost to read, and where it came from.

/// A stretch of a log that was read in one way.
public struct ReadPart: Sendable, Equatable {
    /// Where it came from.
    public var tier: Report.Tier

    /// The keys of the requests.
    var keys: Range<Int64>

    /// The moment of the first key, in microseconds since 1970 UTC; `nil`: the stretch has no beginning.
    public var sinceUs: Int64? {
        keys.lowerBound <= 0 ? nil : DatabaseFormat.unixMicroseconds(ofID: keys.lowerBound)
    }

    /// The moment after the last key, in microseconds since 1970 UTC; `nil`: the stretch has no end.
    public var untilUs: Int64? {
        keys.upperBound == Int64.max ? nil : DatabaseFormat.unixMicroseconds(ofID: keys.upperBound)
    }
}

/// What a report cost to read.
public struct ReadCost: Sendable, Equatable {
    /// Single rows of the log.
    public var rows = 0

    /// Rows of tiers, each the summary of a minute, an hour or a day, or a line of one.
    public var summaries = 0

    /// The moment of the newest request in the log, in microseconds since 1970 UTC; `nil`: the log is empty.
    public var newestUs: Int64?

    /// What was read, of one log after the other.
    public private(set) var parts: [ReadPart] = []

    /// The different statements that read it.
    public private(set) var statements: [String] = []

    /// Nothing read.
    public init() {}

    /// Where most of it came from: the part that spans the most time, as far as there are requests; rows when they span
    /// as much as summaries.
    public var tier: Report.Tier {
        let end = newestUs.map { DatabaseFormat.firstID(atUnixMicroseconds: $0 + 1) } ?? Int64.max
        var most = (tier: Report.Tier.rows, time: 0.0)
        for tier in [Report.Tier.rows, .minutes, .hours, .days] {
            let time = parts.reduce(0.0) { sum, part in
                let time = Double(min(part.keys.upperBound, end)) - Double(part.keys.lowerBound)
                return part.tier == tier ? sum + max(0, time) : sum
            }
            if time > most.time { most = (tier, time) }
        }
        return most.tier
    }

    /// Notes the newest key of a log.
    mutating func add(newest: Int64?) {
        guard let newest else { return }
        newestUs = max(newestUs ?? Int64.min, DatabaseFormat.unixMicroseconds(ofID: newest))
    }

    /// Notes what was read by a statement.
    mutating func add(_ part: ReadPart, sql: String) {
        parts.append(part)
        add(sql: sql)
    }

    /// Notes a statement.
    mutating func add(sql: String) {
        if !statements.contains(sql) { statements.append(sql) }
    }

    /// Adds the cost of another answer about the same logs.
    mutating func merge(_ other: ReadCost) {
        rows += other.rows
        summaries += other.summaries
        newestUs = [newestUs, other.newestUs].compactMap(\.self).max()
        parts += other.parts
        other.statements.forEach { add(sql: $0) }
    }
}
