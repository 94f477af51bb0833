// What a report cannot know of: requests and messages that found no room in the log, which only counted them.
import GRDB
import Schema

/// What was counted in a span and not stored.
public struct LogLosses: Sendable, Equatable {
    /// Requests that were served.
    public private(set) var served: Int64 = 0

    /// Requests that were refused with 503.
    public private(set) var refused: Int64 = 0

    /// Messages.
    public private(set) var messages: Int64 = 0

    /// Nothing was lost.
    public init() {}

    /// Adds what a message of the log tells, which the log writer put together.
    mutating func add(_ message: String) {
        for part in message.drop(while: { $0 != ":" }).dropFirst().split(separator: ",") {
            let words = part.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let number = Int64(words[0]), number > 0 else { continue }
            switch words[1] {
            case "requests were served without a row": served &+= number
            case "requests were refused with 503 without a row": refused &+= number
            case "messages found no room": messages &+= number
            default: break
            }
        }
    }

    /// What is missing, for people; `nil`: nothing is.
    var text: String? {
        let parts = [
            (served, "requests served"), (refused, "requests refused with 503"), (messages, "messages"),
        ].filter { $0.0 > 0 }.map { "\(NumberText.grouped($0.0)) \($0.1)" }
        return parts.isEmpty ? nil : "without a row, as the log was full: " + parts.joined(separator: ", ")
    }
}

extension LogFleet {
    /// What was not stored of a span.
    ///
    /// - Throws: ``LogReadError``.
    public func losses(_ span: TimeSpan) throws -> LogLosses {
        try readers.reduce(into: LogLosses()) { losses, reader in
            let messages = try reader.read { database in
                try String.fetchAll(
                    database, sql: SQL.losses, arguments: ["since_id": span.sinceID, "until_id": span.untilID])
            }
            messages.forEach { losses.add($0) }
        }
    }
}
