// Makes hostile text of the log harmless on its way out of it: nothing that is not visible leaves as it is.

/// The escapes of the output formats.
///
/// Escaped are control characters (C0, DEL, C1), bytes that are no UTF-8, and the invisible characters that reorder a
/// line or break it (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069, U+FEFF).
package enum Escaping {
    /// Text for tables and CSV: what is escaped becomes `\xHH` a byte, and a backslash `\x5C`, so that no two texts
    /// look the same.
    package static func visible(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy(isPlain) { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        forEachPart(bytes) { part, isHarmless in
            if isHarmless && part.first != UInt8(ascii: "\\") {
                output += part
            } else {
                for byte in part { output += [UInt8(ascii: "\\"), UInt8(ascii: "x")] + hex(byte, digits: 2) }
            }
        }
        return output
    }

    /// A JSON string with its quotes; what is escaped becomes `\u00HH`: a character by its number, a byte that is no
    /// UTF-8 by its value.
    package static func json(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy(isPlain) { return [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")] }
        var output: [UInt8] = [UInt8(ascii: "\"")]
        output.reserveCapacity(bytes.count + 2)
        forEachPart(bytes) { part, isHarmless in
            if part.first == UInt8(ascii: "\\") || part.first == UInt8(ascii: "\"") {
                output.append(UInt8(ascii: "\\"))
                output += part
            } else if isHarmless {
                output += part
            } else {
                // More than one byte only when it is a whole character.
                let number = part.count > 1 ? String(decoding: part, as: UTF8.self).unicodeScalars.first?.value : nil
                output += Array("\\u".utf8) + hex(number ?? UInt32(part.first ?? 0), digits: 4)
            }
        }
        output.append(UInt8(ascii: "\""))
        return output
    }

    /// A text for HTML, also in quotes: what could be markup is replaced by references. Nothing else is, so hostile text
    /// is made visible first.
    package static func html(_ text: String) -> String {
        if !text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The digits of a number in base 16.
    package static func hex(_ number: some BinaryInteger, digits: Int) -> [UInt8] {
        let text = String(number, radix: 16, uppercase: true)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }

    /// Walks through the characters of a text; a byte that belongs to none is a part of its own.
    private static func forEachPart(_ bytes: [UInt8], _ body: (_ part: ArraySlice<UInt8>, _ isHarmless: Bool) -> Void) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let first = bytes[start]
            if first < 0x80 {
                body(bytes[start...start], first >= 0x20 && first != 0x7F)
                start += 1
                continue
            }
            let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            let part = bytes[start..<min(start + length, bytes.endIndex)]
            if let text = String(validating: part, as: UTF8.self), text.unicodeScalars.count == 1,
                let scalar = text.unicodeScalars.first
            {
                body(part, !isInvisible(scalar.value))
                start += part.count
            } else {
                body(bytes[start...start], false)
                start += 1
            }
        }
    }

    /// Whether a byte leaves every format as it came; almost all texts are made of such.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"")
    }

    private static func isInvisible(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x80...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
