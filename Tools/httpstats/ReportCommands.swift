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
    var selectionOptions: SelectionOptions { get }

    /// Rows and columns.
    func shape() throws -> ReportShape
}

extension ReportCommand {
    static var usualSpan: Int64? { 86_400 }
    static var usualLimit: Int { 20 }

    func shape() throws -> ReportShape { ReportShape() }

    func run() throws {
        // Counters of a scrape never fall, so they are of all time.
        let selection = try selectionOptions.selection(otherwise: common.format == .prometheus ? nil : Self.usualSpan)
        let shape = try shape()
        try common.print { try $0.report(Self.report, selection, shape: shape) }
    }
}

/// A report that adds requests up, with every shape.
protocol TrafficCommand: ReportCommand {
    var shapeOptions: ShapeOptions { get }
}

extension TrafficCommand {
    func shape() throws -> ReportShape { try shapeOptions.shape(limit: Self.usualLimit) }
}

/// A report with rows of its own kind, which only a limit shapes.
protocol RowsCommand: ReportCommand {
    var limit: LimitOption { get }
}

extension RowsCommand {
    func shape() throws -> ReportShape { ReportShape(limit: limit.rows(otherwise: Self.usualLimit)) }
}

struct CrashesCommand: RowsCommand {
    static let report = ReportName.crashes
    static let usualSpan: Int64? = nil
    static let configuration = CommandConfiguration(
        subcommand: "crashes", abstract: "Requests whose worker died while it answered them.",
        discussion: """
            For each request, the newest first: when, outcome (crashed: by the request itself; killed: with its \
            worker), signal, worker and its process id, how that process ended, client, time in milliseconds, id, \
            method, path, query; also crashes outside any request, which meet only conditions on the worker. Of all \
            time unless a span is given.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var limit: LimitOption
}

struct WorkersCommand: RowsCommand {
    static let report = ReportName.workers
    static let usualSpan: Int64? = nil
    static let configuration = CommandConfiguration(
        subcommand: "workers", abstract: "Lives of the server's processes, the newest first.",
        discussion: """
            For each process: role, slot, generation (which life of the slot), process id, start, end, reason of the \
            end, signal or exit status, requests served. Of all time unless a span is given; then the lives that \
            touch it. Of the conditions it takes --worker: a process is no request.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var limit: LimitOption
}
