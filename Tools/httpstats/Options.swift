// The options that reports share, and what they stand for.
import ArgumentParser
import Dispatch
import LogStore
import SystemPackage

/// Where the log is and how to write.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The access log (default: \(LogStoreLocation.defaultPath())).", valueName: "file"))
    var db: String?

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Give up after this time, with status 6.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("--timeout wants a number of seconds above 0")
        }
    }

    /// The database file.
    var path: FilePath { db.map { FilePath($0) } ?? LogStoreLocation.defaultPath() }

    /// The format to write.
    var format: OutputFormat { output.format }

    /// Opens the log; a time limit starts to run.
    func open() throws -> LogReader {
        try Output.begin()
        Waiting.begin(path.string)
        let reader = try LogReader(path: path)
        if let timeout {
            let interrupt = reader.interrupt
            DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: DispatchWorkItem { interrupt() })
        }
        return reader
    }

    /// A formatter for the output.
    func formatter() -> any ReportFormatter {
        format.formatter(style: output.style)
    }
}

/// The span that a report is about.
struct SpanOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Length of the span, until now or --until: 15m, 6h, 7d.", valueName: "length"))
    var last: String?

    @Option(name: .long, help: ArgumentHelp("Begin: HH:MM, YYYY-MM-DD[THH:MM[:SS][Z|+HH:MM]].", valueName: "time"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("End (exclusive), written as for --since.", valueName: "time"))
    var until: String?

    /// The span; `otherwise` is its length in seconds when the options name no beginning.
    func span(otherwise: Int64?) throws -> TimeSpan {
        try SpanParser(nowUs: WallClock.nowUs()).span(last: last, since: since, until: until, otherwise: otherwise)
    }
}

/// How many rows to show.
struct LimitOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The greatest number of rows of a list; 0: all.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit wants 0 or more") }
    }

    /// The limit; `nil`: all rows.
    func rows(otherwise: Int) -> Int? {
        (limit ?? otherwise) == 0 ? nil : limit ?? otherwise
    }
}
