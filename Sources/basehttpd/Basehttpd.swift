// The daemon's command line: what `basehttpd --help` shows, and what it becomes.
import ArgumentParser
import BaseHTTPServer
import LogStore
import PreforkHTTPServer

@main
struct Basehttpd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "basehttpd",
        abstract: "Serve a directory over HTTP from forked workers, with the access log in SQLite.",
        discussion: """
            Signals: TERM and INT stop at once, QUIT when the requests in flight are answered; TTIN and TTOU add and \
            remove a worker. Exit status: 0, or a code of sysexits(3): 64 usage, 65 damaged or foreign database, 66 \
            no such directory, 69 address in use, 73 or 74 no room or no access for the log, 77 not permitted, \
            78 configuration.
            """,
        version: "basehttpd 0.1.0")

    @Argument(help: "Port to listen on; 0 picks a free one. (default: 8000)")
    var port: Int?

    @Option(name: [.short, .long], help: "Address or name to listen on; may be given again. (default: 127.0.0.1)")
    var bind: [String] = []

    @Option(name: [.short, .long], help: "Directory to serve. (default: the current one)")
    var directory: String?

    @Option(name: [.short, .long], help: "HTTP version in answers: HTTP/1.1 or HTTP/1.0. (default: HTTP/1.1)")
    var `protocol`: String?

    @Option(name: [.short, .long], help: "Worker processes: a number, or auto for one a processor. (default: auto)")
    var workers: String?

    @Option(name: .long, help: "Connections of one worker at a time; 1 is one connection a process. (default: 1024)")
    var workerConnections: Int?

    @Option(
        name: .long,
        help:
            "Database of the access log, or none for lines on standard error. (default: \(LogStoreLocation.defaultPath()))"
    )
    var logDb: String?

    @Option(name: .long, help: "full: rows survive a loss of power; normal: the end of any process. (default: normal)")
    var logSync: String?

    @Option(name: .long, help: "Bytes of each worker's log ring: a number, or one with K or M. (default: 16M)")
    var logRingSize: String?

    @Option(name: .long, help: "Seconds a stopping server waits for the requests in flight. (default: 30)")
    var drainTimeout: Double?

    @Option(name: .long, help: "YAML file with the same options; the command line wins over it.")
    var config: String?

    @Flag(name: .long, help: "Check the options and the configuration file, say what is wrong, and exit.")
    var check = false

    func run() throws {
        do {
            let options = try ServerOptions(commandLine: self)
            let configuration = try options.preforkConfiguration()
            if check { return print("basehttpd: the configuration is valid") }
            try Daemon.run(configuration, handler: options.handler)
        } catch {
            try Daemon.fail(error)
        }
    }
}
