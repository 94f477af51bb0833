// Makes the reports of a fleet: most of them from answers to questions about its traffic.
internal import SystemPackage

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
        try name.check(shape)
        var draft = ReportDraft(name: name.rawValue, selection: selection)
        switch name {
        case .overview: try overview(selection, shape, &draft)
        case .timeline: try timeline(selection, shape, &draft)
        case .slow: try slow(selection, shape, &draft)
        case .latency: try latency(selection, shape, &draft)
        case .paths, .clients, .hosts, .agents, .referers, .status, .methods: try list(name, selection, shape, &draft)
        case .errors: try errors(selection, shape, &draft)
        case .notfound: try notFound(selection, limit: shape.limit, &draft)
        case .connections: try connections(selection, &draft)
        case .balance: try balance(selection, &draft)
        case .crashes: try crashes(selection, limit: shape.limit, &draft)
        case .workers: try workers(selection, limit: shape.limit, &draft)
        }
        return draft
    }

    private func overview(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        var question = Overview.question(selection, limit: shape.limit)
        question.isExact = shape.isExact
        let traffic = try traffic(question)
        draft.add(traffic)
        draft.panels = Overview(traffic: traffic, span: selection.span, nowUs: draft.generatedAtUs).panels
        let digest = try errorDigest(selection, &draft.cost)
        draft.matches += digest.count
        draft.panels.append(digest.shortPanel("errors", limit: shape.limit))
    }

    private func errors(_ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft) throws {
        let digest = try errorDigest(selection, &draft.cost)
        draft.matches = digest.count
        draft.panels = [digest.panel(limit: shape.limit)]
    }

    private func list(
        _ name: ReportName, _ selection: Selection, _ shape: ReportShape, _ draft: inout ReportDraft
    ) throws {
        let fields = shape.fields.isEmpty ? [name.field].compactMap(\.self) : shape.fields
        guard let field = fields.first else { return }
        let templatePart = fields.firstIndex(of: .template)
        var question = TrafficQuestion(selection)
        if fields.count == 2 { question.pair = FieldPair(field, fields[1]) } else { question.fields = [field] }
        question.needsClients = false
        question.needsLatencyByKey = !shape.percentiles.isEmpty || name == .latency
        // Templates are learned from all paths.
        question.keyLimit = shape.sortColumn == nil && templatePart == nil ? shape.limit : nil
        // Summaries keep the keys with the most requests, which may not be those with the most of something else.
        question.isExact = shape.isExact || shape.sortColumn.map { $0 != "requests" } ?? false
        let traffic = try traffic(question)
        draft.add(traffic)
        let table = TrafficTable(
            keyNames: fields.map(\.rawValue), total: traffic.total.counts,
            percentiles: shape.percentiles.isEmpty && name == .latency ? [50, 95, 99] : shape.percentiles)
        var lines = question.pair == nil ? traffic.lists[field] ?? [] : traffic.pairs
        if let templatePart {
            lines = LearnedTemplates.fold(lines, part: templatePart, limit: shape.sortColumn == nil ? shape.limit : nil)
        }
        if fields == [.status] && shape.sortColumn == nil { lines.sort { $0.key.digits < $1.key.digits } }
        draft.panels = [
            try table.panel(
                "rows", lines: lines,
                usualColumns: name.columns(keys: table.keyNames, percentiles: table.percentileNames), shape: shape)
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
            keyNames: ["all"], total: traffic.total.counts,
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
            keyNames: ["time"], total: traffic.total.counts,
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

extension LogFleet {
    /// What the logs are called where rows of several stand together: the names of their files, or where these are not
    /// all different their paths.
    var names: [String] {
        let names = readers.map { $0.path.lastComponent?.string ?? $0.path.string }
        return Set(names).count == names.count ? names : readers.map(\.path.string)
    }

    /// The rows of the same panel of each log as one; those of several logs begin with the name of theirs.
    ///
    /// - Parameter sortColumn: Its greatest values come first.
    func joined(_ panels: [ReportPanel], sortColumn: String, limit: Int?) -> ReportPanel {
        guard panels.count > 1, let first = panels.first else {
            return panels.first ?? ReportPanel("rows", columns: [])
        }
        let column = first.columns.firstIndex { $0.name == sortColumn } ?? 0
        let rows = zip(names, panels).flatMap { name, panel in panel.rows.map { (name: name, row: $0) } }
        let order = rows.indices.sorted { rows[$0].row[column].comesAfter(rows[$1].row[column]) ?? ($0 < $1) }
        return ReportPanel(
            first.name, columns: ["log"] + first.columns.map(\.name),
            rows: order.prefix(limit ?? order.count).map { [.text(rows[$0].name)] + rows[$0].row },
            key: first.columns[first.keyColumn].name)
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
