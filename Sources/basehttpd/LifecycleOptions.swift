// The options of stopping and upgrading: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer
import PreforkHTTPServer

/// What `basehttpd --help` shows of stopping and upgrading.
struct LifecycleArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds a stopping server waits for the requests in flight. (default: 30)", valueName: "seconds"))
    var drainTimeout: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Seconds a stopping server leaves idle connections open for a request that is on its way. (default: 1)
            """, valueName: "seconds"))
    var drainLinger: Double?
}

/// The same from both places, the command line first.
struct LifecycleOptions: Decodable {
    private var drainTimeout: Double?
    private var drainLinger: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case drainTimeout = "drain-timeout"
        case drainLinger = "drain-linger"
    }

    init() {}

    mutating func override(by arguments: LifecycleArguments) {
        drainTimeout = arguments.drainTimeout ?? drainTimeout
        drainLinger = arguments.drainLinger ?? drainLinger
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout PreforkConfiguration) throws {
        if let drainTimeout {
            guard (0...86_400).contains(drainTimeout) else {
                throw OptionError("drain-timeout", mustBe: "seconds from 0 to 86400")
            }
            configuration.server.drainTimeoutSeconds = drainTimeout
        }
        if let drainLinger {
            guard (0...60).contains(drainLinger) else {
                throw OptionError("drain-linger", mustBe: "seconds from 0 to 60")
            }
            configuration.server.drainLingerSeconds = drainLinger
        }
    }
}
