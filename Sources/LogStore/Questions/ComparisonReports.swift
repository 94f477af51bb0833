// The reports compare and why: two questions, and what their answers differ in.

extension LogFleet {
    /// The report `compare`.
    ///
    /// - Parameters:
    ///   - selection: The requests that are looked at.
    ///   - baseline: The span that they are compared with; the conditions are the same.
    ///   - limit: The greatest number of rows of a list; `nil`: all.
    /// - Returns: The two spans, every figure, and of each list the keys that moved most.
    /// - Throws: ``LogReadError``, ``SpanError``.
    public func compare(_ selection: Selection, with baseline: Baseline, limit: Int?) throws -> Report {
        let fields = Set(Comparison.fields.map(\.field))
        let (comparison, spans) = try comparison(selection, with: baseline, fields: fields)
        return report("compare", selection, [spans] + comparison.panels(limit: limit), comparison)
    }

    /// The report `why`.
    ///
    /// - Parameters:
    ///   - selection: The requests that are looked at.
    ///   - baseline: The span that they are compared with; the conditions are the same.
    ///   - measure: What rose; `nil`: what changed most.
    ///   - limit: The greatest number of causes; `nil`: all.
    /// - Returns: The two spans, the change of each measure, and the keys that explain most of the one.
    /// - Throws: ``LogReadError``, ``SpanError``.
    public func why(
        _ selection: Selection, with baseline: Baseline, measure: TrafficMeasure?, limit: Int?
    ) throws -> Report {
        let (comparison, spans) = try comparison(selection, with: baseline, fields: Set(Explanation.fields))
        let explanation = Explanation(comparison, measure: measure)
        return report("why", selection, [spans] + explanation.panels(limit: limit), comparison)
    }

    private func report(
        _ name: String, _ selection: Selection, _ panels: [ReportPanel], _ comparison: Comparison
    ) -> Report {
        var cost = comparison.after.cost
        cost.rows += comparison.before.cost.rows
        cost.summaries += comparison.before.cost.summaries
        let counts = (comparison.before.total.counts, comparison.after.total.counts)
        return Report(
            name, span: selection.span, nowUs: WallClock.nowUs(), panels: panels, cost: cost,
            matches: Int(counts.0.requests + counts.1.requests))
    }

    private func comparison(
        _ selection: Selection, with baseline: Baseline, fields: Set<TrafficField>
    ) throws -> (Comparison, ReportPanel) {
        let nowUs = WallClock.nowUs()
        let earlier = try baseline.span(for: selection.span, nowUs: nowUs)
        var question = TrafficQuestion(selection)
        question.fields = fields
        question.keyLimit = Comparison.keyLimit
        var after = try traffic(question)
        question.selection.span = earlier
        var before = try traffic(question)
        if let old = before.lists[.template], let new = after.lists[.template] {
            // Both spans teach the templates, so that a key is the same in both.
            let templates = LearnedTemplates(old + new)
            before.lists[.template] = templates.fold(old, limit: nil)
            after.lists[.template] = templates.fold(new, limit: nil)
        }
        let comparison = Comparison(
            before: before, after: after, beforeSeconds: earlier.secondsPast(nowUs: nowUs) ?? 0,
            afterSeconds: selection.span.secondsPast(nowUs: nowUs) ?? 0)
        func row(_ name: String, _ span: TimeSpan) -> [ReportValue] {
            let bounds = [span.sinceUs, min(span.untilUs ?? nowUs, nowUs)].map { us -> ReportValue in
                us.map { .text(ISOTime.text(us: $0)) } ?? .null
            }
            return [.text(name)] + bounds
        }
        let spans = ReportPanel(
            "spans", columns: ["span", "since", "until"],
            rows: [row("before", earlier), row("after", selection.span)])
        return (comparison, spans)
    }
}

extension Report {
    /// A report from answers to questions.
    ///
    /// - Parameter matches: How many of the rows that were read it is about.
    init(_ name: String, span: TimeSpan, nowUs: Int64, panels: [ReportPanel], cost: ReadCost, matches: Int) {
        self.init(
            name: name, span: span, generatedAtUs: nowUs, panels: panels, rowsRead: cost.rows + cost.summaries,
            newestUs: cost.newestUs, tier: cost.tier, isEmpty: matches == 0)
    }
}
