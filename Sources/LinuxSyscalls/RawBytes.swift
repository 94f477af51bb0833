// Bytes as raw memory: what the standard library marks unsafe for elements with padding is safe for bytes.

extension Span where Element == UInt8 {
    /// The same bytes as a raw span. Safe: a byte has neither padding nor invalid values.
    public var raw: RawSpan {
        @_lifetime(copy self)
        get { unsafe bytes }
    }
}
