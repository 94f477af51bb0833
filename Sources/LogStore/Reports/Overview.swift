// The overview: what all requests of a selection add up to, and the newest messages of its span.

/// The panels of the overview.
struct Overview {
    let traffic: Traffic
    let span: TimeSpan
    let nowUs: Int64

    /// The question that the overview asks.
    static func question(_ selection: Selection, limit: Int?) -> TrafficQuestion {
        var question = TrafficQuestion(selection)
        question.fields = [.path]
        question.keyLimit = limit
        return question
    }

    /// All panels but that of the messages.
    var panels: [ReportPanel] { [totals, latencyPanel, statusPanel, outcomePanel, pathsPanel] }

    private var counts: TrafficCounts { traffic.total.counts }

    private var totals: ReportPanel {
        // The span as far as it lies in the past; one without a beginning begins with the first request.
        let begin = span.sinceUs ?? traffic.oldestUs ?? nowUs
        let seconds = max(1, Double(min(span.untilUs ?? nowUs, nowUs) - begin) / 1e6)
        return ReportPanel(
            "totals",
            columns: [
                "requests", "requests_per_second", "failed", "aborted", "bytes_in", "bytes_out", "clients",
            ],
            rows: [
                [
                    .integer(counts.requests), .real(Double(counts.requests) / seconds), .integer(counts.failed),
                    .integer(counts.aborted), .integer(counts.bytesIn), .integer(counts.bytesOut),
                    .integer(traffic.clientCount),
                ]
            ], isRecord: true)
    }

    private var latencyPanel: ReportPanel {
        let latency = traffic.total.latency
        var panel = ReportPanel(
            "latency", columns: ["p50_ms", "p95_ms", "p99_ms", "max_ms", "duration_mean_ms", "requests"],
            rows: [
                [0.5, 0.95, 0.99].map { .milliseconds(latency.percentile($0)) } + [
                    latency.count == 0 ? .null : .milliseconds(latency.maximumUs),
                    .milliseconds(counts.durationMeanUs), .integer(counts.requests),
                ]
            ], isRecord: true)
        panel.details = ["requests"]
        return panel
    }

    private var statusPanel: ReportPanel {
        let classes = [
            ("none", counts.withoutStatus), ("1xx", counts.status1xx), ("2xx", counts.status2xx),
            ("3xx", counts.status3xx), ("4xx", counts.status4xx), ("5xx", counts.status5xx),
        ]
        return ReportPanel("status_classes", columns: ["class", "requests", "requests_percent"], rows: shares(classes))
    }

    private var outcomePanel: ReportPanel {
        let numbers = [counts.ok, counts.aborted, counts.timeout, counts.crashed, counts.killed, counts.shed]
        return ReportPanel(
            "outcomes", columns: ["outcome", "requests", "requests_percent"],
            rows: shares(Array(zip(RequestOutcome.names, numbers))))
    }

    private func shares(_ numbers: [(name: String, requests: Int64)]) -> [[ReportValue]] {
        numbers.filter { $0.requests > 0 }.map {
            [.text($0.name), .integer($0.requests), .percent($0.requests, of: counts.requests)]
        }
    }

    private var pathsPanel: ReportPanel {
        let rows = (traffic.lists[.path] ?? []).map { line -> [ReportValue] in
            [
                .text(line.key), .integer(line.counts.requests), .percent(line.counts.requests, of: counts.requests),
                .integer(line.counts.bytesOut), .milliseconds(line.counts.durationMeanUs),
            ]
        }
        return ReportPanel(
            "paths", columns: ["path", "requests", "requests_percent", "bytes_out", "duration_mean_ms"], rows: rows)
    }
}

/// Cells of reports about traffic.
extension ReportValue {
    /// What a list counts; NULL for requests without one.
    static func text(_ key: TrafficKey) -> ReportValue {
        switch key {
        case .none: .null
        case .others: .text("(others)")
        case .text(let bytes): .text(bytes)
        // Tables give each part a column of its own.
        case .pair(let first, _): text(first)
        }
    }

    /// Microseconds as milliseconds.
    static func milliseconds(_ microseconds: Int64?) -> ReportValue {
        microseconds.map { .real(Double($0) / 1000) } ?? .null
    }

    /// Microseconds as milliseconds.
    static func milliseconds(_ microseconds: Double?) -> ReportValue {
        microseconds.map { .real($0 / 1000) } ?? .null
    }

    /// A share in percent; NULL of nothing.
    static func percent(_ part: Int64, of whole: Int64) -> ReportValue {
        whole == 0 ? .null : .real(100 * Double(part) / Double(whole))
    }

    /// A moment as ISO 8601; NULL when it is not known.
    static func time(us: Int64?) -> ReportValue {
        us.map { .text(ISOTime.text(us: $0)) } ?? .null
    }
}
