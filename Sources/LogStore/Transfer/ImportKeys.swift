// Gives imported rows keys of their own time, though their lines come out of order and share their second.

/// The keys of an import: the first one of a moment that is free, as far as this import knows.
///
/// Lines have times of whole seconds, mostly, so hundreds share one; 256 of them find room in its first microsecond,
/// the others follow. What a key differs from its row's time stands in the row (`late_us`), so no time is changed.
struct ImportKeys {
    private static let places = 4_096

    private struct Moment {
        /// Microseconds since 1970 UTC.
        var us: Int64 = .min
        var nextKey: Int64 = 0
    }

    /// The moments that were asked for lately: lines are hardly ever out of order by more than some seconds.
    private var moments = [Moment](repeating: Moment(), count: ImportKeys.places)

    /// The key of a row.
    @inline(__always)
    mutating func next(us: Int64) -> Int64 {
        let place = Self.place(us)
        let key = moments[place].us == us ? moments[place].nextKey : DatabaseFormat.firstID(atUnixMicroseconds: us)
        moments[place] = Moment(us: us, nextKey: key &+ 1)
        return key
    }

    /// A key of the moment was taken: others go behind `key`.
    mutating func skip(us: Int64, behind key: Int64) {
        let place = Self.place(us)
        if moments[place].us != us || moments[place].nextKey <= key {
            moments[place] = Moment(us: us, nextKey: key + 1)
        }
    }

    @inline(__always)
    private static func place(_ us: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: us) &* 0x9E37_79B9_7F4A_7C15) >> 52)
    }
}
