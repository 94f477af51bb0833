// Reading the three date formats that RFC 9110 section 5.6.7 obliges a recipient to accept.

extension HTTPDate {
    /// Reads a date: the preferred form, that of RFC 850, or that of C's `asctime`.
    ///
    /// Letters must have the case of the RFC; the day of the week must be one, but is not compared with the date. A
    /// leap second counts as the first second of the next minute. What `format` can't write is none: the year 0.
    ///
    /// - Parameters:
    ///   - bytes: the date alone.
    ///   - now: seconds since 1970-01-01 UTC. A two-digit year that seems to lie more than 50 years after it is taken
    ///     a century back. Without it, 00 to 69 are 2000 to 2069 and 70 to 99 are 1970 to 1999, as in POSIX.
    /// - Returns: seconds since 1970-01-01 00:00:00 UTC; nil if it is none of the three.
    public static func parse(_ bytes: RawSpan, now: Int64? = nil) -> Int64? {
        var reader = DateReader(bytes)
        let date: CivilDate?
        if bytes.byteCount == byteCount && bytes.byte(at: 3) == Ascii.comma {
            date = reader.preferred()
        } else if bytes.byteCount == 24 && bytes.byte(at: 3) == Ascii.space {
            date = reader.asctime()
        } else {
            date = reader.rfc850(now: now)
        }
        guard let date, date.year > 0, date.isValid, reader.isAtEnd, let secondOfDay = reader.secondOfDay else {
            return nil
        }
        let seconds = Int64(date.daysSince1970 * 86_400 + secondOfDay)
        return writable.contains(seconds) ? seconds : nil
    }
}

/// Takes a date apart from left to right; what doesn't fit leaves it in a state that isn't the end.
private struct DateReader: ~Escapable {
    private let bytes: RawSpan
    private var offset = 0
    private(set) var secondOfDay: Int?

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.byteCount }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func preferred() -> CivilDate? {
        guard name(of: HTTPDate.weekdays) != nil, skip(", "), let day = number(2), skip(" "),
            let month = name(of: HTTPDate.months), skip(" "), let year = number(4), skip(" "), time(), skip(" GMT")
        else { return nil }
        return CivilDate(year: year, month: month + 1, day: day)
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    mutating func rfc850(now: Int64?) -> CivilDate? {
        guard let weekday = name(of: HTTPDate.weekdays), skip(Self.weekdayEnds[weekday]), skip(", "),
            let day = number(2), skip("-"), let month = name(of: HTTPDate.months), skip("-"), let year = number(2),
            skip(" "), time(), skip(" GMT")
        else { return nil }
        return CivilDate(year: Self.fullYear(year, now: now), month: month + 1, day: day)
    }

    /// `Sun Nov  6 08:49:37 1994`.
    mutating func asctime() -> CivilDate? {
        guard name(of: HTTPDate.weekdays) != nil, skip(" "), let month = name(of: HTTPDate.months), skip(" "),
            let day = skip(" ") ? number(1) : number(2), skip(" "), time(), skip(" "), let year = number(4)
        else { return nil }
        return CivilDate(year: year, month: month + 1, day: day)
    }

    private static let weekdayEnds = ["day", "day", "sday", "nesday", "rsday", "day", "urday"]

    private static func fullYear(_ year: Int, now: Int64?) -> Int {
        guard let now else { return year < 70 ? 2_000 + year : 1_900 + year }
        let thisYear = CivilDate(daysSince1970: Int(now / 86_400)).year
        let candidate = thisYear / 100 * 100 + year
        if candidate > thisYear + 50 { return candidate - 100 }
        return candidate <= thisYear - 50 ? candidate + 100 : candidate
    }

    /// `08:49:37`.
    private mutating func time() -> Bool {
        guard let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            hour < 24, minute < 60, second <= 60
        else { return false }
        secondOfDay = hour * 3_600 + minute * 60 + second
        return true
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard offset + digits <= bytes.byteCount else { return nil }
        var number = 0
        for _ in 0..<digits {
            let digit = bytes.byte(at: offset) &- Ascii.zero
            if digit > 9 { return nil }
            number = number * 10 + Int(digit)
            offset += 1
        }
        return number
    }

    private mutating func name(of names: [[UInt8]]) -> Int? {
        guard offset + 3 <= bytes.byteCount else { return nil }
        for (index, name) in names.enumerated()
        where bytes.byte(at: offset) == name[0] && bytes.byte(at: offset + 1) == name[1]
            && bytes.byte(at: offset + 2) == name[2]
        {
            offset += 3
            return index
        }
        return nil
    }

    private mutating func skip(_ text: String) -> Bool {
        let count = text.utf8.count
        guard offset + count <= bytes.byteCount, bytes.extracting(offset..<offset + count).isEqual(to: text) else {
            return false
        }
        offset += count
        return true
    }
}
