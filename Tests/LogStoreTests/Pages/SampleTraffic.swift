// Answers for pages: a week with days and nights, an outage and an hour of errors; and what is rare, empty or hostile.

@testable import LogStore

/// Numbers that look random and are the same in each run (SplitMix64).
struct SampleNumbers: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// Answers made of nothing.
struct SampleTraffic {
    static let nowUs = FixtureLog.noonUs + 7 * 86_400_000_000 - 1_234_000_000

    /// The page of an answer.
    static func page(_ traffic: Traffic, hours: Int64 = 7 * 24, isLive: Bool = false) -> TrafficPage {
        TrafficPage(
            TrafficPage.Contents(traffic: traffic, panels: [messages]), names: ["access.db"],
            address: PageAddress("/", [PageAddress.Item("last", "\(hours)h")]),
            span: TimeSpan(sinceUs: nowUs - hours * 3_600_000_000), nowUs: nowUs, isLive: isLive)
    }

    /// A week of requests in hours, with lists of twenty lines each.
    static func week(hostile: Bool = false) -> Traffic {
        var numbers = SampleNumbers()
        var traffic = Traffic()
        let firstUs = (nowUs - 7 * 86_400_000_000) / 3_600_000_000 * 3_600_000_000
        for hour in 0..<169 {
            var step = TrafficStep(startUs: firstUs + Int64(hour) * 3_600_000_000, summary: TrafficSummary())
            // Three hours without a server.
            if !(60..<63).contains(hour) {
                let day = [2, 1, 1, 1, 2, 3, 5, 8, 12, 15, 17, 18, 17, 18, 18, 17, 15, 13, 11, 10, 8, 6, 4, 3]
                for _ in 0..<(day[hour % 24] * 20) {
                    step.summary.add(&numbers, isBroken: (110..<113).contains(hour))
                }
            }
            traffic.total.merge(step.summary)
            traffic.steps.append(step)
        }
        for field in PageList.shown { traffic.lists[field] = lines(field, hostile: hostile) }
        traffic.cost.rows = Int(traffic.total.counts.requests)
        traffic.cost.newestUs = nowUs - 300_000
        return traffic
    }

    static let hostileTexts = [
        "/<script>alert(1)</script>", "/\u{202E}gnp.exe", "/\u{0}\u{1B}[2J\n\r\t", "/\"onload='x'", "/日本語/ü",
        "/&lt;b&gt;", "/" + String(repeating: "&", count: 5_000), "/e" + String(repeating: "\u{301}", count: 3_000),
        "=cmd|'/c calc'!A1", "/مرحبا", "]]>-->", "/" + String(repeating: "\"", count: 500),
    ]

    static func lines(_ field: TrafficField, hostile: Bool) -> [TrafficLine] {
        let names: [String] =
            switch field {
            case .status: ["200", "304", "404", "500", "301"]
            case .method: ["GET", "POST", "HEAD"]
            case .outcome: ["ok", "aborted", "timeout"]
            case .host: ["example.org", "www.example.org"]
            case .client: (0..<19).map { "192.0.2.\($0)" }
            case .agent: (0..<19).map { "Mozilla/5.0 (X11; Linux x86_64; rv:1\($0).0) Gecko/20100101 Firefox/1\($0).0" }
            default: (0..<19).map { "/articles/2026/\($0)/how-to-serve" }
            }
        let texts = hostile ? hostileTexts + names.prefix(max(0, 20 - hostileTexts.count)) : names
        var lines = texts.enumerated().map { index, text in
            var counts = TrafficCounts()
            counts.add(status: 200, outcome: 0, bytesIn: 100, bytesOut: 123_456_789, durationUs: 1_500)
            counts.requests = Int64(20_000 / (index + 1))
            counts.status5xx = Int64(index % 3)
            return TrafficLine(key: .text(Array(text.utf8)), counts: counts, latency: nil)
        }
        if hostile { lines.append(TrafficLine(key: .text([0x2F, 0xFF, 0xC3]), counts: TrafficCounts(), latency: nil)) }
        lines.append(TrafficLine(key: .none, counts: TrafficCounts(), latency: nil))
        return lines + [TrafficLine(key: .others, counts: TrafficCounts(), latency: nil)]
    }

    static let messages = ReportPanel(
        "errors", columns: ["last_seen", "level", "count", "message"],
        rows: [["2026-03-08T11:00:00.000Z", "error", 3, "code 500, message <b>Internal</b> Server Error"]],
        key: "message")
}

extension TrafficSummary {
    /// Adds a request: most are quick, some wait for a disk, and what is broken takes seconds.
    mutating func add(_ numbers: inout SampleNumbers, isBroken: Bool) {
        let kind = Int.random(in: 0..<100, using: &numbers)
        let spread = Double.random(in: 0..<1, using: &numbers) + Double.random(in: 0..<1, using: &numbers)
        var durationUs = Int64(80 * (1 + 8 * spread * spread))
        if kind > 80 { durationUs = Int64(20_000 * (1 + spread)) }
        if kind == 99 { durationUs *= 20 }
        if isBroken { durationUs *= 30 }
        let status: Int64 =
            isBroken && kind < 30 || kind == 98 && spread > 1.8 ? 503 : kind < 86 ? 200 : kind < 93 ? 304 : 404
        counts.add(status: status, outcome: 0, bytesIn: 300, bytesOut: 14_000, durationUs: durationUs)
        latency.add(durationUs)
        clients.add(hash: numbers.next() % 5_000 &* 0x9e37_79b9_7f4a_7c15)
    }
}
