// The number of a request, as clients and logs show it.

/// The id of a request: 63 bits, which every surface shows as 16 hexadecimal digits: the field `Request-Id` of an error
/// answer, `REQUEST_ID` of a script, the column `request_id` of the views.
public struct RequestNumber: Sendable, Equatable {
    /// As the tables hold it.
    let value: Int64

    init(value: Int64) {
        self.value = value
    }

    /// Reads an id: hexadecimal digits, in either case, with what people copy along with them: the name of the field
    /// before it, `0x`, quotation marks.
    ///
    /// - Returns: `nil` when it is none.
    public init?(_ text: String) {
        var text = text.lowercased().filter { !$0.isWhitespace && !"\"'`".contains($0) }
        for prefix in ["x-request-id:", "request-id:", "request_id:", "request_id=", "0x"] where text.hasPrefix(prefix)
        {
            text.removeFirst(prefix.count)
        }
        guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy(VaryingWord.isHex),
            let value = Int64(text, radix: 16)
        else { return nil }
        self.value = value
    }

    /// The id as 16 hexadecimal digits.
    public var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }
}
