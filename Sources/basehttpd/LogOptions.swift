// The options of the access log: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer
import PreforkHTTPServer

/// What `basehttpd --help` shows of the access log.
struct LogArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Database of the access log, or none for lines on standard error. "
                + "(default: \(PreforkConfiguration.defaultAccessLog))", valueName: "file"))
    var logDb: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "normal: committed rows survive the end of any process; full: a loss of power too. (default: normal)",
            valueName: "mode"))
    var logSync: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bytes of each worker's log ring, rounded up to a power of two: a number, or one with K or M. "
                + "(default: 16M, less with many workers)", valueName: "size"))
    var logRingSize: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "While the log is full, requests wait (block), get a 503 (shed) or are served without a row (drop). "
                + "(default: block)", valueName: "policy"))
    var logOverflow: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds a request waits for room in a full log with block; then it gets a 503. (default: 5)",
            valueName: "seconds"))
    var logBlockTimeout: Double?
}

/// The same from both places, the command line first.
struct LogOptions: Decodable {
    private var logDb: String?
    private var logSync: String?
    private var logRingSize: NumberOrWord?
    private var logOverflow: String?
    private var logBlockTimeout: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case logDb = "log-db"
        case logSync = "log-sync"
        case logRingSize = "log-ring-size"
        case logOverflow = "log-overflow"
        case logBlockTimeout = "log-block-timeout"
    }

    init() {}

    mutating func override(by arguments: LogArguments) {
        logDb = arguments.logDb ?? logDb
        logSync = arguments.logSync ?? logSync
        logRingSize = arguments.logRingSize.map(NumberOrWord.init) ?? logRingSize
        logOverflow = arguments.logOverflow ?? logOverflow
        logBlockTimeout = arguments.logBlockTimeout ?? logBlockTimeout
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout PreforkConfiguration) throws {
        guard logDb != "" else { throw OptionError("log-db", mustBe: "a file or none") }
        configuration.accessLog = logDb == "none" ? nil : logDb ?? PreforkConfiguration.defaultAccessLog
        guard ["normal", "full"].contains(logSync ?? "normal") else {
            throw OptionError("log-sync", mustBe: "normal or full")
        }
        configuration.logSurvivesPowerLoss = logSync == "full"
        configuration.logRingBytes = try logRingSize.map {
            try Amount.bytes($0.text, "log-ring-size", 65_536...1 << 30, "64K to 1024M")
        }
        if let logOverflow {
            guard let policy = LogOverflow(rawValue: logOverflow) else {
                throw OptionError("log-overflow", mustBe: "block, shed or drop")
            }
            configuration.server.logOverflow = policy
        }
        if let logBlockTimeout {
            guard (0...86_400).contains(logBlockTimeout) else {
                throw OptionError("log-block-timeout", mustBe: "seconds from 0 to 86400")
            }
            configuration.server.logBlockTimeoutSeconds = logBlockTimeout
        }
    }
}
