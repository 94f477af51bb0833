// How the end of a request's content is found.

/// How the end of a request's content is found (RFC 9112 section 6.3).
public enum BodyFraming: Sendable, Equatable {
    /// Neither Content-Length nor Transfer-Encoding: the request ends with its head.
    case none
    /// So many bytes follow the head.
    case length(UInt64)
    /// The chunked coding follows the head: see ``ChunkedDecoder``.
    case chunked
}
