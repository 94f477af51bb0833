// Finds imports and function bodies in code whose comments and strings are blanked out.

/// An import declaration.
struct Import {
    let module: String
    let line: Int

    static func all(in file: SourceText) -> [Import] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        var imports: [Import] = []
        for (index, word) in file.words.enumerated() where word.text == "import" && word.previous != UInt8(ascii: "`") {
            guard var next = file.words[(index + 1)...].first, next.line == word.line else { continue }
            if kinds.contains(next.text), index + 2 < file.words.count { next = file.words[index + 2] }
            imports.append(Import(module: next.text, line: word.line))
        }
        return imports
    }
}

/// A function, initialiser or subscript with its braces.
struct FunctionBody {
    /// Where its declaration begins; the first line is 1.
    let line: Int
    /// From the declaration to the closing brace.
    let lineCount: Int

    static func all(in file: SourceText) -> [FunctionBody] {
        var starts: Set<Int> = []
        for word in file.words where isDeclaration(word) { starts.insert(word.line) }
        return starts.sorted().compactMap { start in
            end(ofDeclarationAt: start - 1, file.codeLines).map { FunctionBody(line: start, lineCount: $0 + 2 - start) }
        }
    }

    private static func isDeclaration(_ word: SourceText.Word) -> Bool {
        switch word.text {
        case "func": true
        case "deinit": word.next == UInt8(ascii: "{")
        // A call of an initialiser has a dot before it.
        case "init", "subscript": word.previous == UInt8(ascii: " ") && "(?<".utf8.contains(word.next)
        default: false
        }
    }

    /// The line of the closing brace; nil for a declaration without a body, as in a protocol.
    private static func end(ofDeclarationAt start: Int, _ lines: [String]) -> Int? {
        var braces = 0
        var parentheses = 0
        for index in start..<lines.count {
            for byte in lines[index].utf8 {
                switch byte {
                case UInt8(ascii: "("): parentheses += 1
                case UInt8(ascii: ")"): parentheses -= 1
                // A brace within parentheses is a closure that a parameter defaults to.
                case UInt8(ascii: "{") where parentheses == 0: braces += 1
                case UInt8(ascii: "}") where parentheses == 0:
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0 { return index }
                default: break
                }
            }
            let next = index + 1 < lines.count ? lines[index + 1].drop { $0 == " " } : ""
            let goesOn = next.hasPrefix("where") || next.hasPrefix("{") || next.hasPrefix(")") || next.hasPrefix("->")
            if braces == 0, parentheses <= 0, !goesOn { return nil }
        }
        return nil
    }
}
