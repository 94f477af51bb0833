// Everything that can be asked of a span, in one type, so that each of it can be explained.

/// A question to the logs of a fleet.
public enum LogQuestion: Sendable {
    /// A report with a span.
    case report(ReportName, ReportShape)
    /// ``LogFleet/compare(_:with:limit:isExact:)``
    case compare(Baseline, limit: Int?, isExact: Bool)
    /// ``LogFleet/why(_:with:measure:limit:isExact:)``
    case why(Baseline, TrafficMeasure?, limit: Int?, isExact: Bool)
    /// ``LogFleet/check(_:selection:)``
    case check([CheckExpression])
}

extension LogFleet {
    /// The answer, with what it cost.
    func draft(_ question: LogQuestion, _ selection: Selection) throws -> ReportDraft {
        switch question {
        case .report(let name, let shape): try draft(name, selection, shape)
        case .compare(let baseline, let limit, let isExact):
            try compareDraft(selection, baseline, limit: limit, isExact: isExact)
        case .why(let baseline, let measure, let limit, let isExact):
            try whyDraft(selection, baseline, measure, limit: limit, isExact: isExact)
        case .check(let checks): try checkDraft(checks, selection).draft
        }
    }
}
