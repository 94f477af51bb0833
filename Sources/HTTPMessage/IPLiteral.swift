// Addresses in brackets: IPv6 and its future forms (RFC 3986 section 3.2.2).

/// What may stand between the brackets of a host.
enum IPLiteral {
    /// Whether the bytes are an IPv6 address: eight groups, the last two perhaps an IPv4 address; `::` stands once for
    /// one group or more.
    static func isIPv6(_ bytes: RawSpan) -> Bool {
        var groups = 0
        var hasGap = false
        var offset = 0
        if bytes.byteCount >= 2, bytes.byte(at: 0) == Ascii.colon, bytes.byte(at: 1) == Ascii.colon {
            hasGap = true
            offset = 2
        }
        // Only here can the end be reached behind a gap.
        while !(hasGap && offset == bytes.byteCount) {
            let start = offset
            while offset < bytes.byteCount, ByteSet.hexadecimal.contains(bytes.byte(at: offset)) { offset += 1 }
            if offset < bytes.byteCount, bytes.byte(at: offset) == Ascii.dot {
                return isIPv4(bytes.extracting(start..<bytes.byteCount)) && isComplete(groups + 2, hasGap)
            }
            guard (1...4).contains(offset - start) else { return false }
            groups += 1
            if offset == bytes.byteCount { return isComplete(groups, hasGap) }
            guard bytes.byte(at: offset) == Ascii.colon else { return false }
            offset += 1
            if offset < bytes.byteCount, bytes.byte(at: offset) == Ascii.colon {
                if hasGap { return false }
                hasGap = true
                offset += 1
            } else if offset == bytes.byteCount {
                return false
            }
        }
        return isComplete(groups, hasGap)
    }

    private static func isComplete(_ groups: Int, _ hasGap: Bool) -> Bool { hasGap ? groups <= 7 : groups == 8 }

    /// Whether the bytes are four numbers from 0 to 255, without leading zeros.
    static func isIPv4(_ bytes: RawSpan) -> Bool {
        var offset = 0
        for number in 0..<4 {
            let start = offset
            var value = 0
            while offset < bytes.byteCount, offset - start < 3, bytes.byte(at: offset) &- Ascii.zero < 10 {
                value = value * 10 + Int(bytes.byte(at: offset) - Ascii.zero)
                offset += 1
            }
            guard offset > start, value <= 255, offset == start + 1 || bytes.byte(at: start) != Ascii.zero else {
                return false
            }
            if number == 3 { return offset == bytes.byteCount }
            guard offset < bytes.byteCount, bytes.byte(at: offset) == Ascii.dot else { return false }
            offset += 1
        }
        return false
    }

    /// Whether the bytes are `v`, hexadecimal digits, a dot, and characters of names or colons.
    static func isFuture(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount > 0, bytes.byte(at: 0) | 0x20 == UInt8(ascii: "v") else { return false }
        var offset = 1
        while offset < bytes.byteCount, ByteSet.hexadecimal.contains(bytes.byte(at: offset)) { offset += 1 }
        guard offset > 1, offset + 1 < bytes.byteCount, bytes.byte(at: offset) == Ascii.dot else { return false }
        for rest in offset + 1..<bytes.byteCount {
            let byte = bytes.byte(at: rest)
            guard byte == Ascii.colon || ByteSet.registeredName.contains(byte) else { return false }
        }
        return true
    }
}
