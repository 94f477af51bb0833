// The body of a 206 with several ranges: heads and ends of its parts (RFC 9110 section 14.6).

/// What stands around the ranges in a multipart/byteranges body.
struct MultipartRanges {
    let ranges: [Range<Int64>]
    /// What stands in front of each range.
    let heads: [String]
    /// The length of the body.
    let byteCount: Int64

    /// - Parameters:
    ///   - ranges: parts of the representation.
    ///   - size: the length of the representation.
    ///   - type: its media type.
    init(_ ranges: [Range<Int64>], size: Int64, type: String) {
        self.ranges = ranges
        heads = ranges.enumerated().map { index, range in
            """
            \(index == 0 ? "" : "\r\n")--\(Self.boundary)\r
            Content-Type: \(type)\r
            Content-Range: \(Self.contentRange(range, size: size))\r
            \r

            """
        }
        byteCount = zip(heads, ranges).reduce(Int64(Self.end.utf8.count)) { sum, part in
            sum + Int64(part.0.utf8.count) + Int64(part.1.count)
        }
    }

    /// The media type of the body.
    static let contentType = "multipart/byteranges; boundary=\(boundary)"

    /// What stands behind the last range.
    static let end = "\r\n--\(boundary)--\r\n"

    /// 128 random bits of this process: no file can hold them but by reading an answer.
    private static let boundary =
        String(UInt64.random(in: .min ... .max), radix: 16) + "-" + String(UInt64.random(in: .min ... .max), radix: 16)

    /// The value of Content-Range for a range that is not empty (RFC 9110 section 14.4).
    static func contentRange(_ range: Range<Int64>, size: Int64) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    }
}
