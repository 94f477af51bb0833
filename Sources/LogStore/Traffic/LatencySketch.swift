// Percentiles of durations in one pass and bounded memory: a histogram with 32 buckets for every power of two.

/// A sketch of durations: a histogram. Merging two is adding their buckets, so any span can be put together from parts.
///
/// Values below 64 µs have a bucket each; above, a bucket spans 1/32 of its power of two, and its middle is at most 1.6
/// % off. Only the powers of two between the least and the greatest value take memory.
public struct LatencySketch: Sendable, Equatable {
    /// All buckets that there are.
    static let bucketCount = 59 * 32

    /// The first bucket in memory; like the number of them a multiple of 32, so equal contents are equal sketches.
    private var first = 0
    private var buckets: [Int] = []

    /// How many durations were added.
    public private(set) var count = 0

    /// The longest, in microseconds.
    public private(set) var maximumUs: Int64 = 0

    /// No durations.
    public init() {}

    /// No durations, with buckets in memory that are to be filled.
    init(room: ClosedRange<Int>) {
        makeRoom(room.lowerBound, room.upperBound)
    }

    /// Adds a duration in microseconds; a negative one counts as 0.
    public mutating func add(_ durationUs: Int64) {
        let value = max(0, durationUs)
        add(1, bucket: Self.bucket(value))
        maximumUs = max(maximumUs, value)
    }

    /// Adds durations of one bucket, none of them longer than the longest so far.
    mutating func add(_ number: Int, bucket: Int) {
        if bucket < first || bucket >= first + buckets.count { makeRoom(bucket, bucket) }
        buckets[bucket - first] &+= number
        count &+= number
    }

    /// Has the longest be no less than this.
    mutating func raiseMaximum(_ durationUs: Int64) {
        maximumUs = max(maximumUs, durationUs)
    }

    /// Adds the durations of another sketch.
    public mutating func merge(_ other: LatencySketch) {
        maximumUs = max(maximumUs, other.maximumUs)
        if other.buckets.isEmpty { return }
        let last = other.first + other.buckets.count - 1
        if other.first < first || last >= first + buckets.count { makeRoom(other.first, last) }
        let shift = other.first - first
        for index in other.buckets.indices { buckets[index + shift] &+= other.buckets[index] }
        count &+= other.count
    }

    /// The duration that a share of all does not exceed, in microseconds; `nil` when there are none.
    ///
    /// - Parameter share: Between 0 and 1, for example 0.95.
    public func percentile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        var rank = max(1, Int((Double(count) * share).rounded(.up)))
        for (index, number) in buckets.enumerated() {
            rank -= number
            if rank <= 0 { return min(Self.middle(first + index), maximumUs) }
        }
        return maximumUs
    }

    /// The buckets that hold something, in their order.
    var filledBuckets: [(bucket: Int, count: Int)] {
        buckets.indices.lazy.filter { buckets[$0] != 0 }.map { (first + $0, buckets[$0]) }
    }

    /// Calls `body` with the middle of each bucket that holds durations, in microseconds, and with their number.
    func forEachBucket(_ body: (_ middleUs: Int64, _ count: Int) -> Void) {
        for (bucket, count) in filledBuckets { body(Self.middle(bucket), count) }
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

    /// Has buckets in memory from one to another.
    private mutating func makeRoom(_ low: Int, _ high: Int) {
        let end = first + buckets.count
        let newFirst = buckets.isEmpty ? low / 32 * 32 : min(first, low / 32 * 32)
        let newEnd = buckets.isEmpty ? (high / 32 + 1) * 32 : max(end, (high / 32 + 1) * 32)
        var wider = [Int](repeating: 0, count: newEnd - newFirst)
        for index in buckets.indices { wider[first - newFirst + index] = buckets[index] }
        (first, buckets) = (newFirst, wider)
    }
}
