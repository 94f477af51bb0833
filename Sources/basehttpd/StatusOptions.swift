// The option of the status page: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer

/// What `basehttpd --help` shows of the status page.
struct StatusArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Path at which clients on this machine see what each worker does; JSON with ?format=json. (default: none)",
            valueName: "path"))
    var statusPath: String?
}

/// The same from both places, the command line first.
struct StatusOptions: Decodable {
    private var statusPath: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case statusPath = "status-path"
    }

    init() {}

    mutating func override(by arguments: StatusArguments) {
        statusPath = arguments.statusPath ?? statusPath
    }

    /// - Throws: ``OptionError`` when the path cannot be one, or there is no log to read the status from.
    func apply(to configuration: inout ServerConfiguration, hasAccessLog: Bool) throws {
        guard let statusPath else { return }
        guard statusPath.hasPrefix("/"), !statusPath.contains(where: { "?# ".contains($0) }) else {
            throw OptionError("status-path", mustBe: "a path that begins with a slash, such as /server-status")
        }
        if !hasAccessLog { throw OptionError("status-path", mustBe: "used with an access log (--log-db)") }
        configuration.statusPath = statusPath
    }
}
