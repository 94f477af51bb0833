// The options of the served files: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer

/// What `basehttpd --help` shows of the served files.
struct FileArguments: ParsableArguments {
    @Option(
        name: .customLong("index"),
        help: ArgumentHelp(
            "Name that stands for its directory; may be given again. (default: index.html, index.htm)",
            valueName: "name"))
    var indexNames: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: "Whether a directory without an index page is answered with a list of its names. (default: --listing)")
    var listing: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether names that begin with a dot are served and listed; .well-known always is. (default: \
            --no-show-hidden)
            """)
    var showHidden: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether symbolic links are followed out of the directory. (default: --no-follow-symlinks)")
    var followSymlinks: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether NAME.br, NAME.zst and NAME.gz are sent in the place of NAME to clients that accept them. (default: \
            --precompressed)
            """)
    var precompressed: Bool?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Media type of files whose extension says nothing. (default: application/octet-stream)", valueName: "type"))
    var contentType: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Value of Cache-Control beside files and lists. (default: none)", valueName: "value"))
    var cacheControl: String?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp(
            "Header field of every answer but errors, as two arguments or as 'NAME: VALUE'; may be given again.",
            valueName: "name> <value"))
    var header: [String] = []

    @Option(
        name: .long, defaultAsFlag: "*", parsing: .next,
        help: ArgumentHelp("Origin whose scripts may read the answers; without one, all may.", valueName: "origin"))
    var cors: String?

    /// The arguments with `-H NAME VALUE`, as Python has it, made one: `-H 'NAME: VALUE'`. No name has a colon.
    static func joined(_ arguments: some Sequence<String>) -> [String] {
        var result: [String] = []
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            result.append(argument)
            if argument == "--" { break }
            guard argument == "-H" || argument == "--header", let name = rest.popFirst() else { continue }
            let value = name.contains(":") ? nil : rest.popFirst()
            result.append(value.map { "\(name): \($0)" } ?? name)
        }
        return result + rest
    }
}

/// The same from both places, the command line first.
struct FileOptions: Decodable {
    private var index: OneOrMore?
    private var listing: Bool?
    private var showHidden: Bool?
    private var followSymlinks: Bool?
    private var precompressed: Bool?
    private var contentType: String?
    private var cacheControl: String?
    private var header: FieldLines?
    private var cors: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case index, listing, precompressed, header, cors
        case showHidden = "show-hidden"
        case followSymlinks = "follow-symlinks"
        case contentType = "content-type"
        case cacheControl = "cache-control"
    }

    init() {}

    mutating func override(by arguments: FileArguments) {
        if !arguments.indexNames.isEmpty { index = OneOrMore(values: arguments.indexNames) }
        listing = arguments.listing ?? listing
        showHidden = arguments.showHidden ?? showHidden
        followSymlinks = arguments.followSymlinks ?? followSymlinks
        precompressed = arguments.precompressed ?? precompressed
        contentType = arguments.contentType ?? contentType
        cacheControl = arguments.cacheControl ?? cacheControl
        if !arguments.header.isEmpty { header = FieldLines(lines: arguments.header) }
        cors = arguments.cors ?? cors
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout ServerConfiguration) throws {
        if let index {
            for name in index.values where name.isEmpty || name.contains("/") || name.contains("\0") {
                throw OptionError("index", mustBe: "the name of a file, without a slash")
            }
            configuration.indexPages = index.values
        }
        configuration.listsDirectories = listing ?? configuration.listsDirectories
        configuration.servesHiddenFiles = showHidden ?? configuration.servesHiddenFiles
        configuration.followsSymbolicLinks = followSymlinks ?? configuration.followsSymbolicLinks
        configuration.usesPrecompressedFiles = precompressed ?? configuration.usesPrecompressedFiles
        if let contentType {
            guard isFieldValue(contentType), contentType.split(separator: "/").count == 2 else {
                throw OptionError("content-type", mustBe: "a media type such as text/plain")
            }
            configuration.defaultContentType = contentType
        }
        if let cacheControl {
            guard isFieldValue(cacheControl), !cacheControl.isEmpty else {
                throw OptionError("cache-control", mustBe: "directives such as max-age=60")
            }
            configuration.cacheControl = cacheControl
        }
        if let header { configuration.extraFields = try header.lines.map(field) }
        if let cors {
            guard isOrigin(cors) else {
                throw OptionError("cors", mustBe: "an origin such as https://example.org, or *")
            }
            configuration.corsOrigin = cors
        }
    }

    private func field(_ line: String) throws -> (name: String, value: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw OptionError("header", mustBe: "a name and a value") }
        let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let value = String(parts[1].drop(while: blanks).reversed().drop(while: blanks).reversed())
        if let objection = ServerConfiguration.objection(toField: String(parts[0]), value: value) {
            throw OptionError("header", mustBe: objection)
        }
        return (String(parts[0]), value)
    }

    private func isFieldValue(_ text: String) -> Bool {
        ServerConfiguration.objection(toField: "x", value: text) == nil
    }

    /// A scheme, a host and perhaps a port, as the Origin field has them (RFC 6454 section 7).
    private func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, parts[0].last == ":", parts[0].count > 1, !parts[2].isEmpty else {
            return false
        }
        return text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"?#@,\"<>\\".utf8.contains($0) }
    }
}

/// A YAML value that is one text or a list of them.
struct OneOrMore: Decodable {
    let values: [String]

    init(values: [String]) {
        self.values = values
    }

    init(from decoder: any Decoder) throws {
        if let list = try? [String](from: decoder) { values = list } else { values = [try String(from: decoder)] }
    }
}

/// A YAML value that maps names to values, or lists lines of name, colon and value.
private struct FieldLines: Decodable {
    let lines: [String]

    init(lines: [String]) {
        self.lines = lines
    }

    init(from decoder: any Decoder) throws {
        if let fields = try? [String: String](from: decoder) {
            lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        } else {
            lines = try OneOrMore(from: decoder).values
        }
    }
}
