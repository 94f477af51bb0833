// The options of CGI scripts: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer

/// What `basehttpd --help` shows of CGI scripts.
struct ScriptArguments: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Whether files in CGI directories are run as scripts. (default: --no-cgi)")
    var cgi: Bool?

    @Option(
        name: .customLong("cgi-directory"),
        help: ArgumentHelp(
            "Path whose files are scripts with --cgi; may be given again. (default: /cgi-bin, /htbin)",
            valueName: "path"))
    var cgiDirectories: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Seconds a script may be silent before it is ended. (default: 60)", valueName: "seconds"))
    var cgiTimeout: Double?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether scripts are told the client's credentials, which the server does not check. (default: \
            --no-cgi-credentials)
            """)
    var cgiCredentials: Bool?
}

/// The same from both places, the command line first.
struct ScriptOptions: Decodable {
    private var cgi: Bool?
    private var cgiDirectory: OneOrMore?
    private var cgiTimeout: Double?
    private var cgiCredentials: Bool?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case cgi
        case cgiDirectory = "cgi-directory"
        case cgiTimeout = "cgi-timeout"
        case cgiCredentials = "cgi-credentials"
    }

    init() {}

    mutating func override(by arguments: ScriptArguments) {
        cgi = arguments.cgi ?? cgi
        if !arguments.cgiDirectories.isEmpty { cgiDirectory = OneOrMore(values: arguments.cgiDirectories) }
        cgiTimeout = arguments.cgiTimeout ?? cgiTimeout
        cgiCredentials = arguments.cgiCredentials ?? cgiCredentials
    }

    /// Whether scripts are run at all.
    var areRun: Bool { cgi ?? false }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout ServerConfiguration) throws {
        if let cgiDirectory {
            for path in cgiDirectory.values where !path.hasPrefix("/") || path.allSatisfy({ $0 == "/" }) {
                throw OptionError("cgi-directory", mustBe: "a path beneath the directory that begins with a slash")
            }
            configuration.cgiDirectories = cgiDirectory.values
        }
        if let cgiTimeout {
            guard (0.1...86_400).contains(cgiTimeout) else {
                throw OptionError("cgi-timeout", mustBe: "seconds from 0.1 to 86400")
            }
            configuration.cgiTimeoutSeconds = cgiTimeout
        }
        configuration.cgiPassesCredentials = cgiCredentials ?? configuration.cgiPassesCredentials
    }
}
