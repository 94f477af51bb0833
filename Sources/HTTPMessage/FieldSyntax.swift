// Which bytes may stand in names, values and phrases: checks that both the parser and the writer of heads use.

/// Which bytes may stand in names, values and phrases (RFC 9110 section 5).
public enum FieldSyntax {
    /// Whether the bytes are a token, as methods and field names must be (RFC 9110 section 5.6.2).
    public static func isToken(_ bytes: RawSpan) -> Bool {
        for offset in bytes.byteOffsets where !ByteSet.token.contains(bytes.byte(at: offset)) { return false }
        return !bytes.isEmpty
    }

    /// Whether the bytes may stand in a field value: no control character but the tab (RFC 9110 section 5.5).
    public static func isFieldValue(_ bytes: RawSpan) -> Bool {
        bytes.firstControl(from: 0, to: bytes.byteCount) == bytes.byteCount
    }

    /// Whether the bytes may stand behind the status code: no control character but the tab (RFC 9112 section 4).
    public static func isReasonPhrase(_ bytes: RawSpan) -> Bool {
        isFieldValue(bytes)
    }

    /// Whether no byte has its highest bit set.
    static func isASCII(_ bytes: RawSpan) -> Bool {
        for offset in bytes.byteOffsets where bytes.byte(at: offset) > 127 { return false }
        return true
    }
}

extension RawSpan {
    /// The offset of the first control character other than the tab, or `to`.
    ///
    /// Eight bytes a step, because it passes over every byte of a head.
    @inline(__always)
    func firstControl(from: Int, to: Int) -> Int {
        let each: UInt64 = 0x0101_0101_0101_0101
        let highest = each &* 0x80
        var offset = from
        while offset &+ 8 <= to {
            let word = word(at: offset)
            // The lowest marked byte is exact; borrows can only mark bytes above a true one.
            let below32 = (word &- each &* 0x20) & ~word
            let withoutDelete = word ^ (each &* 0x7F)
            let delete = (withoutDelete &- each) & ~withoutDelete
            let marked = (below32 | delete) & highest
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
}
