// Entity tags: `"xyzzy"` and `W/"xyzzy"`, compared and looked for in lists (RFC 9110 section 8.8.3).

/// Entity tags as they stand in a field: `"xyzzy"` strong, `W/"xyzzy"` weak (RFC 9110 section 8.8.3).
public enum EntityTag {
    /// How two tags are compared (RFC 9110 section 8.8.3.2).
    public enum Comparison: Sendable {
        /// Equal when both are strong and the same: for If-Match and If-Range.
        case strong
        /// Equal when they are the same but for `W/`: for If-None-Match.
        case weak
    }

    /// Whether the bytes are one entity tag and nothing else.
    public static func isValid(_ tag: RawSpan) -> Bool {
        var reader = FieldReader(tag)
        return reader.entityTag() != nil && reader.isAtEnd
    }

    /// Whether a tag is weak.
    public static func isWeak(_ tag: RawSpan) -> Bool {
        !tag.isEmpty && tag.byte(at: 0) == UInt8(ascii: "W")
    }

    /// Whether two tags are equal. Bytes that are no tag equal nothing when one of the two is a tag.
    public static func equal(_ left: RawSpan, _ right: RawSpan, by comparison: Comparison) -> Bool {
        if comparison == .strong, isWeak(left) || isWeak(right) { return false }
        return opaque(left).isEqual(to: opaque(right))
    }

    /// Whether the value of an If-Match or If-None-Match field names a tag.
    ///
    /// - Parameters:
    ///   - list: the value: `*`, or tags with commas between them.
    ///   - tag: the tag of the representation that is there; empty if it has none: then only `*` names it.
    ///   - comparison: how the tags are compared.
    /// - Returns: false, too, for a value that is neither: it names nothing.
    public static func list(_ list: RawSpan, names tag: RawSpan, by comparison: Comparison) -> Bool {
        var reader = FieldReader(list)
        if reader.skip(Ascii.asterisk) {
            reader.skipBlanks()
            return reader.isAtEnd
        }
        var found = false
        while reader.toElement() {
            guard let candidate = reader.entityTag() else { return false }
            found = found || equal(list.extracting(candidate.range), tag, by: comparison)
            reader.skipBlanks()
            if !reader.isAtElementEnd { return false }
        }
        return found
    }

    /// A tag without `W/`.
    @_lifetime(copy tag)
    private static func opaque(_ tag: RawSpan) -> RawSpan {
        isWeak(tag) ? tag.extracting(droppingFirst: min(2, tag.byteCount)) : tag
    }
}
