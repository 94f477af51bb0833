// Every span is put together from parts without a gap or an overlap, from the longest summaries that fit.
import Testing

@testable import LogStore

@Suite struct TierPlanTests {
    private static let noon = DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs)
    private static let hour = Tier.hour.keyCount
    private static let minute = Tier.minute.keyCount
    private static let day = Tier.day.keyCount
    private static let midnight = Tier.day.start(ofKey: noon)

    private static func coverage(from: Int64 = 0, minutes: Int64, hours: Int64, days: Int64) -> TierCoverage {
        TierCoverage(minutes: from..<minutes, hours: from..<hours, days: from..<days)
    }

    private func text(_ plan: TierPlan) -> [String] {
        plan.parts.map { part in
            let low = (part.keys.lowerBound - Self.midnight) / Self.minute
            let high = (part.keys.upperBound - Self.midnight) / Self.minute
            return "\(part.tier.map { "\($0)" } ?? "rows") \(low)..<\(high)"
        }
    }

    @Test func aSpan_takesDaysThenHoursThenMinutesThenRows() {
        let coverage = Self.coverage(
            minutes: Self.midnight + 2_000 * Self.minute, hours: Self.midnight + 1_980 * Self.minute,
            days: Self.midnight + 1_440 * Self.minute)
        let keys = Self.midnight - 90 * Self.minute - 5..<Self.midnight + 2_010 * Self.minute
        #expect(
            text(TierPlan(keys, coverage)) == [
                "rows -90..<-90", "minute -90..<-60", "hour -60..<0", "day 0..<1440", "hour 1440..<1980",
                "minute 1980..<2000", "rows 2000..<2010",
            ])
        #expect(
            text(TierPlan(keys, coverage, tiers: [.hour, .day])) == [
                "rows -90..<-60", "hour -60..<0", "day 0..<1440", "hour 1440..<1980", "rows 1980..<2010",
            ])
        #expect(text(TierPlan(keys, coverage, tiers: [])) == ["rows -90..<2010"])
        let short = Self.noon + 1..<Self.noon + Self.minute
        #expect(TierPlan(short, coverage).parts == [TierPlan.Part(tier: nil, keys: short)])
        #expect(TierPlan(Self.noon..<Self.noon, coverage).parts.isEmpty)
    }

    @Test func theLastRowOfATier_standsForWhatIsInItSoFar() {
        // Everything was stored at 12:00:30: the rows of the minute, the hour and the day hold the same requests.
        let mark = Self.noon + Self.minute / 2
        let coverage = Self.coverage(minutes: mark, hours: mark, days: mark)
        let all = TierPlan(0..<Int64.max, coverage)
        #expect(
            all.parts == [
                TierPlan.Part(tier: .day, keys: 0..<mark), TierPlan.Part(tier: nil, keys: mark..<Int64.max),
            ])
        // A span that ends within the day must not take its row.
        let before = TierPlan(Self.midnight..<mark - 1, coverage)
        #expect(text(before) == ["hour 0..<720", "rows 720..<720"])
    }

    @Test func nothingSummedUp_isAllRows() {
        #expect(
            TierPlan(5..<900, Self.coverage(minutes: 0, hours: 0, days: 0)).parts == [
                TierPlan.Part(tier: nil, keys: 5..<900)
            ])
    }

    @Test func anySpanOverAnyCoverage_isCutWithoutGapOrOverlap() {
        var random = FixedGenerator(state: 7)
        func key() -> Int64 {
            let units = [Self.minute, Self.hour, Self.day, 1_000_003]
            let unit = units[Int.random(in: 0..<4, using: &random)]
            let day = Self.midnight + Int64.random(in: -4...4, using: &random) * Self.day
            return day / unit * unit + Int64.random(in: 0...30, using: &random) * unit
        }
        for _ in 0..<5_000 {
            let bounds = [key(), key()].sorted()
            let (from, minutes) = (key(), key())
            let hours = Bool.random(using: &random) ? minutes : Tier.hour.start(ofKey: minutes)
            let days = Bool.random(using: &random) ? hours : Tier.day.start(ofKey: hours)
            func range(_ end: Int64) -> Range<Int64> { min(from, end)..<end }
            let coverage = TierCoverage(minutes: range(minutes), hours: range(hours), days: range(days))
            let plan = TierPlan(bounds[0]..<bounds[1], coverage)
            var next = bounds[0]
            for part in plan.parts {
                #expect(part.keys.lowerBound == next && !part.keys.isEmpty)
                next = part.keys.upperBound
                guard let tier = part.tier else { continue }
                let covered = coverage.keys(tier)
                // Each row of the tier stands for requests of the part only.
                for (edge, bound) in [
                    (part.keys.lowerBound, covered.lowerBound), (part.keys.upperBound, covered.upperBound),
                ] {
                    #expect(edge == bound || tier.start(ofKey: edge) == edge)
                }
                #expect(covered.contains(part.keys.lowerBound) && part.keys.upperBound <= covered.upperBound)
            }
            #expect(next == bounds[1])
        }
    }
}
