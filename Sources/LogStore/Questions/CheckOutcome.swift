// What a condition makes of the traffic: held, failed or without data; and how much of the error budget is left.
import Foundation

/// The outcome of a condition.
struct CheckOutcome: Sendable, Equatable {
    enum Result: String, Sendable {
        case ok, failed
        /// There were no requests of which the figure could be had.
        case noData = "no data"
    }

    let result: Result

    /// The figure, in the unit of the limit; `nil`: there is none.
    let value: Double?

    /// Of what the condition allows to go wrong, the share that has not gone wrong yet, in percent; below 0 when it
    /// failed; `nil`: the condition is about no share.
    let budgetLeftPercent: Double?

    /// Applies a condition.
    ///
    /// - Parameters:
    ///   - check: The condition.
    ///   - traffic: The requests.
    ///   - seconds: The length of their span; `nil`: it has no beginning.
    ///   - ageSeconds: The age of the newest request in the log; `nil`: the log is empty.
    init(_ check: CheckExpression, traffic: Traffic, seconds: Double?, ageSeconds: Double?) {
        let summary = traffic.total
        let requests = Double(summary.counts.requests)
        let plain: Double? =
            switch check.metric {
            case .percentile(let share): summary.latency.percentile(share).map { Double($0) / 1000 }
            case .mean: summary.counts.durationMeanUs.map { $0 / 1000 }
            case .maximum: requests > 0 ? Double(summary.counts.durationMaxUs) / 1000 : nil
            case .count(let kind): Double(kind.count(summary.counts))
            case .bytesIn: Double(summary.counts.bytesIn)
            case .bytesOut: Double(summary.counts.bytesOut)
            case .clients: Double(traffic.clientCount)
            case .age: ageSeconds
            case .within(let limitUs): Double(summary.latency.count(atMost: limitUs))
            }
        value =
            switch check.measure {
            case .plain: plain
            case .percent: requests > 0 ? plain.map { 100 * $0 / requests } : nil
            case .rate(let unit): Self.rate(plain, unit: unit, seconds: seconds)
            }
        result = value.map { check.comparison.holds($0, check.limit) ? .ok : .failed } ?? .noData
        budgetLeftPercent = value.flatMap { Self.budgetLeft(check, value: $0) }
    }

    /// The figure with the six digits that tell something; a count without a point.
    func shownValue(whole: Bool) -> ReportValue {
        guard let value else { return .null }
        if whole { return .integer(Int64(value)) }
        guard value != 0, value.isFinite else { return .real(value) }
        let scale = pow(10, 5 - log10(value.magnitude).rounded(.down))
        return .real((value * scale).rounded() / scale)
    }

    private static func rate(_ number: Double?, unit: Double, seconds: Double?) -> Double? {
        guard let number, let seconds, seconds > 0 else { return nil }
        return number * unit / seconds
    }

    /// `5xx<0.1%` allows 0.1 % to go wrong, `99.9%<300ms` and `ok>99.9%` allow what is missing to 100 %.
    private static func budgetLeft(_ check: CheckExpression, value: Double) -> Double? {
        guard check.measure == .percent else { return nil }
        let (allowed, used): (Double, Double)
        switch check.comparison {
        case .less, .atMost: (allowed, used) = (check.limit, value)
        case .greater, .atLeast: (allowed, used) = (100 - check.limit, 100 - value)
        case .equal, .doubleEqual, .notEqual: return nil
        }
        return allowed > 0 ? 100 * (1 - used / allowed) : nil
    }
}

extension LatencySketch {
    /// How many durations are at most so long, in microseconds, as far as the buckets tell.
    func count(atMost limitUs: Int64) -> Int {
        if maximumUs <= limitUs { return count }
        return filledBuckets.prefix { Self.middle($0.bucket) <= limitUs }.reduce(0) { $0 + $1.count }
    }
}

extension LogFleet {
    /// The report `check`.
    ///
    /// - Parameters:
    ///   - checks: The conditions.
    ///   - selection: The requests that they are about.
    /// - Returns: A row a condition: result (`ok`, `failed`, `no data`), the condition, the figure, its unit, and what
    ///   is left of the error budget.
    /// - Throws: ``LogReadError``.
    public func check(_ checks: [CheckExpression], selection: Selection) throws -> CheckReport {
        let (draft, results) = try checkDraft(checks, selection)
        return CheckReport(
            report: draft.report, hasFailed: results.contains(.failed), lacksData: results.contains(.noData))
    }

    func checkDraft(
        _ checks: [CheckExpression], _ selection: Selection
    ) throws -> (draft: ReportDraft, results: [CheckOutcome.Result]) {
        var draft = ReportDraft(name: "check", selection: selection)
        var question = TrafficQuestion(selection)
        question.needsClients = checks.contains { $0.metric == .clients }
        let traffic = try traffic(question)
        draft.add(traffic)
        let nowUs = draft.generatedAtUs
        let age = traffic.cost.newestUs.map { Double(max(0, nowUs - $0)) / 1e6 }
        let outcomes = checks.map { check in
            CheckOutcome(
                check, traffic: traffic, seconds: selection.span.secondsPast(nowUs: nowUs), ageSeconds: age)
        }
        let rows = zip(checks, outcomes).map { check, outcome -> [ReportValue] in
            [
                .text(outcome.result.rawValue), .text(check.text), outcome.shownValue(whole: check.unit.isEmpty),
                .text(check.unit), outcome.budgetLeftPercent.map { .real($0) } ?? .null,
            ]
        }
        draft.panels = [
            ReportPanel(
                "rows", columns: ["result", "check", "value", "unit", "budget_left_percent"], rows: rows, key: "check")
        ]
        return (draft, outcomes.map(\.result))
    }
}

/// The report `check`, and what it comes down to.
public struct CheckReport: Sendable {
    /// The report.
    public let report: Report

    /// Whether a condition failed.
    public let hasFailed: Bool

    /// Whether there was nothing to apply a condition to.
    public let lacksData: Bool
}
