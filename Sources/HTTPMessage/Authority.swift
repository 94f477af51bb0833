// A host with an optional port, as in the Host field and in request targets (RFC 3986 section 3.2).

/// The grammar of a host with an optional port (RFC 3986 section 3.2, RFC 9110 section 7.2).
enum Authority {
    /// Whether the bytes are `uri-host [ ":" port ]`.
    ///
    /// Nothing at all is one: a client sends it when its target has no authority. A port without a host is none.
    static func isHost(_ bytes: RawSpan) -> Bool {
        guard let end = hostEnd(bytes) else { return false }
        return end == bytes.byteCount || end > 0 && isPort(bytes, from: end)
    }

    /// Whether the bytes are `uri-host ":" port`, neither part empty (RFC 9112 section 3.2.3).
    static func isHostAndPort(_ bytes: RawSpan) -> Bool {
        guard let end = hostEnd(bytes), end > 0 else { return false }
        return end + 1 < bytes.byteCount && isPort(bytes, from: end)
    }

    /// The offset behind the host; nil if it is malformed.
    private static func hostEnd(_ bytes: RawSpan) -> Int? {
        if bytes.isEmpty { return 0 }
        if bytes.byte(at: 0) == UInt8(ascii: "[") { return literalEnd(bytes) }
        var offset = 0
        while offset < bytes.byteCount {
            let byte = bytes.byte(at: offset)
            // Lower-case letters first: names have little else.
            if byte &- UInt8(ascii: "a") < 26 || ByteSet.registeredName.contains(byte) {
                offset &+= 1
            } else if byte == Ascii.percent {
                guard offset + 2 < bytes.byteCount, ByteSet.hexadecimal.contains(bytes.byte(at: offset + 1)),
                    ByteSet.hexadecimal.contains(bytes.byte(at: offset + 2))
                else { return nil }
                offset += 3
            } else {
                return offset
            }
        }
        return offset
    }

    /// The offset behind `[...]`.
    private static func literalEnd(_ bytes: RawSpan) -> Int? {
        var end = 1
        while end < bytes.byteCount, bytes.byte(at: end) != UInt8(ascii: "]") { end += 1 }
        guard end < bytes.byteCount else { return nil }
        let address = bytes.extracting(1..<end)
        return IPLiteral.isIPv6(address) || IPLiteral.isFuture(address) ? end + 1 : nil
    }

    /// Whether a colon and a number of 16 bits, possibly none, are all that follows.
    private static func isPort(_ bytes: RawSpan, from: Int) -> Bool {
        guard from < bytes.byteCount, bytes.byte(at: from) == Ascii.colon else { return false }
        var port = 0
        for offset in from + 1..<bytes.byteCount {
            let digit = bytes.byte(at: offset) &- Ascii.zero
            port = port * 10 + Int(digit)
            if digit > 9 || port > 65_535 { return false }
        }
        return true
    }
}
