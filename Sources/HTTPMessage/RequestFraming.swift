// What the fields of a head mean together: host, framing of the content, persistence, expectations.

extension RequestHead {
    /// Checks the fields that decide how the connection is read on, after the last field line.
    mutating func concludeFields(in bytes: RawSpan, limits: MessageLimits) throws(Rejection) {
        try checkHost(in: bytes)
        if contains(.transferEncoding) {
            try readTransferEncoding(in: bytes)
        } else if let value = self.value(.contentLength) {
            try readContentLength(value, in: bytes, bodyBytes: limits.bodyBytes)
        } else if protocolNumber < 11 {
            try checkNeedsNoLength(in: bytes)
        }
        readConnection(in: bytes)
        if protocolNumber >= 11 { readExpect(in: bytes) }
    }

    /// A POST or PUT of HTTP/1.0 has content, and only a length says where it ends (RFC 1945 section 8.3).
    private func checkNeedsNoLength(in bytes: RawSpan) throws(Rejection) {
        let method = bytes.extracting(self.method.range)
        if method.isEqual(to: "POST") || method.isEqual(to: "PUT") { throw Rejection(411, "Length Required") }
    }

    /// Exactly one well-formed Host in HTTP/1.1, at most one in HTTP/1.0 (RFC 9112 section 3.2).
    private func checkHost(in bytes: RawSpan) throws(Rejection) {
        guard let host = value(.host) else {
            if protocolNumber >= 11 { throw Rejection(400, "Missing Host header") }
            return
        }
        if isRepeated(.host) { throw Rejection(400, "Duplicate Host header") }
        if !Authority.isHost(bytes.extracting(host.range)) { throw Rejection(400, "Bad Host header", .quoted(host)) }
    }

    /// `chunked` alone is understood, in HTTP/1.1, without a Content-Length beside it (RFC 9112 sections 6.1 and 6.3).
    private mutating func readTransferEncoding(in bytes: RawSpan) throws(Rejection) {
        if protocolNumber < 11 { throw Rejection(400, "Transfer-Encoding in an HTTP/1.0 request") }
        if contains(.contentLength) { throw Rejection(400, "Both Transfer-Encoding and Content-Length") }
        var chunked = false
        var unknown = false
        var index = firstIndex(of: .transferEncoding)
        while let line = index {
            let value = fields[line].value
            let malformed = Rejection(400, "Bad Transfer-Encoding", .quoted(value))
            if value.isEmpty || bytes.byte(at: Int(value.end) &- 1) == Ascii.comma { throw malformed }
            var rest = value
            while !rest.isEmpty {
                let coding = bytes.nextElement(&rest)
                // Nothing may follow chunked, and an empty element or one that isn't a token is an attempt at
                // obfuscation.
                if chunked || !FieldSyntax.isToken(bytes.extracting(coding.range)) { throw malformed }
                chunked = FoldedName(bytes, coding) == .chunked
                unknown = unknown || !chunked
            }
            index = nextIndex(of: .transferEncoding, after: line)
        }
        if unknown { throw Rejection(501, "Unsupported Transfer-Encoding") }
        framing = .chunked
    }

    /// One Content-Length, digits only, that fits 64 bits and the limit (RFC 9110 section 8.6).
    private mutating func readContentLength(_ value: ByteRange, in bytes: RawSpan, bodyBytes: UInt64) throws(Rejection)
    {
        if isRepeated(.contentLength) { throw Rejection(400, "Duplicate Content-Length") }
        let malformed = Rejection(400, "Bad Content-Length", .quoted(value))
        if value.isEmpty { throw malformed }
        var length: UInt64 = 0
        for offset in value.range {
            let digit = bytes.byte(at: offset) &- Ascii.zero
            let (shifted, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
            if digit > 9 || overflow || carry { throw malformed }
            length = sum
        }
        framing = .length(length)
        if length > bodyBytes { throw Rejection(413, "Content Too Large") }
    }

    /// `close` closes; else HTTP/1.1 stays open, and HTTP/1.0 with `keep-alive` (RFC 9112 section 9.3).
    private mutating func readConnection(in bytes: RawSpan) {
        var close = false
        var keep = protocolNumber >= 11
        var index = firstIndex(of: .connection)
        while let line = index {
            var rest = fields[line].value
            while !rest.isEmpty {
                let option = FoldedName(bytes, bytes.nextElement(&rest))
                close = close || option == .close
                keep = keep || option == .keepAlive
            }
            index = nextIndex(of: .connection, after: line)
        }
        keepAlive = keep && !close
    }

    /// `100-continue` is understood; anything else is for the server to refuse with 417 (RFC 9110 section 10.1.1).
    private mutating func readExpect(in bytes: RawSpan) {
        var index = firstIndex(of: .expect)
        while let line = index {
            var rest = fields[line].value
            while !rest.isEmpty {
                let expectation = bytes.nextElement(&rest)
                if expectation.isEmpty { continue }
                if FoldedName(bytes, expectation) == .hundredContinue {
                    expectsContinue = true
                } else {
                    hasUnsupportedExpectation = true
                }
            }
            index = nextIndex(of: .expect, after: line)
        }
    }
}

extension RawSpan {
    /// Takes the first element off a comma-separated list, without the white space around it; it may be empty.
    func nextElement(_ list: inout ByteRange) -> ByteRange {
        var offset = Int(list.start)
        while offset < Int(list.end), byte(at: offset) != Ascii.comma { offset &+= 1 }
        let element = trimmed(Int(list.start), offset)
        list.start = UInt32(min(offset &+ 1, Int(list.end)))
        return element
    }
}
