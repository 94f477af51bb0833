// How message bytes are read: the one file of this target with unsafe code. Every access is checked against the bounds;
// a search checks its whole range once, before it begins.

extension RawSpan {
    /// The byte `offset` bytes from the start; an offset outside the span is a programmer error and traps.
    @inline(__always)
    public func byte(at offset: Int) -> UInt8 {
        // One comparison where unsafeLoad(fromByteOffset:as:) makes two: a negative offset is a huge unsigned one.
        precondition(UInt(bitPattern: offset) < UInt(bitPattern: byteCount), "offset outside the span")
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes of the span, the first in the lowest bits, from any alignment.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(
            byteCount >= 8 && UInt(bitPattern: offset) <= UInt(bitPattern: byteCount &- 8), "offset outside the span")
        return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// One to eight bytes, the first in the lowest bits, zeros above them.
    @inline(__always)
    func word(at offset: Int, count: Int) -> UInt64 {
        if offset + 8 <= byteCount {
            return word(at: offset) & (UInt64.max >> UInt64(64 - 8 * count))
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(byte(at: offset + index)) << UInt64(8 * index) }
        return word
    }

    /// The offset of the first control character other than the tab, or `to`.
    ///
    /// Eight bytes a step, because it passes over every byte of a head.
    @inline(__always)
    func firstControl(from: Int, to: Int) -> Int {
        precondition(0 <= from && to <= byteCount)
        let each: UInt64 = 0x0101_0101_0101_0101
        var offset = from
        while offset &+ 8 <= to {
            let word = UInt64(
                littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
            // The lowest marked byte is exact; borrows can only mark bytes above a true one.
            let below32 = (word &- each &* 0x20) & ~word
            let withoutDelete = word ^ (each &* 0x7F)
            let delete = (withoutDelete &- each) & ~withoutDelete
            let marked = (below32 | delete) & (each &* 0x80)
            if marked == 0 {
                offset &+= 8
                continue
            }
            offset &+= marked.trailingZeroBitCount >> 3
            if byte(at: offset) != Ascii.tab { return offset }
            offset &+= 1
        }
        while offset < to {
            let byte = byte(at: offset)
            if byte < 0x20 && byte != Ascii.tab || byte == 0x7F { return offset }
            offset &+= 1
        }
        return to
    }

    /// The text of a stretch of this span, read as ISO 8859-1 like Python does with heads: no byte is refused.
    public func latin1(_ range: ByteRange) -> String {
        let stretch = extracting(range.range)
        // ASCII, nearly always: a copy. Other bytes become two UTF-8 bytes each.
        if FieldSyntax.isASCII(stretch),
            let text = try? UTF8Span(validating: unsafe stretch._unsafeView(as: UInt8.self))
        {
            return String(copying: text)
        }
        var text = ""
        text.unicodeScalars.reserveCapacity(stretch.byteCount)
        for offset in stretch.byteOffsets { text.unicodeScalars.append(Unicode.Scalar(stretch.byte(at: offset))) }
        return text
    }
}

extension Span<UInt8> {
    /// The same bytes as the parser takes them: `array.span.octets`, `text.utf8.span.octets`.
    @inline(__always)
    public var octets: RawSpan {
        @_lifetime(copy self)
        get { unsafe bytes }
    }
}
