// The incremental parser of what a CGI script writes in front of its body (RFC 3875 section 6.3).

/// An incremental parser of the head of a script's answer.
///
/// Lines end with LF or CRLF. A folded line, a name that is no token, a control character, a second Status, Location,
/// Content-Type or Content-Length, and a head without Status, Location and Content-Type are refused.
public struct CGIResponseParser: Sendable {
    /// What the bytes so far are.
    public enum Step: Sendable, Equatable {
        /// The head is not complete.
        case needMore
        /// The head is complete and lies in ``CGIResponseParser/head``.
        case head
        /// It is no head. The status is 500, the text is for the error log.
        case reject(Rejection)
    }

    /// What was found; complete after `.head`.
    public private(set) var head = CGIResponseHead()

    private let limits: MessageLimits
    private var lineStart = 0
    private var searched = 0
    private var fieldCount = 0
    private var hasContentType = false
    private var outcome = Step.needMore

    /// Makes a parser for one answer.
    ///
    /// - Parameter limits: `headBytes` and `fieldCount` hold for scripts as they do for clients.
    public init(limits: MessageLimits = MessageLimits()) {
        self.limits = limits
    }

    /// Goes on reading where the call before stopped.
    ///
    /// - Parameter bytes: everything that the script has written so far, from its first byte.
    /// - Returns: what these bytes are; after `.head` and `.reject` always the same.
    public mutating func parse(_ bytes: RawSpan) -> Step {
        guard case .needMore = outcome else { return outcome }
        do throws(Rejection) {
            while let line = try nextLine(bytes) {
                if line.isEmpty {
                    try conclude(in: bytes)
                    outcome = .head
                    break
                }
                try read(line, of: bytes)
            }
        } catch {
            outcome = .reject(error)
        }
        return outcome
    }

    /// The next line without its end; nil if that has not come.
    private mutating func nextLine(_ bytes: RawSpan) throws(Rejection) -> ByteRange? {
        let stop = bytes.firstControl(from: searched, to: min(bytes.byteCount, limits.headBytes))
        searched = stop
        if stop == limits.headBytes { throw Rejection(500, "Head of the CGI script too long") }
        if stop == bytes.byteCount { return nil }
        var next = stop &+ 1
        if bytes.byte(at: stop) == Ascii.carriageReturn {
            if next == bytes.byteCount { return nil }
            next &+= 1
        }
        if bytes.byte(at: next &- 1) != Ascii.lineFeed {
            throw Rejection(500, "Bad character in the head of the CGI script", .quoted(ByteRange(lineStart, stop)))
        }
        let line = ByteRange(lineStart, stop)
        lineStart = next
        searched = next
        return line
    }

    private mutating func read(_ line: ByteRange, of bytes: RawSpan) throws(Rejection) {
        if fieldCount == limits.fieldCount { throw Rejection(500, "Too many headers from the CGI script") }
        fieldCount += 1
        let start = Int(line.start)
        let colon = FieldSyntax.tokenEnd(bytes, start, Int(line.end))
        guard colon > start, colon < Int(line.end), bytes.byte(at: colon) == Ascii.colon else {
            throw Rejection(500, "Bad header line of the CGI script", .quoted(line))
        }
        let value = bytes.trimmed(colon &+ 1, Int(line.end))
        switch FoldedName(bytes, start, colon) {
        case .status:
            if head.givenStatus != nil { throw repeated(line) }
            try readStatus(value, of: bytes)
            return
        case .location:
            if head.location != nil { throw repeated(line) }
            head.location = value
        case .contentType:
            if hasContentType { throw repeated(line) }
            hasContentType = true
        case .contentLength:
            if head.contentLength != nil { throw repeated(line) }
            head.contentLength = try length(value, of: bytes)
        case let name? where FoldedName.notForwarded.contains(name): return
        default: break
        }
        head.fields.append(CGIResponseHead.Field(name: ByteRange(start, colon), value: value))
    }

    /// Three digits, and perhaps a space and a phrase.
    private mutating func readStatus(_ value: ByteRange, of bytes: RawSpan) throws(Rejection) {
        let text = bytes.extracting(value.range)
        guard let code = text.statusCode(at: 0), code >= 200,
            text.byteCount == 3 || RawSpan.isBlank(text.byte(at: 3))
        else { throw Rejection(500, "Bad Status of the CGI script", .quoted(value)) }
        head.givenStatus = code
        head.reason = bytes.trimmed(Int(value.start) + 3, Int(value.end))
    }

    private func length(_ value: ByteRange, of bytes: RawSpan) throws(Rejection) -> UInt64 {
        let text = bytes.latin1(value)
        guard text.utf8.allSatisfy({ 48...57 ~= $0 }), let length = UInt64(text) else {
            throw Rejection(500, "Bad Content-Length of the CGI script", .quoted(value))
        }
        return length
    }

    private func repeated(_ line: ByteRange) -> Rejection {
        Rejection(500, "Repeated header line of the CGI script", .quoted(line))
    }

    /// At least one of the fields that make an answer of it, and where a Location leads.
    private mutating func conclude(in bytes: RawSpan) throws(Rejection) {
        head.headLength = lineStart
        guard hasContentType || head.location != nil || head.givenStatus != nil else {
            throw Rejection(500, "The CGI script sent neither Content-Type nor Location nor Status")
        }
        if let location = head.location, !location.isEmpty, bytes.byte(at: Int(location.start)) == Ascii.slash {
            head.isLocalRedirect = head.givenStatus ?? 200 == 200
        }
    }

    /// What the first bytes of a script are that writes the status line itself (a non-parsed header script, RFC 3875
    /// section 5).
    ///
    /// - Returns: the code; 0 if there is no status line; nil if more bytes must come.
    public static func statusLineCode(_ bytes: RawSpan) -> UInt16? {
        // "HTTP/1.1 200 ": a line end may stand for the last space.
        let form = Array("HTTP/1.1 200".utf8)
        for offset in 0..<min(bytes.byteCount, 9) where offset != 5 && offset != 7 {
            if bytes.byte(at: offset) != form[offset] { return 0 }
        }
        guard bytes.byteCount > form.count else { return nil }
        let isVersion = bytes.byte(at: 5) &- Ascii.zero < 10 && bytes.byte(at: 7) &- Ascii.zero < 10
        let behind = bytes.byte(at: form.count)
        let isEnd = behind == Ascii.space || behind == Ascii.carriageReturn || behind == Ascii.lineFeed
        guard isVersion, isEnd, let code = bytes.statusCode(at: 9) else { return 0 }
        return code
    }
}

extension RawSpan {
    /// Three digits as a status code, 100 to 599; nil if they are none.
    fileprivate func statusCode(at offset: Int) -> UInt16? {
        guard byteCount >= offset + 3 else { return nil }
        var code: UInt16 = 0
        for index in offset..<offset + 3 {
            let digit = byte(at: index) &- Ascii.zero
            if digit > 9 { return nil }
            code = code * 10 + UInt16(digit)
        }
        return (100...599).contains(code) ? code : nil
    }
}

extension FoldedName {
    fileprivate static let status = FoldedName("status")
    fileprivate static let location = FoldedName("location")
    fileprivate static let contentType = FoldedName("content-type")
    fileprivate static let contentLength = FoldedName("content-length")
    /// Fields about one connection (RFC 9110 section 7.6.1), and those that the server sends itself.
    fileprivate static let notForwarded = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "date",
        "server",
    ].map { FoldedName($0) }
}
