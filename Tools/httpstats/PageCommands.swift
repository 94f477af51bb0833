// The pages: one file, or a server on this machine whose pages keep themselves fresh.
import ArgumentParser
import BaseHTTPServer
import Dispatch
import Foundation
import LogStore
import ReportServer
import SystemPackage

struct HTMLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "html", abstract: "The figures, plots and lists of a span as one page of HTML.",
        discussion: """
            Writes one file of less than 200 KB that needs nothing else: rate, status classes, latency and durations \
            over time as plots, then the lists of paths, clients and so on. It is read without scripts, on paper and \
            on a phone. Of the last 24 hours unless a span is given:
              httpstats html --last 7d -o report.html
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var selectionOptions: SelectionOptions

    func run() throws {
        let nowUs = WallClock.nowUs()
        let selection = try selectionOptions.selection(otherwise: 86_400)
        let page = try common.openFleet().page(
            selection, PageAddress("", selectionOptions.items), names: common.names, nowUs: nowUs)
        _ = try Output.write(Array(page.html.utf8))
    }
}

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "serve", abstract: "The same as live pages, on this machine.",
        discussion: """
            Serves pages with figures, plots and lists that keep themselves fresh; a click on a line of a list asks \
            for its requests alone, and from there leads to single requests. Addresses take the conditions of the \
            command line: /?last=6h&path=/api/*&status=5xx. The log is asked once a second, however many look on, \
            and no question may take longer than --timeout (10 s). Other machines can connect only with --bind, and \
            then visitors must know a token: they open /?token=TOKEN once, or send Authorization: Bearer TOKEN.
            """)
    @OptionGroup var common: CommonOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to listen: an address or unix:/PATH. (default: 127.0.0.1)", valueName: "address"))
    var bind = "127.0.0.1"

    @Option(
        name: .long,
        help: ArgumentHelp("What visitors must know; --token-file keeps it from other users.", valueName: "token"))
    var token: String?

    @Option(name: .long, help: ArgumentHelp("The first line of a file as the token.", valueName: "file"))
    var tokenFile: String?

    @Argument(help: "The port; 0 picks a free one. (default: 8001)")
    var port = 8_001

    func validate() throws {
        if common.file != nil { throw ValidationError("serve writes no file; html -o FILE does") }
        if token != nil && tokenFile != nil { throw ValidationError("give --token or --token-file, not both") }
    }

    func run() throws {
        let server: ReportServer
        do {
            // The log must be there, and be one, before anybody comes.
            _ = try CommonOptions.openReaders(common.paths)
            server = try ReportServer(
                host: bind, port: port, token: try secret(), names: common.names, logs: common.fleets)
        } catch let error as ReportServerError {
            throw ValidationError(error.description)
        } catch let error as ServerError {
            printError("\(error)")
            throw ExitCode(4)
        }
        let host =
            server.serverAddress.host.contains(":") ? "[\(server.serverAddress.host)]" : server.serverAddress.host
        let place = bind.hasPrefix("unix:") ? bind : "http://\(host):\(server.serverPort)/"
        guard try StandardOutput.write(Array("Serving the reports on \(place)\n".utf8)) else { return }
        try server.serveForever()
    }

    private func secret() throws -> String? {
        guard let tokenFile else { return token }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8),
            let line = text.split(whereSeparator: \.isNewline).first
        else { throw ValidationError("--token-file \(tokenFile): no such file, or no line in it") }
        return line.trimmingCharacters(in: .whitespaces)
    }
}

extension CommonOptions {
    /// The names of the logs, as a page shows them.
    var names: [String] { db.isEmpty ? [LogStoreLocation.defaultPath().string] : db }

    /// Opens all logs for a moment, with a time limit, on any thread.
    var fleets: ReportServer.Logs {
        let (paths, timeout) = (paths, timeout ?? 10)
        // Of its own, as a scan may take all threads of the global one.
        let limits = DispatchQueue(label: "time limits")
        return { body in
            let readers = try CommonOptions.openReaders(paths)
            // Unlike a block that waits for its time, a timer that is cancelled lets go of the connections at once.
            let timer = DispatchSource.makeTimerSource(queue: limits)
            let interrupts = readers.map(\.interrupt)
            timer.setEventHandler { @Sendable in interrupts.forEach { $0() } }
            timer.schedule(deadline: .now() + timeout)
            timer.resume()
            defer { timer.cancel() }
            try body(LogFleet(readers))
        }
    }
}

extension SelectionOptions {
    /// The conditions as a page shows them.
    var items: [PageAddress.Item] {
        let texts: [(String, [String])] = [
            ("host", host), ("path", path), ("status", status), ("method", method), ("client", client),
            ("referer", referer), ("agent", agent), ("worker", worker), ("outcome", outcome),
            ("min-ms", minMs.map { ["\($0)"] } ?? []), ("max-ms", maxMs.map { ["\($0)"] } ?? []),
            ("crawlers", crawlers.map { [$0] } ?? []), ("static", `static`.map { [$0] } ?? []), ("where", condition),
        ]
        return texts.flatMap { name, values in values.map { PageAddress.Item(name, $0) } }
    }
}
