// Dates as HTTP writes and reads them (RFC 9110 section 5.6.7).

/// Dates as HTTP writes and reads them (RFC 9110 section 5.6.7): English, in GMT, to the second.
public enum HTTPDate {
    /// The length of what `format` writes, in bytes.
    public static let byteCount = 29

    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].map { Array($0.utf8) }
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .map { Array($0.utf8) }

    /// The seconds of 0001-01-01 00:00:00 and 9999-12-31 23:59:59: the years that four digits can write.
    static let writable: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Appends a date in the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Parameters:
    ///   - unixSeconds: seconds since 1970-01-01 00:00:00 UTC; taken to the nearest year from 1 to 9999.
    ///   - bytes: gets 29 bytes more.
    public static func format(unixSeconds: Int64, into bytes: inout [UInt8]) {
        let seconds = Int(min(max(unixSeconds, writable.lowerBound), writable.upperBound))
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        // 1970-01-01 was a Thursday; the added weeks keep the remainder positive.
        bytes.append(contentsOf: weekdays[(days + 4 + 7 * 200_000) % 7])
        bytes.append(Ascii.comma)
        bytes.append(Ascii.space)
        appendTwoDigits(date.day, to: &bytes)
        bytes.append(Ascii.space)
        bytes.append(contentsOf: months[date.month - 1])
        bytes.append(Ascii.space)
        appendTwoDigits(date.year / 100, to: &bytes)
        appendTwoDigits(date.year % 100, to: &bytes)
        bytes.append(Ascii.space)
        appendTwoDigits(time / 3_600, to: &bytes)
        bytes.append(Ascii.colon)
        appendTwoDigits(time / 60 % 60, to: &bytes)
        bytes.append(Ascii.colon)
        appendTwoDigits(time % 60, to: &bytes)
        for byte in " GMT".utf8 { bytes.append(byte) }
    }

    /// A date in the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Parameter unixSeconds: seconds since 1970-01-01 00:00:00 UTC; taken to the nearest year from 1 to 9999.
    /// - Returns: 29 characters.
    public static func format(unixSeconds: Int64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        format(unixSeconds: unixSeconds, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func appendTwoDigits(_ number: Int, to bytes: inout [UInt8]) {
        bytes.append(Ascii.zero + UInt8(number / 10))
        bytes.append(Ascii.zero + UInt8(number % 10))
    }
}
