// The daemon's command line: what `basehttpd --help` shows, and what it becomes.
import ArgumentParser
import BaseHTTPServer
import PreforkHTTPServer

@main
struct Basehttpd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "basehttpd",
        abstract: "Serve a directory over HTTP from forked workers, with the access log in SQLite.",
        usage: "basehttpd [PORT] [--bind ADDRESS] [--directory DIRECTORY] [--workers N] [--log-db FILE] …",
        discussion: """
            Serves from 127.0.0.1 port 8000 unless told otherwise, in the foreground. One line on standard output says \
            where it serves and where the log is, once the first worker accepts. httpstats reports on the log.

            Signals: TERM and INT stop at once, QUIT when the requests in flight are answered; HUP reads the \
            configuration anew and replaces the workers one by one; TTIN and TTOU add and remove a worker, WINCH ends \
            them all until HUP or TTIN; USR2 starts the program anew and hands over to it when it answers.

            Exit status: 0, or a code of sysexits(3): 64 usage, 65 log damaged or no log at all, 66 no such directory, \
            67 unknown user or group, 68 unknown host, 69 address in use or not of this machine, 70 workers cannot \
            start, 71 the kernel refused, 73 log, pid file or temporary files cannot be made, 74 no room for the log \
            or its disk failed, 75 another server writes the log or holds the pid file, 77 not permitted, 78 \
            configuration file, or a log of another program or a newer release.
            """,
        version: "basehttpd 0.1.0")

    @Argument(help: "Port of the addresses that name none; 0 picks a free one. (default: 8000)")
    var port: Int?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Directory to serve. (default: the current one)", valueName: "directory"))
    var directory: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "HTTP version in answers: HTTP/1.1 or HTTP/1.0. (default: HTTP/1.1)", valueName: "version"))
    var `protocol`: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bytes of a request's body beyond which it is refused: a number, or one with K, M or G. (default: 64M)",
            valueName: "size"))
    var bodyLimit: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Worker processes: a number, or auto for as many as processors may be used. (default: auto)", valueName: "n"
        ))
    var workers: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections that a worker holds at a time; with 1, idle ones are closed after a second. (default: 1024)",
            valueName: "n"))
    var workerConnections: Int?

    @OptionGroup(title: "Stopping and upgrading")
    var lifecycle: LifecycleArguments

    @OptionGroup(title: "Access log")
    var log: LogArguments

    @OptionGroup(title: "Summaries of the log")
    var summaries: SummaryArguments

    @OptionGroup(title: "Listening")
    var listening: ListenArguments

    @OptionGroup(title: "Served files")
    var files: FileArguments

    @OptionGroup(title: "CGI scripts")
    var scripts: ScriptArguments

    @OptionGroup(title: "Time limits")
    var timeLimits: TimeLimitArguments

    @OptionGroup(title: "Processes and what they may do")
    var processes: ProcessArguments

    @OptionGroup(title: "Status page")
    var status: StatusArguments

    @OptionGroup(title: "Supervision")
    var supervision: SupervisionArguments

    @Option(
        name: .long,
        help: ArgumentHelp(
            "YAML file with the long names of these options as keys; the command line wins over it.", valueName: "file")
    )
    var config: String?

    @Flag(
        name: .long, help: "Check all that can be checked without starting, say what is wrong or what would run, exit.")
    var check = false

    static func main() {
        main(FileArguments.joined(CommandLine.arguments.dropFirst()))
    }

    func run() throws {
        do {
            let options = try ServerOptions(commandLine: self)
            let configuration = try options.preforkConfiguration()
            if check { return try Daemon.check(configuration) }
            try Daemon.run(configuration, handler: options.handler) {
                // The file may have changed; the command line has not.
                let options = try ServerOptions(commandLine: self)
                return ReloadedConfiguration(try options.preforkConfiguration(), handler: options.handler)
            }
        } catch {
            try Daemon.fail(error)
        }
    }
}
