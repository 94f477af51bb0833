// Counts different numbers: exactly while they are few, else by estimate.

/// Different numbers, such as ids of requests or clients.
struct DistinctNumbers {
    static let exactLimit = 1024

    private var few: Set<Int64> = []
    private var many = DistinctSketch()

    /// Adds a number.
    mutating func add(_ number: Int64) {
        if few.count < Self.exactLimit {
            few.insert(number)
            if few.count == Self.exactLimit { few.forEach { many.add(hash: Self.hash($0)) } }
        } else {
            many.add(hash: Self.hash(number))
        }
    }

    /// Adds the numbers of another set.
    mutating func merge(_ other: DistinctNumbers) {
        other.few.forEach { add($0) }
        if other.few.count == Self.exactLimit { many.merge(other.many) }
    }

    /// How many there were.
    var count: Int64 { few.count < Self.exactLimit ? Int64(few.count) : many.count }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood, 2014).
    private static func hash(_ number: Int64) -> UInt64 {
        var hash = UInt64(bitPattern: number)
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
