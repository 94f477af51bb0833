// Field lines (RFC 9112 section 5).

extension RequestHead {
    /// Reads a name, a colon and a value.
    ///
    /// The search for the line's end has already made sure that no control character but the tab is in it.
    @inline(__always)
    mutating func readField(_ start: Int, _ end: Int, of bytes: RawSpan, _ table: KnownFieldTable) throws(Rejection) {
        // Nearly every name ends within 24 bytes, and they lie in the buffer: one look finds name and colon. A known
        // name is a token, any other is checked.
        if start &+ 24 <= bytes.byteCount, let (name, colon) = FoldedName.beforeColon(bytes, start), colon < end {
            let known = table.field(name)
            if known != nil || FieldSyntax.tokenEnd(bytes, start, colon) == colon {
                append(name: ByteRange(start, colon), value: bytes.trimmed(colon &+ 1, end), known: known)
                return
            }
        }
        try readUnusualField(start, end, of: bytes)
    }

    /// White space before the colon or the name, and a folded line, fail here, since they are no token.
    private mutating func readUnusualField(_ start: Int, _ end: Int, of bytes: RawSpan) throws(Rejection) {
        let colon = FieldSyntax.tokenEnd(bytes, start, end)
        guard colon > start, colon < end, bytes.byte(at: colon) == Ascii.colon else {
            throw Rejection(400, "Bad header line", .quoted(ByteRange(start, end)))
        }
        let known = FoldedName(bytes, start, colon).flatMap { KnownFieldTable.shared.field($0) }
        append(name: ByteRange(start, colon), value: bytes.trimmed(colon &+ 1, end), known: known)
    }
}

extension RawSpan {
    /// The stretch without spaces and tabs at its ends (OWS, RFC 9110 section 5.6.3).
    @inline(__always)
    func trimmed(_ from: Int, _ to: Int) -> ByteRange {
        var start = from
        var end = to
        while start < end, Self.isBlank(byte(at: start)) { start &+= 1 }
        while end > start, Self.isBlank(byte(at: end &- 1)) { end &-= 1 }
        return ByteRange(start, end)
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == Ascii.space || byte == Ascii.tab }
}
