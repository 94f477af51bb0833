// An IP address as a number, IPv4 as the IPv6 address that it is mapped to (RFC 4291 section 2.5.5.2).

/// An IPv4 or IPv6 address. `192.0.2.1` and `::ffff:192.0.2.1` are the same.
public struct IPAddress: Hashable, Sendable {
    /// The address in host order; those of IPv4 begin with 80 zeros and 16 ones.
    public let bits: UInt128

    /// An IPv6 address in host order.
    public init(bits: UInt128) {
        self.bits = bits
    }

    /// An IPv4 address in host order.
    public init(ipv4: UInt32) {
        bits = 0xffff_0000_0000 | UInt128(ipv4)
    }

    /// The IPv4 address in host order; nil for those of IPv6.
    public var ipv4: UInt32? {
        bits >> 32 == 0xffff ? UInt32(truncatingIfNeeded: bits) : nil
    }

    /// Reads the text form: four numbers with dots, or RFC 4291 section 2.2 without brackets and zone.
    public init?(_ text: RawSpan) {
        if IPLiteral.isIPv4(text) {
            self.init(ipv4: Self.dotted(text, from: 0))
        } else if IPLiteral.isIPv6(text) {
            self.init(bits: Self.grouped(text))
        } else {
            return nil
        }
    }

    /// As ``init(_:)-(RawSpan)``.
    public init?(_ text: String) {
        self.init(text.utf8.span.octets)
    }

    /// The value of four numbers with dots.
    private static func dotted(_ text: RawSpan, from start: Int) -> UInt32 {
        var address: UInt32 = 0
        var number: UInt32 = 0
        for offset in start..<text.byteCount {
            let byte = text.byte(at: offset)
            if byte == Ascii.dot {
                address = address << 8 | number
                number = 0
            } else {
                number = number * 10 + UInt32(byte &- Ascii.zero)
            }
        }
        return address << 8 | number
    }

    /// The value of groups with colons.
    private static func grouped(_ text: RawSpan) -> UInt128 {
        var front: UInt128 = 0
        var groups = 0
        // What stands before `::`, in its place.
        var shifted: UInt128 = 0
        var start = 0
        while start < text.byteCount {
            if text.byte(at: start) == Ascii.colon {
                // The second colon of `::`, or both at the start.
                shifted = groups == 0 ? 0 : front << UInt128(16 * (8 - groups))
                (front, groups) = (0, 0)
                start += start == 0 ? 2 : 1
                continue
            }
            var end = start
            while end < text.byteCount, ByteSet.hexadecimal.contains(text.byte(at: end)) { end += 1 }
            if end < text.byteCount, text.byte(at: end) == Ascii.dot {
                return shifted | front << 32 | UInt128(dotted(text, from: start))
            }
            var group: UInt128 = 0
            for offset in start..<end { group = group << 4 | UInt128(hexadecimalValue(text.byte(at: offset)) ?? 0) }
            front = front << 16 | group
            groups += 1
            start = end + 1
        }
        return shifted | front
    }
}
