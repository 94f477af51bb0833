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

    /// A hash that a client cannot aim at: SipHash under the random key of this process and its forks.
    public static func hash(_ bytes: RawSpan) -> UInt64 {
        var hasher = Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
