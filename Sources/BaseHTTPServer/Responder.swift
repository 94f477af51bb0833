// What answers while no worker gets ready: 503 to everything, and no code of a user.

/// Answers every request with `503 Service Unavailable` and Retry-After (RFC 9110 section 15.6.4).
package final class Responder: BaseHTTPRequestHandler {
    /// The longest delay between two tries to start a worker.
    private static let retryAfterSeconds: Int32 = 5

    override package class var protocolVersion: String { "HTTP/1.1" }

    override package func perform(_ command: String) throws {
        request.record.retryAfterSeconds = Self.retryAfterSeconds
        try sendError(503)
    }

    /// The body is of no interest.
    override package func handleExpect100() throws -> Bool {
        try perform(command)
        return false
    }
}
