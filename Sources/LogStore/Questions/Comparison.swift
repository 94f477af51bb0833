// Two spans side by side: what there was of everything before and after, and who moved most.

/// The traffic of a span and of the one that it is compared with.
struct Comparison {
    let before: Traffic
    let after: Traffic

    /// The lengths of the spans in seconds.
    let beforeSeconds: Double
    let afterSeconds: Double

    /// How many keys of a list are asked for: many more than a list shows, as what moved need not be busy.
    static let keyLimit = 20_000

    /// Up to how many requests rows are read where the lists of the summaries are cut: about a second.
    static let rowLimit: Int64 = 1_000_000

    /// Whether a list lacks keys that another span or log may have: summaries keep the busiest of an hour or a day.
    var isCut: Bool {
        (Array(before.lists.values) + Array(after.lists.values)).contains { lines in
            lines.contains { $0.key == .others && $0.counts.requests > 0 }
        }
    }

    /// The requests whose key is not known one by one, of each list that has such; no panel when there are none.
    ///
    /// A key in such a list may have had more requests than the lists say, up to all of these.
    var unlisted: [ReportPanel] {
        let fields = TrafficField.allCases.filter { before.lists[$0] != nil || after.lists[$0] != nil }
        let rows = fields.compactMap { field -> [ReportValue]? in
            let numbers = [before, after].map { traffic in
                traffic.lists[field]?.first { $0.key == .others }?.counts.requests ?? 0
            }
            if numbers.allSatisfy({ $0 == 0 }) { return nil }
            return [
                .text(field.rawValue), .integer(numbers[0]), .integer(numbers[1]),
                .percent(numbers[0], of: before.total.counts.requests),
                .percent(numbers[1], of: after.total.counts.requests),
            ]
        }
        if rows.isEmpty { return [] }
        let columns = ["field", "before", "after", "before_percent", "after_percent"]
        return [ReportPanel("unlisted", columns: columns, rows: rows)]
    }

    /// By what a number of the first span is multiplied to be compared with one of the second.
    var scale: Double { beforeSeconds > 0 && afterSeconds > 0 ? afterSeconds / beforeSeconds : 1 }

    /// The lists of requests that are compared.
    static let fields: [(field: TrafficField, panel: String, column: String)] = [
        (.status, "status", "status"), (.path, "paths", "path"), (.client, "clients", "client"),
        (.agentFamily, "agents", "agent"), (.host, "hosts", "host"),
    ]

    /// The panels.
    ///
    /// - Parameter limit: The greatest number of rows of a list; `nil`: all.
    func panels(limit: Int?) -> [ReportPanel] {
        [totals] + Self.fields.map { movers($0.field, panel: $0.panel, column: $0.column, limit: limit) }
    }

    /// Every figure before and after.
    var totals: ReportPanel {
        let figures = zip(
            Self.figures(before, seconds: beforeSeconds), Self.figures(after, seconds: afterSeconds))
        let rows = figures.map { old, new -> [ReportValue] in
            let change = old.value.flatMap { old in new.value.map { $0 - old } }
            return [
                .text(old.name), old.reportValue, new.reportValue,
                change.map { new.isWhole ? .integer(Int64($0)) : .real($0) } ?? .null,
                Self.percent(change, of: old.value),
            ]
        }
        return ReportPanel(
            "totals", columns: ["figure", "before", "after", "change", "change_percent"], rows: rows)
    }

    /// The keys of a list whose number of requests changed most.
    func movers(_ field: TrafficField, panel: String, column: String, limit: Int?) -> ReportPanel {
        let moves = KeyMove.all(field, before: before, after: after).map { move in
            (move: move, change: Double(move.after.requests) - Double(move.before.requests) * scale)
        }
        let sorted = moves.sorted {
            (abs($0.change), Double($0.move.after.requests)) > (abs($1.change), Double($1.move.after.requests))
        }
        let rows = sorted.prefix(limit ?? sorted.count).map { move, change -> [ReportValue] in
            [
                .text(move.key), .integer(move.before.requests), .integer(move.after.requests),
                scale == 1 ? .integer(Int64(change)) : .real(change),
                Self.percent(change, of: Double(move.before.requests) * scale),
                .milliseconds(move.before.durationMeanUs), .milliseconds(move.after.durationMeanUs),
                .integer(move.before.status5xx), .integer(move.after.status5xx),
            ]
        }
        return ReportPanel(
            panel,
            columns: [
                column, "before", "after", "change", "change_percent", "before_mean_ms", "after_mean_ms",
                "status_5xx_before", "status_5xx_after",
            ], rows: Array(rows))
    }

    /// A change in percent of what it started from; null when that was nothing.
    static func percent(_ change: Double?, of base: Double?) -> ReportValue {
        guard let change, let base, base != 0 else { return .null }
        return .real(100 * change / base)
    }
}

/// A number of a summary with its name, which ends in its unit.
struct TrafficFigure {
    let name: String
    /// `nil`: there is none without requests.
    let value: Double?
    let isWhole: Bool

    var reportValue: ReportValue {
        value.map { isWhole ? .integer(Int64($0)) : .real($0) } ?? .null
    }
}

extension Comparison {
    /// The figures of an answer in the order in which they are shown.
    static func figures(_ traffic: Traffic, seconds: Double) -> [TrafficFigure] {
        let (counts, latency) = (traffic.total.counts, traffic.total.latency)
        func whole(_ name: String, _ value: Int64) -> TrafficFigure {
            TrafficFigure(name: name, value: Double(value), isWhole: true)
        }
        func share(_ name: String, _ value: Int64) -> TrafficFigure {
            TrafficFigure(
                name: name, value: counts.requests == 0 ? nil : 100 * Double(value) / Double(counts.requests),
                isWhole: false)
        }
        func percentile(_ name: String, _ share: Double) -> TrafficFigure {
            TrafficFigure(
                name: name, value: latency.percentile(share).map { Double($0) / 1000 }, isWhole: false)
        }
        return [
            whole("requests", counts.requests),
            TrafficFigure(
                name: "requests_per_second", value: seconds > 0 ? Double(counts.requests) / seconds : nil,
                isWhole: false),
            whole("clients", traffic.clientCount), whole("bytes_in", counts.bytesIn),
            whole("bytes_out", counts.bytesOut), whole("status_2xx", counts.status2xx),
            whole("status_3xx", counts.status3xx), whole("status_4xx", counts.status4xx),
            whole("status_5xx", counts.status5xx), share("status_5xx_percent", counts.status5xx),
            whole("failed", counts.failed), whole("aborted", counts.aborted),
            TrafficFigure(name: "duration_mean_ms", value: counts.durationMeanUs.map { $0 / 1000 }, isWhole: false),
            percentile("p50_ms", 0.5), percentile("p95_ms", 0.95), percentile("p99_ms", 0.99),
            TrafficFigure(
                name: "duration_max_ms", value: counts.requests == 0 ? nil : Double(counts.durationMaxUs) / 1000,
                isWhole: false),
        ]
    }
}

/// A key of a list in two spans.
struct KeyMove {
    let key: TrafficKey
    var before = TrafficCounts()
    var after = TrafficCounts()

    /// The keys of both lists one by one; what the lists hold together (`others`) is none.
    static func all(_ field: TrafficField, before: Traffic, after: Traffic) -> [KeyMove] {
        let (old, new) = (before.lists[field] ?? [], after.lists[field] ?? [])
        var moves: [TrafficKey: KeyMove] = [:]
        for line in old { moves[line.key, default: KeyMove(key: line.key)].before.merge(line.counts) }
        for line in new { moves[line.key, default: KeyMove(key: line.key)].after.merge(line.counts) }
        moves[.others] = nil
        return moves.values.sorted { $0.key.orderedBefore($1.key) }
    }
}
