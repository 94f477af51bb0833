// How message bytes are read: the one file of this target with unsafe code. Every access is checked against the bounds.

extension RawSpan {
    /// The byte `offset` bytes from the start; an offset outside the span is a programmer error and traps.
    @inline(__always)
    public func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes of the span, the first in the lowest bits, from any alignment.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
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
