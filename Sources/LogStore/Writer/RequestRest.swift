// What few rows of `access` have beside the usual, in one column.

/// The rest of a row. In a usual row it is ``sendingUs`` alone, which column `rest` holds as a number; in any other
/// that column holds a JSON array. Schema/log/access_4.sql takes it apart.
struct RequestRest {
    /// From the answer's first byte to its last one, in microseconds; nil: no byte left.
    var sendingUs: Int64?
    /// The time of the key minus the true time of completion, in microseconds.
    var lateUs: Int64 = 0
    /// The number of the request, if it is not the usual one.
    var givenID: Int64?

    /// Whether it is ``sendingUs`` alone.
    @inline(__always)
    var isUsual: Bool { lateUs == 0 && givenID == nil }

    /// The most bytes of ``json(method:)``: three numbers of 20 bytes and their marks, and the method with each byte as
    /// six.
    @inline(__always)
    static func maximumBytes(method count: Int) -> Int { 72 + 6 * count }

    /// The array: up to four parts, of which the last ones may not be there.
    ///
    /// - Parameter method: a text, byte for byte, for a method without a number; else empty.
    func json(method: [UInt8]) -> [UInt8] {
        var parts = [sendingUs.map(String.init) ?? "null", "\(lateUs)"]
        if givenID != nil || !method.isEmpty { parts.append(givenID.map(String.init) ?? "null") }
        var text = Array("[\(parts.joined(separator: ","))".utf8)
        if !method.isEmpty {
            text += ",\"".utf8
            for byte in method { Self.append(byte, to: &text) }
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "]"))
        return text
    }

    /// A byte of a JSON string (RFC 8259, section 7): SQLite reads any other byte as it is, UTF-8 or not.
    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            text += [UInt8(ascii: "\\"), byte]
        case ..<0x20:
            text += (byte < 0x10 ? "\\u000" : "\\u00").utf8
            text += String(byte, radix: 16).utf8
        default: text.append(byte)
        }
    }
}
