// What became of every numbered request, as its client saw it: the witness of the torture tests.

/// One entry for every number.
public struct Ledger: Sendable {
    /// What the client knows of a request.
    public enum Fate: UInt8, Sendable {
        /// It was never sent.
        case unsent
        /// It was sent; neither an answer nor an end of the connection was seen.
        case sent
        /// The expected status and the whole body, of the right length.
        case answered
        /// The connection ended before anything of the answer was there.
        case broken
        /// The connection ended within the answer.
        case cut
        /// Another status, or a body of another length; ``Ledger/refusals`` says what.
        case refused
    }

    /// What each query begins with, before `=` and the number.
    public let tag: String
    /// By number.
    public internal(set) var fates: [Fate]
    /// The status of each whole answer by number; 0 without one.
    public internal(set) var statuses: [UInt16]
    /// From sending to the end of each whole answer by number, in microseconds; 0 without one.
    public internal(set) var latenciesUs: [UInt32]
    /// Whole answers in each tenth of a second.
    public internal(set) var answersByTenth: [Int] = []
    /// What was wrong with the first refused requests.
    public internal(set) var refusals: [String] = []
    /// How often connecting failed.
    public internal(set) var failedConnections = 0
    /// How often a connection ended with a request under way, or by itself.
    public internal(set) var lostConnections = 0
    /// From the first request to the end, in milliseconds.
    public internal(set) var elapsedMs = 0

    init(requests: Int, tag: String) {
        self.tag = tag
        fates = Array(repeating: .unsent, count: requests)
        statuses = Array(repeating: 0, count: requests)
        latenciesUs = Array(repeating: 0, count: requests)
    }

    /// The numbers that met one fate.
    public func numbers(_ fate: Fate) -> [Int] {
        fates.indices.filter { fates[$0] == fate }
    }

    /// Whole answers in a stretch of time, in nanoseconds from the beginning, to the tenth of a second.
    public func answers(in stretchNs: Range<Int64>) -> Int {
        let tenths = Int(stretchNs.lowerBound / 100_000_000)..<Int(stretchNs.upperBound / 100_000_000)
        return answersByTenth[tenths.clamped(to: answersByTenth.indices)].reduce(0, +)
    }

    /// How many met one fate.
    public func count(_ fate: Fate) -> Int {
        fates.reduce(0) { $0 + ($1 == fate ? 1 : 0) }
    }
}

/// Random numbers that come again with the same seed (SplitMix64, public domain).
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// The sequence of a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
