// The unit in which a rate is a number that people can say: three a minute, and not 0.05 a second.

/// A unit of rates.
enum RateUnit: String, CaseIterable {
    case second, minute, hour, day

    /// The shortest unit in which a rate is 1 or more; `second` for no requests at all.
    init(perSecond rate: Double) {
        self = rate <= 0 ? .second : Self.allCases.first { rate * $0.seconds >= 1 } ?? .day
    }

    /// Its length.
    var seconds: Double {
        switch self {
        case .second: 1
        case .minute: 60
        case .hour: 3_600
        case .day: 86_400
        }
    }
}
