// The span of time that a report is about.
import Foundation

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
    /// A moment as ISO 8601 in UTC with milliseconds, as the views of the database write it.
    ///
    /// - Parameter us: Microseconds since 1970 UTC.
    /// - Returns: For example `2026-03-01T12:00:00.250Z`.
    public static func text(us: Int64) -> String {
        let second = us / 1_000_000
        let milliseconds = String(us / 1000 % 1000)
        let date = Date(timeIntervalSince1970: TimeInterval(second))
        return date.ISO8601Format().dropLast() + "." + String(repeating: "0", count: 3 - milliseconds.count)
            + milliseconds + "Z"
    }
}
