// A host with an optional port, as in the Host field and in request targets (RFC 3986 section 3.2).

/// The grammar of a host with an optional port (RFC 3986 section 3.2, RFC 9110 section 7.2).
enum Authority {
    /// Whether the bytes are `uri-host [ ":" port ]`.
    ///
    /// An empty host is one: a client sends it when its target has no authority.
    static func isHost(_ bytes: RawSpan) -> Bool {
        guard let end = hostEnd(bytes) else { return false }
        return end == bytes.byteCount || isPort(bytes, from: end)
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

    /// The offset behind `[...]`: an IPv6 address by its characters, or `v1.` and a future form.
    private static func literalEnd(_ bytes: RawSpan) -> Int? {
        var offset = 1
        var colons = 0
        let isFuture = bytes.byteCount > 1 && bytes.byte(at: 1) | 0x20 == UInt8(ascii: "v")
        while offset < bytes.byteCount, bytes.byte(at: offset) != UInt8(ascii: "]") {
            let byte = bytes.byte(at: offset)
            if byte == Ascii.colon {
                colons += 1
            } else if !(isFuture ? ByteSet.registeredName : ByteSet.hexadecimal).contains(byte), byte != Ascii.dot {
                return nil
            }
            offset += 1
        }
        guard offset < bytes.byteCount, isFuture ? offset > 4 : (2...7).contains(colons) else { return nil }
        return offset + 1
    }

    /// Whether a colon and digits, possibly none, are all that follows.
    private static func isPort(_ bytes: RawSpan, from: Int) -> Bool {
        guard from < bytes.byteCount, bytes.byte(at: from) == Ascii.colon else { return false }
        for offset in from + 1..<bytes.byteCount where bytes.byte(at: offset) &- Ascii.zero > 9 { return false }
        return true
    }
}
