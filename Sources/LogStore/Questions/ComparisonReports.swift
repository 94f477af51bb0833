// The reports compare and why: two questions, and what their answers differ in.

extension LogFleet {
    /// The report `compare`.
    ///
    /// - Parameters:
    ///   - selection: The requests that are looked at.
    ///   - baseline: The span that they are compared with; the conditions are the same.
    ///   - limit: The greatest number of rows of a list; `nil`: all.
    ///   - isExact: Whether to read rows however many there are.
    /// - Returns: The two spans, every figure, and of each list the keys that moved most.
    /// - Throws: ``LogReadError``, ``SpanError``.
    public func compare(
        _ selection: Selection, with baseline: Baseline, limit: Int?, isExact: Bool = false
    ) throws -> Report {
        try draft(.compare(baseline, limit: limit, isExact: isExact), selection).report
    }

    /// The report `why`.
    ///
    /// - Parameters:
    ///   - selection: The requests that are looked at.
    ///   - baseline: The span that they are compared with; the conditions are the same.
    ///   - measure: What rose; `nil`: what changed most.
    ///   - limit: The greatest number of causes; `nil`: all.
    ///   - isExact: Whether to read rows however many there are.
    /// - Returns: The two spans, the change of each measure, and the keys that explain most of the one.
    /// - Throws: ``LogReadError``, ``SpanError``.
    public func why(
        _ selection: Selection, with baseline: Baseline, measure: TrafficMeasure?, limit: Int?, isExact: Bool = false
    ) throws -> Report {
        try draft(.why(baseline, measure, limit: limit, isExact: isExact), selection).report
    }

    func compareDraft(
        _ selection: Selection, _ baseline: Baseline, limit: Int?, isExact: Bool
    ) throws -> ReportDraft {
        var draft = ReportDraft(name: "compare", selection: selection)
        let spans = try ComparedSpans(selection.span, baseline, nowUs: draft.generatedAtUs)
        let fields = Set(Comparison.fields.map(\.field))
        let comparison = try comparison(selection, spans, fields, isExact: isExact, &draft)
        draft.panels = [spans.panel(comparison)] + comparison.panels(limit: limit) + comparison.unlisted
        return draft
    }

    func whyDraft(
        _ selection: Selection, _ baseline: Baseline, _ measure: TrafficMeasure?, limit: Int?, isExact: Bool
    ) throws -> ReportDraft {
        var draft = ReportDraft(name: "why", selection: selection)
        let spans = try ComparedSpans(selection.span, baseline, nowUs: draft.generatedAtUs)
        let fields = Set(Explanation.fields)
        let comparison = try comparison(
            selection, spans, fields, isExact: isExact, countsErrorsOnce: true, &draft)
        let explanation = Explanation(comparison, measure: measure)
        draft.panels = [spans.panel(comparison)] + explanation.panels(limit: limit) + comparison.unlisted
        return draft
    }

    /// Asks about both spans: the summaries where they can answer, and then the rows where that matters.
    ///
    /// A key that is in the list of one span and among the others of the other seems to have come or gone. So where
    /// lists are cut rows are read, if they are not too many, and if all requests have one: retention removes rows
    /// sooner than their summaries.
    private func comparison(
        _ selection: Selection, _ spans: ComparedSpans, _ fields: Set<TrafficField>, isExact: Bool,
        countsErrorsOnce: Bool = false, _ draft: inout ReportDraft
    ) throws -> Comparison {
        var question = TrafficQuestion(selection)
        question.fields = fields
        question.keyLimit = Comparison.keyLimit
        question.isExact = isExact
        var comparison = try comparison(question, spans, countsErrorsOnce, &draft)
        let requests = comparison.requests
        if comparison.isCut, !isExact, requests <= Comparison.rowLimit {
            question.isExact = true
            let exact = try self.comparison(question, spans, countsErrorsOnce, &draft)
            if exact.requests >= requests { comparison = exact }
        }
        draft.matches = Int(comparison.requests)
        return comparison
    }

    private func comparison(
        _ question: TrafficQuestion, _ spans: ComparedSpans, _ countsErrorsOnce: Bool, _ draft: inout ReportDraft
    ) throws -> Comparison {
        func answer(_ span: TimeSpan) throws -> Traffic {
            var question = question
            question.selection.span = span
            var traffic = try traffic(question)
            if countsErrorsOnce { try countErrorsOnce(&traffic, question) }
            draft.cost.merge(traffic.cost)
            return traffic
        }
        var (after, before) = (try answer(spans.after), try answer(spans.before))
        if let old = before.lists[.template], let new = after.lists[.template] {
            // Both spans teach the templates, so that a key is the same in both.
            let templates = LearnedTemplates(old + new)
            before.lists[.template] = templates.fold(old, limit: nil)
            after.lists[.template] = templates.fold(new, limit: nil)
        }
        return Comparison(
            before: before, after: after, beforeSeconds: spans.before.secondsPast(nowUs: spans.nowUs) ?? 0,
            afterSeconds: spans.after.secondsPast(nowUs: spans.nowUs) ?? 0)
    }

    /// Has a request that was killed while it was answered with 5xx count among the latter alone: the two counters do
    /// not tell how many it is in both, so the rows are asked, as far as there are any.
    private func countErrorsOnce(_ traffic: inout Traffic, _ question: TrafficQuestion) throws {
        guard traffic.total.counts.killed > 0, traffic.total.counts.status5xx > 0 else { return }
        var question = question
        question.keyLimit = nil
        question.needsClients = false
        try question.selection.filter.add(condition: "outcome = 'killed' AND status >= 500")
        let both = try self.traffic(question)
        traffic.cost.merge(both.cost)
        traffic.total.counts.killed -= both.total.counts.killed
        for (field, lines) in both.lists {
            let killed = Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0.counts.killed) })
            for index in (traffic.lists[field] ?? []).indices {
                let key = traffic.lists[field]?[index].key ?? .none
                traffic.lists[field]?[index].counts.killed -= killed[key] ?? 0
            }
        }
    }
}

/// The two spans of a comparison.
struct ComparedSpans {
    let before: TimeSpan
    /// The span that is looked at; it ends now at the latest, so that each question is about the same requests.
    let after: TimeSpan
    let nowUs: Int64

    init(_ span: TimeSpan, _ baseline: Baseline, nowUs: Int64) throws {
        self.nowUs = nowUs
        before = try baseline.span(for: span, nowUs: nowUs)
        after = TimeSpan(sinceUs: span.sinceUs, untilUs: min(span.untilUs ?? nowUs, nowUs))
    }

    /// Both with what they hold and where it was read.
    func panel(_ comparison: Comparison) -> ReportPanel {
        func row(_ name: String, _ span: TimeSpan, _ traffic: Traffic) -> [ReportValue] {
            [
                .text(name), .time(us: span.sinceUs), .time(us: min(span.untilUs ?? nowUs, nowUs)),
                .integer(traffic.total.counts.requests), .text(traffic.cost.tier.rawValue),
            ]
        }
        return ReportPanel(
            "spans", columns: ["span", "since", "until", "requests", "tier"],
            rows: [row("before", before, comparison.before), row("after", after, comparison.after)])
    }
}

extension Comparison {
    /// The requests of both spans.
    fileprivate var requests: Int64 { before.total.counts.requests + after.total.counts.requests }
}
