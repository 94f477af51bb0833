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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds a new program has after USR2 to start and answer; then it is killed. (default: 10)",
            valueName: "seconds"))
    var upgradeTimeout: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Path that a new program must answer with a status below 500 before it takes over. (default: /)",
            valueName: "path"))
    var upgradeProbe: String?
}

/// The same from both places, the command line first.
struct LifecycleOptions: Decodable {
    private var drainTimeout: Double?
    private var drainLinger: Double?
    private var upgradeTimeout: Double?
    private var upgradeProbe: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case drainTimeout = "drain-timeout"
        case drainLinger = "drain-linger"
        case upgradeTimeout = "upgrade-timeout"
        case upgradeProbe = "upgrade-probe"
    }

    init() {}

    mutating func override(by arguments: LifecycleArguments) {
        drainTimeout = arguments.drainTimeout ?? drainTimeout
        drainLinger = arguments.drainLinger ?? drainLinger
        upgradeTimeout = arguments.upgradeTimeout ?? upgradeTimeout
        upgradeProbe = arguments.upgradeProbe ?? upgradeProbe
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
        if let upgradeTimeout {
            guard (0.1...3_600).contains(upgradeTimeout) else {
                throw OptionError("upgrade-timeout", mustBe: "seconds from 0.1 to 3600")
            }
            configuration.upgradeTimeoutSeconds = upgradeTimeout
        }
        if let upgradeProbe {
            guard upgradeProbe.hasPrefix("/"), upgradeProbe.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
                throw OptionError("upgrade-probe", mustBe: "a path that begins with a slash, in printable ASCII")
            }
            configuration.upgradeProbePath = upgradeProbe
        }
    }
}
