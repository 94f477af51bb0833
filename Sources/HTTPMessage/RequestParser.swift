// The incremental parser of request heads, strict by RFC 9112: need more, here it is, or rejected.

/// What the parser says about the bytes so far.
public enum ParseStep: Sendable, Equatable {
    /// The head isn't complete; call again when more bytes have come.
    case needMore
    /// The head is complete and lies in ``RequestParser/head``; the content begins at ``RequestHead/headLength``.
    case request
    /// The request is refused; what was understood of it lies in ``RequestParser/head``.
    case reject(Rejection)
}

/// An incremental parser of request heads.
///
/// It looks at whole lines: each line is searched for its end once, however it arrives, and taken apart once. The
/// search stops at any control character, so a bare CR, a bare LF or a NUL is refused as soon as it comes, wherever
/// it stands.
public struct RequestParser: Sendable {
    /// The sizes beyond which a head is refused.
    public let limits: MessageLimits
    /// Whether `GET /path` without a version is a request, as in HTTP/0.9, or refused.
    public let allowsHTTP09: Bool
    /// What was found; complete after `.request`, as far as it was understood after `.reject`.
    public internal(set) var head = RequestHead()

    /// The bytes that no later call searches again for the end of a line: how the tests see that the work is linear.
    package private(set) var searched = 0

    private let table = KnownFieldTable.shared
    private enum Place { case requestLine, fields }
    private var place = Place.requestLine
    private var lineStart = 0
    private var emptyLines = 0
    private var outcome = ParseStep.needMore

    /// Empty lines before a request that are passed over (RFC 9112 section 2.2: at least one).
    static let emptyLinesMax = 4

    /// Makes a parser for one connection.
    ///
    /// - Parameters:
    ///   - limits: the sizes beyond which a head is refused.
    ///   - allowsHTTP09: whether a request line of two words is accepted.
    public init(limits: MessageLimits = MessageLimits(), allowsHTTP09: Bool = false) {
        precondition(limits.headBytes <= Int(Int32.max), "offsets in a head have 32 bits")
        self.limits = limits
        self.allowsHTTP09 = allowsHTTP09
    }

    /// Forgets the request, keeps the storage: the next call to `parse` begins a new one.
    public mutating func reset() {
        head.removeAll()
        searched = 0
        place = .requestLine
        lineStart = 0
        emptyLines = 0
        outcome = .needMore
    }

    /// Goes on reading where the call before stopped.
    ///
    /// After `.request` or `.reject` the answer stays the same until ``reset()``.
    ///
    /// - Parameter bytes: everything that has come so far, from the first byte of the request; the bytes of earlier
    ///   calls must be in front, unchanged. What follows the head is not looked at.
    /// - Returns: what these bytes are.
    public mutating func parse(_ bytes: RawSpan) -> ParseStep {
        guard case .needMore = outcome else { return outcome }
        precondition(bytes.byteCount >= searched, "the bytes of earlier calls must be given again")
        do throws(Rejection) {
            while let lineEnd = try nextLine(bytes) {
                let start = lineStart
                lineStart = lineEnd &+ 2
                searched = lineStart
                if try take(start, lineEnd, of: bytes) {
                    outcome = .request
                    break
                }
            }
        } catch {
            outcome = .reject(error)
        }
        return outcome
    }

    /// The offset of the CR that ends the line at `lineStart`; nil if it hasn't come.
    @inline(__always)
    private mutating func nextLine(_ bytes: RawSpan) throws(Rejection) -> Int? {
        // The first offset at which a CR would make the line or the head too long.
        let limit =
            place == .requestLine
            ? min(lineStart &+ limits.requestLineBytes &+ 1, limits.headBytes) : limits.headBytes &- 1
        let stop = bytes.firstControl(from: searched, to: min(bytes.byteCount, limit))
        searched = stop
        if stop >= limit {
            if place == .fields { throw Rejection(431, "Line too long") }
            head.requestLine = ByteRange(lineStart..<stop)
            throw Rejection(414, "URI Too Long")
        }
        if stop == bytes.byteCount { return nil }
        if bytes.byte(at: stop) == Ascii.carriageReturn {
            if stop &+ 1 == bytes.byteCount { return nil }
            if bytes.byte(at: stop &+ 1) == Ascii.lineFeed { return stop }
        }
        if place == .fields { throw Rejection(400, "Bad character in header") }
        head.requestLine = ByteRange(lineStart..<stop)
        throw Rejection(400, "Bad request syntax", .quoted(head.requestLine))
    }

    /// Reads a line; true if it was the last of the head.
    @inline(__always)
    private mutating func take(_ start: Int, _ end: Int, of bytes: RawSpan) throws(Rejection) -> Bool {
        switch place {
        case .requestLine:
            if start == end {
                emptyLines += 1
                if emptyLines > Self.emptyLinesMax { throw Rejection(400, "Bad request syntax", .quoted(.empty)) }
                return false
            }
            try head.readRequestLine(start, end, of: bytes, allowsHTTP09: allowsHTTP09)
            place = .fields
            head.headLength = end &+ 2
            return head.protocolNumber == 9
        case .fields:
            if start == end {
                head.headLength = end &+ 2
                try head.concludeFields(in: bytes, limits: limits)
                return true
            }
            if head.fields.count >= limits.fieldCount { throw Rejection(431, "Too many headers") }
            try head.readField(start, end, of: bytes, table)
            return false
        }
    }
}
