// What becomes of requests for which the access log has no room.

/// What a worker does with a request while its ring of the access log is full: the database is locked, its disk is full
/// or failing, or the log writer does not keep up.
///
/// Whichever it is, the log tells afterwards how many requests it concerned, in an error row.
public enum LogOverflow: String, Sendable, CaseIterable {
    /// The request waits, and with it its connection, for up to ``ServerConfiguration/logBlockTimeoutSeconds``; when it
    /// has waited so long, or the log was full for so long already, as with ``shed``. No connections are accepted
    /// meanwhile; answers go on leaving.
    case block
    /// The request is answered with 503 and Retry-After, without a row, and its connection closed.
    case shed
    /// The request is served without a row.
    case drop
}
