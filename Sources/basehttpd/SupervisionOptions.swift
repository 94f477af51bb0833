// The options of supervision: on the command line, in the configuration file, and checked.
import ArgumentParser
import PreforkHTTPServer

/// What `basehttpd --help` shows of supervision.
struct SupervisionArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds a worker may take until it accepts; then it is killed and tried again. (default: 10)",
            valueName: "seconds"))
    var startTimeout: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Requests after which a worker is replaced, up to a tenth fewer; 0 for none. (default: 0)", valueName: "n"))
    var maxRequests: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds after which a worker is replaced, up to a tenth fewer; 0 for never. (default: 0)",
            valueName: "seconds"))
    var maxLifetime: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bytes of memory beyond which a worker is replaced: a number, or one with K, M or G; 0 for any. "
                + "(default: 0)", valueName: "size"))
    var maxMemory: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether the largest worker is replaced when the control group meets a limit of memory. (default: \
            --no-memory-pressure)
            """)
    var memoryPressure: Bool?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Workers that a method and path must have ended within a minute to be answered with 503; 0 for never. "
                + "(default: 3)", valueName: "n"))
    var poisonDeaths: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Seconds for which it is. (default: 60)", valueName: "seconds"))
    var poisonTime: Double?
}

/// The same from both places, the command line first.
struct SupervisionOptions: Decodable {
    private var startTimeout: Double?
    private var maxRequests: Int?
    private var maxLifetime: Double?
    private var maxMemory: NumberOrWord?
    private var memoryPressure: Bool?
    private var poisonDeaths: Int?
    private var poisonTime: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case startTimeout = "start-timeout"
        case maxRequests = "max-requests"
        case maxLifetime = "max-lifetime"
        case maxMemory = "max-memory"
        case memoryPressure = "memory-pressure"
        case poisonDeaths = "poison-deaths"
        case poisonTime = "poison-time"
    }

    init() {}

    mutating func override(by arguments: SupervisionArguments) {
        startTimeout = arguments.startTimeout ?? startTimeout
        maxRequests = arguments.maxRequests ?? maxRequests
        maxLifetime = arguments.maxLifetime ?? maxLifetime
        maxMemory = arguments.maxMemory.map(NumberOrWord.init) ?? maxMemory
        memoryPressure = arguments.memoryPressure ?? memoryPressure
        poisonDeaths = arguments.poisonDeaths ?? poisonDeaths
        poisonTime = arguments.poisonTime ?? poisonTime
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout SupervisionConfiguration) throws {
        if let startTimeout {
            guard (0.1...3_600).contains(startTimeout) else {
                throw OptionError("start-timeout", mustBe: "seconds from 0.1 to 3600")
            }
            configuration.startTimeoutSeconds = startTimeout
        }
        if let maxRequests {
            guard (0...1_000_000_000).contains(maxRequests) else {
                throw OptionError("max-requests", mustBe: "a number from 0 to 1000000000")
            }
            configuration.maximumRequests = maxRequests == 0 ? nil : maxRequests
        }
        if let maxLifetime {
            guard maxLifetime == 0 || (1...31_536_000).contains(maxLifetime) else {
                throw OptionError("max-lifetime", mustBe: "0, or seconds from 1 to 31536000")
            }
            configuration.maximumLifetimeSeconds = maxLifetime == 0 ? nil : maxLifetime
        }
        if let maxMemory {
            let bytes = try Amount.bytes(maxMemory.text, "max-memory", 0...1 << 40, "0 to 1024G")
            configuration.maximumMemoryBytes = bytes == 0 ? nil : Int64(bytes)
        }
        configuration.yieldsToMemoryPressure = memoryPressure ?? configuration.yieldsToMemoryPressure
        if let poisonDeaths {
            guard (0...100).contains(poisonDeaths) else {
                throw OptionError("poison-deaths", mustBe: "a number from 0 to 100")
            }
            configuration.poisonDeaths = poisonDeaths
        }
        if let poisonTime {
            guard (1...86_400).contains(poisonTime) else {
                throw OptionError("poison-time", mustBe: "seconds from 1 to 86400")
            }
            configuration.poisonSeconds = poisonTime
        }
    }
}
