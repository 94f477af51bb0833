// Tells code from comments and strings in Swift and C, as far as the rules need it.

/// Walks over a text once. Comments and the content of strings become spaces in ``code``; interpolated code stays.
struct SourceLexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private(set) var code: [UInt8]
    private(set) var strings: [SourceText.Literal] = []

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let hash = UInt8(ascii: "#")
    private static let backslash = UInt8(ascii: "\\")

    init(_ text: String) {
        bytes = Array(text.utf8)
        code = bytes
    }

    mutating func run() {
        readCode(untilClosing: false)
    }

    private func byte(_ offset: Int) -> UInt8 {
        index + offset < bytes.count ? bytes[index + offset] : 0
    }

    /// Goes one byte on, and blanks it if it is no code.
    private mutating func step(blank: Bool) {
        if bytes[index] == Self.newline {
            line += 1
        } else if blank {
            code[index] = UInt8(ascii: " ")
        }
        index += 1
    }

    /// Reads code to its end: of the text, or of an interpolation, whose closing parenthesis is left.
    private mutating func readCode(untilClosing: Bool) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case Self.slash where byte(1) == Self.slash:
                while index < bytes.count, bytes[index] != Self.newline { step(blank: true) }
            case Self.slash where byte(1) == Self.star:
                readBlockComment()
            case Self.quote:
                readString(hashes: 0)
            case Self.hash where hashesBeforeQuote() > 0:
                let hashes = hashesBeforeQuote()
                for _ in 0..<hashes { step(blank: true) }
                readString(hashes: hashes)
            case UInt8(ascii: "("):
                depth += 1
                step(blank: false)
            case UInt8(ascii: ")"):
                if untilClosing, depth == 0 { return }
                depth -= 1
                step(blank: false)
            default:
                step(blank: false)
            }
        }
    }

    private func hashesBeforeQuote() -> Int {
        var count = 0
        while byte(count) == Self.hash { count += 1 }
        return byte(count) == Self.quote ? count : 0
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if byte(0) == Self.slash, byte(1) == Self.star {
                depth += 1
                step(blank: true)
            } else if byte(0) == Self.star, byte(1) == Self.slash {
                depth -= 1
                step(blank: true)
            }
            step(blank: true)
        } while depth > 0 && index < bytes.count
    }

    /// Reads a string from its first quote on; `hashes` stood before it.
    private mutating func readString(hashes: Int) {
        let startLine = line
        let isLong = byte(1) == Self.quote && byte(2) == Self.quote
        let quotes = isLong ? 3 : 1
        for _ in 0..<quotes { step(blank: true) }
        var content: [UInt8] = []
        while index < bytes.count, isLong || bytes[index] != Self.newline {
            if closes(quotes: quotes, hashes: hashes) {
                for _ in 0..<(quotes + hashes) { step(blank: true) }
                break
            }
            if bytes[index] == Self.backslash, (0..<hashes).allSatisfy({ byte(1 + $0) == Self.hash }) {
                for _ in 0...hashes { step(blank: true) }
                if byte(0) == UInt8(ascii: "(") {
                    step(blank: true)
                    readCode(untilClosing: true)
                    content += Array("\\()".utf8)
                }
                if index < bytes.count { step(blank: true) }
                continue
            }
            content.append(bytes[index])
            step(blank: true)
        }
        strings.append(SourceText.Literal(text: String(decoding: content, as: UTF8.self), line: startLine))
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { byte($0) == Self.quote } && (0..<hashes).allSatisfy { byte(quotes + $0) == Self.hash }
    }
}
