// The options that all reports share: where the log is, and how to write.
import ArgumentParser
import Dispatch
import LogStore
import SystemPackage

/// Where the log is and how to write.
///
/// A group of options costs each start five searches of 40 µs for conformances, so what is always asked for together
/// is one group.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The access log (default: \(LogStoreLocation.defaultPath())). Reports take several: the logs of a fleet.",
            valueName: "file"))
    var db: [String] = []

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

    @Option(name: .long, help: ArgumentHelp("Give up after this time, with status 6.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        if let width, width != 0, !(20...10_000).contains(width) {
            throw ValidationError("--width wants 20 to 10000 columns, or 0 for lines of any length")
        }
        if output == "" { throw ValidationError("--output wants the name of a file, or - for standard output") }
        if let file { Output.choose(file) }
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("--timeout wants a number of seconds above 0")
        }
    }
}

/// The output.
extension CommonOptions {
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

    /// A formatter for the output.
    func formatter() -> any ReportFormatter {
        format.formatter(style: style)
    }
}

/// The logs.
extension CommonOptions {
    /// The database file of a command that takes one.
    var path: FilePath {
        get throws {
            if db.count > 1 { throw ValidationError("this command takes one --db, not \(db.count)") }
            return db.first.map { FilePath($0) } ?? LogStoreLocation.defaultPath()
        }
    }

    /// The database files.
    var paths: [FilePath] { db.isEmpty ? [LogStoreLocation.defaultPath()] : db.map { FilePath($0) } }

    /// Opens the log of a command that takes one, for as long as the program runs; a time limit starts to run.
    func open() throws -> LogReader {
        try begin()
        let reader = try LogReader(path: try path)
        keep([reader])
        return reader
    }

    /// Opens all logs for as long as the program runs; a time limit starts to run.
    func openFleet() throws -> LogFleet {
        try begin()
        let readers = try Self.openReaders(paths)
        keep(readers)
        return LogFleet(readers)
    }

    /// Opens all logs.
    static func openReaders(_ paths: [FilePath]) throws -> [LogReader] {
        let readers = try paths.map { try LogReader(path: $0) }
        // The same log twice would count each request twice.
        if Set(readers.map(\.path)).count < readers.count { throw ValidationError("one log is given twice with --db") }
        return readers
    }

    private func begin() throws {
        try Output.begin()
        Waiting.begin(db.first ?? LogStoreLocation.defaultPath().string)
    }

    private func keep(_ readers: [LogReader]) {
        readers.forEach { $0.stayOpen() }
        guard let timeout else { return }
        for interrupt in readers.map(\.interrupt) {
            DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: DispatchWorkItem { interrupt() })
        }
    }
}
