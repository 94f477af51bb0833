// Durations of very many keys: a hash table of (key, bucket) pairs, because most keys fill few of their buckets.

/// Histograms of durations by slot, with the buckets of ``LatencySketch``.
struct KeyLatencies: Sendable {
    /// Open addressing: the slot and the bucket in the upper half of a word, their count in the lower; 0 is empty.
    private var table = [UInt64](repeating: 0, count: 1024)
    private var used = 0

    /// The greatest slot and more are not told apart; they have no durations.
    private static let slotLimit = 1 << 20

    /// Adds a duration in microseconds.
    @inline(__always)
    mutating func add(slot: Int, durationUs: Int64) {
        if slot < Self.slotLimit { add(UInt64(slot) << 12 | UInt64(LatencySketch.bucket(max(0, durationUs))) + 1, 1) }
    }

    @inline(__always)
    private mutating func add(_ pair: UInt64, _ count: UInt64) {
        var index = Self.place(pair, table.count)
        while table[index] >> 32 != pair {
            if table[index] == 0 {
                used += 1
                if 3 * used > 2 * table.count {
                    grow()
                    return add(pair, count)
                }
                table[index] = pair << 32
                break
            }
            index = (index + 1) & (table.count - 1)
        }
        table[index] &+= count
    }

    private static func place(_ pair: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (pair &* 0x9e37_79b9_7f4a_7c15) >> 32) & (count - 1)
    }

    @inline(never)
    private mutating func grow() {
        let old = table
        table = [UInt64](repeating: 0, count: 2 * old.count)
        used = 0
        for word in old where word != 0 { add(word >> 32, word & 0xffff_ffff) }
    }

    /// Adds the durations of another table whose slots have other numbers here.
    mutating func merge(_ other: KeyLatencies, slots: [Int]) {
        for word in other.table where word != 0 {
            let slot = slots[Int(word >> 44)]
            if slot < Self.slotLimit { add(UInt64(slot) << 12 | word >> 32 & 0xfff, word & 0xffff_ffff) }
        }
    }

    /// The durations of some slots, in the order of the slots given.
    ///
    /// - Parameter maximaUs: The longest duration of each, which buckets do not tell.
    func sketches(_ slots: [Int], maximaUs: [Int64]) -> [LatencySketch] {
        var sketches = [LatencySketch](repeating: LatencySketch(), count: slots.count)
        for place in slots.indices { sketches[place].add(maximaUs[place], count: 0) }
        let places = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1, $0) })
        for word in table where word != 0 {
            guard let place = places[Int(word >> 44)] else { continue }
            let bucket = Int(word >> 32 & 0xfff) - 1
            let durationUs = min(LatencySketch.middle(bucket), maximaUs[place])
            sketches[place].add(durationUs, count: Int(word & 0xffff_ffff))
        }
        return sketches
    }
}
