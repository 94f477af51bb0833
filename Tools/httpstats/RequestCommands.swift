// The commands request, notfound, connections and balance.
import ArgumentParser
import LogStore

struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "request", abstract: "One request with everything that the log knows of it.",
        discussion: """
            Takes the id as the client saw it in the field Request-Id of an error answer, or as the column request_id \
            shows it: 16 hexadecimal digits. Prints all fields of the request, its messages, the crash that ended it \
            with its frames, and the life of the worker that served it. A request with messages is found at once, any \
            other by a scan from the newest on. Requests that have not ended yet are in ps.
            """)
    @OptionGroup var common: CommonOptions

    @Argument(help: "The id of the request.")
    var id: String

    func run() throws {
        guard let number = RequestNumber(id) else {
            throw ValidationError("'\(id)' is no id of a request: 16 hexadecimal digits, such as 6f39f996678ab0cb")
        }
        let report = try common.openFleet().request(number)
        var formatter = common.formatter()
        if !report.isEmpty || common.format != .table {
            formatter.write(report)
            guard try flush(&formatter) else { return }
        }
        if report.isEmpty {
            printError("the log has no request \(number.text); those that have not ended yet are in ps")
            throw ExitCode(3)
        }
    }
}

struct NotFoundCommand: RowsCommand {
    static let report = ReportName.notfound
    static let configuration = CommandConfiguration(
        subcommand: "notfound", abstract: "Paths that were answered with 404, who leads there, and what was meant.",
        discussion: """
            For each path: requests and their share of all 404, different clients, last seen; the path that was \
            probably meant, if one is plausible; how many referers there are, and the one that leads there most often. \
            A path was probably meant when it was answered in the span and differs only in case, slashes, extension or \
            index page, when it alone has the same last segment, or when at most three letters differ and no digit.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var limit: LimitOption
}

struct ConnectionsCommand: ReportCommand {
    static let report = ReportName.connections
    static let configuration = CommandConfiguration(
        subcommand: "connections", abstract: "Requests per connection, kept alive, left by clients, timed out.",
        discussion: """
            Totals: requests, connections that carried one, requests per connection (mean, p50, p95, most); the share \
            of requests whose connection stayed open, and of those that came on a connection in use; requests whose \
            client left, that hit their time limit, and that came too slowly (408). Then connections by how many \
            requests they carried. A connection that is silent for an hour may count as two. Imported requests are \
            left out: the log does not know their connections.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
}

struct BalanceCommand: ReportCommand {
    static let report = ReportName.balance
    static let configuration = CommandConfiguration(
        subcommand: "balance", abstract: "How the work is spread over the workers.",
        discussion: """
            Totals: workers, requests, requests per worker, the least busy worker in percent of the busiest (by \
            requests and by time), restarts, and deaths (by a crash, a signal or the time limit). Then each worker: \
            the process that runs, requests and their share, the sum of their durations (also in percent of the span: \
            above 100 when it served several at a time), mean and longest, 5xx answers, failed requests, lives, \
            restarts, deaths. Workers of several logs are rows of their own, with the log's name; imported requests, \
            which no worker of this server answered, are left out.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
}
