// The command check: conditions on the traffic, for scripts and alerts.
import ArgumentParser
import LogStore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "check", abstract: "Whether the traffic meets conditions; the exit status tells.",
        discussion: """
            Each condition is a figure, a comparison and a number, in quotes, as the shell knows < and >. Without a \
            span they are about the last hour.

              p50 … p99.9, mean, max      a duration: us, ms (the usual unit), s, m, h
              requests, rate              a count; /s, /m or /h behind it: a rate
              1xx … 5xx, none (no answer), ok, failed, aborted, timeout, crashed, killed, shed
                                          a count, a rate, or with % the share of all requests
              bytes_in, bytes_out         B, kB, MB, GB, KiB, MiB, GiB, also with /s, /m, /h
              clients                     how many different ones
              age                         of the newest request in the log: s (the usual unit), m, h
              99.9%<300ms                 so many of the requests took no longer

            Comparisons: < <= > >= = !=. A line for each condition says ok, failed or no data, the figure, and how \
            much of the error budget of a share is left: 100 % untouched, below 0 overdrawn. For example
              httpstats check --last 5m 'requests>0' 'p99<200ms' '5xx<0.1%' 'failed=0'

            Exit status: 0 all hold, 1 one failed, 3 none failed, but without requests there was nothing to compare.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions

    @Argument(help: ArgumentHelp("Conditions, such as 'p99<200ms'.", valueName: "condition"))
    var conditions: [String]

    /// The conditions, understood.
    static func checks(_ conditions: [String]) throws -> [CheckExpression] {
        do {
            return try conditions.map { condition throws(CheckError) in try CheckExpression(condition) }
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() throws {
        let checks = try Self.checks(conditions)
        let selection = try selectionOptions.selection(otherwise: 3600)
        let fleet = try common.openFleet()
        let result = try fleet.check(checks, selection: selection)
        var report = result.report
        report.losses = try fleet.losses(report.span)
        var formatter = common.formatter()
        formatter.write(report)
        guard try flush(&formatter) else { return }
        if result.hasFailed { throw ExitCode(1) }
        if result.lacksData {
            printError(common.emptiness(of: result.report))
            throw ExitCode(3)
        }
    }
}
