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
