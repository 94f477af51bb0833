// The lengths of time that the log is summed up by, and how their rows are numbered.

/// A length of time that has a summary each, in UTC.
public enum Tier: Int, Sendable, CaseIterable, Comparable {
    case minute, hour, day

    /// Its length in seconds.
    public var seconds: Int64 {
        switch self {
        case .minute: 60
        case .hour: 3_600
        case .day: 86_400
        }
    }

    /// How many keys of `access` it spans.
    var keyCount: Int64 { (seconds * 1_000_000) << 8 }

    /// The first key of the span that a key is in. Keys begin at a midnight, so this is division.
    func start(ofKey key: Int64) -> Int64 { key / keyCount * keyCount }

    /// The key after the last of the span that a key is in; the greatest key of all past the year 3161.
    func end(ofKey key: Int64) -> Int64 {
        let (end, overflow) = start(ofKey: key).addingReportingOverflow(keyCount)
        return overflow ? .max : end
    }

    /// The number in table `rollup` of the span that begins with a key.
    func row(startKey: Int64) -> Int64 {
        Int64(rawValue) << 40 | DatabaseFormat.unixMicroseconds(ofID: startKey) / 1_000_000
    }

    /// The numbers in table `rollup` of the spans that begin with keys of a range.
    func rows(_ keys: Range<Int64>) -> Range<Int64> { row(startKey: keys.lowerBound)..<row(startKey: keys.upperBound) }

    /// The first key of the span that a row of table `rollup` is about.
    static func startKey(ofRow row: Int64) -> Int64 {
        DatabaseFormat.firstID(atUnixMicroseconds: (row & (1 << 40 - 1)) * 1_000_000)
    }

    /// Where `meta` says before which key all rows are in this tier.
    var mark: StaticString {
        switch self {
        case .minute: "summed_minute"
        case .hour: "summed_hour"
        case .day: "summed_day"
        }
    }

    public static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
}

/// What the lists of hours and days count requests by. Template, class of agent and site are told from these.
enum TierField: Int, CaseIterable {
    // The numbers are part of the database format.
    case path = 0
    case client, host, agent, referer, status, method, httpVersion, outcome, worker, notFound

    /// The number in table `top` of this list of a row of table `rollup`.
    func row(ofRollup rollup: Int64) -> Int64 { rollup << 4 | Int64(rawValue) }

    /// The dictionary that its keys are numbers of; nil: they are numbers of their own, or texts.
    var dictionary: String? {
        switch self {
        case .path, .notFound: "path"
        case .client: "client"
        case .host: "host"
        case .agent: "agent"
        case .referer: "referer"
        case .status, .method, .httpVersion, .outcome, .worker: nil
        }
    }

    /// Whether its lines hold sketches of their durations.
    var hasLatency: Bool { self == .path }

    /// The list of reports.
    var field: TrafficField {
        switch self {
        case .path: .path
        case .client: .client
        case .host: .host
        case .agent: .agent
        case .referer: .referer
        case .status: .status
        case .method: .method
        case .httpVersion: .protocol
        case .outcome: .outcome
        case .worker: .worker
        case .notFound: .notFound
        }
    }

    /// How many keys of a list are kept when its span is over.
    ///
    /// Long tails are worth little: keys with one request are not kept beyond a few dozen. The more requests a span
    /// has, the more lines it can pay for.
    static func lineLimit(_ tier: Tier, requests: Int64) -> Int {
        let floor = tier == .day ? 256 : 32
        return max(floor, Int(min(1_000, requests / 64)))
    }

    /// As ``lineLimit(_:requests:)``: the least number of lines, whatever their counts.
    static func lineFloor(_ tier: Tier) -> Int { lineLimit(tier, requests: 0) }
}
