// Percentiles of durations in one pass and constant memory: a histogram with 32 buckets for every power of two.

/// A sketch of durations: a histogram. Merging two is adding their buckets, so any span can be put together from parts.
///
/// Values below 64 µs have a bucket each; above, a bucket spans 1/32 of its power of two, and its middle is at most 1.6
/// % off.
public struct LatencySketch: Sendable, Equatable {
    private var buckets = [Int](repeating: 0, count: 59 * 32)

    /// How many durations were added.
    public private(set) var count = 0

    /// The longest, in microseconds.
    public private(set) var maximumUs: Int64 = 0

    /// No durations.
    public init() {}

    /// Adds a duration in microseconds; a negative one counts as 0.
    mutating func add(_ durationUs: Int64) {
        let value = max(0, durationUs)
        buckets[Self.bucket(value)] += 1
        count += 1
        maximumUs = max(maximumUs, value)
    }

    /// Adds a duration in microseconds several times.
    mutating func add(_ durationUs: Int64, count times: Int) {
        let value = max(0, durationUs)
        buckets[Self.bucket(value)] += times
        count += times
        maximumUs = max(maximumUs, value)
    }

    /// Adds the durations of another sketch.
    public mutating func merge(_ other: LatencySketch) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        maximumUs = max(maximumUs, other.maximumUs)
    }

    /// The duration that a share of all does not exceed, in microseconds; `nil` when there are none.
    ///
    /// - Parameter share: Between 0 and 1, for example 0.95.
    public func percentile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        var rank = max(1, Int((Double(count) * share).rounded(.up)))
        for (index, number) in buckets.enumerated() {
            rank -= number
            if rank <= 0 { return min(Self.middle(index), maximumUs) }
        }
        return maximumUs
    }

    /// Calls `body` with the middle of each bucket that holds durations, in microseconds, and with their number.
    func forEachBucket(_ body: (_ middleUs: Int64, _ count: Int) -> Void) {
        for (index, number) in buckets.enumerated() where number > 0 { body(Self.middle(index), number) }
    }

    /// The bucket of a value: its leading five bits after the first, and its power of two.
    static func bucket(_ value: Int64) -> Int {
        let shift = max(0, 58 - value.leadingZeroBitCount)
        return shift * 32 + Int(value >> shift)
    }

    /// The middle of a bucket.
    static func middle(_ bucket: Int) -> Int64 {
        let shift = max(0, bucket / 32 - 1)
        return (Int64(bucket - shift * 32) << shift) + (Int64(1) << shift) / 2
    }
}
