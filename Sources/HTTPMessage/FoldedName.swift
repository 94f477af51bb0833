// A short name without regard to case, in three machine words, so that it is compared and looked up without a loop.

/// A name of 1 to 24 bytes with its letters in lower case, zeros behind it.
///
/// Folding sets bit 5 of every byte. Among bytes that are no control characters this is exact for names of letters,
/// digits and hyphens: only `A` and `a` become `a`, only `-` becomes `-`. So a name that equals one of ours is ours,
/// and a token.
struct FoldedName: Equatable {
    let first: UInt64
    let second: UInt64
    let third: UInt64

    /// The name in front of a colon, together with the colon's offset; nil if there is no colon in 24 bytes, or
    /// nothing before it.
    ///
    /// At least 24 bytes must lie in the buffer from `start` on.
    @inline(__always)
    static func beforeColon(_ bytes: RawSpan, _ start: Int) -> (name: FoldedName, colon: Int)? {
        let first = bytes.word(at: start)
        var mark = colonMark(first)
        if mark != 0 {
            return mark == 0x80 ? nil : (FoldedName(fold(first, mark), 0, 0), start &+ mark.trailingZeroBitCount >> 3)
        }
        let second = bytes.word(at: start &+ 8)
        mark = colonMark(second)
        if mark != 0 {
            return (FoldedName(first | caseBits, fold(second, mark), 0), start &+ 8 &+ mark.trailingZeroBitCount >> 3)
        }
        let third = bytes.word(at: start &+ 16)
        mark = colonMark(third)
        if mark == 0 { return nil }
        let name = FoldedName(first | caseBits, second | caseBits, fold(third, mark))
        return (name, start &+ 16 &+ mark.trailingZeroBitCount >> 3)
    }

    private static let caseBits: UInt64 = 0x2020_2020_2020_2020

    @inline(__always)
    private init(_ first: UInt64, _ second: UInt64, _ third: UInt64) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// The highest bit of the first byte that is a colon; zero without one.
    @inline(__always)
    private static func colonMark(_ word: UInt64) -> UInt64 {
        let each: UInt64 = 0x0101_0101_0101_0101
        let zeroed = word ^ (each &* UInt64(Ascii.colon))
        let marked = (zeroed &- each) & ~zeroed & (each &* 0x80)
        return marked & (0 &- marked)
    }

    /// The bytes below a mark, in lower case.
    @inline(__always)
    private static func fold(_ word: UInt64, _ mark: UInt64) -> UInt64 {
        (word | caseBits) & ((mark >> 7) &- 1)
    }

    /// The name that lies in a stretch of the bytes; nil if it is empty or longer than 24 bytes.
    @inline(__always)
    init?(_ bytes: RawSpan, _ start: Int, _ end: Int) {
        let count = end &- start
        if count <= 0 || count > 24 { return nil }
        first = Self.folded(bytes, start, min(count, 8))
        second = count > 8 ? Self.folded(bytes, start &+ 8, min(count &- 8, 8)) : 0
        third = count > 16 ? Self.folded(bytes, start &+ 16, count &- 16) : 0
    }

    /// The name that is a stretch of the bytes; nil if it is empty or longer than 24 bytes.
    @inline(__always)
    init?(_ bytes: RawSpan, _ range: ByteRange) {
        self.init(bytes, Int(range.start), Int(range.end))
    }

    /// A name of this source text; longer than 24 bytes is a programmer error.
    init(_ name: String) {
        let bytes = Array(name.utf8)
        guard let folded = FoldedName(bytes.span.octets, 0, bytes.count) else {
            preconditionFailure("\(name): a folded name has 1 to 24 bytes")
        }
        self = folded
    }

    @inline(__always)
    private static func folded(_ bytes: RawSpan, _ offset: Int, _ count: Int) -> UInt64 {
        bytes.word(at: offset, count: count) | (caseBits >> UInt64(64 &- 8 &* count))
    }

    /// Seven bits that differ for most names.
    @inline(__always)
    var hash: Int {
        let mixed = first &+ second &* 0x9E37_79B9_7F4A_7C15 &+ third &* 0xC2B2_AE3D_27D4_EB4F
        return Int((mixed &* 0x9E37_79B9_7F4A_7C15) >> 57)
    }

    static let bytes = FoldedName("bytes")
    static let chunked = FoldedName("chunked")
    static let close = FoldedName("close")
    static let keepAlive = FoldedName("keep-alive")
    static let hundredContinue = FoldedName("100-continue")
}
