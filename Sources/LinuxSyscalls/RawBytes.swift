// Arrays of bytes as raw spans, the form in which every transfer takes them.

extension Array where Element == UInt8 {
    /// The bytes of the array, without a copy, for as long as the array lives unchanged.
    public var rawBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Marked unsafe for elements with padding; a byte has none.
            let bytes = unsafe span.bytes
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }
}
