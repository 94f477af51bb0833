// What a CGI script says in front of its body, as offsets into what it wrote (RFC 3875 section 6).

/// The head of a script's answer. It holds offsets, no text: take the bytes out of what was parsed.
public struct CGIResponseHead: Sendable, Equatable {
    /// A field line, split.
    public struct Field: Sendable, Equatable {
        /// The name, a token.
        public let name: ByteRange
        /// The value, without the white space around it.
        public let value: ByteRange
    }

    /// The code of the Status field, 200 to 599; nil without one.
    public internal(set) var givenStatus: UInt16?
    /// What stands behind that code; may be empty.
    public internal(set) var reason = ByteRange.empty
    /// The value of the Location field.
    public internal(set) var location: ByteRange?
    /// Whether Location is a path of this server and no other status than 200 came with it: then the server answers
    /// with what lies there (RFC 3875 section 6.2.2).
    public internal(set) var isLocalRedirect = false
    /// The value of the Content-Length field.
    public internal(set) var contentLength: UInt64?
    /// The fields for the client, in order. Status is not among them, nor are those that concern one connection
    /// (RFC 9110 section 7.6.1), nor Date and Server, which are the server's.
    public internal(set) var fields: [Field] = []
    /// Bytes through the empty line that ends the head; the body begins there.
    public internal(set) var headLength = 0

    /// The status of the answer: the one given, else 302 with a Location, else 200.
    public var status: UInt16 { givenStatus ?? (location == nil ? 200 : 302) }
}
