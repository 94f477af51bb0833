// The request line: method, target, version (RFC 9112 section 3).

extension RequestHead {
    /// Reads `method SP target SP version`, single spaces only.
    mutating func readRequestLine(_ start: Int, _ end: Int, of bytes: RawSpan, allowsHTTP09: Bool) throws(Rejection) {
        requestLine = ByteRange(start, end)
        var offset = FieldSyntax.tokenEnd(bytes, start, end)
        guard offset > start, offset < end, bytes.byte(at: offset) == Ascii.space else {
            throw badSyntax
        }
        method = ByteRange(start, offset)

        let targetStart = offset &+ 1
        offset = targetStart
        while offset < end, Self.mayBeInTarget(bytes.byte(at: offset)) { offset &+= 1 }
        guard offset > targetStart else { throw badSyntax }
        target = ByteRange(targetStart, offset)

        if offset == end {
            guard allowsHTTP09 else { throw badSyntax }
            protocolNumber = 9
            guard method.count == 3, bytes.word(at: start, count: 3) == 0x54_4547 else {  // GET
                throw Rejection(400, "Bad HTTP/0.9 request type", .quoted(method))
            }
        } else {
            guard bytes.byte(at: offset) == Ascii.space else { throw badSyntax }
            try readVersion(offset &+ 1..<end, of: bytes)
        }
        guard let form = TargetForm(of: target, method: method, in: bytes) else { throw badSyntax }
        targetForm = form
        if form != .origin { readAuthority(of: bytes) }
    }

    private mutating func readAuthority(of bytes: RawSpan) {
        if targetForm == .authority {
            authority = target
        } else if let range = TargetPath.authority(of: bytes.extracting(target.range)) {
            authority = ByteRange(Int(target.start) + range.lowerBound, Int(target.start) + range.upperBound)
        }
    }

    /// Visible ASCII, but for `#`: no target has a fragment, and who cuts it off sees another path than who doesn't.
    /// DEL can't be here, since the search for the line's end stops at it.
    @inline(__always)
    private static func mayBeInTarget(_ byte: UInt8) -> Bool {
        byte &- 0x24 < 0x5B || byte == 0x21 || byte == 0x22
    }

    private var badSyntax: Rejection { Rejection(400, "Bad request syntax", .quoted(requestLine)) }

    /// Reads `HTTP/digit.digit`: major version 1 only.
    private mutating func readVersion(_ version: Range<Int>, of bytes: RawSpan) throws(Rejection) {
        if version.count == 8 {
            let word = bytes.word(at: version.lowerBound)
            let major = UInt8(truncatingIfNeeded: word >> 40) &- Ascii.zero
            let minor = UInt8(truncatingIfNeeded: word >> 56) &- Ascii.zero
            // "HTTP/", a digit, ".", a digit.
            if word & 0x00FF_00FF_FFFF_FFFF == 0x002E_002F_5054_5448, major < 10, minor < 10 {
                guard major == 1 else {
                    throw Rejection(
                        505, "Invalid HTTP version", .plain(ByteRange(version.lowerBound &+ 5..<version.upperBound)))
                }
                self.version = ByteRange(version)
                protocolNumber = minor == 0 ? 10 : 11
                return
            }
        }
        for offset in version where bytes.byte(at: offset) == Ascii.space { throw badSyntax }
        if version.isEmpty { throw badSyntax }
        throw Rejection(400, "Bad request version", .quoted(ByteRange(version)))
    }
}
