// The commands compare and why: two spans side by side, and what explains the difference.
import ArgumentParser
import LogStore

/// The span that another one is compared with.
struct BaselineOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Compare with: previous (the span just before), yesterday, last-week, a length such as 6h (the same span so \
            long ago), or SINCE..UNTIL.
            """, valueName: "span"))
    var against = "previous"

    @Flag(name: .long, help: "Read single rows, however many there are.")
    var exact = false

    /// - Parameter zone: The value of --tz, which times in it are in.
    func baseline(zone: String?) throws -> Baseline {
        try SpanParser(nowUs: WallClock.nowUs(), zone: zone).baseline(against)
    }
}

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "compare", abstract: "Two spans side by side.",
        discussion: """
            Compares the span (the last 24 hours) with the one just before, or with --against. Prints both spans, \
            every figure before and after, and of the status codes, paths, clients, agents and hosts those whose \
            number of requests changed most, with their mean times and 5xx answers. Spans of different length are \
            compared by their rates; a span that still goes on is compared with as much of the time before.

            Stored summaries keep the busiest keys of each hour. Where that matters rows are read instead, when they \
            are at most a million and none of them was removed, or with --exact; else the list `unlisted` says how \
            many requests have other keys. For example
              httpstats compare --today --against last-week
              httpstats compare --last 1h --against 2026-03-01T12:00..2026-03-01T13:00
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var baseline: BaselineOption
    @OptionGroup var limit: LimitOption

    func run() throws {
        let selection = try selectionOptions.selection(otherwise: 86_400)
        let earlier = try baseline.baseline(zone: selectionOptions.tz)
        try common.print {
            try $0.compare(selection, with: earlier, limit: limit.rows(otherwise: 10), isExact: baseline.exact)
        }
    }
}

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "why", abstract: "What explains a change of the traffic.",
        discussion: """
            Compares the span (the last hour) with the one just before, or with --against, and lists the paths, \
            templates, clients, agents, codes, outcomes, methods, hosts, referring sites and workers that have the \
            greatest share of the change of one measure, by how much more of it they have than they had before. The \
            measure is that of --of: requests, errors (5xx answers and other killed requests), client_errors (4xx), \
            time (the mean duration) or bytes (sent); else errors when there are many more, time when p95 rose by \
            half, or requests. Shares of one kind of key add up to 100 %, so one cause may show under several kinds.

            Rows are read where the keys that stored summaries keep do not tell, as for compare.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var baseline: BaselineOption
    @OptionGroup var limit: LimitOption

    @Option(name: .long, help: ArgumentHelp("requests, errors, client_errors, time or bytes.", valueName: "measure"))
    var of: TrafficMeasure?

    func run() throws {
        let selection = try selectionOptions.selection(otherwise: 3600)
        let earlier = try baseline.baseline(zone: selectionOptions.tz)
        try common.print {
            try $0.why(
                selection, with: earlier, measure: of, limit: limit.rows(otherwise: 15), isExact: baseline.exact)
        }
    }
}
