// The time of day, as reports and spans need it.
import Foundation

/// The time of day.
public enum WallClock {
    /// Microseconds since 1970 UTC.
    public static func nowUs() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1e6)
    }
}
