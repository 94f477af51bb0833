// The options of a request's time limit: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer

/// What `basehttpd --help` shows of the time limit.
struct TimeLimitArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds a handler may take for a request, then the client gets a 504 and the worker is replaced; 0 for no "
                + "limit. CGI scripts have --cgi-timeout. (default: 60)", valueName: "seconds"))
    var requestTimeout: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds from then until a worker that does not end is killed. (default: 1)", valueName: "seconds"))
    var requestKillDelay: Double?
}

/// The same from both places, the command line first.
struct TimeLimitOptions: Decodable {
    private var requestTimeout: Double?
    private var requestKillDelay: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case requestTimeout = "request-timeout"
        case requestKillDelay = "request-kill-delay"
    }

    init() {}

    mutating func override(by arguments: TimeLimitArguments) {
        requestTimeout = arguments.requestTimeout ?? requestTimeout
        requestKillDelay = arguments.requestKillDelay ?? requestKillDelay
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout ServerConfiguration) throws {
        if let requestTimeout {
            guard requestTimeout == 0 || (0.1...86_400).contains(requestTimeout) else {
                throw OptionError("request-timeout", mustBe: "seconds from 0.1 to 86400, or 0 for no limit")
            }
            configuration.requestTimeoutSeconds = requestTimeout
        }
        if let requestKillDelay {
            guard (0.1...3_600).contains(requestKillDelay) else {
                throw OptionError("request-kill-delay", mustBe: "seconds from 0.1 to 3600")
            }
            configuration.requestKillDelaySeconds = requestKillDelay
        }
    }
}
