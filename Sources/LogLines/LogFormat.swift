// A format of log lines: compiled once from what Apache or nginx is configured with, or one that is known by name.

/// A part of a line and the text that ends it.
struct LogPart: Sendable, Equatable {
    let field: LogField
    /// What stands behind it; empty at the end of the line.
    var literal: [UInt8]
    /// Its first byte; nil at the end of the line.
    var literalFirst: UInt8?

    init(_ field: LogField, literal: [UInt8] = []) {
        self.field = field
        self.literal = literal
        literalFirst = literal.first
    }
}

/// What lines look like.
public struct LogFormat: Sendable, Equatable, CustomStringConvertible {
    /// Its name, or its text.
    public let description: String

    /// Whether each line is an object of JSON.
    let isJSON: Bool
    /// What each line begins with.
    let prefix: [UInt8]
    /// The rest, in its order. What follows the last literal is not looked at.
    let parts: [LogPart]

    private init(_ description: String, prefix: [UInt8] = [], parts: [LogPart] = [], isJSON: Bool = false) {
        self.description = description
        self.prefix = prefix
        self.parts = parts
        self.isJSON = isJSON
    }

    /// The format of a name, of Apache's `LogFormat` or of nginx's `log_format`: the text between the quotes, or the
    /// whole directive as it stands in the configuration.
    ///
    /// - Throws: ``LogFormatError``.
    public init(_ text: String) throws(LogFormatError) {
        if let named = Self.named(text) {
            self = named
            return
        }
        let format = try Self.quoted(text)
        let pieces = format.contains("$") ? try NginxFormat.pieces(format) : try ApacheFormat.pieces(format)
        let (prefix, parts) = try Self.parts(of: pieces)
        guard parts.contains(where: { Self.times.contains($0.field) }) else {
            throw LogFormatError("the format says no time: it needs %t, or $time_local, $time_iso8601 or $msec")
        }
        self.init(text, prefix: prefix, parts: parts)
    }

    /// Names of formats, and what they stand for.
    public static let names = ["common", "combined", "vhost-combined", "caddy", "traefik", "json"]

    private static let times: Set<LogField> = [
        .commonTime, .commonStart, .isoTime, .isoStart, .unixTime, .unixStart,
    ]

    private static func named(_ name: String) -> LogFormat? {
        let common = #"%h %l %u %t "%r" %>s %b"#
        let combined = common + #" "%{Referer}i" "%{User-Agent}i""#
        let text: String
        switch name {
        case "common": text = common
        case "combined": text = combined
        case "vhost-combined": text = "%v:%p " + combined
        case "caddy", "traefik", "json": return LogFormat(name, isJSON: true)
        default: return nil
        }
        guard let pieces = try? ApacheFormat.pieces(text), let (prefix, parts) = try? parts(of: pieces) else {
            return nil
        }
        return LogFormat(name, prefix: prefix, parts: parts)
    }

    /// The format that most of some lines have; nil when hardly any has one.
    ///
    /// - Parameter lines: the first lines of a log.
    public static func guess(_ lines: [[UInt8]]) -> LogFormat? {
        let lines = lines.filter { !$0.isEmpty }
        let candidates = ["vhost-combined", "combined", "common", "json"].compactMap(named)
        let counts = candidates.map { format in
            var parser = LogLineParser(format)
            return lines.count { parser.parse($0.octets) == nil }
        }
        guard let best = counts.indices.max(by: { counts[$0] < counts[$1] || counts[$0] == counts[$1] && $0 > $1 }),
            counts[best] * 2 > lines.count
        else { return nil }
        return candidates[best]
    }

    /// Takes the text out of a directive: `LogFormat "…" name` or `log_format name '…' '…';`.
    private static func quoted(_ text: String) throws(LogFormatError) -> String {
        let isApache = text.hasPrefix("LogFormat ")
        guard isApache || text.hasPrefix("log_format ") else { return text }
        var (format, quote, isEscaped) = ("", Character?.none, false)
        for character in text {
            if let open = quote {
                if isEscaped {
                    // Before anything but a quote or itself a backslash stays, for the C escapes of the format.
                    format += character == open || character == "\\" ? "\(character)" : "\\\(character)"
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                    if isApache { return format }
                } else {
                    format.append(character)
                }
            } else if character == "\"" || character == "'" {
                quote = character
            }
        }
        guard quote == nil, !format.isEmpty else { throw LogFormatError("the directive has no whole quoted text") }
        return format
    }

    /// Puts literals together, and each behind the field that it ends.
    private static func parts(of pieces: [LogPiece]) throws(LogFormatError) -> ([UInt8], [LogPart]) {
        var (prefix, parts): ([UInt8], [LogPart]) = ([], [])
        var isAfterField = false
        for piece in pieces {
            switch piece {
            case .literal(let bytes):
                if let last = parts.last {
                    parts[parts.count - 1] = LogPart(last.field, literal: last.literal + bytes)
                } else {
                    prefix += bytes
                }
                if !bytes.isEmpty { isAfterField = false }
            case .field(let field, let name):
                if isAfterField {
                    throw LogFormatError("nothing stands before \(name), so no reader can tell where it begins")
                }
                parts.append(LogPart(field))
                isAfterField = true
            }
        }
        return (prefix, parts)
    }
}

/// A piece of a format.
enum LogPiece {
    case literal([UInt8])
    case field(LogField, name: String)
}

/// A format that cannot be understood.
public struct LogFormatError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it; one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
