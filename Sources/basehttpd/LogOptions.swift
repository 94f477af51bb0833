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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rows older than this are removed: a number with m, h, d or w, or none. (default: none)", valueName: "age"))
    var logRetention: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The oldest rows are removed while the log takes more: a number with M or G, or none. (default: 4G)",
            valueName: "size"))
    var logMaxSize: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What the log holds of clients: full address, short (IPv4 /24, IPv6 /48), hash (a name for a day) or none. "
                + "(default: full)", valueName: "form"))
    var logClient: String?

    @Option(
        name: .customLong("log-mask-query"),
        help: ArgumentHelp(
            "Query parameter whose values the log does not hold; may be given again.", valueName: "name"))
    var maskedParameters: [String] = []
}

/// The same from both places, the command line first.
struct LogOptions: Decodable {
    private var logDb: String?
    private var logSync: String?
    private var logRingSize: NumberOrWord?
    private var logOverflow: String?
    private var logBlockTimeout: Double?
    private var logRetention: NumberOrWord?
    private var logMaxSize: NumberOrWord?
    private var logClient: String?
    private var logMaskQuery: OneOrMore?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case logDb = "log-db"
        case logSync = "log-sync"
        case logRingSize = "log-ring-size"
        case logOverflow = "log-overflow"
        case logBlockTimeout = "log-block-timeout"
        case logRetention = "log-retention"
        case logMaxSize = "log-max-size"
        case logClient = "log-client"
        case logMaskQuery = "log-mask-query"
    }

    init() {}

    mutating func override(by arguments: LogArguments) {
        logDb = arguments.logDb ?? logDb
        logSync = arguments.logSync ?? logSync
        logRingSize = arguments.logRingSize.map(NumberOrWord.init) ?? logRingSize
        logOverflow = arguments.logOverflow ?? logOverflow
        logBlockTimeout = arguments.logBlockTimeout ?? logBlockTimeout
        logRetention = arguments.logRetention.map(NumberOrWord.init) ?? logRetention
        logMaxSize = arguments.logMaxSize.map(NumberOrWord.init) ?? logMaxSize
        logClient = arguments.logClient ?? logClient
        if !arguments.maskedParameters.isEmpty { logMaskQuery = OneOrMore(values: arguments.maskedParameters) }
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
        try applyPrivacy(to: &configuration.server)
        if let text = logRetention?.text {
            configuration.logRetentionSeconds =
                isNone(text)
                ? nil : try Amount.seconds(text, "log-retention", 60...3_200_000_000, "1m to 36500d, or none")
        }
        if let text = logMaxSize?.text {
            configuration.logMaximumBytes =
                isNone(text)
                ? nil : try Amount.bytes(text, "log-max-size", 128 << 20...1 << 50, "128M to 1048576G, or none")
        }
    }

    private func applyPrivacy(to configuration: inout ServerConfiguration) throws {
        if let logClient {
            guard let form = LogClient(rawValue: logClient) else {
                throw OptionError("log-client", mustBe: "full, short, hash or none")
            }
            configuration.logClient = form
        }
        if let logMaskQuery {
            guard logMaskQuery.values.allSatisfy({ !$0.isEmpty && !$0.contains { "=&;#?".contains($0) } }) else {
                throw OptionError("log-mask-query", mustBe: "a name as it is decoded, without any of = & ; # ?")
            }
            configuration.logMaskedParameters = logMaskQuery.values
        }
    }

    private func isNone(_ text: String) -> Bool { text == "none" || text == "0" }
}
