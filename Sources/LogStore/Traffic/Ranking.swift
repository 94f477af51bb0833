// Finds the few keys with the most requests among very many, without putting all of them in order.

/// What keys are put in order by: requests, then time taken; level ones stay in the order of their slots.
struct Ranking {
    private struct Rank {
        let requests: Int64
        let durationUs: Int64
        let slot: Int

        func isBefore(_ other: Rank) -> Bool {
            if requests != other.requests { return requests > other.requests }
            if durationUs != other.durationUs { return durationUs > other.durationUs }
            return slot < other.slot
        }
    }

    /// The best so far, and some that came since the last cut.
    private var ranks: [Rank] = []

    /// How many are kept.
    private let count: Int

    /// What a rank must come before; `nil`: fewer than are kept have come.
    private var last: Rank?

    /// - Parameter count: How many slots are wanted; `nil`: all.
    init(_ count: Int?) {
        // Twice as many are in memory before they are cut.
        self.count = min(count ?? Int.max, Int.max / 2)
    }

    /// Adds a slot; slots rise.
    @inline(__always)
    mutating func add(_ slot: Int, requests: Int64, durationUs: Int64) {
        let rank = Rank(requests: requests, durationUs: durationUs, slot: slot)
        if let last, !rank.isBefore(last) { return }
        ranks.append(rank)
        if ranks.count >= max(64, 2 * count) { cut() }
    }

    private mutating func cut() {
        ranks.sort { $0.isBefore($1) }
        ranks.removeLast(max(0, ranks.count - count))
        if ranks.count == count { last = ranks.last }
    }

    /// The slots with the most requests, the most first.
    consuming func slots() -> [Int] {
        cut()
        return ranks.map(\.slot)
    }
}
