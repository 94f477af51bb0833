// The reports about a span: each says what it prints, the rest is common to all.
import ArgumentParser
import LogStore

/// A report about a span.
protocol ReportCommand: ParsableCommand {
    static var report: ReportName { get }

    /// The length of the span in seconds when the options name none; `nil`: all time.
    static var usualSpan: Int64? { get }
    static var usualLimit: Int { get }
    var common: CommonOptions { get }
    var spanOptions: SpanOptions { get }
    var limit: LimitOption { get }
}

extension ReportCommand {
    static var usualSpan: Int64? { 86_400 }
    static var usualLimit: Int { 20 }

    func run() throws {
        // Counters of a scrape never fall, so they are of all time.
        let span = try spanOptions.span(otherwise: common.format == .prometheus ? nil : Self.usualSpan)
        let report = try common.open().report(Self.report, span: span, limit: limit.rows(otherwise: Self.usualLimit))
        var formatter = common.formatter()
        if !report.isEmpty || common.format != .table {
            formatter.write(report)
            guard try flush(&formatter) else { return }
        }
        if report.isEmpty {
            let newest = report.newestUs.map { "the newest request is of \(ISOTime.text(us: $0))" }
            let since = report.span.sinceUs.map { " since \(ISOTime.text(us: $0))" } ?? ""
            printError("no rows\(since) for \(Self.report.rawValue); \(newest ?? "the log holds no request yet")")
            throw ExitCode(3)
        }
    }
}

struct OverviewCommand: ReportCommand {
    static let report = ReportName.overview
    static let usualLimit = 10
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "Totals, latency, status classes, outcomes, top paths and newest errors.",
        discussion: """
            Prints for the last 24 hours: requests and their rate, bytes in and out, different clients; the latency \
            that 50, 95 and 99 % of the requests do not exceed (within 1.6 %) and the longest; requests by status \
            class and by outcome; the most requested paths; the newest messages. `failed` counts the outcomes \
            timeout, crashed, killed and shed. With --format csv each value is a line: panel,key,name,value.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct PathsCommand: ReportCommand {
    static let report = ReportName.paths
    static let configuration = CommandConfiguration(
        commandName: "paths", abstract: "The most requested paths.",
        discussion: "For each path: requests and their share, 4xx and 5xx answers, bytes sent, mean and longest time.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct ClientsCommand: ReportCommand {
    static let report = ReportName.clients
    static let configuration = CommandConfiguration(
        commandName: "clients", abstract: "The clients with the most requests.",
        discussion:
            "For each address: requests and their share, 4xx and 5xx answers, bytes sent, mean time, last request.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct StatusCommand: ReportCommand {
    static let report = ReportName.status
    static let usualLimit = 0
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Requests by status code.",
        discussion:
            "For each code: requests and their share, bytes sent, mean and longest time, last request. A request "
            + "that got no answer has none.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct SlowCommand: ReportCommand {
    static let report = ReportName.slow
    static let configuration = CommandConfiguration(
        commandName: "slow", abstract: "The longest requests.",
        discussion: "For each request: its time and the time to its first byte in milliseconds, when it ended, worker, "
            + "client, status, outcome, bytes sent, id, method, path and query.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct ErrorsCommand: ReportCommand {
    static let report = ReportName.errors
    static let configuration = CommandConfiguration(
        commandName: "errors", abstract: "Messages of handlers and of the server, the newest first.",
        discussion: "Equal messages are one row: first and last seen, level, how often, in how many requests, the text."
    )
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct CrashesCommand: ReportCommand {
    static let report = ReportName.crashes
    static let usualSpan: Int64? = nil
    static let configuration = CommandConfiguration(
        commandName: "crashes", abstract: "Requests whose worker died while it answered them.",
        discussion: """
            For each request, the newest first: when, outcome (crashed: by the request itself; killed: with its \
            worker), signal, worker and its process id, how that process ended, client, time in milliseconds, id, \
            method, path, query. Of all time unless a span is given.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}

struct WorkersCommand: ReportCommand {
    static let report = ReportName.workers
    static let usualSpan: Int64? = nil
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Lives of the server's processes, the newest first.",
        discussion: """
            For each process: role, slot, generation (which life of the slot), process id, start, end, reason of the \
            end, signal or exit status, requests served. Of all time unless a span is given; then the lives that \
            touch it.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var limit: LimitOption
}
