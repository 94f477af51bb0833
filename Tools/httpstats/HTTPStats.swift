// The program: finds the report that is asked for, runs it, and turns what happens into an exit status.
import ArgumentParser
import Dispatch
import LogStore

@main
struct HTTPStats: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "httpstats",
        abstract: "Reports on the access log of basehttpd, also while the server runs; only import and prune write.",
        usage: "httpstats [--db FILE] [REPORT] [--last 6h] [--format F] [-o FILE] …",
        discussion: """
            Without a report it prints the overview of the last 24 hours. Times are UTC; times given without a zone \
            are local. Options may stand before or after the report.

            Exit status: 0 done, 1 a check failed or doctor found something wrong, 2 usage, 3 no rows in the span, \
            4 no such or unreadable database, 5 schema newer than this tool, 6 locked or timed out, 7 damaged \
            database, 130 interrupted.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Requests, in a span and under conditions",
                subcommands: [
                    OverviewCommand.self, TimelineCommand.self, PathsCommand.self, ClientsCommand.self,
                    HostsCommand.self, AgentsCommand.self, ReferersCommand.self, StatusCommand.self,
                    MethodsCommand.self, LatencyCommand.self, SlowCommand.self, NotFoundCommand.self,
                    ConnectionsCommand.self, BalanceCommand.self, RequestCommand.self,
                ]),
            CommandGroup(
                name: "What went wrong, and why",
                subcommands: [
                    ErrorsCommand.self, CrashesCommand.self, WorkersCommand.self, CompareCommand.self,
                    WhyCommand.self, CheckCommand.self,
                ]),
            CommandGroup(name: "Pages", subcommands: [HTMLCommand.self, ServeCommand.self]),
            CommandGroup(name: "Live", subcommands: [TopCommand.self, PsCommand.self, TailCommand.self]),
            CommandGroup(
                name: "The data",
                subcommands: [
                    QueryCommand.self, ExplainCommand.self, ExportCommand.self, ImportCommand.self, SchemaCommand.self,
                    PruneCommand.self, DoctorCommand.self, CompletionCommand.self,
                ]),
        ],
        defaultSubcommand: OverviewCommand.self)

    static func main() {
        LogReader.prepareProcess()
        StandardOutput.prepare()
        // A scan inside SQLite looks at no flag, so Ctrl-C ends the process from another thread.
        let interrupts = DispatchSource.makeSignalSource(signal: 2, queue: .global())
        // @Sendable is load-bearing: main() belongs to the main actor, and a closure of its would trap on another
        // thread.
        interrupts.setEventHandler { @Sendable in
            Output.abandon()
            Waiting.end()
            exit(withError: ExitCode(130))
        }
        interrupts.resume()
        do {
            var command = try command(reportFirst(Array(CommandLine.arguments.dropFirst())))
            try command.run()
            try Output.finish(evenIfEmpty: true)
        } catch {
            end(error)
        }
    }

    /// What the arguments ask for.
    ///
    /// A report is read by itself first: the whole tree of commands would be a third of what a report of summaries
    /// costs. When anything is wrong with it, or help is asked for, the tree tells it in its own words.
    private static func command(_ arguments: [String]) throws -> any ParsableCommand {
        let isNamed = !(arguments.first ?? "-").hasPrefix("-")
        let type = isNamed ? report(arguments[0]) : configuration.defaultSubcommand
        if let command = try? type?.parseAsRoot(Array(arguments.dropFirst(isNamed ? 1 : 0))),
            Swift.type(of: command) == type
        {
            return command
        }
        return try parseAsRoot(arguments)
    }

    /// The report of a name. Configurations are made when they are looked at, so those behind it are left alone.
    private static func report(_ name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0.configuration.commandName == name }
    }

    /// Options of reports that take no value.
    private static let flags = [
        "--ascii", "--no-header", "--today", "--yesterday", "--exact", "--templates",
    ]

    /// Moves the report to the front when options stand before it, where the argument parser looks for it.
    ///
    /// Every option that a report shares with others takes one value, but for ``flags``.
    private static func reportFirst(_ arguments: [String]) throws -> [String] {
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("-"), !["--help", "-h"].contains(arguments[index]) {
            index += arguments[index].contains("=") || flags.contains(arguments[index]) ? 1 : 2
        }
        guard index < arguments.count, !arguments[index].hasPrefix("-"), arguments[index] != "help" else {
            return arguments
        }
        guard report(arguments[index]) != nil else {
            let names = configuration.subcommands.compactMap { $0.configuration.commandName }
            throw ValidationError("there is no report '\(arguments[index])'; reports: \(names.joined(separator: ", "))")
        }
        return [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
    }

    /// Says what happened, and ends with the status of the contract.
    private static func end(_ error: any Error) -> Never {
        // A check that failed, and a report without rows, are whole reports.
        if let code = error as? ExitCode, [1, 3].contains(code.rawValue) {
            do { try Output.finish(evenIfEmpty: false) } catch { end(error) }
        }
        Output.abandon()
        let status: Int32
        switch error {
        case let failure as LogReadError:
            printError(failure.description)
            status = exitStatus(failure.kind)
        case let failure as LogStoreError:
            printError(failure.description)
            status = exitStatus(failure.reason)
        case let failure as RequestFilterError:
            printError(failure.description)
            status = 2
        case let failure as SpanError:
            printError(failure.description)
            status = 2
        case let failure as OutputFile.Refusal:
            printError(failure.description)
            status = 4
        case let code as ExitCode:
            status = code.rawValue
        default:
            // Help is an error to the argument parser too; its own usage errors have status 64.
            if exitCode(for: error) == .success { exit(withError: error) }
            let isUsage = exitCode(for: error) == .validationFailure
            let text = message(for: error).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            printError(isUsage ? "\(text); httpstats --help tells more" : text)
            status = isUsage ? 2 : 4
        }
        exit(withError: ExitCode(status))
    }

    private static func exitStatus(_ reason: LogStoreError.Reason) -> Int32 {
        switch reason {
        case .notADatabase, .damaged: 7
        case .newerSchema: 5
        case .otherWriter: 6
        case .foreignDatabase, .notPermitted, .cannotCreate, .diskFull, .inputOutput: 4
        }
    }

    private static func exitStatus(_ kind: LogReadError.Kind) -> Int32 {
        switch kind {
        case .query: 2
        case .unreadable: 4
        case .newer: 5
        case .timedOut: 6
        case .damaged: 7
        }
    }
}

extension CommandConfiguration {
    /// Describes a command below `httpstats`.
    ///
    /// One that has a command above it is not asked for scripts of completions (`httpstats completion` makes them):
    /// looking for them would be a tenth of what a report of summaries costs.
    init(subcommand: String, abstract: String, discussion: String = "") {
        self.init(
            commandName: subcommand, _superCommandName: "httpstats", abstract: abstract, discussion: discussion)
    }
}
