// The requests that a report is about: options that every report about a span shares.
import ArgumentParser
import LogStore

/// A span, and conditions that its requests meet.
struct SelectionOptions: ParsableArguments {
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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Requests for a host; * and ? are wildcards. This and the following may be given several times and are "
                + "alternatives then; ! before a value excludes; - stands for none.", valueName: "glob"))
    var host: [String] = []

    @Option(name: .long, help: ArgumentHelp("Paths: /api/*, '!/static/*'.", valueName: "glob"))
    var path: [String] = []

    @Option(name: .long, help: ArgumentHelp("Status: 404, 5xx, 400-499, none.", valueName: "status"))
    var status: [String] = []

    @Option(name: .long, help: ArgumentHelp("Method: GET, '!HEAD'.", valueName: "method"))
    var method: [String] = []

    @Option(name: .long, help: ArgumentHelp("Address or block: 192.0.2.0/24, 2001:db8::/32.", valueName: "cidr"))
    var client: [String] = []

    @Option(name: .long, help: ArgumentHelp("Referers that hold a text, or match a glob.", valueName: "text"))
    var referer: [String] = []

    @Option(name: .long, help: ArgumentHelp("User agents that hold a text, or match a glob.", valueName: "text"))
    var agent: [String] = []

    @Option(name: .long, help: ArgumentHelp("Worker, by its number.", valueName: "slot"))
    var worker: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("ok, aborted, timeout, crashed, killed, shed.", valueName: "outcome"))
    var outcome: [String] = []

    @Option(name: .long, help: ArgumentHelp("Requests that took at least this long.", valueName: "milliseconds"))
    var minMs: Double?

    @Option(name: .long, help: ArgumentHelp("Requests that took at most this long.", valueName: "milliseconds"))
    var maxMs: Double?

    @Option(name: .long, help: ArgumentHelp("Crawlers: only or none.", valueName: "which"))
    var crawlers: String?

    @Option(name: .long, help: ArgumentHelp("Images, styles, scripts and the like: only or none.", valueName: "which"))
    var `static`: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Any condition in SQL on the columns of the view requests: \"ttfb_ms > 50 AND query IS NULL\".",
            valueName: "sql"))
    var condition: [String] = []
}

extension SelectionOptions {
    /// The requests; `otherwise` is the length of the span in seconds when the options name no beginning.
    func selection(otherwise: Int64?) throws -> Selection {
        Selection(span: try span(otherwise: otherwise), filter: try filter())
    }

    /// The span, likewise.
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

    /// Whether a span is named.
    var hasSpan: Bool { (last ?? since ?? until) != nil || today || yesterday }

    /// The conditions.
    func filter() throws -> RequestFilter {
        var filter = RequestFilter()
        let values: [(RequestFilter.Property, [String])] = [
            (.host, host), (.path, path), (.status, status), (.method, method), (.client, client),
            (.referer, referer), (.agent, agent), (.worker, worker), (.outcome, outcome),
            (.crawlers, crawlers.map { [$0] } ?? []), (.static, `static`.map { [$0] } ?? []),
        ]
        for (property, values) in values {
            for value in values { try filter.add(property, value) }
        }
        try filter.setDuration(minimumMs: minMs, maximumMs: maxMs)
        for text in condition { try filter.add(condition: text) }
        return filter
    }
}
