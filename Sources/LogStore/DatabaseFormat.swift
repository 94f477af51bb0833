// What marks a file as an access log, and how a row's key and a time turn into each other; reader and writer share it.

/// The constants of the database format and the arithmetic of its keys.
///
/// A key (`id`) holds microseconds since 2020-01-01 UTC in its upper 56 bits and a tie in the lower 8, so that key
/// order is time order and a span of time is a range of keys.
public enum DatabaseFormat {
    /// `PRAGMA application_id` of an access log: "BHTS" in ASCII.
    public static let applicationID: Int32 = 0x4248_5453

    /// `PRAGMA user_version` that this program writes, and the newest that it reads.
    public static let schemaVersion: Int32 = 4

    /// 2020-01-01T00:00:00Z, where the time of a key begins, in seconds since 1970 UTC.
    public static let epochSeconds: Int64 = 1_577_836_800

    /// The first key of a moment.
    ///
    /// - Parameter unixMicroseconds: Microseconds since 1970 UTC.
    /// - Returns: The least key at or after it: 0 before 2020, the greatest key past the year 3161.
    public static func firstID(atUnixMicroseconds unixMicroseconds: Int64) -> Int64 {
        let (sinceEpoch, overflow) = unixMicroseconds.subtractingReportingOverflow(epochSeconds * 1_000_000)
        if overflow || sinceEpoch < 0 { return 0 }
        return sinceEpoch > Int64.max >> 8 ? Int64.max : sinceEpoch << 8
    }

    /// The moment of a key, in microseconds since 1970 UTC.
    ///
    /// It is the time of the commit order: the request's completion, put off by the row's `late_us` when rows of
    /// several workers met.
    public static func unixMicroseconds(ofID id: Int64) -> Int64 {
        (id >> 8) + epochSeconds * 1_000_000
    }
}
