// The bytes that lines are made of, by name, and what they stand for in escapes.

enum Ascii {
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let hyphen = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let dot = UInt8(ascii: ".")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let questionMark = UInt8(ascii: "?")

    /// The value of a digit in base 16.
    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte) - 55
        default: nil
        }
    }
}

extension LogLineParser {
    /// A copy of a text without its escapes: `\"`, `\\`, `\/`, `\b \f \n \r \t \v`, `\xHH` of Apache
    /// (ap_escape_logitem) and nginx (`escape=default`), `\uXXXX` of JSON (RFC 8259, section 7). Neither of the first
    /// two writes `\u`, and JSON has no `\x`, so one reader does for all. A backslash before anything else stays.
    mutating func unescape(_ line: RawSpan, _ start: Int, _ end: Int) -> TextPlace {
        var place = TextPlace(start: scratch.count, end: 0, isUnescaped: true)
        var offset = start
        while offset < end {
            let byte = line.byte(at: offset)
            if byte == Ascii.backslash, offset + 1 < end, let length = appendEscaped(line, offset + 1, end) {
                offset += 1 + length
            } else {
                scratch.append(byte)
                offset += 1
            }
        }
        place.end = scratch.count
        return place
    }

    /// Adds what stands behind a backslash; its length, or nil when it is no escape.
    private mutating func appendEscaped(_ line: RawSpan, _ offset: Int, _ end: Int) -> Int? {
        switch line.byte(at: offset) {
        case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"): scratch.append(line.byte(at: offset))
        case UInt8(ascii: "b"): scratch.append(8)
        case UInt8(ascii: "t"): scratch.append(9)
        case UInt8(ascii: "n"): scratch.append(10)
        case UInt8(ascii: "v"): scratch.append(11)
        case UInt8(ascii: "f"): scratch.append(12)
        case UInt8(ascii: "r"): scratch.append(13)
        case UInt8(ascii: "x"):
            guard let value = Self.digits(line, offset + 1, 2, end) else { return nil }
            scratch.append(UInt8(value))
            return 3
        case UInt8(ascii: "u"):
            return appendUnicode(line, offset + 1, end)
        default: return nil
        }
        return 1
    }

    private mutating func appendUnicode(_ line: RawSpan, _ offset: Int, _ end: Int) -> Int? {
        guard var value = Self.digits(line, offset, 4, end) else { return nil }
        var length = 5
        // The two halves of a character beyond U+FFFF.
        if value >> 10 == 0x36, offset + 5 < end, line.byte(at: offset + 4) == Ascii.backslash,
            line.byte(at: offset + 5) == UInt8(ascii: "u"), let low = Self.digits(line, offset + 6, 4, end),
            low >> 10 == 0x37
        {
            value = 0x1_0000 + (value & 0x3FF) << 10 + low & 0x3FF
            length = 11
        }
        guard let scalar = Unicode.Scalar(value) else { return nil }
        scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return length
    }

    private static func digits(_ line: RawSpan, _ offset: Int, _ count: Int, _ end: Int) -> UInt32? {
        guard offset + count <= end else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + count {
            guard let digit = Ascii.hexadecimal(line.byte(at: index)) else { return nil }
            value = value << 4 | digit
        }
        return value
    }
}
