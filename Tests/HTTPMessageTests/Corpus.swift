// The corpus of messages: `Requests/valid` and `Requests/invalid`, each message with its expectation beside it.
import Foundation
import Testing

/// A message of the corpus.
///
/// `NAME.http` holds the bytes as they come from the client. `NAME.expected` begins with lines `# ...` that cite the
/// RFC or report; lines `option http09` set the parser up; the rest is what ``MessageReader/describe(_:cutAt:)`` has
/// to say.
struct CorpusCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let citation: String
    let options: Set<String>
    let expected: String

    var testDescription: String { name }

    static let valid = load("valid")
    static let invalid = load("invalid")

    private static func load(_ folder: String) -> [CorpusCase] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Requests/\(folder)").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { $0.hasSuffix(".http") }.sorted().map { file in
            let name = String(file.dropLast(5))
            let bytes = FileManager.default.contents(atPath: "\(path)/\(file)") ?? Data()
            let text = FileManager.default.contents(atPath: "\(path)/\(name).expected") ?? Data()
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            return CorpusCase(
                name: "\(folder)/\(name)", bytes: Array(bytes),
                citation: lines.filter { $0.hasPrefix("# ") }.joined(separator: "\n"),
                options: Set(lines.filter { $0.hasPrefix("option ") }.map { String($0.dropFirst(7)) }),
                expected: lines.filter { !$0.hasPrefix("# ") && !$0.hasPrefix("option ") }.joined(separator: "\n"))
        }
    }
}
