// Turns the columns of a panel into metrics: names in base units, labels, and whether a metric only grows.

/// A panel as metrics.
struct PrometheusPanel {
    private let panel: ReportPanel
    private let isOfAllTime: Bool

    /// What the names of the metrics begin with.
    private let prefix: String

    /// The columns that are labels.
    private let labelColumns: [Int]

    init(_ panel: ReportPanel, of report: String, isOfAllTime: Bool) {
        self.panel = panel
        self.isOfAllTime = isOfAllTime
        labelColumns = panel.columns.indices.filter { Self.isLabel($0, of: panel) }
        let name = panel.name == "rows" ? report : panel.name
        switch name {
        // Of the server as a whole.
        case "totals", "status_classes": prefix = "httpstats_"
        case "latency" where panel.isRecord: prefix = "httpstats_request_"
        // One thing is in each row, so the name is in the singular.
        default:
            let singular = name.hasSuffix("s") && name != "status" ? String(name.dropLast()) : name
            prefix = "httpstats_" + Self.identifier(singular) + "_"
        }
    }

    /// Whether no two rows would be one series.
    var hasDistinctLabels: Bool {
        Set(panel.rows.map { labels(of: $0) }).count == panel.rows.count
    }

    /// Whether no two columns would be one series.
    var hasDistinctNames: Bool {
        let names = panel.columns.indices.filter { !labelColumns.contains($0) }.map { index in
            let metric = metric(index)
            return metric.name + " " + (metric.quantile ?? "")
        }
        return Set(names).count == names.count
    }

    /// The metrics, one for each column of numbers; percentiles are one together.
    func families(omitting omitted: Set<String>) -> [PrometheusFamily] {
        var families: [PrometheusFamily] = []
        for (index, column) in panel.columns.enumerated()
        where !omitted.contains(column.name) && !labelColumns.contains(index) {
            let metric = metric(index)
            // What a record of percentiles is of, is the count of the summary.
            if panel.isRecord, hasSummary, column.name == "requests" { continue }
            let samples = panel.rows.compactMap { row -> PrometheusSample? in
                guard let value = metric.text(row[index]) else { return nil }
                let quantile = metric.quantile.map { [PrometheusLabel("quantile", Array($0.utf8))] } ?? []
                return PrometheusSample(labels: labels(of: row) + quantile, value: value)
            }
            let name = prefix + metric.name
            if let place = families.firstIndex(where: { $0.name == name }) {
                families[place].samples += samples
            } else {
                families.append(PrometheusFamily(name: name, kind: metric.kind, help: metric.help, samples: samples))
            }
        }
        if let place = families.firstIndex(where: { $0.kind == .summary }) { families[place].samples += sumsAndCounts }
        return families
    }

    private func metric(_ index: Int) -> Metric {
        Metric(panel.columns[index], isOfAllTime: isOfAllTime, hasSummary: hasSummary)
    }

    // MARK: Summaries

    /// Whether there are percentiles that can be a summary, which says how many durations it is of, and their sum.
    private var hasSummary: Bool {
        column("requests") != nil && (column("duration_sum_ms") ?? column("duration_mean_ms")) != nil
            && panel.columns.contains { Metric.percent(of: $0.name) != nil }
    }

    private func column(_ name: String) -> Int? { panel.columns.firstIndex { $0.name == name } }

    private var sumsAndCounts: [PrometheusSample] {
        panel.rows.flatMap { row -> [PrometheusSample] in
            func number(_ name: String) -> Double? { column(name).flatMap { row[$0].number } }
            let count = number("requests") ?? 0
            let sumMs = number("duration_sum_ms") ?? count * (number("duration_mean_ms") ?? 0)
            return [
                PrometheusSample(suffix: "_sum", labels: labels(of: row), value: "\(sumMs / 1e3)"),
                PrometheusSample(
                    suffix: "_count", labels: labels(of: row),
                    value: Int64(exactly: count).map { "\($0)" } ?? "\(count)"),
            ]
        }
    }

    private func labels(of row: [ReportValue]) -> [PrometheusLabel] {
        labelColumns.compactMap { index in
            let name = panel.columns[index].name == "class" ? "status" : Self.identifier(panel.columns[index].name)
            switch row[index] {
            case .text(let bytes): return PrometheusLabel(name, bytes)
            case .integer(let number): return PrometheusLabel(name, Array("\(number)".utf8))
            case .null: return PrometheusLabel(name, Array("none".utf8))
            case .real, .blob: return nil
            }
        }
    }

    /// The key of a list, and what tells rows of one key apart: numbers of things, and words.
    private static func isLabel(_ index: Int, of panel: ReportPanel) -> Bool {
        if panel.isRecord { return false }
        let column = panel.columns[index]
        switch column.kind {
        case .number, .path, .identifier: return true
        case .text:
            // Beside the pattern of messages one of them tells nothing apart.
            let isExample = column.name == "message" && panel.columns.contains { $0.name == "pattern" }
            if passing.contains(column.name) || isExample { return false }
            return panel.rows.allSatisfy { $0[index].number == nil }
        case .count, .rate, .bytes, .milliseconds, .percent: return false
        }
    }

    /// Texts that are another one at the next scrape.
    private static let passing: Set<String> = [
        "time", "started", "ended", "first_seen", "last_seen", "state", "reason", "signal", "finding", "remedy",
        "result", "note", "request_id",
    ]

    /// A name that metrics and labels may have: letters, digits and underscores, no digit in front.
    static func identifier(_ name: String) -> String {
        let letters = name.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil) ? scalar : "_"
        }
        let text = String(String.UnicodeScalarView(letters))
        return text.first?.isNumber == true || text.isEmpty || text.hasPrefix("__") ? "n" + text : text
    }
}

/// What a column of numbers is called as a metric.
private struct Metric {
    var name: String
    var kind = PrometheusFamily.Kind.gauge
    var help: String
    /// Of a percentile.
    var quantile: String?
    /// How many of the column's units are a base unit.
    private var divisor = 1.0

    init(_ column: ReportColumn, isOfAllTime: Bool, hasSummary: Bool) {
        let word = column.name
        help = "Column \(PrometheusPanel.identifier(word)) of httpstats."
        if let percent = Self.percent(of: word) {
            help = "Time that a share of the requests did not exceed."
            divisor = 1e3
            if hasSummary {
                // Rounded, as 99.9 / 100 is 0.9990000000000001.
                quantile = "\((percent * 1e6).rounded() / 1e8)"
                (name, kind) = ("duration_seconds", .summary)
            } else {
                name = PrometheusPanel.identifier("duration_\(word.dropLast(3))_seconds")
            }
            return
        }
        let units = [
            ("_ms", "_seconds", 1e3), ("_us", "_seconds", 1e6), ("_s", "_seconds", 1), ("_percent", "_ratio", 1e2),
        ]
        name = word
        for (suffix, unit, divisor) in units where word.hasSuffix(suffix) {
            name = word.dropLast(suffix.count) + unit
            self.divisor = divisor
            break
        }
        switch word {
        case "max_ms": name = "duration_max_seconds"
        case "bytes_in": name = "received_bytes"
        case "bytes_out": name = "sent_bytes"
        // `_count` at the end is for summaries.
        case "count": name = "occurrences"
        default: name = PrometheusPanel.identifier(name)
        }
        if isOfAllTime, Self.growing.contains(word) || word.hasPrefix("status_") {
            kind = .counter
            name += "_total"
        }
        if let text = Self.helps[word] { help = text }
    }

    /// Of a percentile, `p99.9_ms`, the percent.
    static func percent(of column: String) -> Double? {
        column.wholeMatch(of: /p(\d{1,2}(?:\.\d+)?)_ms/).flatMap { Double($0.1) }
    }

    /// The number in base units; `nil`: there is none.
    func text(_ value: ReportValue) -> String? {
        switch value {
        case .null, .text, .blob: return nil
        case .integer(let number): return divisor == 1 ? "\(number)" : "\(Double(number) / divisor)"
        case .real(let number): return number.isFinite ? "\(number / divisor)" : nil
        }
    }

    /// Columns that count what was logged.
    private static let growing: Set<String> = [
        "requests", "failed", "aborted", "bytes_in", "bytes_out", "count", "shed", "dropped",
    ]

    private static let helps = [
        "requests": "Requests, whatever became of them.",
        "requests_per_second": "Mean rate of requests over the span.",
        "requests_percent": "Share of the requests.",
        "failed": "Requests that the server failed: timeout, crashed, killed, shed.",
        "aborted": "Requests whose client left.",
        "bytes_in": "Bytes received, heads included.",
        "bytes_out": "Bytes sent, heads included.",
        "clients": "Different clients.",
        "max_ms": "Time of the longest request.",
        "duration_mean_ms": "Mean time of a request.",
        "duration_max_ms": "Time of the longest request.",
        "count": "How often it was logged.",
    ]
}

extension ReportValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number.isFinite ? number : nil
        case .null, .text, .blob: nil
        }
    }
}
