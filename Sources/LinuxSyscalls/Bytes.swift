// Comparing and hashing runs of bytes that lie in foreign memory, without copying them.
internal import Glibc

/// Questions about runs of bytes that a table keyed by bytes asks.
public enum Bytes {
    /// Whether both hold the same bytes. The corresponding C function is `memcmp`.
    public static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
        let count = left.byteCount
        if count != right.byteCount { return false }
        if count == 0 { return true }
        return unsafe left.withUnsafeBytes { first in
            unsafe right.withUnsafeBytes { second in
                unsafe memcmp(first.baseAddress!, second.baseAddress!, count) == 0
            }
        }
    }

    /// How many bytes come before the first `byte`; all when it does not occur.
    public static func count(before byte: UInt8, in bytes: RawSpan) -> Int {
        for index in 0..<bytes.byteCount where unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) == byte {
            return index
        }
        return bytes.byteCount
    }

    /// The bytes of an array of words in memory order, for as long as the array is not changed.
    @_lifetime(borrow array)
    public static func span(_ array: borrowing [UInt64]) -> RawSpan {
        let span = unsafe array.span.bytes
        return unsafe _overrideLifetime(span, borrowing: array)
    }

    /// Adds a copy of the bytes to an array of words, the last word filled up with zeros.
    public static func append(_ bytes: RawSpan, to array: inout [UInt64]) {
        let start = array.count
        array.append(contentsOf: repeatElement(0, count: (bytes.byteCount + 7) / 8))
        if bytes.byteCount == 0 { return }
        unsafe array.withUnsafeMutableBytes { words in
            unsafe bytes.withUnsafeBytes {
                unsafe words.baseAddress!.advanced(by: start * 8).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
            }
        }
    }

    /// At most 8 bytes as one number, the first one highest.
    @inline(__always)
    public static func number(_ bytes: RawSpan) -> UInt64 {
        var number: UInt64 = 0
        for place in 0..<min(8, bytes.byteCount) {
            number = number << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self))
        }
        return number
    }

    /// A hash that a client cannot aim at: full multiplications of words under two random keys of this process and its
    /// forks. Both factors are keyed, so no text makes one of them zero but by luck.
    public static func hash(_ bytes: RawSpan) -> UInt64 { hash(bytes, keys) }

    /// A hash for what is stored: the same in each process and release, so whoever chooses the bytes can aim at it.
    public static func stableHash(_ bytes: RawSpan) -> UInt64 { hash(bytes, stableKeys) }

    @inline(__always)
    private static func hash(_ bytes: RawSpan, _ keys: (UInt64, UInt64)) -> UInt64 {
        let (key, start) = keys
        let count = bytes.byteCount
        var state = start ^ UInt64(truncatingIfNeeded: count)
        var index = 0
        while index &+ 16 < count {
            state = mix(word(bytes, index) ^ key, word(bytes, index &+ 8) ^ state)
            index &+= 16
        }
        let (first, second): (UInt64, UInt64)
        if count >= 8 {
            // The last words overlap what was mixed already.
            (first, second) = (word(bytes, max(0, count &- 16)), word(bytes, count &- 8))
        } else {
            (first, second) = (number(bytes), 0)
        }
        return mix(mix(first ^ key, second ^ state), key)
    }

    private static let keys = (UInt64.random(in: 1 ... .max), UInt64.random(in: 1 ... .max))

    /// Part of the database format. The first digits of pi behind its point.
    private static let stableKeys: (UInt64, UInt64) = (0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344)

    @inline(__always)
    private static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ index: Int) -> UInt64 {
        // Callers stay below the length.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    }
}

extension Bytes {
    /// A hash for what is stored in one place, under the key of that place, which is not 0: who does not know the key
    /// cannot aim at it.
    ///
    /// - Parameter previous: the hash of the bytes before these, when they are parts of one content.
    public static func hash(_ bytes: RawSpan, key: UInt64, after previous: UInt64 = 0) -> UInt64 {
        hash(bytes, (key, mix(previous ^ stableKeys.0, key ^ stableKeys.1)))
    }
}
