// The reports that add requests up, each with conditions and every shape.
import ArgumentParser
import LogStore

struct OverviewCommand: TrafficCommand {
    static let report = ReportName.overview
    static let usualLimit = 10
    static let configuration = CommandConfiguration(
        subcommand: "overview", abstract: "Totals, latency, status classes, outcomes, top paths and newest errors.",
        discussion: """
            Prints for the last 24 hours: requests and their rate, bytes in and out, different clients; the latency \
            that 50, 95 and 99 % of the requests do not exceed (within 1.6 %) and the longest; requests by status \
            class and by outcome; the most requested paths; the newest messages (with conditions, those of requests \
            that meet them). `failed` counts the outcomes timeout, crashed, killed and shed. With --format \
            csv each value is a line: panel,key,name,value.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct PathsCommand: TrafficCommand {
    static let report = ReportName.paths
    static let configuration = CommandConfiguration(
        subcommand: "paths", abstract: "The most requested paths.",
        discussion: """
            For each path: requests and their share, 4xx and 5xx answers, bytes sent, mean and longest time. \
            --columns and --sort take also status_2xx and so on, failed, aborted, bytes_in, duration_sum_ms and \
            last_seen.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct ClientsCommand: TrafficCommand {
    static let report = ReportName.clients
    static let configuration = CommandConfiguration(
        subcommand: "clients", abstract: "The clients with the most requests.",
        discussion: """
            For each address: requests and their share, 4xx and 5xx answers, bytes sent, mean time, last request.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct HostsCommand: TrafficCommand {
    static let report = ReportName.hosts
    static let configuration = CommandConfiguration(
        subcommand: "hosts", abstract: "Requests by virtual host.",
        discussion: """
            For each value of the field Host: requests and their share, 4xx and 5xx answers, bytes sent, mean and \
            longest time.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct AgentsCommand: TrafficCommand {
    static let report = ReportName.agents
    static let configuration = CommandConfiguration(
        subcommand: "agents", abstract: "Requests by user agent.",
        discussion: """
            For each value of the field User-Agent: requests and their share, 4xx and 5xx answers, bytes sent, mean \
            and longest time.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct ReferersCommand: TrafficCommand {
    static let report = ReportName.referers
    static let configuration = CommandConfiguration(
        subcommand: "referers", abstract: "Requests by referer.",
        discussion: """
            For each value of the field Referer: requests and their share, 4xx and 5xx answers, bytes sent, mean and \
            longest time. --by site lists the sites that they are of.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct StatusCommand: TrafficCommand {
    static let report = ReportName.status
    static let usualLimit = 0
    static let configuration = CommandConfiguration(
        subcommand: "status", abstract: "Requests by status code.",
        discussion: """
            For each code: requests and their share, bytes sent, mean and longest time, last request. A request that \
            got no answer has none.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct MethodsCommand: TrafficCommand {
    static let report = ReportName.methods
    static let configuration = CommandConfiguration(
        subcommand: "methods", abstract: "Requests by method.",
        discussion: """
            For each method: requests and their share, 4xx and 5xx answers, bytes sent, mean and longest time.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct LatencyCommand: TrafficCommand {
    static let report = ReportName.latency
    static let configuration = CommandConfiguration(
        subcommand: "latency", abstract: "Percentiles of the time that requests took.",
        discussion: """
            The time that 50, 75, 90, 95, 99 and 99.9 % of the requests do not exceed, within 1.6 %, and the \
            longest. With --by path, or another field or two, for each of the busiest.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct TimelineCommand: TrafficCommand {
    static let report = ReportName.timeline
    static let usualLimit = 0
    static let configuration = CommandConfiguration(
        subcommand: "timeline", abstract: "Requests, status classes and latency over time.",
        discussion: """
            A line for each step of the span (--bucket 1m; by itself some dozens of steps): requests by status \
            class, failed ones, bytes sent, percentiles of the time. Steps begin at multiples of their length in \
            UTC.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}

struct SlowCommand: TrafficCommand {
    static let report = ReportName.slow
    static let configuration = CommandConfiguration(
        subcommand: "slow", abstract: "The longest requests.",
        discussion: """
            For each request: its time and the time to its first byte in milliseconds, when it ended, worker, \
            client, status, outcome, bytes sent, id, method, path and query.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var shapeOptions: ShapeOptions
}
