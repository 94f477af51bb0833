// The grammars of RFC 3986, 9110 and 9112 once more, as plainly as can be: what the fast code is compared with.

/// The grammars of RFC 3986, 9110 and 9112, as plainly as can be.
enum Grammar {
    typealias Text = ArraySlice<UInt8>

    static let digits = Set("0123456789".utf8)
    static let hexadecimal = Set("0123456789abcdefABCDEF".utf8)
    static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    static let token = letters.union(digits).union("!#$%&'*+-.^_`|~".utf8)
    static let nameCharacters = letters.union(digits).union("-._~!$&'()*+,;=".utf8)
    static let blanks = Set(" \t".utf8)

    static func isToken(_ text: Text) -> Bool { !text.isEmpty && text.allSatisfy(token.contains) }

    /// A tab, a space, a visible character or a byte above 127.
    static func isValueByte(_ byte: UInt8) -> Bool { byte == 9 || byte >= 32 && byte != 127 }

    static func isVisible(_ byte: UInt8) -> Bool { byte > 32 && byte < 127 }

    /// The letters A to Z in lower case, and no other: Unicode knows a K that becomes k.
    static func lowercased(_ text: Text) -> String {
        String(
            decoding: text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }

    static func trimmed(_ text: Text) -> Text {
        let front = text.drop(while: blanks.contains)
        return front.dropLast(front.reversed().prefix(while: blanks.contains).count)
    }

    static func elements(_ text: Text) -> [Text] {
        text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(trimmed)
    }

    /// The text before and behind the first such byte; nil without one.
    static func cut(_ text: Text, at separator: Character) -> (before: Text, behind: Text)? {
        guard let byte = separator.asciiValue, let place = text.firstIndex(of: byte) else { return nil }
        return (text[..<place], text[(place + 1)...])
    }

    // MARK: Hosts

    /// `uri-host [ ":" port ]`, split; the port is nil without a colon.
    static func hostAndPort(_ text: Text) -> (host: Text, port: Text?)? {
        let end: Int
        if text.first == UInt8(ascii: "[") {
            guard let bracket = text.firstIndex(of: UInt8(ascii: "]")), isLiteral(text[..<bracket].dropFirst()) else {
                return nil
            }
            end = bracket + 1
        } else {
            end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
            guard isRegisteredName(text[..<end]) else { return nil }
        }
        if end == text.endIndex { return (text, nil) }
        let port = text[(end + 1)...]
        guard text[end] == UInt8(ascii: ":"), port.allSatisfy(digits.contains) else { return nil }
        if !port.isEmpty, (Int(String(decoding: port, as: UTF8.self)) ?? .max) > 65_535 { return nil }
        return (text[..<end], port)
    }

    static func isRegisteredName(_ text: Text) -> Bool {
        var rest = text
        while let byte = rest.popFirst() {
            if nameCharacters.contains(byte) { continue }
            guard byte == UInt8(ascii: "%"), rest.prefix(2).count == 2, rest.prefix(2).allSatisfy(hexadecimal.contains)
            else { return false }
            rest = rest.dropFirst(2)
        }
        return true
    }

    private static func isLiteral(_ text: Text) -> Bool {
        if text.first == UInt8(ascii: "v") || text.first == UInt8(ascii: "V") {
            guard let (version, address) = cut(text.dropFirst(), at: ".") else { return false }
            return !version.isEmpty && version.allSatisfy(hexadecimal.contains) && !address.isEmpty
                && address.allSatisfy { nameCharacters.contains($0) || $0 == UInt8(ascii: ":") }
        }
        return isIPv6(text)
    }

    /// Eight groups of 16 bits, the last two perhaps as an IPv4 address; `::` once for one group or more.
    static func isIPv6(_ text: Text) -> Bool {
        let string = String(decoding: text, as: UTF8.self)
        let halves = string.components(separatedBy: "::")
        guard halves.count <= 2 else { return false }
        var count = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let groups = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, group) in groups.enumerated() {
                let isLast = index == halves.count - 1 && place == groups.count - 1
                if isLast && isIPv4(group) {
                    count += 2
                } else if (1...4).contains(group.utf8.count) && group.utf8.allSatisfy(hexadecimal.contains) {
                    count += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? count <= 7 : count == 8
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4
            && numbers.allSatisfy { number in
                number.utf8.allSatisfy(digits.contains) && UInt8(number).map { "\($0)" == number } == true
            }
    }
}

extension String {
    /// The parts between the occurrences of a separator.
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
