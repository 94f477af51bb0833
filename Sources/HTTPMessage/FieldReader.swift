// Takes a field value apart from left to right, for the grammars of lists, numbers and quoted texts.

/// A place in a field value.
struct FieldReader: ~Escapable {
    let bytes: RawSpan
    private(set) var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.byteCount }

    /// The byte here; nil at the end.
    var next: UInt8? { isAtEnd ? nil : bytes.byte(at: offset) }

    /// Whether an element of a list ends here.
    var isAtElementEnd: Bool { isAtEnd || bytes.byte(at: offset) == Ascii.comma }

    /// Steps over a byte if it is this one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    /// Steps over spaces and tabs (OWS, RFC 9110 section 5.6.3).
    mutating func skipBlanks() {
        while let byte = next, RawSpan.isBlank(byte) { offset += 1 }
    }

    /// Goes to the first byte of the next element of a list; false if there is none. Empty elements are none (RFC 9110
    /// section 5.6.1.2).
    mutating func toElement() -> Bool {
        while let byte = next, RawSpan.isBlank(byte) || byte == Ascii.comma { offset += 1 }
        return !isAtEnd
    }

    /// Goes to the end of an element that is not understood.
    mutating func toElementEnd() {
        while !isAtElementEnd { offset += 1 }
    }

    /// Steps over a token; its offsets, empty if there is none.
    mutating func token() -> ByteRange {
        let start = offset
        offset = FieldSyntax.tokenEnd(bytes, start, bytes.byteCount)
        return ByteRange(start, offset)
    }

    /// Steps over one decimal digit; nil if there is none.
    mutating func digit() -> Int16? {
        guard let byte = next, byte &- Ascii.zero < 10 else { return nil }
        offset += 1
        return Int16(byte &- Ascii.zero)
    }

    /// Steps over decimal digits; nil if there are none. What is too large for 63 bits becomes the largest number.
    mutating func number() -> Int64? {
        let start = offset
        var number: Int64 = 0
        while let digit = digit() {
            let (shifted, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = shifted.addingReportingOverflow(Int64(digit))
            number = tooLarge || overflow ? .max : sum
        }
        return offset == start ? nil : number
    }

    /// Steps over an entity tag (RFC 9110 section 8.8.3); its offsets, nil if there is none.
    mutating func entityTag() -> ByteRange? {
        let start = offset
        if skip(UInt8(ascii: "W")), !skip(Ascii.slash) { return nil }
        guard skip(Ascii.quotation) else { return nil }
        // Any visible character but the quotation mark, and any above ASCII. A backslash escapes nothing.
        while let byte = next, byte > Ascii.space, byte != Ascii.quotation, byte != 127 { offset += 1 }
        guard skip(Ascii.quotation) else { return nil }
        return ByteRange(start, offset)
    }
}
