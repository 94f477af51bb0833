// Bytes as raw memory: what the standard library marks unsafe for elements with padding is safe for bytes.

extension Span where Element == UInt8 {
    /// The same bytes as a raw span. Safe: a byte has neither padding nor invalid values.
    public var raw: RawSpan {
        @_lifetime(copy self)
        get { unsafe bytes }
    }
}

extension Array where Element == UInt8 {
    /// The bytes of the array, without a copy, for as long as the array lives unchanged.
    public var rawBytes: RawSpan {
        @_lifetime(borrow self)
        get { span.raw }
    }
}

extension RawSpan {
    /// The last byte; nil of none.
    public var lastByte: UInt8? {
        byteCount == 0 ? nil : unsafe unsafeLoad(fromUncheckedByteOffset: byteCount - 1, as: UInt8.self)
    }

    /// The bytes as an array of their own.
    public func copy() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
