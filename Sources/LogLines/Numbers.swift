// Numbers and times of log lines, read from their digits.
internal import HTTPMessage

/// Decimal numbers.
enum Decimal {
    /// A whole number of 1 to 18 digits.
    @inline(__always)
    static func integer(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard end > start, end &- start <= 18 else { return nil }
        var value: Int64 = 0
        for offset in start..<end {
            let digit = line.byte(at: offset) &- 48
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }

    /// A number with or without a fraction and an exponent, times ten to the power of `scale`, cut to a whole number.
    static func scaled(_ line: RawSpan, _ start: Int, _ end: Int, _ scale: Int) -> Int64? {
        var (mantissa, power, digits) = (Int64(0), scale, 0)
        var offset = start
        var isFraction = false
        while offset < end {
            let byte = line.byte(at: offset)
            if byte == Ascii.dot, !isFraction {
                isFraction = true
            } else if byte &- 48 <= 9 {
                digits += 1
                // Eighteen digits are more than any clock has; the rest only moves the point.
                if mantissa < 100_000_000_000_000_000 {
                    mantissa = mantissa * 10 + Int64(byte - 48)
                    if isFraction { power -= 1 }
                } else if !isFraction {
                    power += 1
                }
            } else {
                break
            }
            offset += 1
        }
        guard digits > 0 else { return nil }
        if offset < end {
            guard line.byte(at: offset) | 0x20 == UInt8(ascii: "e"), offset + 1 < end else { return nil }
            let sign = line.byte(at: offset + 1)
            let isSigned = sign == Ascii.hyphen || sign == Ascii.plus
            guard let exponent = integer(line, offset + (isSigned ? 2 : 1), end), exponent < 100 else { return nil }
            power += sign == Ascii.hyphen ? -Int(exponent) : Int(exponent)
        }
        while power < 0, mantissa > 0 { (mantissa, power) = (mantissa / 10, power + 1) }
        while power > 0, mantissa > 0 {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            (mantissa, power) = (product, power - 1)
        }
        return mantissa
    }

    /// A moment since 1970 UTC in seconds, or, when that would lie beyond the year 5000, in milliseconds, microseconds
    /// or nanoseconds.
    static func unixMicroseconds(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard let whole = scaled(line, start, end, 0) else { return nil }
        let scales: [(Int64, Int)] = [(100_000_000_000, 6), (100_000_000_000_000, 3), (100_000_000_000_000_000, 0)]
        return scaled(line, start, end, scales.first { whole < $0.0 }?.1 ?? -3)
    }

    /// Two digits.
    @inline(__always)
    static func two(_ line: RawSpan, _ offset: Int) -> Int? {
        let (tens, ones) = (line.byte(at: offset) &- 48, line.byte(at: offset &+ 1) &- 48)
        return tens <= 9 && ones <= 9 ? Int(tens) &* 10 &+ Int(ones) : nil
    }

    /// The time of day in seconds of `HH:MM:SS`; a leap second is the one before it.
    @inline(__always)
    static func timeOfDay(_ line: RawSpan, _ offset: Int) -> Int64? {
        guard let hour = two(line, offset), let minute = two(line, offset &+ 3), let second = two(line, offset &+ 6),
            hour < 24, minute < 60, second <= 60, line.byte(at: offset &+ 2) == Ascii.colon,
            line.byte(at: offset &+ 5) == Ascii.colon
        else { return nil }
        return Int64(hour &* 3600 &+ minute &* 60 &+ min(second, 59))
    }

    /// Seconds east of UTC of `+HHMM` or `+HH:MM`.
    static func zone(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard end - start == 5 || end - start == 6 && line.byte(at: start + 3) == Ascii.colon,
            let hours = two(line, start + 1), let minutes = two(line, end - 2), hours < 24, minutes < 60
        else { return nil }
        let seconds = Int64(hours * 3600 + minutes * 60)
        switch line.byte(at: start) {
        case Ascii.plus: return seconds
        case Ascii.hyphen: return -seconds
        default: return nil
        }
    }

    /// Days since 1970 of a date that the calendar has.
    static func days(year: Int, month: Int, day: Int) -> Int64? {
        let date = CivilDate(year: year, month: month, day: day)
        return date.isValid ? Int64(date.daysSince1970) : nil
    }
}

/// Dates as Apache and nginx write them: `10/Oct/2000:13:55:36 -0700`. The day of the last one is kept, since the next
/// one is nearly always of the same.
struct CommonDates {
    private static let length = 26
    /// The eleven bytes of the day, as two words that overlap.
    /// Before the first they are words that do not overlap, which no line has.
    private var day: (UInt64, UInt64) = (0, .max)
    private var daySeconds: Int64 = 0
    /// Six bytes; before the first it has more.
    private var zone = UInt64.max
    private var zoneSeconds: Int64 = 0

    /// Microseconds since 1970 UTC.
    @inline(__always)
    mutating func microseconds(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard end &- start == Self.length else { return nil }
        let day = (line.word(at: start), line.word(at: start &+ 3))
        if day != self.day {
            guard let seconds = Self.daySeconds(line, start) else { return nil }
            (self.day, daySeconds) = (day, seconds)
        }
        // The last eight bytes: `36 -0700`; the upper six are the space and the zone.
        let zone = line.word(at: end &- 8) >> 16
        if zone != self.zone {
            guard line.byte(at: start + 20) == Ascii.space, let seconds = Decimal.zone(line, start + 21, end) else {
                return nil
            }
            (self.zone, zoneSeconds) = (zone, seconds)
        }
        guard line.byte(at: start &+ 11) == Ascii.colon, let time = Decimal.timeOfDay(line, start &+ 12) else {
            return nil
        }
        return (daySeconds &+ time &- zoneSeconds) &* 1_000_000
    }

    private static func daySeconds(_ line: RawSpan, _ start: Int) -> Int64? {
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard let day = Decimal.two(line, start), let century = Decimal.two(line, start + 7),
            let year = Decimal.two(line, start + 9),
            line.byte(at: start + 2) == UInt8(ascii: "/"), line.byte(at: start + 6) == UInt8(ascii: "/"),
            let month = months.firstIndex(where: { line.equals($0, from: start + 3, to: start + 6) })
        else { return nil }
        return Decimal.days(year: century * 100 + year, month: month + 1, day: day).map { $0 * 86_400 }
    }
}

/// Dates of RFC 3339: `2026-03-01T12:00:00.25Z`, `2026-03-01 12:00:00+02:00`; without a zone they are UTC.
enum ISODate {
    /// Microseconds since 1970 UTC.
    static func microseconds(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard end - start >= 19, let century = Decimal.two(line, start), let year = Decimal.two(line, start + 2),
            let month = Decimal.two(line, start + 5), let day = Decimal.two(line, start + 8),
            line.byte(at: start + 4) == Ascii.hyphen, line.byte(at: start + 7) == Ascii.hyphen,
            line.byte(at: start + 10) | 0x20 == UInt8(ascii: "t") || line.byte(at: start + 10) == Ascii.space,
            let days = Decimal.days(year: century * 100 + year, month: month, day: day),
            let time = Decimal.timeOfDay(line, start + 11)
        else { return nil }
        var offset = start + 19
        var fraction: Int64 = 0
        if offset < end, line.byte(at: offset) == Ascii.dot || line.byte(at: offset) == Ascii.comma {
            offset += 1
            var unit: Int64 = 100_000
            let first = offset
            while offset < end, line.byte(at: offset) &- 48 <= 9 {
                fraction += unit * Int64(line.byte(at: offset) - 48)
                unit /= 10
                offset += 1
            }
            if offset == first { return nil }
        }
        var zone: Int64 = 0
        if offset < end, !(offset + 1 == end && line.byte(at: offset) | 0x20 == UInt8(ascii: "z")) {
            guard let seconds = Decimal.zone(line, offset, end) else { return nil }
            zone = seconds
        }
        return (days * 86_400 + time - zone) * 1_000_000 + fraction
    }
}
