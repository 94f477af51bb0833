// Turns what a person says about time (--last 6h, --since 10:30, --until 2026-03-01) into a span.
public import Foundation
internal import HTTPMessage

/// A span, or a moment, that could not be understood.
public struct SpanError: Error, Equatable, CustomStringConvertible {
    /// What was given, why it is wrong, and what would be right; one line.
    public let description: String

    /// Makes an error from its text.
    public init(_ description: String) {
        self.description = description
    }
}

/// Understands spans of time.
public struct SpanParser {
    /// The present, in microseconds since 1970 UTC.
    public let nowUs: Int64

    /// What times without a zone mean; `nil`: the zone of this machine.
    private let timeZone: TimeZone?

    /// Makes a parser for the zone of this machine.
    ///
    /// - Parameter nowUs: The present, in microseconds since 1970 UTC.
    public init(nowUs: Int64) {
        self.nowUs = nowUs
        timeZone = nil
    }

    /// Makes a parser.
    ///
    /// - Parameters:
    ///   - nowUs: The present, in microseconds since 1970 UTC.
    ///   - timeZone: What times without a zone mean.
    public init(nowUs: Int64, timeZone: TimeZone) {
        self.nowUs = nowUs
        self.timeZone = timeZone
    }

    /// The calendar of the zone: made when it is asked, for a length of time needs none, and the zones are read first.
    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone ?? .current
        return calendar
    }

    /// Makes a parser.
    ///
    /// - Parameters:
    ///   - nowUs: The present, in microseconds since 1970 UTC.
    ///   - zone: What times without a zone mean: a name of the zone database, or a distance from UTC such as `+02:00`;
    ///   `nil`: the zone of this machine.
    /// - Throws: ``SpanError`` when there is no such zone.
    public init(nowUs: Int64, zone: String?) throws {
        guard let zone else {
            self.init(nowUs: nowUs)
            return
        }
        let isDistance = zone.hasPrefix("+") || zone.hasPrefix("-")
        let found =
            isDistance
            ? WrittenTime.zoneSeconds(zone).flatMap { TimeZone(secondsFromGMT: $0) } : TimeZone(identifier: zone)
        guard let found else {
            throw SpanError("--tz \(zone): expected UTC, a distance such as +02:00, or a name such as Europe/Berlin")
        }
        self.init(nowUs: nowUs, timeZone: found)
    }

    /// A day from its midnight to the next one.
    ///
    /// - Parameter distance: 0: today; -1: yesterday.
    public func day(_ distance: Int) throws -> TimeSpan {
        let now = Date(timeIntervalSince1970: Double(nowUs) / 1e6)
        let calendar = calendar
        guard let date = calendar.date(byAdding: .day, value: distance, to: now),
            let day = calendar.dateInterval(of: .day, for: date)
        else { throw SpanError("the calendar has no such day") }
        return TimeSpan(
            sinceUs: Int64(day.start.timeIntervalSince1970) * 1_000_000,
            untilUs: Int64(day.end.timeIntervalSince1970) * 1_000_000)
    }

    /// A length such as `15m` in seconds.
    ///
    /// - Throws: ``SpanError`` that names the option.
    public func lengthSeconds(_ text: String, option: String) throws -> Int64 {
        try length(text, option: option) / 1_000_000
    }

    /// The span that the options `--last`, `--since` and `--until` describe.
    ///
    /// - Parameters:
    ///   - last: A length such as `6h`, which ends at `until` or now.
    ///   - since: The first moment.
    ///   - until: The moment after the last.
    ///   - otherwise: The length in seconds that holds when neither `last` nor `since` is given; `nil`: no first
    ///   moment.
    /// - Returns: The span; without `until` it has no end.
    /// - Throws: ``SpanError`` when a part cannot be understood or the span is empty.
    public func span(last: String?, since: String?, until: String?, otherwise: Int64?) throws -> TimeSpan {
        if last != nil && since != nil {
            throw SpanError("--last and --since both say where the span begins; give one of them")
        }
        let untilUs = try until.map { try moment($0, option: "--until") }
        let lengthUs = try last.map { try length($0) } ?? otherwise.map { $0 * 1_000_000 }
        let sinceUs = try since.map { try moment($0, option: "--since") } ?? lengthUs.map { (untilUs ?? nowUs) - $0 }
        if let sinceUs, let untilUs, sinceUs >= untilUs {
            throw SpanError(
                "the span is empty: it begins \(ISOTime.text(us: sinceUs)), not before its end")
        }
        return TimeSpan(sinceUs: sinceUs, untilUs: untilUs)
    }

    /// A length such as `15m` in microseconds; at most 100 years.
    func length(_ text: String, option: String = "--last") throws -> Int64 {
        let unit: Int64 =
            switch text.utf8.last {
            case UInt8(ascii: "s"): 1
            case UInt8(ascii: "m"): 60
            case UInt8(ascii: "h"): 3600
            case UInt8(ascii: "d"): 86_400
            case UInt8(ascii: "w"): 604_800
            default: 0
            }
        guard unit > 0, let count = Int64(text.dropLast()), count > 0, count <= 100 * 366 * 86_400 / unit
        else {
            throw SpanError(
                "\(option) \(text): expected a number and one of s, m, h, d, w, such as 15m, 6h or 7d")
        }
        return count * unit * 1_000_000
    }

    /// A moment in microseconds since 1970 UTC: `HH:MM[:SS]` (the latest such time), or ISO 8601 with or without a
    /// zone.
    func moment(_ text: String, option: String) throws -> Int64 {
        guard let us = WrittenTime(text).flatMap({ moment($0) }) else {
            throw SpanError(
                "\(option) \(text): expected HH:MM, YYYY-MM-DD, YYYY-MM-DDTHH:MM[:SS], or the last with Z "
                    + "or a zone such as +02:00")
        }
        return us
    }

    private func moment(_ time: WrittenTime) -> Int64? {
        guard let date = time.date else { return latest(time) }
        let microsecond = Int64(time.microsecond)
        if let zoneSeconds = time.zoneSeconds {
            let timeOfDay = time.hour * 3600 + time.minute * 60 + time.second
            return Int64(date.daysSince1970 * 86_400 + timeOfDay - zoneSeconds) * 1_000_000 + microsecond
        }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (date.year, date.month, date.day)
        (parts.hour, parts.minute, parts.second) = (time.hour, time.minute, time.second)
        return calendar.date(from: parts).map { Int64($0.timeIntervalSince1970) * 1_000_000 + microsecond }
    }

    /// The latest moment up to now that has a time of day.
    private func latest(_ time: WrittenTime) -> Int64? {
        let now = Date(timeIntervalSince1970: Double(nowUs) / 1e6)
        let calendar = calendar
        for day in [0, -1] {
            guard let date = calendar.date(byAdding: .day, value: day, to: now),
                let moment = calendar.date(
                    bySettingHour: time.hour, minute: time.minute, second: time.second, of: date)
            else { return nil }
            if moment <= now { return Int64(moment.timeIntervalSince1970) * 1_000_000 }
        }
        return nil
    }
}
