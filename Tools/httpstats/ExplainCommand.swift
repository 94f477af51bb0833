// The command explain: how a report is made.
import ArgumentParser
import LogStore

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "explain", abstract: "How a report is made: its SQL, where it reads, and what it costs.",
        discussion: """
            Takes the name of a report and the options of it, makes the report without printing it, and shows: rows \
            and summaries read, wall and processor time; which stretch of time came from rows and which from stored \
            summaries; the statements that read them; and how SQLite runs these. Conditions other than --where are \
            not in the statements: they are asked once for each text of a dictionary, not for each row. For example
              httpstats explain paths --last 7d
              httpstats explain why --last 1h --against yesterday
              httpstats explain check 'p99<200ms'
            """)

    private static let names = ReportName.allCases.map(\.rawValue) + ["compare", "why", "check"]

    @Argument(help: ArgumentHelp("The report: \(names.joined(separator: ", ")).", valueName: "report"))
    var report: String

    @Argument(help: ArgumentHelp("The conditions of check.", valueName: "condition"))
    var conditions: [String] = []

    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions

    @Option(name: .long, help: ArgumentHelp("What compare and why compare with.", valueName: "span"))
    var against: String?

    @Option(name: .long, help: ArgumentHelp("The measure of why.", valueName: "measure"))
    var of: TrafficMeasure?

    func validate() throws {
        guard Self.names.contains(report) else {
            throw ValidationError(
                "explain \(report): there is no such report; reports: \(Self.names.joined(separator: ", "))")
        }
        if report == "check" ? conditions.isEmpty : !conditions.isEmpty {
            throw ValidationError("explain check takes conditions, such as 'p99<200ms', and no other report does")
        }
        if against != nil, !["compare", "why"].contains(report) {
            throw ValidationError("--against is an option of compare and why")
        }
        if of != nil, report != "why" { throw ValidationError("--of is an option of why") }
    }

    func run() throws {
        let hours: Int64 = report == "why" || report == "check" ? 1 : 24
        let selection = try selectionOptions.selection(otherwise: 3600 * hours)
        let question = try question()
        try common.print { try $0.explain(question, selection) }
    }

    private func question() throws -> LogQuestion {
        if let name = ReportName(rawValue: report) {
            return .report(name, try shapeOptions.shape(limit: name == .overview ? 10 : 20))
        }
        if report == "check" { return .check(try CheckCommand.checks(conditions)) }
        let shape = try shapeOptions.shape(limit: 15)
        var plain = ReportShape(limit: shape.limit)
        plain.isExact = shape.isExact
        if shape != plain { throw ValidationError("explain \(report) takes --limit and --exact of the shape options") }
        let parser = try SpanParser(nowUs: WallClock.nowUs(), zone: selectionOptions.tz)
        let baseline = try parser.baseline(against ?? "previous")
        return report == "why"
            ? .why(baseline, of, limit: shape.limit, isExact: shape.isExact)
            : .compare(baseline, limit: shape.limit, isExact: shape.isExact)
    }
}
