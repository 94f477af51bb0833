// Shows how a report is made: what was read from where, by which statements and plans, and what it cost.
import GRDB
internal import LinuxSyscalls

extension LogFleet {
    /// Makes a report and tells of its making.
    ///
    /// - Parameters:
    ///   - question: Which report.
    ///   - selection: The requests that it is about.
    /// - Returns: A report whose panels are `cost`, `parts`, `statements` and `plans`.
    /// - Throws: ``LogReadError``, and ``SpanError`` where the question has one.
    public func explain(_ question: LogQuestion, _ selection: Selection) throws -> Report {
        let (startNs, startProcessorNs) = (Clock.monotonicNs(), Clock.processorNs())
        let draft = try draft(question, selection)
        let (endNs, endProcessorNs) = (Clock.monotonicNs(), Clock.processorNs())
        let cost = draft.cost
        let costPanel = ReportPanel(
            "cost",
            columns: [
                "report", "rows_read", "summaries_read", "requests_or_rows_found", "duration_ms", "processor_ms",
            ],
            rows: [
                [
                    .text(draft.name), .integer(Int64(cost.rows)), .integer(Int64(cost.summaries)),
                    .integer(Int64(draft.matches)), .real(Double(endNs - startNs) / 1e6),
                    .real(Double(endProcessorNs - startProcessorNs) / 1e6),
                ]
            ], isRecord: true)
        let parts = cost.parts.enumerated().map { number, part -> [ReportValue] in
            [
                .integer(Int64(number + 1)), .text(part.tier.rawValue), .time(us: part.sinceUs),
                .time(us: part.untilUs),
            ]
        }
        let statements = cost.statements.enumerated().map { number, sql -> [ReportValue] in
            [.integer(Int64(number + 1)), .text(Self.withoutComments(sql))]
        }
        let panels = [
            costPanel, ReportPanel("parts", columns: ["part", "tier", "since", "until"], rows: parts),
            ReportPanel("statements", columns: ["statement", "sql"], rows: statements),
            ReportPanel("plans", columns: ["statement", "step"], rows: try plans(cost.statements)),
        ]
        return Report(
            name: "explain", span: selection.span, generatedAtUs: draft.generatedAtUs, panels: panels,
            rowsRead: cost.rows, newestUs: cost.newestUs, tier: cost.tier, summariesRead: cost.summaries,
            isEmpty: false)
    }

    /// What SQLite says of how it runs statements; of the first log, as all are alike.
    private func plans(_ statements: [String]) throws -> [[ReportValue]] {
        guard let reader = readers.first else { return [] }
        return try reader.read { database in
            var rows: [[ReportValue]] = []
            for (number, sql) in statements.enumerated() {
                let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
                // A plan needs no values.
                statement.setUncheckedArguments([])
                let steps = try Row.fetchCursor(statement)
                while let step = try steps.next() {
                    rows.append([.integer(Int64(number + 1)), step.reportValue(step.count - 1)])
                }
            }
            return rows
        }
    }

    /// A statement on one line.
    private static func withoutComments(_ sql: String) -> String {
        let lines = sql.split(separator: "\n").filter { !$0.hasPrefix("--") }
        return lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }
}
