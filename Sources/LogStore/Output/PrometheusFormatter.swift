// Reports as Prometheus scrapes them: one overview is one scrape.
internal import AccessLog

/// Writes the text exposition format 0.0.4 of Prometheus.
///
/// A column of numbers is a metric, named for its panel and in base units (seconds, bytes, ratios); what a row is about
/// are its labels. Percentiles are the quantiles of a summary, with the sum of the durations and their count; without
/// columns for these, gauges. What grows with the log is a counter when the report is about all time, and a gauge when
/// it is about a span, which moves on and can shrink. Moments and other text are left out: a label of theirs would be a
/// new series every time.
public struct PrometheusFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    /// Why the format cannot hold what it was given.
    public private(set) var refusal: String?

    private var list = ReportPanel("", columns: [])

    /// Makes a formatter.
    public init() {}

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        let isOfAllTime = report.span == .all
        let hasClasses = report.panels.contains { $0.name == "status_classes" }
        // What lists requests beside other panels is left to formats for lists.
        let panels = report.panels.filter { report.panels.count == 1 || !Self.isOfRequests($0) }
        for panel in panels {
            // The sum of the requests by status is the total; a total of its own would be counted twice.
            let omitted: Set<String> = panel.name == "totals" && hasClasses ? ["requests"] : []
            write(panel, of: report.name, isOfAllTime: isOfAllTime, omitting: omitted)
        }
        if let newestUs = report.newestUs {
            put(
                PrometheusFamily(
                    name: "httpstats_newest_request_timestamp_seconds", kind: .gauge,
                    help: "When the newest request of the log ended.",
                    samples: [PrometheusSample(value: "\(Double(newestUs) / 1e6)")]))
        }
        if let losses = report.losses { put(losses, isOfAllTime: isOfAllTime) }
    }

    /// What the figures above lack.
    private mutating func put(_ losses: LogLosses, isOfAllTime: Bool) {
        let (kind, suffix) = isOfAllTime ? (PrometheusFamily.Kind.counter, "_total") : (.gauge, "")
        put(
            PrometheusFamily(
                name: "httpstats_unlogged_requests" + suffix, kind: kind,
                help: "Requests without a row, as the log was full.",
                samples: [("served", losses.served), ("refused", losses.refused)].map { answer, count in
                    PrometheusSample(labels: [PrometheusLabel("answer", Array(answer.utf8))], value: "\(count)")
                }))
        put(
            PrometheusFamily(
                name: "httpstats_unlogged_messages" + suffix, kind: kind,
                help: "Messages that found no room in the log.",
                samples: [PrometheusSample(value: "\(losses.messages)")]))
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        list = ReportPanel(panel.name, columns: panel.columns.map(\.name), key: panel.columns[panel.keyColumn].name)
    }

    /// Adds a row to the list. All samples of a metric must stand together, so they wait for the end.
    public mutating func add(_ row: [ReportValue]) {
        list.rows.append(row)
    }

    /// Ends the list.
    public mutating func end() {
        write(list, of: list.name, isOfAllTime: false, omitting: [])
    }

    private mutating func write(
        _ panel: ReportPanel, of report: String, isOfAllTime: Bool, omitting omitted: Set<String>
    ) {
        if Self.isOfRequests(panel) {
            refusal = "prometheus is for reports that count, such as overview and paths; \(report) lists requests"
            return
        }
        let metrics = PrometheusPanel(panel, of: report, isOfAllTime: isOfAllTime)
        guard metrics.hasDistinctLabels else {
            refusal = "rows of \(report) have no key that tells them apart for prometheus; ask for json"
            return
        }
        guard metrics.hasDistinctNames else {
            refusal = "columns of \(report) would be one metric for prometheus; name others, or ask for json"
            return
        }
        metrics.families(omitting: omitted).forEach { put($0) }
    }

    private static func isOfRequests(_ panel: ReportPanel) -> Bool {
        // Messages that were folded count, and name a request only as an example.
        panel.columns.contains { $0.name == "id" || $0.name == "request_id" }
            && !panel.columns.contains { $0.name == "count" }
    }

    private mutating func put(_ family: PrometheusFamily) {
        guard !family.samples.isEmpty else { return }
        put("# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n")
        for sample in family.samples {
            put(family.name + sample.suffix)
            for (index, label) in sample.labels.enumerated() {
                put((index == 0 ? "{" : ",") + label.name + "=\"")
                output += label.value
                put("\"")
            }
            put((sample.labels.isEmpty ? " " : "} ") + sample.value + "\n")
        }
    }
}

/// All samples of one metric.
struct PrometheusFamily {
    enum Kind: String { case counter, gauge, summary }

    let name: String
    let kind: Kind
    let help: String
    var samples: [PrometheusSample]
}

/// One value with its labels.
struct PrometheusSample {
    /// What the name has behind that of its family: `_sum` and `_count` of a summary.
    var suffix = ""
    var labels: [PrometheusLabel] = []
    let value: String
}

/// A label; its value is escaped already.
struct PrometheusLabel: Hashable {
    let name: String
    let value: [UInt8]

    init(_ name: String, _ value: [UInt8]) {
        self.name = name
        // Control characters first, then what the format itself escapes: a backslash, a quote, a line feed.
        self.value = Escaping.visible(value).flatMap { byte -> [UInt8] in
            byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") ? [UInt8(ascii: "\\"), byte] : [byte]
        }
    }
}
