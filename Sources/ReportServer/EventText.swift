// Events of the live page: the parts that changed since the reader's last event, as text/event-stream.

/// Writes events (the HTML standard, section 9.2, server-sent events).
///
/// An answer holds one event and ends; the browser comes back after a second and says by the field Last-Event-ID what
/// it has. So a viewer costs a short request a second and holds nothing open.
enum EventText {
    private static let head = "retry: 1000\n"

    /// Nothing is new.
    static let nothing = head + "\n"

    /// The parts of a page that a reader does not have yet.
    ///
    /// - Parameters:
    ///   - parts: Each part's text and digest.
    ///   - lastID: The id of the reader's last event.
    static func parts(_ parts: [(html: String, digest: String)], lastID: String?) -> String {
        let known = (lastID ?? "").split(separator: "-")
        let isKnown = known.count == parts.count
        let changed = parts.indices.filter { !isKnown || known[$0] != parts[$0].digest }
        if changed.isEmpty { return nothing }
        let id = parts.map(\.digest).joined(separator: "-")
        return head + "id: \(id)\n" + event("parts", changed.map { parts[$0].html }.joined())
    }

    /// Why there is nothing new.
    static func failure(_ reason: String) -> String {
        head + event("failure", reason)
    }

    private static func event(_ name: String, _ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }
}
