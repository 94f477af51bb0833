// The options of the log's summaries: on the command line, in the configuration file, and checked.
import ArgumentParser
import PreforkHTTPServer

/// What `basehttpd --help` shows of summaries.
struct SummaryArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The log's summaries of minutes older than this are removed: a number with m, h, d or w, or none. "
                + "(default: 60d)", valueName: "age"))
    var logRetentionMinutes: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Likewise those of hours; those of days are kept. (default: 730d)", valueName: "age"))
    var logRetentionHours: String?
}

/// The same from both places, the command line first.
struct SummaryOptions: Decodable {
    private var logRetentionMinutes: NumberOrWord?
    private var logRetentionHours: NumberOrWord?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case logRetentionMinutes = "log-retention-minutes"
        case logRetentionHours = "log-retention-hours"
    }

    init() {}

    mutating func override(by arguments: SummaryArguments) {
        logRetentionMinutes = arguments.logRetentionMinutes.map(NumberOrWord.init) ?? logRetentionMinutes
        logRetentionHours = arguments.logRetentionHours.map(NumberOrWord.init) ?? logRetentionHours
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout PreforkConfiguration) throws {
        if let text = logRetentionMinutes?.text {
            configuration.logMinutesRetentionSeconds = try Self.seconds(text, "log-retention-minutes")
        }
        if let text = logRetentionHours?.text {
            configuration.logHoursRetentionSeconds = try Self.seconds(text, "log-retention-hours")
        }
    }

    private static func seconds(_ text: String, _ option: String) throws -> Int? {
        if text == "none" || text == "0" { return nil }
        return try Amount.seconds(text, option, 3_600...3_200_000_000, "1h to 36500d, or none")
    }
}
