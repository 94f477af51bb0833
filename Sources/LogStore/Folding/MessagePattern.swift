// Folds what varies in a message, so that messages of one cause become one line.

/// A message with placeholders where messages of its kind differ.
///
/// | in the message | becomes |
/// |---|---|
/// | `42`, `-1.5`, `0x1f`; also within `42ms`, `user12345` | `<number>` |
/// | `"some text"`, also in `'` or a backquote | `"<text>"` |
/// | `/var/lib/x`, also with a scheme and a host before it | `<path>` |
/// | `192.0.2.1:80`, `[2001:db8::1]:80`, `ada@example.org` | `<address>` |
/// | a UUID, hexadecimal of 8 digits or more, a random token | `<id>` |
/// | `2026-03-01`, `2026-03-01T10:00:00Z`, `10:00:00` | `<time>` |
///
/// A number of up to three digits behind `code`, `status`, `signal` or `errno` is a name and stays.
public enum MessagePattern {
    /// How many bytes are looked at; `…` stands for all that follow.
    static let byteLimit = 1024

    /// Folds a message. Line breaks and runs of spaces become one space.
    ///
    /// - Parameter message: The text as the log holds it.
    /// - Returns: The pattern, of at most ``byteLimit`` looked-at bytes.
    public static func fold(_ message: [UInt8]) -> [UInt8] {
        var folder = MessageFolder(text: message.prefix(byteLimit))
        folder.run()
        return message.count > byteLimit ? folder.pattern + "…".utf8 : folder.pattern
    }
}

/// One pass over a message.
private struct MessageFolder {
    let text: ArraySlice<UInt8>
    var pattern: [UInt8] = []
    private var index = 0

    /// Whether the last word was one behind which a small number is a name.
    private var isBeforeName = false

    /// The quotation marks that nothing closes: the rest need not be searched again.
    private var unclosed: Set<UInt8> = []

    private static let namingWords: Set<[UInt8]> = [
        Array("code".utf8), Array("status".utf8), Array("signal".utf8), Array("errno".utf8),
    ]

    init(text: ArraySlice<UInt8>) {
        self.text = text
        pattern.reserveCapacity(text.count)
    }

    mutating func run() {
        while index < text.endIndex {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: " "), 9, 10, 13: space()
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): quotation(byte)
            case UInt8(ascii: "["): if !bracketedAddress() { literal() }
            case UInt8(ascii: "/") where isAtBoundary: path()
            case _ where Self.isWordByte(byte): word()
            default: literal()
            }
        }
        if pattern.last == UInt8(ascii: " ") { pattern.removeLast() }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        VaryingWord.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || 9...13 ~= byte
    }

    /// Whether a word may begin here.
    private var isAtBoundary: Bool {
        index == text.startIndex || !Self.isWordByte(text[index - 1])
    }

    private mutating func literal() {
        pattern.append(text[index])
        index += 1
    }

    private mutating func put(_ placeholder: String, to end: Int) {
        pattern += placeholder.utf8
        index = end
        isBeforeName = false
    }

    private mutating func space() {
        if let last = pattern.last, last != UInt8(ascii: " ") { pattern.append(UInt8(ascii: " ")) }
        index += 1
    }

    /// Text between marks; an apostrophe within a word is none.
    private mutating func quotation(_ mark: UInt8) {
        guard isAtBoundary, !unclosed.contains(mark) else { return literal() }
        var end = index + 1
        while end < text.endIndex {
            if text[end] == mark, end + 1 == text.endIndex || !Self.isWordByte(text[end + 1]) {
                pattern.append(mark)
                put("<text>", to: end + 1)
                pattern.append(mark)
                return
            }
            end += 1
        }
        unclosed.insert(mark)
        literal()
    }

    /// `[2001:db8::1]`, with a port or without.
    private mutating func bracketedAddress() -> Bool {
        let rest = text[(index + 1)...].prefix(46)
        guard let close = rest.firstIndex(of: UInt8(ascii: "]")), Self.isIPv6(rest[..<close]) else { return false }
        put("<address>", to: endOfPort(close + 1))
        return true
    }

    /// Two colons or more, and else only what IPv6 addresses are written with; a figure among it, unlike `dead::beef`,
    /// which a program may call a thing of its own.
    private static func isIPv6(_ word: ArraySlice<UInt8>) -> Bool {
        guard 2...45 ~= word.count, word.contains(where: VaryingWord.isDigit) else { return false }
        var colons = 0
        for byte in word {
            if byte == UInt8(ascii: ":") {
                colons += 1
            } else if !VaryingWord.isHex(byte), byte != UInt8(ascii: ".") {
                return false
            }
        }
        return colons >= 2
    }

    private func endOfPort(_ end: Int) -> Int {
        guard end < text.endIndex, text[end] == UInt8(ascii: ":") else { return end }
        let digits = text[(end + 1)...].prefix { VaryingWord.isDigit($0) }
        return digits.isEmpty ? end : digits.endIndex
    }

    /// A path up to the next space, quotation mark or bracket; punctuation at its end is none of it.
    private mutating func path() {
        var end = endOfRun()
        while end > index + 1, ",.;:!?".utf8.contains(text[end - 1]) { end -= 1 }
        // A slash alone divides: 3 / 4.
        if end == index + 1 { literal() } else { put("<path>", to: end) }
    }

    private func endOfRun() -> Int {
        text[index...].firstIndex { Self.isSpace($0) || "\"'`)]}>".utf8.contains($0) } ?? text.endIndex
    }

    private mutating func word() {
        let rest = text[index...]
        if VaryingWord.isDigit(text[index]), let end = VaryingWord.endOfDate(rest) { return put("<time>", to: end) }
        if let end = VaryingWord.endOfUUID(rest) { return put("<id>", to: end) }
        // An address or a URL reaches over punctuation, so the run up to the next space is looked at once.
        let end = rest.firstIndex { !Self.isWordByte($0) } ?? rest.endIndex
        let word = text[index..<end]
        if end < text.endIndex, compound(endOfWord: end) { return }
        if VaryingWord.isDigit(text[index]) {
            number(word)
        } else if VaryingWord.isHash(word) || VaryingWord.isToken(word) {
            put("<id>", to: end)
        } else {
            name(word)
        }
    }

    /// Words that punctuation holds together: `192.0.2.1:80`, `fe80::1`, `10:00:00`, `ada@example.org`, `http://…`.
    private mutating func compound(endOfWord: Int) -> Bool {
        switch text[endOfWord] {
        case UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"): break
        default: return false
        }
        if text[endOfWord...].starts(with: "://".utf8) {
            path()
            return true
        }
        let run = text[index...].prefix(256).prefix {
            Self.isWordByte($0) || ".@-+:".utf8.contains($0)
        }
        let dotted = run.prefix { VaryingWord.isDigit($0) || $0 == UInt8(ascii: ".") }
        let hexadecimal = run.prefix { VaryingWord.isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        if VaryingWord.isIPv4(dotted) {
            put("<address>", to: endOfPort(dotted.endIndex))
        } else if Self.isTimeOfDay(hexadecimal) {
            put("<time>", to: hexadecimal.endIndex)
        } else if hexadecimal.endIndex == run.endIndex, Self.isIPv6(hexadecimal) {
            put("<address>", to: run.endIndex)
        } else if let at = run.firstIndex(of: UInt8(ascii: "@")), run[(at + 1)...].contains(UInt8(ascii: ".")) {
            let domain = run[(at + 1)...].prefix { Self.isWordByte($0) || ".-".utf8.contains($0) }
            put("<address>", to: domain.last == UInt8(ascii: ".") ? domain.endIndex - 1 : domain.endIndex)
        } else {
            return false
        }
        return true
    }

    /// `10:00:00`, with a fraction or without.
    private static func isTimeOfDay(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= 8, word.count <= 15 else { return false }
        for (offset, byte) in word.enumerated() {
            let isPunctuation = offset == 2 || offset == 5 || offset == 8
            let expected = offset == 8 ? UInt8(ascii: ".") : UInt8(ascii: ":")
            guard isPunctuation ? byte == expected : VaryingWord.isDigit(byte) else { return false }
        }
        return true
    }

    /// A word that begins with a digit: its figures, a fraction, then perhaps a unit.
    private mutating func number(_ word: ArraySlice<UInt8>) {
        if word.starts(with: "0x".utf8), word.count > 2, word.dropFirst(2).allSatisfy(VaryingWord.isHex) {
            return put("<number>", to: word.endIndex)
        }
        if VaryingWord.isHash(word) || VaryingWord.isToken(word) { return put("<id>", to: word.endIndex) }
        var end = word.prefix(while: VaryingWord.isDigit).endIndex
        if isBeforeName, end == word.endIndex, word.count <= 3 {
            pattern += word
            index = end
            isBeforeName = false
            return
        }
        while end + 1 < text.endIndex, ".,".utf8.contains(text[end]), VaryingWord.isDigit(text[end + 1]) {
            end = text[(end + 1)...].firstIndex { !VaryingWord.isDigit($0) } ?? text.endIndex
        }
        if pattern.last == UInt8(ascii: "-"), pattern.count == 1 || Self.isSpace(pattern[pattern.count - 2]) {
            pattern.removeLast()
        }
        put("<number>", to: end)
    }

    /// A word that begins with a letter; four figures and more at its end are a number.
    private mutating func name(_ word: ArraySlice<UInt8>) {
        let figures = word.reversed().prefix(while: VaryingWord.isDigit).count
        isBeforeName = Self.namingWords.contains(word.map { $0 | 0x20 })
        guard figures >= 4 else {
            pattern += word
            index = word.endIndex
            return
        }
        pattern += word.dropLast(figures)
        put("<number>", to: word.endIndex)
    }
}
