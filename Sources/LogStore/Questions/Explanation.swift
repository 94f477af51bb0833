// What explains a change: the paths, clients, agents, codes, hosts and workers with the greatest share of it.

/// What can rise.
public enum TrafficMeasure: String, Sendable, CaseIterable {
    /// The number of requests.
    case requests
    /// Answers of 5xx, and other requests whose worker was killed.
    case errors
    /// Answers of 4xx.
    case clientErrors = "client_errors"
    /// The mean duration.
    case time
    /// The bytes sent.
    case bytes
}

/// The causes of a change.
///
/// Each measure is a sum over the keys of every list, so the change is the sum of the keys' changes, and a key's share
/// of it is plain. The mean duration is such a sum, too, when each key gives the sum of its durations divided by the
/// number of *all* requests. A key is a cause when its share of the change is at least 5 points above its share of
/// what was there before: when everything grows evenly nothing is the cause.
struct Explanation {
    let comparison: Comparison
    let measure: TrafficMeasure

    /// The lists that are searched, the most telling first.
    static let fields: [TrafficField] = [
        .path, .template, .client, .agentFamily, .status, .outcome, .method, .host, .site, .worker,
    ]

    /// How much more of the change than of the past a cause has, in percent.
    static let leastLead = 5.0

    init(_ comparison: Comparison, measure: TrafficMeasure?) {
        self.comparison = comparison
        self.measure = measure ?? Self.mostChanged(comparison)
    }

    /// Errors when there are many more than chance makes, then time, else requests.
    static func mostChanged(_ comparison: Comparison) -> TrafficMeasure {
        let (before, after) = (comparison.before.total, comparison.after.total)
        let usual = value(.errors, before.counts, total: before.counts) * comparison.scale
        let errors = value(.errors, after.counts, total: after.counts)
        // Counts of independent events scatter by their root.
        if errors - usual > 4 * max(usual, 1).squareRoot() { return .errors }
        if let old = before.latency.percentile(0.95), let new = after.latency.percentile(0.95),
            Double(new) > 1.5 * Double(old)
        {
            return .time
        }
        return .requests
    }

    /// The part of a measure that some of the requests have.
    static func value(_ measure: TrafficMeasure, _ counts: TrafficCounts, total: TrafficCounts) -> Double {
        switch measure {
        case .requests: Double(counts.requests)
        case .errors: Double(counts.status5xx + counts.killed)
        case .clientErrors: Double(counts.status4xx)
        case .time: total.requests == 0 ? 0 : Double(counts.durationUs) / 1000 / Double(total.requests)
        case .bytes: Double(counts.bytesOut)
        }
    }

    /// Before and after, the first as if its span were as long as the second's.
    private func values(_ before: TrafficCounts, _ after: TrafficCounts, _ measure: TrafficMeasure) -> (Double, Double)
    {
        let scale = measure == .time ? 1 : comparison.scale
        return (
            Self.value(measure, before, total: comparison.before.total.counts) * scale,
            Self.value(measure, after, total: comparison.after.total.counts)
        )
    }

    /// A key and its part in the change.
    struct Cause: Equatable {
        let field: TrafficField
        let key: TrafficKey
        let before: Double
        let after: Double
        /// Of the whole change, in percent.
        let share: Double
        /// Of what was there before, in percent.
        let shareBefore: Double
    }

    /// The causes, the greatest share first.
    var causes: [Cause] {
        let (before, after) = (comparison.before.total.counts, comparison.after.total.counts)
        let (whole, wholeAfter) = values(before, after, measure)
        let change = wholeAfter - whole
        guard change != 0 else { return [] }
        var causes: [Cause] = []
        for field in Self.fields {
            let moves = KeyMove.all(field, before: comparison.before, after: comparison.after)
            // A field with one value tells no requests apart.
            for move in moves where moves.count > 1 {
                let (old, new) = values(move.before, move.after, measure)
                let share = 100 * (new - old) / change
                let shareBefore = whole == 0 ? 0 : 100 * old / whole
                guard share - shareBefore >= Self.leastLead else { continue }
                causes.append(
                    Cause(
                        field: field, key: move.key, before: old, after: new, share: share, shareBefore: shareBefore))
            }
        }
        return Self.withoutRepetitions(causes).enumerated()
            .sorted { ($0.element.share, -$0.offset) > ($1.element.share, -$1.offset) }.map(\.element)
    }

    /// A template that is one path says nothing new.
    private static func withoutRepetitions(_ causes: [Cause]) -> [Cause] {
        let paths = Set(causes.filter { $0.field == .path }.map(\.key))
        return causes.filter { $0.field != .template || !paths.contains($0.key) }
    }

    /// The panels.
    func panels(limit: Int?) -> [ReportPanel] {
        let (before, after) = (comparison.before.total.counts, comparison.after.total.counts)
        let changes = TrafficMeasure.allCases.map { measure -> [ReportValue] in
            let (old, new) = values(before, after, measure)
            return [
                .text(Self.name(measure)), .real(old), .real(new), .real(new - old),
                Comparison.percent(new - old, of: old), .text(measure == self.measure ? "explained" : ""),
            ]
        }
        let all = causes
        let rows = all.prefix(limit ?? all.count).map { cause -> [ReportValue] in
            [
                .real(cause.share), .real(cause.shareBefore), .real(cause.before), .real(cause.after),
                .text(cause.field.rawValue), .text(cause.key),
            ]
        }
        return [
            ReportPanel(
                "changes", columns: ["figure", "before", "after", "change", "change_percent", "note"], rows: changes),
            ReportPanel(
                "causes",
                columns: ["change_share_percent", "before_share_percent", "before", "after", "field", "key"],
                rows: Array(rows), key: "key"),
        ]
    }

    private static func name(_ measure: TrafficMeasure) -> String {
        switch measure {
        case .requests, .errors, .clientErrors: measure.rawValue
        case .time: "duration_mean_ms"
        case .bytes: "bytes_out"
        }
    }
}
