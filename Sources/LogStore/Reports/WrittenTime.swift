// Reads times as people write them on a command line: a date in ISO 8601, a time of day, a zone.
internal import HTTPMessage

/// A date with or without a time of day and a zone (`2026-03-01T12:00:00.5+02:00`), or a time of day alone (`9:30`).
struct WrittenTime {
    /// `nil`: it is a time of day.
    private(set) var date: CivilDate?
    private(set) var hour = 0
    private(set) var minute = 0
    private(set) var second = 0
    private(set) var microsecond = 0

    /// Seconds east of UTC; `nil`: it names no zone.
    private(set) var zoneSeconds: Int?

    /// No zone is farther from UTC.
    private static let zoneLimitSeconds = 18 * 3600

    /// Understands a text; `nil`: it is no time, or one that no clock shows.
    init?(_ text: String) {
        var text = TimeText(text)
        if let year = text.number(digits: 4) {
            guard let date = Self.date(year: year, &text) else { return nil }
            self.date = date
            if text.isAtEnd { return }
            guard text.take("T") || text.take(" "), let hour = text.number(digits: 2) else { return nil }
            self.hour = hour
        } else {
            guard let hour = text.number(digits: 2) ?? text.number(digits: 1) else { return nil }
            self.hour = hour
        }
        guard text.take(":"), let minute = text.number(digits: 2) else { return nil }
        self.minute = minute
        if text.take(":") {
            guard let second = text.number(digits: 2) else { return nil }
            self.second = second
            if date != nil, text.take(".") {
                guard let microsecond = text.microseconds() else { return nil }
                self.microsecond = microsecond
            }
        }
        if date != nil, !text.isAtEnd {
            guard let zone = Self.zone(&text) else { return nil }
            zoneSeconds = zone
        }
        guard text.isAtEnd, hour < 24, minute < 60, second < 60 else { return nil }
    }

    /// Seconds east of UTC of a zone such as `+02`, `+0200` or `+02:00`; `nil`: it is no such zone.
    static func zoneSeconds(_ text: String) -> Int? {
        var text = TimeText(text)
        guard let seconds = zone(&text), text.isAtEnd else { return nil }
        return seconds
    }

    private static func date(year: Int, _ text: inout TimeText) -> CivilDate? {
        guard text.take("-"), let month = text.number(digits: 2), text.take("-"), let day = text.number(digits: 2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        return date.isValid ? date : nil
    }

    private static func zone(_ text: inout TimeText) -> Int? {
        if text.take("Z") { return 0 }
        let isWest = text.take("-")
        guard isWest || text.take("+"), let hours = text.number(digits: 2) else { return nil }
        var minutes = 0
        if !text.isAtEnd {
            _ = text.take(":")
            guard let number = text.number(digits: 2) else { return nil }
            minutes = number
        }
        let seconds = hours * 3600 + minutes * 60
        return seconds > zoneLimitSeconds ? nil : isWest ? -seconds : seconds
    }
}

/// A text that is read from its beginning: digits and what stands between them.
private struct TimeText {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = Array(text.utf8)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a character if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes a number of so many digits.
    mutating func number(digits: Int) -> Int? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy(VaryingWord.isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Takes the digits of a fraction of a second; those after the sixth count for nothing.
    mutating func microseconds() -> Int? {
        let digits = rest.prefix(while: VaryingWord.isDigit)
        if digits.isEmpty { return nil }
        rest = rest.dropFirst(digits.count)
        var number = 0
        for place in 0..<6 {
            let digit = place < digits.count ? digits[digits.startIndex + place] - UInt8(ascii: "0") : 0
            number = number * 10 + Int(digit)
        }
        return number
    }
}
