// The options that reports share, and what they stand for.
import ArgumentParser
import Dispatch
import LogStore
import SystemPackage

/// Where the log is and how to write.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The access log (default: \(LogStoreLocation.defaultPath())). Reports take several: the logs of a fleet.",
            valueName: "file"))
    var db: [String] = []

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Give up after this time, with status 6.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("--timeout wants a number of seconds above 0")
        }
    }

    /// The database file of a command that takes one.
    var path: FilePath {
        get throws {
            if db.count > 1 { throw ValidationError("this command takes one --db, not \(db.count)") }
            return db.first.map { FilePath($0) } ?? LogStoreLocation.defaultPath()
        }
    }

    /// The format to write.
    var format: OutputFormat { output.format }

    /// Opens the log of a command that takes one; a time limit starts to run.
    func open() throws -> LogReader {
        try begin()
        let reader = try LogReader(path: try path)
        limitTime([reader])
        return reader
    }

    /// Opens all logs; a time limit starts to run.
    func openFleet() throws -> LogFleet {
        try begin()
        let readers = try Self.openReaders(paths)
        limitTime(readers)
        return LogFleet(readers)
    }

    /// The database files.
    var paths: [FilePath] { db.isEmpty ? [LogStoreLocation.defaultPath()] : db.map { FilePath($0) } }

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

    private func limitTime(_ readers: [LogReader]) {
        guard let timeout else { return }
        for interrupt in readers.map(\.interrupt) {
            DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: DispatchWorkItem { interrupt() })
        }
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

    @Flag(name: .long, help: "Since midnight.")
    var today = false

    @Flag(name: .long, help: "From midnight to midnight.")
    var yesterday = false

    @Option(
        name: .long,
        help: ArgumentHelp("What times without a zone mean: UTC, +02:00, Europe/Berlin.", valueName: "zone"))
    var tz: String?

    /// The span; `otherwise` is its length in seconds when the options name no beginning.
    func span(otherwise: Int64?) throws -> TimeSpan {
        let parser = try SpanParser(nowUs: WallClock.nowUs(), zone: tz)
        if today || yesterday {
            guard last == nil, since == nil, until == nil, today != yesterday else {
                throw SpanError("--today and --yesterday are whole spans; give one of them without --last or --since")
            }
            return try parser.day(today ? 0 : -1)
        }
        return try parser.span(last: last, since: since, until: until, otherwise: otherwise)
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
