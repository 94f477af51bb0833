// The columns of lists of requests: every list can show and sort by each of them.

/// Lines of a list as a panel.
struct TrafficTable {
    /// The columns of the keys, for example `path`; two in a list of pairs.
    let keyNames: [String]

    /// All requests of the selection, for shares.
    let total: TrafficCounts

    /// The shares of the percentiles, each above 0 and at most 100.
    let percentiles: [Double]

    /// The names that `--columns` and `--sort` take besides the key and the percentiles.
    static let columnNames = [
        "requests", "requests_percent", "status_1xx", "status_2xx", "status_3xx", "status_4xx", "status_5xx",
        "status_none", "failed", "aborted", "timeout", "crashed", "killed", "shed", "bytes_in", "bytes_out",
        "duration_mean_ms", "duration_max_ms", "duration_sum_ms", "last_seen",
    ]

    /// A panel of some columns. A line of others is the last one whatever it counts, and no limit is about it: it is
    /// no key.
    ///
    /// - Throws: ``LogReadError`` of the kind `query` for a column that there is not.
    func panel(
        _ name: String, lines: [TrafficLine], usualColumns: [String], shape: ReportShape
    ) throws -> ReportPanel {
        let columns = shape.columns.isEmpty ? usualColumns : shape.columns
        for column in columns + (shape.sortColumn.map { [$0] } ?? []) { try check(column) }
        var shown = lines.filter { $0.key != .others }
        if let sort = shape.sortColumn {
            let keys = shown.map { value(sort, $0) }
            let order = shown.indices.sorted { keys[$0].comesAfter(keys[$1]) ?? ($0 < $1) }
            shown = order.map { shown[$0] }
        }
        shown = shown.prefix(shape.limit ?? shown.count) + lines.filter { $0.key == .others }
        let rows = shown.map { line in columns.map { value($0, line) } }
        return ReportPanel(name, columns: columns, rows: rows, key: keyNames.first)
    }

    /// The columns of the percentiles.
    var percentileNames: [String] { percentiles.map(Self.percentileName) }

    /// The name of a percentile's column: `p50_ms`, `p99_9_ms`.
    static func percentileName(_ percent: Double) -> String {
        let text = percent == percent.rounded() ? String(Int(percent)) : String(percent)
        return "p" + text.split(separator: ".").joined(separator: "_") + "_ms"
    }

    private func check(_ column: String) throws {
        let known = keyNames + Self.columnNames + percentileNames
        if !known.contains(column) {
            throw LogReadError(.query, "there is no column '\(column)'; columns: \(known.joined(separator: ", "))")
        }
    }

    private func value(_ column: String, _ line: TrafficLine) -> ReportValue {
        let counts = line.counts
        switch column {
        case _ where keyNames.contains(column): return key(column, line.key)
        case "requests": return .integer(counts.requests)
        case "requests_percent": return .percent(counts.requests, of: total.requests)
        case "status_1xx": return .integer(counts.status1xx)
        case "status_2xx": return .integer(counts.status2xx)
        case "status_3xx": return .integer(counts.status3xx)
        case "status_4xx": return .integer(counts.status4xx)
        case "status_5xx": return .integer(counts.status5xx)
        case "status_none": return .integer(counts.withoutStatus)
        case "failed": return .integer(counts.failed)
        case "aborted": return .integer(counts.aborted)
        case "timeout": return .integer(counts.timeout)
        case "crashed": return .integer(counts.crashed)
        case "killed": return .integer(counts.killed)
        case "shed": return .integer(counts.shed)
        case "bytes_in": return .integer(counts.bytesIn)
        case "bytes_out": return .integer(counts.bytesOut)
        case "duration_mean_ms": return .milliseconds(counts.durationMeanUs)
        case "duration_max_ms": return .milliseconds(counts.durationMaxUs)
        case "duration_sum_ms": return .milliseconds(counts.durationUs)
        case "last_seen": return .time(us: line.newestUs)
        default:
            guard let index = percentileNames.firstIndex(of: column) else { return .null }
            return .milliseconds(line.latency?.percentile(percentiles[index] / 100))
        }
    }

    /// The keys that are numbers.
    private static let numberKeys: Set<String> = ["status", "worker"]

    private func key(_ column: String, _ key: TrafficKey) -> ReportValue {
        // The others of a list of pairs are one key.
        let part = key.parts.count > 1 ? key.parts[keyNames.firstIndex(of: column) ?? 0] : key
        if Self.numberKeys.contains(column), case .text(let digits) = part,
            let number = Int64(String(decoding: digits, as: UTF8.self))
        {
            return .integer(number)
        }
        return .text(part)
    }
}

extension ReportValue {
    /// Whether this value comes after another when the greatest come first; `nil`: they are level. NULL comes last.
    func comesAfter(_ other: ReportValue) -> Bool? {
        switch (self, other) {
        case (.text(let left), .text(let right)):
            left == right ? nil : right.lexicographicallyPrecedes(left)
        case (.text, _): true
        case (_, .text): false
        default:
            number == other.number ? nil : (number ?? -.infinity) > (other.number ?? -.infinity)
        }
    }

    private var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        case .null, .text, .blob: nil
        }
    }
}
