// The commands without a span: tail, query, ps, schema.
import ArgumentParser
import Dispatch
import LogStore

struct TailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "tail", abstract: "The newest requests, and with -f those that come.",
        discussion: """
            Prints the newest 10 requests (--limit) in the order in which they were logged, of all time unless a span \
            is given. With -f it goes on until interrupted and misses none; --format json then prints one object a line.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var limit: LimitOption

    @Flag(name: .shortAndLong, help: "Go on with requests as they are logged.")
    var follow = false

    /// How long a row may wait before it is shown.
    private static let pollInterval = DispatchTimeInterval.milliseconds(200)

    func validate() throws {
        if follow, common.file != nil {
            throw ValidationError("tail -f has no end at which --output could make its file; redirect it with >")
        }
    }

    func run() throws {
        let reader = try common.open()
        var tail = try LogTail(
            reader, span: try selectionOptions.span(otherwise: nil), filter: try selectionOptions.filter(),
            last: limit.rows(otherwise: 10))
        var formatter = common.formatter()
        var rows = try tail.next()
        if rows.isEmpty && !follow {
            printError("no requests to show")
            throw ExitCode(3)
        }
        formatter.begin(LogTail.panel, isFollowed: follow)
        let pause = DispatchSemaphore(value: 0)
        while follow || !rows.isEmpty {
            rows.forEach { formatter.add($0) }
            if follow { formatter.settle() }
            guard try flush(&formatter) else { return }
            // Nobody signals this semaphore: it is a pause that needs no thread of its own.
            if rows.isEmpty { _ = pause.wait(timeout: .now() + Self.pollInterval) }
            rows = try tail.next()
        }
        formatter.end()
        _ = try flush(&formatter)
    }
}

struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "query", abstract: "Runs one SQL statement that reads.",
        discussion: """
            Tables of choice are the views requests, errors, request_errors, slow_requests, failed_requests, minutes, \
            hours, days, workers and otel; `httpstats schema` lists their columns. Filter by time through the key:
              httpstats query "SELECT path, status FROM requests WHERE id >= (SELECT hour_ago FROM clock)"
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var limit: LimitOption

    @Argument(help: "The statement.")
    var sql: String

    /// How many bytes may gather before they are written.
    private static let chunk = 65_536

    func run() throws {
        let reader = try common.open()
        var formatter = common.formatter()
        var left = limit.rows(otherwise: 0) ?? Int.max
        var isRead = true
        try reader.query(sql) { columns in
            formatter.begin(ReportPanel("query", columns: columns), isFollowed: false)
        } row: { row in
            formatter.add(row)
            if formatter.output.count >= Self.chunk { isRead = try flush(&formatter) }
            left -= 1
            return isRead && left > 0
        }
        guard isRead else { return }
        formatter.end()
        _ = try flush(&formatter)
    }
}

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "ps", abstract: "What each worker does now.",
        discussion: """
            Reads the server's memory beside the database, so it works when the server hangs, and after its death \
            shows what it was doing. For each worker: slot, process id, state (waiting, handling, ended, retired, \
            dead), generation, requests served, requests begun, connections, bytes sent, age of its last sign of \
            life, requests shed and served unlogged, bytes of records that wait for the log writer. For each request \
            begun: its worker, age, state, client, status, id, host, method and target.
            """)
    @OptionGroup var common: CommonOptions

    func run() throws {
        let path = try common.path
        let report = try LiveReport.report(database: path)
        var formatter = common.formatter()
        if !report.isEmpty || common.format != .table {
            formatter.write(report)
            guard try flush(&formatter) else { return }
        }
        if report.isEmpty {
            printError("no server has \(path) open")
            throw ExitCode(3)
        }
    }
}

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "schema", abstract: "The views of the database and their columns.",
        discussion: "These names and their meaning stay; the tables beneath may change with a new schema version.")
    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Print the JSON Schema of the documents that --format json writes; reads no log.")
    var json = false

    func run() throws {
        if json {
            _ = try Output.write(Array(JSONFormatter.documentSchema.utf8))
            return
        }
        var formatter = common.formatter()
        formatter.write(try common.open().schemaReport())
        _ = try flush(&formatter)
    }
}
