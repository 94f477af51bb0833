// The command errors: messages folded to patterns.
import ArgumentParser
import LogStore

struct ErrorsCommand: RowsCommand {
    static let report = ReportName.errors
    static let configuration = CommandConfiguration(
        subcommand: "errors", abstract: "Messages of handlers and of the server, folded to patterns.",
        discussion: """
            Messages that differ only in numbers, quoted texts, paths, addresses, ids and times are one row, the one \
            seen last first: first and last seen, level, how often, in how many requests, how many different texts; \
            the newest request with such a message (httpstats request ID shows it), the pattern, the newest text. \
            Conditions are about the request of a message; one without a request meets only those on the worker.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions
    @OptionGroup var limit: LimitOption
}
