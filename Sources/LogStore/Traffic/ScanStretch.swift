// Which rows must be read, and what each of them still counts for: pure arithmetic of keys.

/// A stretch of the log that is read row by row.
///
/// Totals and lists come from different summaries: minutes have no lists, and the steps of a timeline may be shorter
/// than hours. So a row may be needed for one of the two only.
struct ScanStretch: Equatable {
    let keys: Range<Int64>

    /// Whether its requests count for the totals and the timeline.
    let countsTotals: Bool

    /// Whether they count for the lists.
    let countsLists: Bool

    /// The stretches that two plans of the same span leave to be read, in their order.
    ///
    /// - Parameters:
    ///   - totals: How totals and timeline are put together.
    ///   - lists: Likewise the lists.
    static func stretches(totals: [TierPlan.Part], lists: [TierPlan.Part]) -> [ScanStretch] {
        var stretches: [ScanStretch] = []
        var (totals, lists) = (totals[...], lists[...])
        while let total = totals.first, let list = lists.first {
            let keys = total.keys.clamped(to: list.keys)
            if !keys.isEmpty, total.tier == nil || list.tier == nil {
                stretches.append(
                    ScanStretch(keys: keys, countsTotals: total.tier == nil, countsLists: list.tier == nil))
            }
            if total.keys.upperBound <= list.keys.upperBound { totals.removeFirst() }
            if list.keys.upperBound <= total.keys.upperBound { lists.removeFirst() }
        }
        return stretches
    }
}
