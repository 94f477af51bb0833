// Two plans of a span leave exactly those rows to be read that one of them has no summaries for.
import Testing

@testable import LogStore

@Suite struct ScanStretchTests {
    private func part(_ tier: Tier?, _ keys: Range<Int64>) -> TierPlan.Part { TierPlan.Part(tier: tier, keys: keys) }

    @Test func rowsThatMinutesStandFor_areReadForListsOnly() {
        let totals = [part(.day, 0..<100), part(.hour, 100..<120), part(.minute, 120..<125), part(nil, 125..<130)]
        let lists = [part(.day, 0..<100), part(.hour, 100..<120), part(nil, 120..<130)]
        #expect(
            ScanStretch.stretches(totals: totals, lists: lists) == [
                ScanStretch(keys: 120..<125, countsTotals: false, countsLists: true),
                ScanStretch(keys: 125..<130, countsTotals: true, countsLists: true),
            ])
        #expect(
            ScanStretch.stretches(totals: lists, lists: totals) == [
                ScanStretch(keys: 120..<125, countsTotals: true, countsLists: false),
                ScanStretch(keys: 125..<130, countsTotals: true, countsLists: true),
            ])
        #expect(ScanStretch.stretches(totals: [], lists: []).isEmpty)
    }

    @Test func anyTwoPlans_countEachKeyOnceForEach() {
        var random = FixedGenerator(state: 11)
        func plan() -> [TierPlan.Part] {
            let cuts = Set((0..<4).map { _ in Int64.random(in: 1..<50, using: &random) }).sorted() + [50]
            return zip([0] + cuts, cuts).map { low, high in
                part(Bool.random(using: &random) ? .hour : nil, low..<high)
            }
        }
        for _ in 0..<500 {
            let (totals, lists) = (plan(), plan())
            let stretches = ScanStretch.stretches(totals: totals, lists: lists)
            for key in Int64(0)..<50 {
                let found = stretches.filter { $0.keys.contains(key) }
                let forTotals = totals.contains { $0.tier == nil && $0.keys.contains(key) }
                let forLists = lists.contains { $0.tier == nil && $0.keys.contains(key) }
                #expect(found.count == (forTotals || forLists ? 1 : 0))
                #expect(found.first?.countsTotals ?? false == forTotals)
                #expect(found.first?.countsLists ?? false == forLists)
            }
        }
    }
}
