// The Range field: which parts of a file a client asks for (RFC 9110 sections 14.1.2 and 14.2).

/// The parts of a representation that a Range field asks for (RFC 9110 section 14.2).
///
/// Abuse is bounded by what this hands on, never by its user: at most ``countLimit`` parts, and no byte in two of them,
/// because ranges that overlap or touch become one (RFC 9110 section 15.3.7.2). So no answer is longer than the
/// representation but for the heads of those parts (CVE-2011-3192).
public enum RequestedRanges: Sendable, Equatable {
    /// The field does not count: it has another unit than bytes, a bad syntax, or more than ``countLimit`` ranges.
    case whole
    /// One range of byte offsets, not empty.
    case single(Range<Int64>)
    /// Two ranges or more, none empty, in the order of the field, or of the first of those that became one.
    case several([Range<Int64>])
    /// The syntax is right and nothing of it lies within the representation: 416 is the answer.
    case unsatisfiable

    /// Ranges in a field beyond which it does not count, those outside the representation included.
    public static let countLimit = 32

    /// Reads a field.
    ///
    /// Numbers beyond 2⁶³ − 1 are taken as that.
    ///
    /// - Parameters:
    ///   - field: the value of the only Range field.
    ///   - size: the length of the representation in bytes.
    public init(field: RawSpan, size: Int64) {
        var reader = FieldReader(field)
        let unit = reader.token()
        guard FoldedName(field, unit) == .bytes, reader.skip(UInt8(ascii: "=")) else {
            self = .whole
            return
        }
        let size = max(0, size)
        var parts: [Range<Int64>] = []
        var count = 0
        var hasSuffix = false
        while reader.toElement() {
            count += 1
            guard count <= Self.countLimit, let part = Self.part(&reader, size, &hasSuffix) else {
                self = .whole
                return
            }
            if !part.isEmpty { Self.add(part, to: &parts) }
        }
        switch parts.count {
        // The last bytes of nothing are all of it, and no Content-Range can say so.
        case 0: self = count == 0 || size == 0 && hasSuffix ? .whole : .unsatisfiable
        case 1: self = .single(parts[0])
        default: self = .several(parts)
        }
    }

    /// Reads `first-last`, `first-` or `-length` to the end of the element; nil if it is none of them, empty if it lies
    /// outside the representation.
    private static func part(_ reader: inout FieldReader, _ size: Int64, _ hasSuffix: inout Bool) -> Range<Int64>? {
        var part = size..<size
        if reader.skip(Ascii.hyphen) {
            guard let length = reader.number() else { return nil }
            if length > 0 { hasSuffix = true }
            part = max(0, size - length)..<size
        } else {
            guard let first = reader.number(), reader.skip(Ascii.hyphen) else { return nil }
            let last = reader.number() ?? .max
            if last < first { return nil }
            if first < size { part = first..<min(last, size - 1) + 1 }
        }
        reader.skipBlanks()
        return reader.isAtElementEnd ? part : nil
    }

    /// Adds a part to others of which no two touch, and keeps it so.
    private static func add(_ part: Range<Int64>, to parts: inout [Range<Int64>]) {
        var union = part
        var place = parts.count
        for index in parts.indices.reversed() {
            let other = parts[index]
            guard other.lowerBound <= part.upperBound, part.lowerBound <= other.upperBound else { continue }
            union = min(union.lowerBound, other.lowerBound)..<max(union.upperBound, other.upperBound)
            parts.remove(at: index)
            place = index
        }
        parts.insert(union, at: place)
    }
}
