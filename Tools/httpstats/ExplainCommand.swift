// The command explain: how a report is made.
import ArgumentParser
import LogStore

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "How a report is made: its SQL, where it reads, and what it costs.",
        discussion: """
            Takes the name of a report and the options of it, makes the report without printing it, and shows: rows \
            and summaries read, wall and processor time; which stretch of time came from rows and which from stored \
            summaries; the statements that read them; and how SQLite runs these. Conditions other than --where are \
            not in the statements: they are asked once for each text of a dictionary, not for each row.
            """)

    @Argument(
        help: ArgumentHelp(
            "The report: \(ReportName.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "report"))
    var report: String

    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var filterOptions: FilterOptions
    @OptionGroup var shapeOptions: ShapeOptions

    func run() throws {
        guard let name = ReportName(rawValue: report) else {
            let known = ReportName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("explain \(report): there is no such report; reports: \(known)")
        }
        let selection = Selection(span: try spanOptions.span(otherwise: 86_400), filter: try filterOptions.filter())
        let shape = try shapeOptions.shape(limit: name == .overview ? 10 : 20)
        try common.print { try $0.explain(name, selection, shape: shape) }
    }
}
