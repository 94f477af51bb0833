// How long to wait before the next try: doubling, bounded, and spread so that many roles do not try together.

/// Delays between tries, with a random part from a seeded generator (the same seed gives the same delays).
struct Backoff: Sendable {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(state: seed)
    }

    /// After `failures` deaths before readiness in a row (1…): 10 ms doubling to 5 s, 20 % more or less, but never so
    /// much that a new start comes later than 5 s after its cause was mended.
    ///
    /// Nanoseconds.
    mutating func startDelayNs(failures: Int) -> Int64 {
        let delayNs = Backoff.doubled(from: 10_000_000, to: 5_000_000_000, failures)
        return min(4_900_000_000, delayNs + Int64.random(in: -delayNs / 5...delayNs / 5, using: &generator))
    }

    /// After `failures` refused forks in a row (1…): 50 ms, then 100 ms, then 150 ms. A refused fork costs little, and
    /// the tree is to be whole within 200 ms after they succeed again.
    ///
    /// Nanoseconds.
    static func forkDelayNs(failures: Int) -> Int64 {
        min(150_000_000, 50_000_000 * Int64(min(failures, 3)))
    }

    /// A duration, up to a tenth less, so that what began together does not end together.
    mutating func jittered(_ durationNs: Int64) -> Int64 {
        durationNs - Int64.random(in: 0...durationNs / 10, using: &generator)
    }

    private static func doubled(from firstNs: Int64, to lastNs: Int64, _ failures: Int) -> Int64 {
        min(lastNs, firstNs << min(failures - 1, 16))
    }
}

/// A small generator of well-mixed numbers from a counter.
///
/// From G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom Number Generators (2014).
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
