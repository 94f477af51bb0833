// Makes the reports of a fleet: from answers to questions about its traffic, or from one SQL text a log.
import GRDB
import Schema

extension LogFleet {
    /// Makes a report.
    ///
    /// - Parameters:
    ///   - name: Which one.
    ///   - selection: The requests that it is about.
    ///   - shape: Its rows and columns.
    /// - Returns: The report; it is empty when nothing is selected.
    /// - Throws: ``LogReadError``.
    public func report(_ name: ReportName, _ selection: Selection, shape: ReportShape) throws -> Report {
        try draft(name, selection, shape).report
    }

    func draft(_ name: ReportName, _ selection: Selection, _ shape: ReportShape) throws -> ReportDraft {
        var draft = ReportDraft(name: name.rawValue, selection: selection)
        switch name {
        case .overview: try overview(selection, shape, &draft)
        case .timeline: try timeline(selection, shape, &draft)
        case .slow: try slow(selection, shape, &draft)
        case .latency: try latency(selection, shape, &draft)
        case .paths, .clients, .hosts, .agents, .referers, .status, .methods: try list(name, selection, shape, &draft)
        case .errors, .crashes, .workers:
            try refuse(selection.filter, name)
            try rows(name, selection.span, limit: shape.limit, &draft)
        }
        return draft
    }

    private func overview(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        var question = Overview.question(selection, limit: shape.limit)
        question.isExact = shape.isExact
        let traffic = try traffic(question)
        draft.add(traffic)
        draft.panels = Overview(traffic: traffic, span: selection.span, nowUs: draft.generatedAtUs).panels
        // Messages have no status or path of their own, so a filter on requests says nothing about them.
        if selection.filter.isEmpty { try rows(.errors, selection.span, limit: shape.limit, &draft, key: "message") }
    }

    private func list(
        _ name: ReportName, _ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft
    ) throws {
        guard let field = shape.fields.first ?? name.field else { return }
        var question = TrafficQuestion(selection)
        question.fields = [field]
        question.needsClients = false
        question.needsLatencyByKey = !shape.percentiles.isEmpty || name == .latency
        // Templates are learned from all paths.
        question.keyLimit = shape.sortColumn == nil && field != .template ? shape.limit : nil
        // Summaries keep the keys with the most requests, which may not be those with the most of something else.
        question.isExact = shape.isExact || shape.sortColumn.map { $0 != "requests" } ?? false
        let traffic = try traffic(question)
        draft.add(traffic)
        let isStatus = field == .status
        let table = TrafficTable(
            keyName: field.rawValue, hasNumberKeys: isStatus || field == .worker, total: traffic.total.counts,
            percentiles: shape.percentiles.isEmpty && name == .latency ? [50, 95, 99] : shape.percentiles)
        var lines = traffic.lists[field] ?? []
        if field == .template {
            lines = LearnedTemplates.fold(lines, limit: shape.sortColumn == nil ? shape.limit : nil)
        }
        if isStatus && shape.sortColumn == nil { lines.sort { $0.key.digits < $1.key.digits } }
        draft.panels = [
            try table.panel(
                "rows", lines: lines,
                usualColumns: name.columns(key: field.rawValue, percentiles: table.percentileNames), shape: shape)
        ]
    }

    private func latency(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        if !shape.fields.isEmpty { return try list(.latency, selection, shape, &draft) }
        var question = TrafficQuestion(selection)
        question.needsClients = false
        question.isExact = shape.isExact
        let traffic = try traffic(question)
        draft.add(traffic)
        let table = TrafficTable(
            keyName: "all", total: traffic.total.counts,
            percentiles: shape.percentiles.isEmpty ? [50, 75, 90, 95, 99, 99.9] : shape.percentiles)
        let line = TrafficLine(key: .none, counts: traffic.total.counts, latency: traffic.total.latency)
        draft.panels = [
            try table.panel(
                "rows", lines: traffic.total.counts.requests == 0 ? [] : [line],
                usualColumns: ["requests", "duration_mean_ms"] + table.percentileNames + ["duration_max_ms"],
                shape: shape)
        ]
    }

    private func timeline(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        var question = TrafficQuestion(selection)
        question.stepSeconds = shape.stepSeconds ?? selection.span.usualStepSeconds(nowUs: draft.generatedAtUs)
        question.isExact = shape.isExact
        let traffic = try traffic(question)
        draft.add(traffic)
        let table = TrafficTable(
            keyName: "time", total: traffic.total.counts,
            percentiles: shape.percentiles.isEmpty ? [50, 95, 99] : shape.percentiles)
        let lines = traffic.steps.map {
            TrafficLine(
                key: .text(Array(ISOTime.text(us: $0.startUs).utf8)), counts: $0.summary.counts,
                latency: $0.summary.latency)
        }
        draft.panels = [
            try table.panel(
                "rows", lines: lines,
                usualColumns: [
                    "time", "requests", "status_2xx", "status_3xx", "status_4xx", "status_5xx", "failed", "bytes_out",
                ] + table.percentileNames, shape: shape)
        ]
    }

    private func slow(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        let (panel, cost) = try requests(selection, order: .slowest, limit: shape.limit)
        draft.cost.merge(cost)
        draft.matches = panel.rows.count
        draft.panels = [panel]
    }

    /// Adds a panel of what a text answers in each log.
    private func rows(
        _ name: ReportName, _ span: TimeSpan, limit: Int?, _ draft: inout ReportDraft, key: String? = nil
    ) throws {
        guard let sql = name.sql else { return }
        var panels: [ReportPanel] = []
        for reader in readers {
            try reader.require(schema: name.schema, for: name.rawValue)
            let (panel, newest) = try reader.read { database in
                (
                    try LogReader.panel(
                        key == nil ? "rows" : name.rawValue, database, sql: sql,
                        arguments: LogReader.arguments(span: span, limit: limit), key: key),
                    try Int64.fetchOne(database, sql: SQL.newest)
                )
            }
            panels.append(panel)
            draft.cost.add(newest: newest)
            draft.cost.add(sql: sql)
        }
        guard var panel = ReportPanel.joined(panels, sortColumn: name.timeColumn, limit: limit) else { return }
        // A hundred names are no cell of a table; request has them line by line.
        if name == .crashes { panel.details = ["frames"] }
        draft.panels.append(panel)
        draft.cost.rows += panel.rows.count
        draft.matches += panel.rows.count
    }

    private func refuse(_ filter: RequestFilter, _ name: ReportName) throws {
        if !filter.isEmpty {
            throw LogReadError(
                .query, "\(name.rawValue) is not about single requests, so it takes a span and no other conditions")
        }
    }
}

/// A report while it is made.
struct ReportDraft {
    let name: String
    let selection: Selection
    let generatedAtUs = WallClock.nowUs()
    var panels: [ReportPanel] = []
    var cost = ReadCost()

    /// How much of what was read the report is about.
    var matches = 0

    init(name: String, selection: Selection) {
        self.name = name
        self.selection = selection
    }

    /// Notes what an answer cost.
    mutating func add(_ traffic: Traffic) {
        cost.merge(traffic.cost)
        matches += Int(traffic.total.counts.requests)
    }

    var report: Report {
        Report(
            name: name, span: selection.span, generatedAtUs: generatedAtUs, panels: panels, rowsRead: cost.rows,
            newestUs: cost.newestUs, tier: cost.tier, summariesRead: cost.summaries, isEmpty: matches == 0)
    }
}

extension ReportName {
    /// The column that orders the rows of several logs, the greatest first.
    var timeColumn: String {
        switch self {
        case .errors: "last_seen"
        case .workers: "started"
        case .slow: "duration_ms"
        default: "time"
        }
    }
}

extension ReportPanel {
    /// The rows of the same panel of several logs as one; `nil` without any.
    static func joined(_ panels: [ReportPanel], sortColumn: String, limit: Int?) -> ReportPanel? {
        guard var panel = panels.first else { return nil }
        if panels.count == 1 { return panel }
        let column = panel.columns.firstIndex { $0.name == sortColumn } ?? 0
        let rows = panels.flatMap(\.rows)
        let order = rows.indices.sorted { rows[$0][column].comesAfter(rows[$1][column]) ?? ($0 < $1) }
        panel.rows = order.prefix(limit ?? order.count).map { rows[$0] }
        return panel
    }
}

extension TrafficKey {
    /// Digits as a number; keys that are none come first.
    var digits: Int64 {
        if case .text(let bytes) = self { Int64(String(decoding: bytes, as: UTF8.self)) ?? -1 } else { -1 }
    }
}

extension TimeSpan {
    /// A length of steps, in seconds, that cuts the span into some dozens.
    func usualStepSeconds(nowUs: Int64) -> Int64 {
        let seconds = sinceUs.map { ((untilUs ?? nowUs) - $0) / 1_000_000 } ?? Int64.max
        let steps: [Int64] = [1, 10, 60, 300, 900, 3600, 10_800, 86_400]
        return steps.first { seconds / $0 <= 60 } ?? 604_800
    }
}
