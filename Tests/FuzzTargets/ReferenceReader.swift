// A second reader of whole messages: slow, in one piece, straight from the RFC, to compare the parser with.
import HTTPMessage

/// A second reader of whole messages, straight from RFC 9112.
struct ReferenceReader {
    typealias Text = Grammar.Text
    typealias Field = (name: Text, value: Text)

    var limits = MessageLimits()

    /// What a complete and acceptable message says, in the words of ``MessageReader``; nil for any other.
    func describe(_ bytes: [UInt8]) -> String? {
        guard let (lines, length) = head(bytes), length <= limits.headBytes, lines[0].count <= limits.requestLineBytes,
            lines.count - 1 <= limits.fieldCount
        else { return nil }
        let words = lines[0].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, Grammar.isToken(words[0]), let number = version(words[2]),
            let form = form(words[1], method: words[0])
        else { return nil }
        var fields: [Field] = []
        for line in lines.dropFirst() {
            guard let (name, value) = Grammar.cut(line, at: ":"), Grammar.isToken(name) else { return nil }
            fields.append((name, Grammar.trimmed(value)))
        }
        guard hasGoodHost(fields, number),
            let framing = framing(fields, number, String(decoding: words[0], as: UTF8.self)),
            let (body, end) = body(bytes[length...], framing)
        else { return nil }
        let options = list("connection", in: fields)
        let expectations = number == 11 ? list("expect", in: fields).filter { !$0.isEmpty } : []
        return MessageText.describe(
            method: words[0], target: words[1], form: form,
            authority: form == .authority ? words[1] : Self.authority(words[1]) ?? [], protocolNumber: number,
            framing: framing,
            keepAlive: (number == 11 || options.contains("keep-alive")) && !options.contains("close"),
            expectsContinue: expectations.contains("100-continue"),
            hasUnsupportedExpectation: expectations.contains { $0 != "100-continue" },
            fields: fields, body: body, rest: bytes[end...])
    }

    /// The lines of the head without the empty ones around them, and its length; nil if it has no end or bad bytes.
    private func head(_ bytes: [UInt8]) -> (lines: [Text], length: Int)? {
        var lines: [Text] = []
        var emptyLines = 0
        var rest = bytes[...]
        while let (line, behind) = Self.line(rest) {
            rest = behind
            if !line.isEmpty {
                lines.append(line)
            } else if !lines.isEmpty {
                return (lines, rest.startIndex)
            } else {
                emptyLines += 1
                if emptyLines > 4 { return nil }
            }
        }
        return nil
    }

    /// The text up to the first CRLF, if nothing in it is forbidden in a field value.
    static func line(_ bytes: Text) -> (line: Text, behind: Text)? {
        guard let (line, behind) = Grammar.cut(bytes, at: "\r"), behind.first == UInt8(ascii: "\n"),
            line.allSatisfy(Grammar.isValueByte)
        else { return nil }
        return (line, behind.dropFirst())
    }

    private func version(_ word: Text) -> UInt8? {
        guard word.count == 8, word.starts(with: "HTTP/1.".utf8), let minor = word.last,
            Grammar.digits.contains(minor)
        else { return nil }
        return minor == UInt8(ascii: "0") ? 10 : 11
    }

    private func form(_ target: Text, method: Text) -> TargetForm? {
        guard !target.isEmpty, target.allSatisfy({ Grammar.isVisible($0) && $0 != UInt8(ascii: "#") }) else {
            return nil
        }
        if method.elementsEqual("CONNECT".utf8) {
            guard let (host, port) = Grammar.hostAndPort(target), !host.isEmpty, port?.isEmpty == false else {
                return nil
            }
            return .authority
        }
        if target.first == UInt8(ascii: "/") { return .origin }
        if target.elementsEqual("*".utf8) { return method.elementsEqual("OPTIONS".utf8) ? .asterisk : nil }
        guard let authority = Self.authority(target), let (host, _) = Grammar.hostAndPort(authority), !host.isEmpty
        else { return nil }
        return .absolute
    }

    /// What stands between `http://` or `https://` and the path, the query or the fragment.
    static func authority(_ target: Text) -> Text? {
        for scheme in ["http://", "https://"]
        where Grammar.lowercased(target.prefix(scheme.utf8.count)) == scheme {
            return target.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
        }
        return nil
    }

    private func values(_ name: String, in fields: [Field]) -> [Text] {
        fields.filter { Grammar.lowercased($0.name) == name }.map(\.value)
    }

    /// The elements of a list in all its lines, in lower case.
    private func list(_ name: String, in fields: [Field]) -> [String] {
        values(name, in: fields).flatMap(Grammar.elements).map(Grammar.lowercased)
    }

    private func hasGoodHost(_ fields: [Field], _ number: UInt8) -> Bool {
        let hosts = values("host", in: fields)
        guard hosts.count == 1 else { return hosts.isEmpty && number == 10 }
        guard let (host, port) = Grammar.hostAndPort(hosts[0]) else { return false }
        return !host.isEmpty || port == nil
    }

    private func framing(_ fields: [Field], _ number: UInt8, _ method: String) -> BodyFraming? {
        let lengths = values("content-length", in: fields)
        let codings = list("transfer-encoding", in: fields)
        if !codings.isEmpty { return codings == ["chunked"] && number == 11 && lengths.isEmpty ? .chunked : nil }
        guard let text = lengths.first else {
            return number == 10 && ["POST", "PUT"].contains(method) ? nil : BodyFraming.none
        }
        guard lengths.count == 1, !text.isEmpty, text.allSatisfy(Grammar.digits.contains),
            let length = UInt64(String(decoding: text, as: UTF8.self)), length <= limits.bodyBytes
        else { return nil }
        return .length(length)
    }

    private func body(_ bytes: Text, _ framing: BodyFraming) -> (content: Text, end: Int)? {
        switch framing {
        case .none: return ([], bytes.startIndex)
        case .length(let length):
            guard bytes.count >= Int(length) else { return nil }
            return (bytes.prefix(Int(length)), bytes.startIndex + Int(length))
        case .chunked:
            guard let (content, end) = ReferenceChunks(limits: limits).decode(bytes) else { return nil }
            return (content[...], end)
        }
    }
}
