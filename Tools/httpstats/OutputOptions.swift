// The options about what is written and where: format, file, width, colours.
public import ArgumentParser
import LogStore
import SystemPackage

extension OutputFormat: ExpressibleByArgument {}
extension OutputStyle.Colour: ExpressibleByArgument {}

/// How to write.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            table for people; json, ndjson, csv, tsv for programs; md for issues and wikis; prometheus for scrapes; \
            combined for tools that read access logs.
            """)
    var format: OutputFormat = .table

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to a file, which appears when it is whole, instead of standard output.", valueName: "file"))
    var output: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Columns that a line of a table may have; 0: any. (default: the terminal's)", valueName: "n"))
    var width: Int?

    @Flag(name: .long, help: "Write no characters beyond ASCII in tables.")
    var ascii = false

    @Flag(name: .long, help: "Leave out the line that names the columns.")
    var noHeader = false

    @Option(
        name: .long, help: "Colours: auto (a terminal that can, unless NO_COLOR is set), always or never.")
    var color: OutputStyle.Colour = .auto

    func validate() throws {
        if let width, width != 0, !(20...10_000).contains(width) {
            throw ValidationError("--width wants 20 to 10000 columns, or 0 for lines of any length")
        }
        if output == "" { throw ValidationError("--output wants the name of a file, or - for standard output") }
        if let file { Output.choose(file) }
    }

    /// The file to write; `nil`: standard output.
    var file: FilePath? { output.flatMap { $0 == "-" ? nil : FilePath($0) } }

    /// What the options and the terminal make of a table.
    var style: OutputStyle {
        var style = OutputStyle.standardOutput(colour: color, isFile: file != nil)
        if let width { style.columns = width == 0 ? nil : width }
        style.isASCII = ascii
        style.hasHeader = !noHeader
        return style
    }
}
