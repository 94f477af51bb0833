// How the bytes of a line are read: the one file of this target with unsafe code. Every access is checked.

extension RawSpan {
    /// The byte `offset` bytes from the start; an offset outside the span is a programmer error and traps.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        precondition(UInt(bitPattern: offset) < UInt(bitPattern: byteCount), "offset outside the line")
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes, the first in the lowest bits, from any alignment.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(
            byteCount >= 8 && UInt(bitPattern: offset) <= UInt(bitPattern: byteCount &- 8), "offset outside the line")
        return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The offset of the first of two bytes from `start` on, before `end`; `end` when neither occurs. Eight bytes a
    /// step: most of the time of reading a log goes by here.
    @inline(__always)
    func first(of one: UInt8, or other: UInt8, from start: Int, to end: Int) -> Int {
        precondition(0 <= start && end <= byteCount)
        let each: UInt64 = 0x0101_0101_0101_0101
        let (ones, others) = (each &* UInt64(one), each &* UInt64(other))
        var offset = start
        while offset &+ 8 <= end {
            let word = UInt64(
                littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
            // A byte that is equal is zero now. The lowest mark is exact; borrows can only mark bytes above it.
            let (left, right) = (word ^ ones, word ^ others)
            let marked = (((left &- each) & ~left) | ((right &- each) & ~right)) & (each &* 0x80)
            if marked != 0 { return offset &+ (marked.trailingZeroBitCount >> 3) }
            offset &+= 8
        }
        while offset < end {
            let byte = unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            if byte == one || byte == other { return offset }
            offset &+= 1
        }
        return max(start, end)
    }

    /// Whether these bytes stand at `offset`.
    @inline(__always)
    func has(_ bytes: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, offset <= byteCount &- bytes.count else { return false }
        for index in bytes.indices where byte(at: offset &+ index) != bytes[index] { return false }
        return true
    }

    /// Whether a stretch is this text.
    func equals(_ text: StaticString, from start: Int, to end: Int) -> Bool {
        guard end - start == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { bytes in
            for index in 0..<bytes.count where unsafe bytes[index] != byte(at: start + index) { return false }
            return true
        }
    }
}

extension Array where Element == UInt8 {
    /// The bytes of the array, without a copy, for as long as the array lives unchanged.
    @inline(__always)
    var octets: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }
}
