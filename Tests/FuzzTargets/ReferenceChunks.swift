// A second decoder of the chunked coding: line by line over the whole body, straight from RFC 9112 section 7.1.
import HTTPMessage

/// A second decoder of the chunked coding, line by line over a whole body.
struct ReferenceChunks {
    typealias Text = Grammar.Text

    var limits = MessageLimits()

    /// The content and the index behind the body; nil if it isn't complete and acceptable.
    func decode(_ bytes: Text) -> (content: [UInt8], end: Int)? {
        var content: [UInt8] = []
        var extensionBytes = 0
        var rest = bytes
        while let (line, behind) = ReferenceReader.line(rest) {
            let digits = line.prefix(while: Grammar.hexadecimal.contains)
            let extensions = line[digits.endIndex...]
            // The CR that ends the line is counted with an extension.
            if !extensions.isEmpty { extensionBytes += extensions.count + 1 }
            guard (1...16).contains(digits.count), areExtensions(extensions),
                extensionBytes <= limits.chunkExtensionBytes,
                let size = UInt64(String(decoding: digits, as: UTF8.self), radix: 16),
                size <= limits.bodyBytes - UInt64(content.count)
            else { return nil }
            if size == 0 { return trailers(behind).map { (content, $0) } }
            guard behind.count >= Int(size) + 2 else { return nil }
            content += behind.prefix(Int(size))
            rest = behind.dropFirst(Int(size))
            guard rest.starts(with: "\r\n".utf8) else { return nil }
            rest = rest.dropFirst(2)
        }
        return nil
    }

    /// The index behind the empty line that ends the trailer section.
    private func trailers(_ bytes: Text) -> Int? {
        var rest = bytes
        var count = 0
        while let (line, behind) = ReferenceReader.line(rest) {
            rest = behind
            if line.isEmpty { return rest.startIndex - bytes.startIndex <= limits.trailerBytes ? rest.startIndex : nil }
            count += 1
            guard count <= limits.fieldCount, let (name, _) = Grammar.cut(line, at: ":"), Grammar.isToken(name) else {
                return nil
            }
        }
        return nil
    }

    /// `*( ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] BWS )`, without white space before the first
    /// semicolon or behind the last value.
    private func areExtensions(_ text: Text) -> Bool {
        if let last = text.last, Grammar.blanks.contains(last) { return false }
        var rest = text
        while !rest.isEmpty {
            guard rest.popFirst() == UInt8(ascii: ";") else { return false }
            rest = rest.drop(while: Grammar.blanks.contains)
            guard takeToken(&rest) else { return false }
            rest = rest.drop(while: Grammar.blanks.contains)
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop(while: Grammar.blanks.contains)
            guard takeToken(&rest) || takeQuoted(&rest) else { return false }
            rest = rest.drop(while: Grammar.blanks.contains)
        }
        return true
    }

    private func takeToken(_ text: inout Text) -> Bool {
        let token = text.prefix(while: Grammar.token.contains)
        text = text.dropFirst(token.count)
        return !token.isEmpty
    }

    private func takeQuoted(_ text: inout Text) -> Bool {
        guard text.first == UInt8(ascii: "\"") else { return false }
        text.removeFirst()
        while let byte = text.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), text.popFirst() == nil { return false }
        }
        return false
    }
}
