// Which bytes may stand in names, values and phrases: checks that both the parser and the writer of heads use.

/// Which bytes may stand in names, values and phrases (RFC 9110 section 5).
public enum FieldSyntax {
    /// Whether the bytes are a token, as methods and field names must be (RFC 9110 section 5.6.2).
    public static func isToken(_ bytes: RawSpan) -> Bool {
        !bytes.isEmpty && tokenEnd(bytes, 0, bytes.byteCount) == bytes.byteCount
    }

    /// Whether the bytes may stand in a field value: no control character but the tab (RFC 9110 section 5.5).
    public static func isFieldValue(_ bytes: RawSpan) -> Bool {
        bytes.firstControl(from: 0, to: bytes.byteCount) == bytes.byteCount
    }

    /// Whether the bytes may stand behind the status code: no control character but the tab (RFC 9112 section 4).
    public static func isReasonPhrase(_ bytes: RawSpan) -> Bool {
        isFieldValue(bytes)
    }

    /// The offset of the first byte that can't be in a token, or `to`.
    @inline(__always)
    static func tokenEnd(_ bytes: RawSpan, _ from: Int, _ to: Int) -> Int {
        var offset = from
        while offset < to {
            let byte = bytes.byte(at: offset)
            // Letters and hyphens first: names have little else.
            let isUsual = (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
            if !isUsual && !ByteSet.token.contains(byte) { return offset }
            offset &+= 1
        }
        return offset
    }

    /// Whether no byte has its highest bit set.
    static func isASCII(_ bytes: RawSpan) -> Bool {
        for offset in bytes.byteOffsets where bytes.byte(at: offset) > 127 { return false }
        return true
    }
}
