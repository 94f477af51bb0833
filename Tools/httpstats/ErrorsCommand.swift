// The command errors: messages folded to patterns.
import ArgumentParser
import LogStore

struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors", abstract: "Messages of handlers and of the server, folded to patterns.",
        discussion: """
            Messages that differ only in numbers, quoted texts, paths, addresses, ids and times are one row, the one \
            seen last first: first and last seen, level, how often, in how many requests, how many different texts; \
            the newest request with such a message (httpstats request ID shows it), the pattern, the newest text.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var spanOptions: SpanOptions
    @OptionGroup var filterOptions: FilterOptions
    @OptionGroup var limit: LimitOption

    func run() throws {
        let selection = try spanOptions.selection(filterOptions, otherwise: 86_400)
        try common.print { try $0.errors(selection, limit: limit.rows(otherwise: 20)) }
    }
}
