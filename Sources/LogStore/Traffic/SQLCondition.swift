// A condition in SQL that a user may write: one expression, which cannot leave the parentheses it is put into.

/// An expression over the columns of the view `requests`, for example `duration_ms > 100 AND path LIKE '/api/%'`.
///
/// SQLite itself refuses what writes, because the connection only reads; this refuses what would end the expression or
/// start another statement, and subqueries, which could read without end.
struct SQLCondition: Sendable, Equatable {
    /// The expression.
    let text: String

    /// The greatest length in bytes.
    private static let lengthLimit = 4096

    /// How deep parentheses may be nested; SQLite stops at 1,000 levels of an expression.
    private static let depthLimit = 100

    /// Checks an expression.
    init(_ text: String) throws(RequestFilterError) {
        self.text = text
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.lengthLimit else {
            throw RequestFilterError("--where takes at most \(Self.lengthLimit) bytes")
        }
        var index = 0
        var depth = 0
        var isEmpty = true
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "["):
                let end = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : byte
                guard let close = bytes[(index + 1)...].firstIndex(of: end) else {
                    throw RequestFilterError("--where: a quotation has no end")
                }
                // A doubled quote goes on as the next quotation does, which comes to the same.
                index = close
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: ";"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"),
                UInt8(ascii: "#"), UInt8(ascii: "{"), UInt8(ascii: "}"), 0:
                throw Self.refused(String(decoding: [byte], as: UTF8.self))
            case UInt8(ascii: "-") where bytes[index...].starts(with: "--".utf8): throw Self.refused("--")
            case UInt8(ascii: "/") where bytes[index...].starts(with: "/*".utf8): throw Self.refused("/*")
            case _ where Self.isWordByte(byte):
                let word = bytes[index...].prefix(while: Self.isWordByte)
                try Self.check(word: String(decoding: word, as: UTF8.self).uppercased())
                index = word.endIndex - 1
            default: break
            }
            if byte > 0x20 { isEmpty = false }
            guard (0...Self.depthLimit).contains(depth) else { throw Self.unbalanced }
            index += 1
        }
        if depth != 0 { throw Self.unbalanced }
        if isEmpty { throw RequestFilterError("--where wants a condition, such as \"duration_ms > 100\"") }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
            || byte &- UInt8(ascii: "0") < 10
    }

    private static func check(word: String) throws(RequestFilterError) {
        if ["SELECT", "VALUES", "WITH"].contains(word) {
            throw RequestFilterError("--where takes a condition without subqueries; `httpstats query` runs statements")
        }
    }

    private static func refused(_ mark: String) -> RequestFilterError {
        RequestFilterError("--where takes one condition, and \(mark == "\0" ? "NUL" : mark) is no part of one")
    }

    private static var unbalanced: RequestFilterError {
        RequestFilterError("--where: the parentheses do not match, or are more than \(depthLimit) deep")
    }
}
