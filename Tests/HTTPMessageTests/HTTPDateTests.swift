// Dates: the three formats, the calendar, and what is none of them.
import FuzzTargets
import HTTPMessage
import Testing

@Suite("Dates")
struct HTTPDateTests {
    static func parse(_ text: String, now: Int64? = nil) -> Int64? { HTTPDate.parse(text.utf8.span.octets, now: now) }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func known(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == text)
        #expect(Self.parse(text) == seconds)
    }

    @Test func beyondFourDigitsIsTheNearest() {
        #expect(HTTPDate.format(unixSeconds: .max) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate.format(unixSeconds: .min) == "Mon, 01 Jan 0001 00:00:00 GMT")
    }

    @Test("formatting appends to what is there")
    func appends() {
        var bytes = Array("Date: ".utf8)
        HTTPDate.format(unixSeconds: 0, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "Date: Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(bytes.count == 6 + HTTPDate.byteCount)
    }

    @Test func roundTrips() {
        // A prime step of about 5 days meets all hours, weekdays and months over 600 years.
        for seconds in stride(from: Int64(-9_000_000_000), to: 9_000_000_000, by: 433_497) {
            #expect(Self.parse(HTTPDate.format(unixSeconds: seconds)) == seconds)
        }
    }

    @Test func calendarIsWithoutGaps() {
        var expected = CivilDate(year: 1896, month: 1, day: 1)
        for day in expected.daysSince1970..<CivilDate(year: 2105, month: 1, day: 1).daysSince1970 {
            let date = CivilDate(daysSince1970: day)
            #expect(date == expected && date.daysSince1970 == day && date.isValid)
            expected.day += 1
            if !expected.isValid { (expected.day, expected.month) = (1, expected.month + 1) }
            if !expected.isValid { (expected.month, expected.year) = (1, expected.year + 1) }
        }
        #expect(CivilDate(year: 1900, month: 2, day: 29).isValid == false)
        #expect(CivilDate(year: 2000, month: 2, day: 29).isValid)
    }

    @Test(arguments: [
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
        ("Wed Nov 16 08:49:37 1994", 784_975_777), ("Wednesday, 16-Nov-94 08:49:37 GMT", 784_975_777),
        ("Thursday, 01-Jan-70 00:00:00 GMT", 0), ("Monday, 06-Nov-00 00:00:00 GMT", 973_468_800),
        ("Fri, 31 Dec 2010 23:59:60 GMT", 1_293_840_000),
    ])
    func obsoleteFormats(_ text: String, _ seconds: Int64) {
        #expect(Self.parse(text) == seconds)
    }

    @Test("two digits of a year lie within 50 years of now (RFC 9110 section 5.6.7)")
    func twoDigitYears() {
        let now: Int64 = 1_763_800_000  // 2025
        #expect(Self.parse("Sunday, 06-Nov-75 00:00:00 GMT", now: now) == Self.parse("Sun, 06 Nov 2075 00:00:00 GMT"))
        #expect(Self.parse("Sunday, 06-Nov-76 00:00:00 GMT", now: now) == Self.parse("Sun, 06 Nov 1976 00:00:00 GMT"))
        let later: Int64 = 3_660_000_000  // 2085
        #expect(Self.parse("Sunday, 06-Nov-30 00:00:00 GMT", now: later) == Self.parse("Sun, 06 Nov 2130 00:00:00 GMT"))
    }

    @Test(arguments: [
        "", "0", "Sun", "Sun,", "now", "784111777", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Fri, 31 Dec 0000 23:59:59 GMT", "Fri, 31 Dec 0000 23:59:60 GMT", "Fri, 31 Dec 9999 23:59:60 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Okt 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 29 Feb 2023 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Nov 1994 +8:49:37 GMT", "Sun; 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT", "Sonday, 06-Nov-94 08:49:37 GMT",
        "Wedday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 94", "Sun Nov 06  08:49:37 1994", "Sun Nov  66 08:49:37 199", "Sun Nov  6 08:49:37 1994 ",
        "Sun Nov 6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GM\u{0}", "\u{0}un, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    ])
    func garbage(_ text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test("a date with one byte changed is a date only if that byte is part of a number or a name")
    func mutilated() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            for offset in text.utf8.indices.map({ text.utf8.distance(from: text.startIndex, to: $0) }) {
                for byte in UInt8.min...UInt8.max {
                    var bytes = Array(text.utf8)
                    bytes[offset] = byte
                    let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
                    if HTTPDate.parse(bytes.span.octets) != nil, bytes != Array(text.utf8) {
                        #expect(isNumber || isLetter, "\(escape(bytes))")
                    }
                }
            }
        }
    }
}
