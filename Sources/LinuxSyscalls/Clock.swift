// The clocks: one that never jumps for durations, one that people read, and local time for log lines.
internal import Glibc

/// Readings of the system's clocks. Only that of the processor makes a system call on Linux (vDSO). The C function is `clock_gettime`.
public enum Clock {
    /// Nanoseconds on a clock that only rises and does not stop in suspend of the process: for durations and deadlines.
    public static func monotonicNs() -> Int64 {
        read(CLOCK_MONOTONIC)
    }

    /// Microseconds since 1970-01-01 UTC: for what people read. May jump.
    public static func realtimeUs() -> Int64 {
        read(CLOCK_REALTIME) / 1_000
    }

    /// Nanoseconds that all threads of this process have run.
    public static func processorNs() -> Int64 {
        read(CLOCK_PROCESS_CPUTIME_ID)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// A moment in the machine's time zone. The corresponding C function is `localtime_r`.
    public static func localTime(unixSeconds: Int64) -> LocalTime {
        var seconds = time_t(unixSeconds)
        var parts = unsafe tm()
        _ = unsafe localtime_r(&seconds, &parts)
        return unsafe LocalTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour),
            minute: Int(parts.tm_min), second: Int(parts.tm_sec), offsetSeconds: Int(parts.tm_gmtoff))
    }
}

/// A moment split into the fields of a calendar in some time zone.
public struct LocalTime: Sendable, Equatable {
    /// The year, for example 2026.
    public let year: Int
    /// The month, 1…12.
    public let month: Int
    /// The day of the month, 1…31.
    public let day: Int
    /// The hour, 0…23.
    public let hour: Int
    /// The minute, 0…59.
    public let minute: Int
    /// The second, 0…60.
    public let second: Int
    /// Seconds east of UTC.
    public let offsetSeconds: Int
}
