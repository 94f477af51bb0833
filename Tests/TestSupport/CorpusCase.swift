// The corpus of messages in Tests/HTTPMessageTests/Requests, each message with its expectation beside it.
internal import Foundation
public import Testing

/// A message of the corpus.
///
/// `NAME.http` holds the bytes as they come from the client. `NAME.expected` begins with lines `# ...` that cite the
/// RFC or report; lines `option http09` set the parser up; the rest says what comes of the message, one fact a line:
/// `request …` with its fields and content, or `reject STATUS MESSAGE`.
public struct CorpusCase: Sendable, CustomTestStringConvertible {
    /// `valid/NAME` or `invalid/NAME`.
    public let name: String
    /// What the client sends.
    public let bytes: [UInt8]
    /// Where the case comes from.
    public let citation: String
    /// How the parser must be set up: nothing, or `http09`.
    public let options: Set<String>
    /// What comes of it.
    public let expected: String

    /// The name.
    public var testDescription: String { name }

    /// The lines of ``expected``.
    public var facts: [Substring] { expected.split(separator: "\n") }

    /// Messages that are accepted.
    public static let valid = load("valid")
    /// Messages that are refused.
    public static let invalid = load("invalid")

    private static func load(_ folder: String) -> [CorpusCase] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.appending(path: "HTTPMessageTests/Requests/\(folder)").path
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
