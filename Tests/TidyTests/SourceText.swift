// A text split into what the rules look at: lines, code without comments and strings, and the strings by themselves.

/// One file of the repository.
struct SourceText: Sendable {
    /// Where it lies, from the top of the repository: `Sources/Schema/SQL.swift`.
    let path: String
    let lines: [Substring]
    /// For Swift and C: the lines with comments and the content of strings blanked out. Columns are those of ``lines``.
    let codeLines: [String]
    /// For Swift and C: the names and keywords outside comments and strings.
    let words: [Word]
    /// For Swift: the string literals.
    let strings: [Literal]

    /// A name or keyword.
    struct Word: Sendable {
        let text: String
        /// The first line is 1.
        let line: Int
        /// The byte before it; a space at the start of a line.
        let previous: UInt8
        /// The first byte after it that is no space; a space at the end of a line.
        let next: UInt8
    }

    /// The content of a string literal.
    struct Literal: Sendable {
        let text: String
        let line: Int
    }

    init(_ path: String, _ text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard path.hasSuffix(".swift") || path.hasSuffix(".c") || path.hasSuffix(".h") else {
            codeLines = []
            words = []
            strings = []
            return
        }
        var lexer = SourceLexer(text)
        lexer.run()
        codeLines = String(decoding: lexer.code, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        strings = lexer.strings
        words = SourceText.words(in: lexer.code)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    /// Whether it is part of what users run, not of the tests.
    var isProduct: Bool { path.hasPrefix("Sources/") || path.hasPrefix("Tools/") || path.hasPrefix("Schema/") }
    var fileName: Substring { path.split(separator: "/").last ?? "" }

    private static func words(in code: [UInt8]) -> [Word] {
        var words: [Word] = []
        var line = 1
        var index = 0
        let newline = UInt8(ascii: "\n")
        let space = UInt8(ascii: " ")
        while index < code.count {
            guard isWordByte(code[index]) else {
                if code[index] == newline { line += 1 }
                index += 1
                continue
            }
            let start = index
            while index < code.count, isWordByte(code[index]) { index += 1 }
            var after = index
            while after < code.count, code[after] == space { after += 1 }
            let previous = start > 0 && code[start - 1] != newline ? code[start - 1] : space
            let next = after < code.count && code[after] != newline ? code[after] : space
            let text = String(decoding: code[start..<index], as: UTF8.self)
            words.append(Word(text: text, line: line, previous: previous, next: next))
        }
        return words
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...255:
            true
        default: false
        }
    }
}
