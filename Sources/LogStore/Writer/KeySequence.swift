// Gives rows their keys: the time of completion, always rising, so that key order is commit order.

/// The source of keys (`id`) of `access` and `error`.
///
/// A key is the time of completion, unless a later row was stored already: then it is the last key plus one. So a
/// reader that goes on from the last key it saw misses nothing, and a span of time is a span of keys up to the row's
/// `late_us`.
struct KeySequence: Equatable {
    /// How far the last key may be ahead of the clock before keys begin again, in microseconds: 10 minutes.
    static let toleranceUs: Int64 = 600_000_000

    /// The key given last; 0 before the first.
    private(set) var last: Int64

    /// Goes on behind `last`.
    init(last: Int64) {
        self.last = last
    }

    /// A key and how much later it is than the completion it stands for.
    struct Key: Equatable {
        /// The key.
        let id: Int64
        /// Its time minus the true time of completion, in microseconds; below 0 only for a time that has not come yet.
        let lateUs: Int64
    }

    /// The key of a row.
    ///
    /// - Parameters:
    ///   - completedUs: time of completion, microseconds since 1970 UTC.
    ///   - nowUs: the clock. No key runs ahead of it on a record's word alone.
    mutating func next(completedUs: Int64, nowUs: Int64) -> Key {
        let wanted = DatabaseFormat.firstID(atUnixMicroseconds: min(completedUs, nowUs))
        last = max(wanted, last + 1)
        return Key(id: last, lateUs: DatabaseFormat.unixMicroseconds(ofID: last) &- completedUs)
    }

    /// Whether keys must begin again: the clock was set back so far that the last key says nothing about time any more.
    func isAhead(ofUs nowUs: Int64) -> Bool {
        last > DatabaseFormat.firstID(atUnixMicroseconds: nowUs &+ Self.toleranceUs)
    }

    /// Begins again at the clock.
    mutating func restart(nowUs: Int64) {
        last = DatabaseFormat.firstID(atUnixMicroseconds: nowUs)
    }
}
