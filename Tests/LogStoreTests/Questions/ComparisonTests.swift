// Two spans side by side, and what explains their difference.
import Testing

@testable import LogStore

@Suite struct ComparisonTests {
    /// A number of equal requests.
    private struct Part {
        var path = "/"
        var client = "192.0.2.1"
        var status: Int64 = 200
        var us: Int64 = 1000
        var requests = 1
    }

    private func traffic(_ parts: [Part]) -> Traffic {
        var traffic = Traffic()
        var sums: [TrafficField: TrafficLineSums] = [
            .path: .init(), .template: .init(), .client: .init(), .status: .init(),
        ]
        for part in parts {
            var counts = TrafficCounts()
            for _ in 0..<part.requests {
                counts.add(status: part.status, outcome: 0, bytesIn: 0, bytesOut: 10, durationUs: part.us)
                traffic.total.latency.add(part.us)
            }
            traffic.total.counts.merge(counts)
            let keys: [TrafficField: String] = [
                .path: part.path, .template: part.path, .client: part.client, .status: "\(part.status)",
            ]
            for (field, key) in keys {
                sums[field]?.add(TrafficLine(key: .text(Array(key.utf8)), counts: counts, latency: nil))
            }
        }
        traffic.lists = sums.mapValues { $0.lines(limit: nil) }
        return traffic
    }

    private func comparison(_ before: [Part], _ after: [Part], seconds: (Double, Double) = (60, 60)) -> Comparison {
        Comparison(
            before: traffic(before), after: traffic(after), beforeSeconds: seconds.0, afterSeconds: seconds.1)
    }

    private func causes(_ comparison: Comparison, _ measure: TrafficMeasure? = nil) -> [String] {
        Explanation(comparison, measure: measure).causes.map { cause in
            guard case .text(let bytes) = cause.key else { return cause.field.rawValue }
            return "\(cause.field.rawValue) \(String(decoding: bytes, as: UTF8.self)) \(Int(cause.share.rounded()))"
        }
    }

    @Test func totals_showBothSpansAndTheChange() {
        let panel = comparison([Part(requests: 100)], [Part(requests: 150), Part(status: 500, requests: 50)]).totals
        let row = Array(panel["figure"]).firstIndex(of: "requests") ?? -1
        #expect(panel.rows[row] == ["requests", 100, 200, 100, 100.0])
        let errors = Array(panel["figure"]).firstIndex(of: "status_5xx") ?? -1
        #expect(panel.rows[errors] == ["status_5xx", 0, 50, 50, nil])
        let share = Array(panel["figure"]).firstIndex(of: "status_5xx_percent") ?? -1
        #expect(panel.rows[share] == ["status_5xx_percent", 0.0, 25.0, 25.0, nil])
    }

    @Test func movers_areSortedByTheirChangeWithTheNewAndTheGone() {
        let comparison = comparison(
            [Part(path: "/a", requests: 10), Part(path: "/gone", requests: 30)],
            [Part(path: "/a", requests: 12), Part(path: "/new", requests: 50)])
        let panel = comparison.movers(.path, panel: "paths", column: "path", limit: nil)
        #expect(panel["path"] == ["/new", "/gone", "/a"])
        #expect(panel["change"] == [50, -30, 2])
        #expect(panel["change_percent"] == [nil, -100.0, 20.0])
        #expect(comparison.movers(.path, panel: "paths", column: "path", limit: 1).rows.count == 1)
    }

    @Test func spansOfDifferentLength_areComparedByTheirRates() {
        let comparison = comparison([Part(requests: 100)], [Part(requests: 10)], seconds: (600, 60))
        #expect(comparison.movers(.path, panel: "paths", column: "path", limit: nil)["change"] == [0.0])
        #expect(causes(comparison).isEmpty)
    }

    @Test func why_namesThePathAndClientOfARise() {
        let usual = (1...10).map { Part(path: "/\($0)", client: "192.0.2.\($0)", requests: 10) }
        let rise = comparison(usual, usual + [Part(path: "/3", client: "203.0.113.9", requests: 200)])
        #expect(Explanation.mostChanged(rise) == .requests)
        #expect(Set(causes(rise)) == ["path /3 100", "client 203.0.113.9 100"])
    }

    @Test func why_explainsErrorsByTheirPathAndCode() {
        let usual = (1...10).map { Part(path: "/\($0)", requests: 100) }
        let rise = comparison(usual, usual + [Part(path: "/7", status: 503, requests: 40)])
        #expect(Explanation.mostChanged(rise) == .errors)
        #expect(Set(causes(rise)).isSuperset(of: ["path /7 100", "status 503 100"]))
    }

    @Test func why_explainsTimeByThePathThatBecameSlow() {
        let before = (1...10).map { Part(path: "/\($0)", requests: 100) }
        let after = (1...10).map { Part(path: "/\($0)", us: $0 == 4 ? 900_000 : 1000, requests: 100) }
        let rise = comparison(before, after)
        #expect(Explanation.mostChanged(rise) == .time)
        #expect(causes(rise).first == "path /4 100")
    }

    @Test func evenGrowth_hasNoCause() {
        let before = (1...10).map { Part(path: "/\($0)", requests: 10) }
        let after = (1...10).map { Part(path: "/\($0)", requests: 30) }
        #expect(causes(comparison(before, after)).isEmpty)
        #expect(causes(comparison(before, before)).isEmpty)
        #expect(causes(comparison([], [])).isEmpty)
    }

    @Test func listOfOneKey_tellsNothing() {
        let after = comparison([], [Part(path: "/a", requests: 10), Part(path: "/b", requests: 10)])
        #expect(Set(causes(after)) == ["path /a 50", "path /b 50"])
    }

    @Test func errorsWithinChance_areNotTheChange() {
        let before = [Part(requests: 1000), Part(status: 500, requests: 100)]
        #expect(
            Explanation.mostChanged(comparison(before, [Part(requests: 1000), Part(status: 500, requests: 110)]))
                == .requests)
        #expect(
            Explanation.mostChanged(comparison(before, [Part(requests: 1000), Part(status: 500, requests: 150)]))
                == .errors)
    }

    @Test func fall_isExplainedLikeARise() {
        let before = [Part(path: "/a", requests: 100), Part(path: "/b", requests: 100)]
        #expect(causes(comparison(before, [Part(path: "/a", requests: 100)])) == ["path /b 100"])
    }

    @Test func baseline_isTheSpanBeforeOrAsLongAgo() throws {
        let span = TimeSpan(sinceUs: 1_000_000_000_000, untilUs: nil)
        let now: Int64 = 1_000_000_000_000 + 60_000_000
        let previous = try Baseline.previous.span(for: span, nowUs: now)
        #expect(previous == TimeSpan(sinceUs: 999_940_000_000, untilUs: 1_000_000_000_000))
        let earlier = try Baseline.earlier(us: 3_600_000_000).span(for: span, nowUs: now)
        #expect(earlier == TimeSpan(sinceUs: 996_400_000_000, untilUs: 996_460_000_000))
        // Of a span that ends tomorrow only what has passed is compared.
        let whole = TimeSpan(sinceUs: 1_000_000_000_000, untilUs: 1_086_400_000_000)
        #expect(try Baseline.previous.span(for: whole, nowUs: now) == previous)
        #expect(throws: SpanError.self) { try Baseline.previous.span(for: .all, nowUs: now) }
        let parser = SpanParser(nowUs: FixtureLog.noonUs)
        #expect(try parser.baseline("last-week") == .earlier(us: 604_800_000_000))
        #expect(try parser.baseline("6h") == .earlier(us: 21_600_000_000))
        #expect(
            try parser.baseline("2026-02-01T00:00Z..2026-02-02T00:00Z")
                == .span(TimeSpan(sinceUs: 1_769_904_000_000_000, untilUs: 1_769_990_400_000_000)))
        let east = try SpanParser(nowUs: FixtureLog.noonUs, zone: "+02:00")
        #expect(
            try east.baseline("2026-02-01T02:00..2026-02-02T02:00")
                == .span(TimeSpan(sinceUs: 1_769_904_000_000_000, untilUs: 1_769_990_400_000_000)))
        for text in ["", "..", "a..b", "soon", "2026-02-02T00:00Z..2026-02-01T00:00Z"] {
            #expect(throws: SpanError.self) { try parser.baseline(text) }
        }
    }
}
