// What a word looks like when it differs from request to request: numbers, dates, identifiers.

/// Tells words that vary from words that are names, by their bytes alone: text that is hostile or no UTF-8 is text like
/// any other. Every function looks at each byte a fixed number of times.
enum VaryingWord {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// Whether all bytes are digits, and there is one.
    static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        !word.isEmpty && word.allSatisfy(isDigit)
    }

    /// Whether it is a number written in hexadecimal: 8 digits or more, with letters and figures among them, so that
    /// words such as `facade` are none.
    static func isHash(_ word: ArraySlice<UInt8>) -> Bool {
        word.count >= 8 && word.allSatisfy(isHex) && word.contains(where: isDigit) && word.contains(where: isLetter)
    }

    /// Whether it is text as a random number makes it (base 36, 58, 62 or 64): letters and figures that change places
    /// every third byte or more often, as words do not. Punctuation is rare in it: base 64 has two such digits.
    static func isToken(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= 10 else { return false }
        var kinds: UInt8 = 0
        var last: UInt8 = 0
        var changes = 0
        var punctuation = 0
        for byte in word {
            let kind: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): kind = 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): kind = 2
            case UInt8(ascii: "a")...UInt8(ascii: "z"): kind = 4
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "."):
                kind = last
                punctuation += 1
            default: return false
            }
            if kind != last { changes += 1 }
            kinds |= kind
            last = kind
        }
        let hasAllKinds = kinds == 7
        let isMixed =
            punctuation == 0
            ? hasAllKinds || word.count >= 16 && kinds & 1 == 1 && kinds != 1
            : hasAllKinds && word.count >= 20 && punctuation * 8 <= word.count
        return isMixed && changes * 3 >= word.count
    }

    /// The end of a UUID (RFC 9562, section 4) that begins at the start of the text; `nil`: there is none.
    static func endOfUUID(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= 36 else { return nil }
        let end = text.startIndex + 36
        for (offset, byte) in text[..<end].enumerated() {
            let isHyphen = offset == 8 || offset == 13 || offset == 18 || offset == 23
            guard isHyphen ? byte == UInt8(ascii: "-") : isHex(byte) else { return nil }
        }
        return end < text.endIndex && isAlphanumeric(text[end]) ? nil : end
    }

    /// The end of a date `2026-03-01`, with a time behind `T` when there is one, that begins at the start of the text.
    static func endOfDate(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= 10 else { return nil }
        let start = text.startIndex
        func number(_ from: Int, _ count: Int) -> Int? {
            var value = 0
            for byte in text[(start + from)..<(start + from + count)] {
                guard isDigit(byte) else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            }
            return value
        }
        guard let year = number(0, 4), 1900..<2200 ~= year, text[start + 4] == UInt8(ascii: "-"),
            let month = number(5, 2), 1...12 ~= month, text[start + 7] == UInt8(ascii: "-"),
            let day = number(8, 2), 1...31 ~= day
        else { return nil }
        var end = start + 10
        guard end < text.endIndex, isAlphanumeric(text[end]) else { return end }
        guard text[end] | 0x20 == UInt8(ascii: "t") else { return nil }
        while end < text.endIndex, isAlphanumeric(text[end]) || ":.+".utf8.contains(text[end]) { end += 1 }
        return end
    }

    /// Whether it is an IPv4 address in dotted form.
    static func isIPv4(_ word: ArraySlice<UInt8>) -> Bool {
        guard 7...15 ~= word.count else { return false }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.count <= 3 && isNumber($0) && value($0) < 256 }
    }

    private static func value(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }
}
