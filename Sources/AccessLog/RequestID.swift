// The number of a request, made of when it began and of who serves it: a row that tells both need not hold it.

/// Numbers of requests: 63 bits, unique for a database.
///
/// The usual number is the start in microseconds since 2020-01-01 UTC, then 11 bits of the worker's slot and one of the
/// process tree, which differs between a server and its upgrade while both serve. It is unique as long as a worker
/// begins no two requests in one microsecond and clocks do not go back; a number at random does for all other cases.
/// The number of an imported request is the key of its row.
public enum RequestID {
    /// 2020-01-01T00:00:00Z in microseconds since 1970 UTC.
    public static let epochUs: Int64 = 1_577_836_800_000_000

    private static let slots: Int64 = 1 << 11
    private static let endUs: Int64 = 1 << 51

    /// The usual number; nil when it has no room for the start or the slot.
    ///
    /// - Parameters:
    ///   - startUs: microseconds since 1970 UTC.
    ///   - tree: 0 or 1.
    @inline(__always)
    public static func usual(startUs: Int64, slot: Int, tree: UInt64) -> UInt64? {
        let sinceUs = startUs &- epochUs
        guard sinceUs > 0, sinceUs < endUs, slot >= 0, slot < slots else { return nil }
        return UInt64(sinceUs) << 12 | UInt64(slot) << 1 | tree & 1
    }
}
