// Sets of ASCII characters, as the grammars of the RFCs name them.

/// A set of ASCII characters: one bit each.
package struct ByteSet: Sendable {
    /// Bits of the characters 0 to 63.
    let low: UInt64
    /// Bits of the characters 64 to 127.
    let high: UInt64

    @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        let half = byte & 64 == 0 ? low : high
        return byte < 128 && (half >> UInt64(byte & 63)) & 1 != 0
    }

    /// `tchar` (RFC 9110 section 5.6.2).
    package static let token = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    /// `unreserved` and `sub-delims`: a registered name without percent escapes (RFC 3986 section 3.2.2).
    package static let registeredName = ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    /// The digits and `A` to `F` in both cases.
    package static let hexadecimal = ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E)
}

/// The value of a hexadecimal digit; nil for any other character.
@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
    default: nil
    }
}

/// Characters that the grammars give a meaning.
enum Ascii {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn: UInt8 = 13
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let semicolon = UInt8(ascii: ";")
    static let slash = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")
    static let percent = UInt8(ascii: "%")
    static let quotation = UInt8(ascii: "\"")
    static let hyphen = UInt8(ascii: "-")
    static let asterisk = UInt8(ascii: "*")
    static let zero = UInt8(ascii: "0")
}
