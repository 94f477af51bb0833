// The conditional fields of a request, evaluated in the order of RFC 9110 section 13.2.2.

/// What the conditional fields of a request make of it (RFC 9110 section 13).
public enum Preconditions: Sendable, Equatable {
    /// The method is performed; a Range field, if there is one, does not count.
    case perform
    /// The method, a GET, is performed on the ranges of the only Range field.
    case performOnRanges
    /// 304: the client has the representation.
    case notModified
    /// 412: a condition of the client does not hold.
    case failed

    /// Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since and If-Range in the order of RFC 9110
    /// section 13.2.2.
    ///
    /// A date that is none, or one of several, does not count. Tags that are none match nothing, and an If-Range that
    /// is neither tag nor date does not hold.
    ///
    /// - Parameters:
    ///   - head: the head of a request for something that is there.
    ///   - bytes: the bytes that were parsed.
    ///   - tag: the entity tag of what would be sent; empty if it has none. A weak tag says that the date is no strong
    ///     validator either (RFC 9110 section 8.8.2.2).
    ///   - lastModifiedSeconds: its Last-Modified, seconds since 1970 UTC; nil if it has none.
    ///   - nowSeconds: the clock, for dates with two digits of a year.
    public init(
        of head: borrowing RequestHead, in bytes: RawSpan, tag: RawSpan, lastModifiedSeconds: Int64?, nowSeconds: Int64
    ) {
        self = .perform
        guard head.isConditional else { return }
        let method = bytes.extracting(head.method.range)
        let isGet = method.isEqual(to: "GET")
        let isGetOrHead = isGet || method.isEqual(to: "HEAD")

        if head.contains(.ifMatch) {
            if !head.names(.ifMatch, tag, by: .strong, in: bytes) { self = .failed }
        } else if let modified = lastModifiedSeconds,
            let since = head.date(.ifUnmodifiedSince, in: bytes, nowSeconds: nowSeconds), modified > since
        {
            self = .failed
        }
        if self == .failed { return }

        if head.contains(.ifNoneMatch) {
            if head.names(.ifNoneMatch, tag, by: .weak, in: bytes) { self = isGetOrHead ? .notModified : .failed }
        } else if isGetOrHead, let modified = lastModifiedSeconds,
            let since = head.date(.ifModifiedSince, in: bytes, nowSeconds: nowSeconds), modified <= since
        {
            self = .notModified
        }
        if self != .perform { return }

        guard isGet, head.only(.range) != nil else { return }
        guard head.contains(.ifRange) else {
            self = .performOnRanges
            return
        }
        guard let line = head.only(.ifRange) else { return }
        let condition = bytes.extracting(line.range)
        if EntityTag.isValid(condition) {
            if EntityTag.equal(condition, tag, by: .strong) { self = .performOnRanges }
        } else if let date = HTTPDate.parse(condition, now: nowSeconds), date == lastModifiedSeconds,
            !EntityTag.isWeak(tag)
        {
            self = .performOnRanges
        }
    }
}

extension RequestHead {
    /// Whether a field of the head may make an answer another one than 200: a condition, or Range.
    @inline(__always)
    public var isConditional: Bool { present & Self.conditionalFields != 0 }

    private static let conditionalFields =
        [KnownField.ifMatch, .ifModifiedSince, .ifNoneMatch, .ifUnmodifiedSince, .range]
        .reduce(0 as UInt64) { $0 | 1 << UInt64($1.rawValue) }

    /// The value of a field that must not be repeated; nil if it is, or if there is none.
    public func only(_ field: KnownField) -> ByteRange? {
        isRepeated(field) ? nil : value(field)
    }

    fileprivate func date(_ field: KnownField, in bytes: RawSpan, nowSeconds: Int64) -> Int64? {
        guard let value = only(field) else { return nil }
        return HTTPDate.parse(bytes.extracting(value.range), now: nowSeconds)
    }

    /// Whether a line of the field names the tag.
    fileprivate func names(
        _ field: KnownField, _ tag: RawSpan, by comparison: EntityTag.Comparison, in bytes: RawSpan
    ) -> Bool {
        var index = firstIndex(of: field)
        while let line = index {
            if EntityTag.list(bytes.extracting(value(at: line).range), names: tag, by: comparison) { return true }
            index = nextIndex(of: field, after: line)
        }
        return false
    }
}
