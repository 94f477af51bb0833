// What --last, --since and --until understand, and what they refuse.
import Foundation
import LogStore
import Testing

@Suite struct SpanParserTests {
    /// 2026-03-01T12:00:00Z is 13:00 in Berlin.
    private let parser: SpanParser

    init() throws {
        parser = SpanParser(nowUs: FixtureLog.noonUs, timeZone: try #require(TimeZone(identifier: "Europe/Berlin")))
    }

    private func since(_ text: String) throws -> String? {
        try parser.span(last: nil, since: text, until: nil, otherwise: nil).sinceUs.map(ISOTime.text)
    }

    @Test(arguments: [("90s", 90), ("15m", 900), ("6h", 21_600), ("7d", 604_800), ("2w", 1_209_600)])
    func last_isALengthUntilNow(_ text: String, _ seconds: Int64) throws {
        let span = try parser.span(last: text, since: nil, until: nil, otherwise: 1)
        #expect(span == TimeSpan(sinceUs: FixtureLog.noonUs - seconds * 1_000_000))
    }

    @Test func last_endsAtUntil() throws {
        let span = try parser.span(last: "1h", since: nil, until: "2026-02-01T00:00Z", otherwise: nil)
        #expect(span.sinceUs.map(ISOTime.text) == "2026-01-31T23:00:00.000Z")
        #expect(span.untilUs.map(ISOTime.text) == "2026-02-01T00:00:00.000Z")
    }

    @Test(arguments: [
        ("2026-02-28", "2026-02-27T23:00:00.000Z"), ("2026-02-28T10:30", "2026-02-28T09:30:00.000Z"),
        ("2026-02-28 10:30:15.5", "2026-02-28T09:30:15.500Z"), ("2026-02-28T10:30Z", "2026-02-28T10:30:00.000Z"),
        ("2026-02-28T10:30:00+05:30", "2026-02-28T05:00:00.000Z"),
        ("2026-02-28T10:30-0800", "2026-02-28T18:30:00.000Z"),
        ("2025-07-01T00:00", "2025-06-30T22:00:00.000Z"), ("10:30", "2026-03-01T09:30:00.000Z"),
        ("13:00", "2026-03-01T12:00:00.000Z"), ("13:00:01", "2026-02-28T12:00:01.000Z"),
        ("9:05", "2026-03-01T08:05:00.000Z"), ("2026-02-28T10:30:00.0019999Z", "2026-02-28T10:30:00.001Z"),
        ("2026-02-28T10:30:15+02", "2026-02-28T08:30:15.000Z"), ("2024-02-29T00:00Z", "2024-02-29T00:00:00.000Z"),
        ("2026-02-28T10:30-18:00", "2026-03-01T04:30:00.000Z"), ("0001-01-01T00:00Z", "0001-01-01T00:00:00.000Z"),
    ])
    func moments_areLocalUnlessTheyNameAZone(_ text: String, _ expected: String) throws {
        #expect(try since(text) == expected)
    }

    @Test(arguments: [
        "", "yesterday", "25:00", "2026-13-01", "2026-02-30", "2026-02-28T24:01", "2026-02-28T10:30+99:99 ",
        "2026-02-29", "2026-2-28", "2026-02-28T", "2026-02-28T9:30", "2026-02-28T10:30:", "2026-02-28T10:30:60",
        "2026-02-28T10:30:15.", "2026-02-28T10:30.5", "2026-02-28T10:30+18:01", "2026-02-28T10:30+2", "10:30Z", "10:60",
        "10:30:15.5", "1030", ":30", "\u{661}0:30", "2026-02-28T10:30ZZ",
    ])
    func nonsense_isRefused(_ text: String) {
        #expect(throws: SpanError.self) { try since(text) }
    }

    @Test(arguments: ["", "5", "m", "-5m", "0h", "1y", "1.5h", "99999999999999999999d", "99999999d"])
    func lengthsThatAreNone_areRefused(_ text: String) {
        #expect(throws: SpanError.self) { try parser.span(last: text, since: nil, until: nil, otherwise: nil) }
    }

    @Test(arguments: [("+02:00", 7_200), ("-0330", -12_600), ("+05", 18_000), ("UTC", 0)])
    func zones_areNamesOrDistances(_ zone: String, _ eastSeconds: Int64) throws {
        let parser = try SpanParser(nowUs: FixtureLog.noonUs, zone: zone)
        let span = try parser.span(last: nil, since: "2026-03-01", until: nil, otherwise: nil)
        #expect(span.sinceUs == FixtureLog.noonUs - (43_200 + eastSeconds) * 1_000_000)
    }

    @Test(arguments: ["", "+", "+2", "+02:0", "+02:000", "+19", "-18:01", "+99:99", "Z+02", "Mars/Olympus"])
    func zonesThatAreNone_areRefused(_ zone: String) {
        #expect(throws: SpanError.self) { try SpanParser(nowUs: FixtureLog.noonUs, zone: zone) }
    }

    @Test func contradictions_areRefused() {
        #expect(throws: SpanError.self) { try parser.span(last: "1h", since: "10:00", until: nil, otherwise: nil) }
        #expect(throws: SpanError.self) { try parser.span(last: nil, since: "10:00", until: "09:00", otherwise: nil) }
    }

    @Test func withoutOptions_theUsualSpanHolds() throws {
        let span = try parser.span(last: nil, since: nil, until: nil, otherwise: 86_400)
        #expect(span == TimeSpan(sinceUs: FixtureLog.noonUs - 86_400_000_000))
        #expect(try parser.span(last: nil, since: nil, until: nil, otherwise: nil) == .all)
    }

    @Test func keys_ofMomentsBeforeAndAfterTheFormat() {
        #expect(TimeSpan(sinceUs: 0).sinceID == 0)
        #expect(TimeSpan(sinceUs: Int64.min).sinceID == 0)
        #expect(TimeSpan(untilUs: Int64.max).untilID == Int64.max)
        let id = DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs)
        #expect(DatabaseFormat.unixMicroseconds(ofID: id + 255) == FixtureLog.noonUs)
    }
}
