// The server behind `httpstats serve`: pages about a log that keep themselves fresh.
public import BaseHTTPServer
internal import LinuxSyscalls
public import LogStore

/// Serves pages about an access log. This thread answers; the log is read beside it.
public final class ReportServer: HTTPServer {
    /// Opens the logs, hands them to `body`, and closes them: nothing is held open between two pages. It ends what
    /// takes too long. Called on several threads.
    public typealias Logs = @Sendable (_ body: (LogFleet) throws -> Void) throws -> Void

    /// Who may see the pages.
    let admission: Admission
    /// Makes the pages.
    let pages: PageMaker

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - host: A name or an address, or `unix:` and a path.
    ///   - port: 0 picks a free one.
    ///   - token: What visitors must know; `nil` is allowed where only this machine can connect.
    ///   - names: The names of the logs.
    ///   - logs: Opens them.
    /// - Throws: ``ReportServerError`` when a token is wanted, `ServerError` when the address cannot be had.
    public init(host: String, port: Int, token: String?, names: [String], logs: @escaping Logs) throws {
        if let token, token.utf8.count < 16 || !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw ReportServerError(
                "a token has 16 or more characters of ASCII, and no space among them; openssl rand -hex 16 makes one")
        }
        let session = String(try Random.bits64(), radix: 36) + String(try Random.bits64(), radix: 36)
        admission = Admission(token: token, session: session)
        pages = PageMaker(names: names, logs: logs)
        try super.init(host: host, port: port, handler: ReportHandler.self)
        if token == nil, !isLocal {
            throw ReportServerError(
                "other machines can connect to \(serverAddress.host): say with --token-file what visitors must know")
        }
    }

    /// Whether only this machine can connect.
    var isLocal: Bool {
        let host = serverAddress.host
        return host.hasPrefix("127.") || host == "::1" || host.hasPrefix("unix:")
    }
}

/// Why pages cannot be served.
public struct ReportServerError: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what to do; one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
