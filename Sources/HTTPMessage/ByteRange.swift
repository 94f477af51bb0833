// A stretch of the message buffer: what the parser hands on instead of copies.

/// A stretch of the message buffer: offsets in bytes from the first byte of the request.
public struct ByteRange: Sendable, Equatable {
    /// The offset of the first byte.
    public var start: UInt32
    /// The offset behind the last byte.
    public var end: UInt32

    /// Makes a stretch from 32-bit offsets.
    @inline(__always)
    public init(start: UInt32, end: UInt32) {
        self.start = start
        self.end = end
    }

    /// Makes a stretch from a range of offsets; they must fit 32 bits.
    @inline(__always)
    public init(_ range: Range<Int>) {
        self.init(start: UInt32(range.lowerBound), end: UInt32(range.upperBound))
    }

    /// Makes a stretch from offsets that are known to be in order and to fit.
    @inline(__always)
    init(_ start: Int, _ end: Int) {
        self.init(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
    }

    /// No bytes, at offset 0.
    public static let empty = ByteRange(start: 0, end: 0)

    /// The length in bytes.
    @inline(__always)
    public var count: Int { Int(end) - Int(start) }

    /// Whether the stretch holds no byte.
    @inline(__always)
    public var isEmpty: Bool { start == end }

    /// The same offsets as a range, to take the bytes out of a span: `bytes.extracting(stretch.range)`.
    @inline(__always)
    public var range: Range<Int> { Int(start)..<Int(end) }
}
