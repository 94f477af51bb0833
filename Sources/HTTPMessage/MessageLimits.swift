// How large the parts of a request may be.

/// How large the parts of a request may be; what is larger is refused before it is stored.
public struct MessageLimits: Sendable, Equatable {
    /// Bytes in the request line without its CRLF; more: 414 (RFC 9112 section 3 asks for at least 8,000).
    public var requestLineBytes = 8_190
    /// Bytes from the first byte of the request through the empty line that ends the head; more: 431. At most 2 GiB.
    public var headBytes = 65_536
    /// Field lines in the head, and again in a trailer; more: 431.
    public var fieldCount = 100
    /// Bytes of content, after the chunked coding is undone; more: 413.
    public var bodyBytes: UInt64 = 64 * 1024 * 1024
    /// Bytes of chunk extensions in one body, all chunks together; more: 400 (RFC 9112 section 7.1.1).
    public var chunkExtensionBytes = 16_384
    /// Bytes of the trailer section with its line ends; more: 431.
    public var trailerBytes = 16_384

    /// The defaults of the daemon.
    public init() {}
}
