// Field lines (RFC 9112 section 5).

extension RequestHead {
    /// Reads a name, a colon and a value.
    ///
    /// The search for the line's end has already made sure that no control character but the tab is in it.
    @inline(__always)
    mutating func readField(_ line: Range<Int>, of bytes: RawSpan) throws(Rejection) {
        let colon = bytes.firstColon(from: line.lowerBound, to: line.upperBound)
        let known = FoldedName(bytes, line.lowerBound, colon).flatMap { KnownFieldTable.shared.field($0) }
        // A known name is a token. White space before the colon or the name, and a folded line, fail here too.
        if known == nil, !FieldSyntax.isToken(bytes.extracting(line.lowerBound..<colon)) {
            throw Rejection(400, "Bad header line", .quoted(ByteRange(line)))
        }
        if colon == line.upperBound { throw Rejection(400, "Bad header line", .quoted(ByteRange(line))) }
        let value = bytes.trimmed(colon &+ 1, line.upperBound)
        append(name: ByteRange(line.lowerBound..<colon), value: value, known: known)
    }
}

extension RawSpan {
    /// The offset of the first colon, or `to`.
    @inline(__always)
    func firstColon(from: Int, to: Int) -> Int {
        let each: UInt64 = 0x0101_0101_0101_0101
        var offset = from
        while offset &+ 8 <= to {
            let word = word(at: offset) ^ (each &* UInt64(Ascii.colon))
            let marked = (word &- each) & ~word & (each &* 0x80)
            if marked != 0 { return offset &+ marked.trailingZeroBitCount >> 3 }
            offset &+= 8
        }
        while offset < to, byte(at: offset) != Ascii.colon { offset &+= 1 }
        return offset
    }

    /// The stretch without spaces and tabs at its ends (OWS, RFC 9110 section 5.6.3).
    @inline(__always)
    func trimmed(_ from: Int, _ to: Int) -> ByteRange {
        var start = from
        var end = to
        while start < end, Self.isBlank(byte(at: start)) { start &+= 1 }
        while end > start, Self.isBlank(byte(at: end &- 1)) { end &-= 1 }
        return ByteRange(start..<end)
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == Ascii.space || byte == Ascii.tab }
}
