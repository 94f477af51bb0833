// Which program a User-Agent field names, and what kind of program that is.

/// The kinds of programs that send requests.
public enum AgentClass: String, Sendable, CaseIterable {
    /// People read what it gets.
    case browser
    /// Fills the index of a search engine, a preview or an archive.
    case crawler
    /// Gathers text for a language model, or fetches it for one that answers now.
    case aiCrawler = "ai_crawler"
    /// Looks whether the server works.
    case monitor
    /// Reads feeds.
    case feedReader = "feed_reader"
    /// A library or a command.
    case tool
    /// None of the above; also an empty field.
    case unknown
}

/// The program behind a User-Agent field (RFC 9110, section 10.1.5).
///
/// The field is split into words, and ``AgentTable`` is asked for each: many crawlers call themselves browsers in the
/// rest of the field, so the word that comes first in the table decides. A program that is not in the table but calls
/// itself bot, crawler or spider is a crawler under the name it gives.
public struct AgentProfile: Sendable, Equatable {
    /// What kind of program it is.
    public let agentClass: AgentClass

    /// The name of the program without its version, as its makers write it; the name from the field where the table has
    /// none; empty for an empty field.
    public let family: String

    /// How many bytes of the field are looked at.
    static let byteLimit = 512

    /// How long a name from the field may be.
    static let nameLimit = 40

    /// Looks at a field.
    ///
    /// - Parameter agent: The value as the log holds it.
    public init(agent: [UInt8]) {
        var best: AgentTable.Entry?
        var crawler: String?
        var first: String?
        for word in agent.prefix(Self.byteLimit).split(whereSeparator: Self.isSeparator) {
            let lower = String(decoding: word.map(Self.lowercased), as: UTF8.self)
            if let entry = AgentTable.find(lower), best.map({ entry.rank < $0.rank }) != false { best = entry }
            guard word.count <= Self.nameLimit, word.allSatisfy({ 0x21...0x7e ~= $0 }) else { continue }
            if first == nil, word.contains(where: VaryingWord.isLetter) {
                first = String(decoding: word, as: UTF8.self)
            }
            if crawler == nil, Self.isCrawlerName(lower) { crawler = String(decoding: word, as: UTF8.self) }
        }
        // A browser's name proves nothing: crawlers show one, too.
        if let best, best.agentClass != .browser || crawler == nil {
            agentClass = best.agentClass
            family = best.family
        } else if let crawler {
            agentClass = .crawler
            family = crawler
        } else {
            agentClass = .unknown
            family = first ?? ""
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "\0"..." ", "/", "(", ")", ",", ";", ":", "+", "@", "\"", "'", "[", "]", "{", "}", "<", ">", "=": true
        default: false
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        0x41...0x5a ~= byte ? byte | 0x20 : byte
    }

    private static func isCrawlerName(_ word: String) -> Bool {
        // `cubot` makes telephones.
        (word.hasSuffix("bot") || word.hasSuffix("crawler") || word.hasSuffix("spider") || word.hasPrefix("bot-"))
            && !word.hasSuffix("cubot")
    }
}
