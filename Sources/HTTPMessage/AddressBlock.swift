// A block of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3).

/// Addresses that begin with the same bits: `192.0.2.0/24`, `2001:db8::/32`, or one address alone.
public struct AddressBlock: Hashable, Sendable {
    /// An address of the block.
    public let address: IPAddress
    /// Bits that all its addresses share: 0…128, counted for IPv4 as of the mapped address, so from 96 on.
    public let prefixLength: Int

    /// A block by its number of bits as IPv6 counts them: one of IPv4 has 96 more.
    public init(_ address: IPAddress, prefixLength: Int) {
        precondition((0...128).contains(prefixLength), "an address has 128 bits")
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Reads `ADDRESS` or `ADDRESS/BITS`; what the address has behind these bits counts for nothing. Nil for other
    /// texts.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        // `::ffff:0:0/96` is all of IPv4 in the writing of IPv6.
        let isDotted = !parts[0].utf8.contains(Ascii.colon)
        let bits = isDotted ? 32 : 128
        var length = bits
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard digits.count <= 3, digits.allSatisfy({ $0 &- Ascii.zero < 10 }), let number = Int(parts[1]),
                number <= bits, digits.count == 1 || digits.first != Ascii.zero
            else { return nil }
            length = number
        }
        self.init(address, prefixLength: 128 - bits + length)
    }

    /// Whether an address is one of the block.
    public func contains(_ other: IPAddress) -> Bool {
        (address.bits ^ other.bits) >> UInt128(128 - prefixLength) == 0
    }
}
