// A rule looks at one file and says where it is broken and what to write instead.

/// One breach of a rule.
struct Finding: Equatable, CustomStringConvertible, Sendable {
    let path: String
    /// The first line is 1.
    let line: Int
    /// What is wrong, and what to do instead.
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// Something a program can check in one file by itself.
struct Rule: Sendable, CustomStringConvertible {
    let name: String
    let check: @Sendable (SourceText) -> [Finding]

    var description: String { name }

    /// A rule about lines: `find` answers what is wrong with a line, or nil.
    static func lines(
        _ name: String, in applies: @escaping @Sendable (SourceText) -> Bool,
        find: @escaping @Sendable (Substring) -> String?
    ) -> Rule {
        Rule(name: name) { file in
            guard applies(file) else { return [] }
            return file.lines.enumerated().compactMap { index, line in
                find(line).map { Finding(path: file.path, line: index + 1, message: $0) }
            }
        }
    }

    /// A rule about names and keywords in code: `find` answers what is wrong with a word, or nil.
    static func words(
        _ name: String, in applies: @escaping @Sendable (SourceText) -> Bool,
        find: @escaping @Sendable (SourceText.Word) -> String?
    ) -> Rule {
        Rule(name: name) { file in
            guard applies(file) else { return [] }
            return file.words.compactMap { word in
                find(word).map { Finding(path: file.path, line: word.line, message: $0) }
            }
        }
    }
}
