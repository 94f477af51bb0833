// Which summaries and which rows compose a span exactly: pure arithmetic of keys.

/// Which requests are in which summaries. Every bound is a key of `access`.
struct TierCoverage: Equatable {
    /// The requests that the stored rows of a tier stand for. Where the range begins or ends within a minute, an hour
    /// or a day, the row of that one stands for the requests inside of the range only.
    var minutes: Range<Int64>
    var hours: Range<Int64>
    var days: Range<Int64>

    func keys(_ tier: Tier) -> Range<Int64> {
        switch tier {
        case .minute: minutes
        case .hour: hours
        case .day: days
        }
    }
}

/// The parts that a span of keys is put together from, in their order; each request of the span is in exactly one.
struct TierPlan: Equatable {
    /// A part.
    struct Part: Equatable {
        /// The tier whose rows stand for it; nil: the single requests must be read.
        var tier: Tier?
        /// Its requests.
        var keys: Range<Int64>
    }

    let parts: [Part]

    /// Takes the longest summaries wherever they fit, then shorter ones, and rows for the rest.
    ///
    /// - Parameters:
    ///   - keys: the span.
    ///   - tiers: those that may be used: for lists hours and days, for a timeline those that its steps are multiples
    ///     of.
    init(_ keys: Range<Int64>, _ coverage: TierCoverage, tiers: [Tier] = Tier.allCases) {
        parts = Self.parts(keys, coverage, tiers.sorted(by: >)[...])
    }

    private static func parts(_ keys: Range<Int64>, _ coverage: TierCoverage, _ tiers: ArraySlice<Tier>) -> [Part] {
        if keys.isEmpty { return [] }
        guard let tier = tiers.first else { return [Part(tier: nil, keys: keys)] }
        let covered = coverage.keys(tier)
        // Where the tier itself ends its last row ends, too; elsewhere only whole ones will do.
        let low =
            keys.lowerBound <= covered.lowerBound
            ? covered.lowerBound
            : tier.start(ofKey: keys.lowerBound) == keys.lowerBound ? keys.lowerBound : tier.end(ofKey: keys.lowerBound)
        let high =
            keys.upperBound >= covered.upperBound ? covered.upperBound : tier.start(ofKey: keys.upperBound)
        guard low < high, low >= keys.lowerBound, high <= keys.upperBound else {
            return parts(keys, coverage, tiers.dropFirst())
        }
        return parts(keys.lowerBound..<low, coverage, tiers.dropFirst()) + [Part(tier: tier, keys: low..<high)]
            + parts(high..<keys.upperBound, coverage, tiers.dropFirst())
    }
}
