// The span of time that a report is about.
internal import HTTPMessage

/// A half-open span of time; a bound that is `nil` does not limit.
public struct TimeSpan: Sendable, Equatable {
    /// The first moment, in microseconds since 1970 UTC.
    public var sinceUs: Int64?

    /// The moment after the last, in microseconds since 1970 UTC.
    public var untilUs: Int64?

    /// Makes a span from its bounds, in microseconds since 1970 UTC.
    public init(sinceUs: Int64? = nil, untilUs: Int64? = nil) {
        self.sinceUs = sinceUs
        self.untilUs = untilUs
    }

    /// All time.
    public static let all = TimeSpan()

    /// The first key of the span.
    public var sinceID: Int64 {
        sinceUs.map(DatabaseFormat.firstID(atUnixMicroseconds:)) ?? 0
    }

    /// The key after the last of the span.
    public var untilID: Int64 {
        untilUs.map(DatabaseFormat.firstID(atUnixMicroseconds:)) ?? Int64.max
    }

    /// The keys of the span; none when its bounds are the wrong way round.
    var keys: Range<Int64> { sinceID..<max(sinceID, untilID) }
}

/// Moments as text.
public enum ISOTime {
    private static let dayUs: Int64 = 86_400_000_000
    /// What has a year of four digits: the years 1 to 9999.
    private static let years = -62_135_596_800_000_000...253_402_300_799_999_999 as ClosedRange<Int64>

    /// A moment as ISO 8601 in UTC with milliseconds, as the views of the database write it.
    ///
    /// - Parameter us: Microseconds since 1970 UTC; beyond the years 1 to 9999 the nearest moment in them counts.
    /// - Returns: For example `2026-03-01T12:00:00.250Z`.
    public static func text(us: Int64) -> String { String(decoding: bytes(us: us), as: UTF8.self) }

    /// The same as bytes, for long lists.
    static func bytes(us: Int64) -> [UInt8] {
        let us = min(max(us, years.lowerBound), years.upperBound)
        let day = us / dayUs - (us % dayUs < 0 ? 1 : 0)
        let milliseconds = Int((us - day * dayUs) / 1000)
        let date = CivilDate(daysSince1970: Int(day))
        var text = Array("0000-00-00T00:00:00.000Z".utf8)
        put(date.year, in: 0..<4, of: &text)
        put(date.month, in: 5..<7, of: &text)
        put(date.day, in: 8..<10, of: &text)
        put(milliseconds / 3_600_000, in: 11..<13, of: &text)
        put(milliseconds / 60_000 % 60, in: 14..<16, of: &text)
        put(milliseconds / 1000 % 60, in: 17..<19, of: &text)
        put(milliseconds % 1000, in: 20..<23, of: &text)
        return text
    }

    private static func put(_ number: Int, in places: Range<Int>, of text: inout [UInt8]) {
        var rest = number
        for place in places.reversed() {
            text[place] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }
}
