// From a request target to the path of a file: cut, percent-decoded, reduced.

/// From a request target to the path of a file.
public enum TargetPath {
    /// Cuts a target of the origin or absolute form.
    ///
    /// A fragment, which no client should send, belongs to neither part.
    ///
    /// - Parameter target: the bytes of the target alone.
    /// - Returns: offsets into `target`: the path, empty in `http://host`, and what stands behind the first `?`, nil
    ///   without one.
    public static func split(target: RawSpan) -> (path: Range<Int>, query: Range<Int>?) {
        let start = authority(of: target)?.upperBound ?? 0
        var pathEnd = start
        while pathEnd < target.byteCount, !isEndOfPath(target.byte(at: pathEnd)) { pathEnd += 1 }
        guard pathEnd < target.byteCount, target.byte(at: pathEnd) == UInt8(ascii: "?") else {
            return (start..<pathEnd, nil)
        }
        var queryEnd = pathEnd + 1
        while queryEnd < target.byteCount, target.byte(at: queryEnd) != UInt8(ascii: "#") { queryEnd += 1 }
        return (start..<pathEnd, pathEnd + 1..<queryEnd)
    }

    /// The host and port in a target of the absolute form, `http` or `https`.
    ///
    /// - Parameter target: the bytes of the target alone.
    /// - Returns: offsets into `target` of `host:port`; nil in a target of another form.
    public static func authority(of target: RawSpan) -> Range<Int>? {
        guard target.byteCount >= 7, FoldedName(target, 0, 4) == http else { return nil }
        var start = 4
        if target.byte(at: 4) | 0x20 == UInt8(ascii: "s") { start += 1 }
        guard start + 3 <= target.byteCount, target.extracting(start..<start + 3).isEqual(to: "://") else { return nil }
        start += 3
        var end = start
        while end < target.byteCount, target.byte(at: end) != Ascii.slash, !isEndOfPath(target.byte(at: end)) {
            end += 1
        }
        return start..<end
    }

    /// Percent-decodes a path and takes out empty, `.` and `..` segments, in that order, so that nothing hidden by an
    /// escape survives.
    ///
    /// The result begins with `/`, never leaves the root, and ends with `/` if the path names a directory: after a
    /// final `/`, `/.` or `/..` (RFC 3986 section 5.2.4). `%2F` separates as `/` does, as in Python's
    /// `translate_path`. Bytes that are not UTF-8 pass as they are.
    ///
    /// - Parameters:
    ///   - path: the bytes of the path alone, as `split(target:)` cut it; empty means `/`.
    ///   - result: is replaced; its storage is used again.
    /// - Throws: a `Rejection` with status 400 for `%` without two hexadecimal digits behind it, and for a NUL byte.
    public static func decode(_ path: RawSpan, into result: inout [UInt8]) throws(Rejection) {
        result.removeAll(keepingCapacity: true)
        result.append(Ascii.slash)
        var segmentStart = 1
        var offset = 0
        while offset < path.byteCount {
            var byte = path.byte(at: offset)
            offset += 1
            if byte == Ascii.percent {
                guard offset + 1 < path.byteCount, let high = hexadecimalValue(path.byte(at: offset)),
                    let low = hexadecimalValue(path.byte(at: offset + 1))
                else { throw Rejection(400, "Bad percent-encoding in the path") }
                byte = high << 4 | low
                offset += 2
            }
            if byte == 0 { throw Rejection(400, "NUL in the path") }
            if byte != Ascii.slash {
                result.append(byte)
            } else if !reduceDots(&result, &segmentStart), result.count > segmentStart {
                result.append(Ascii.slash)
                segmentStart = result.count
            }
        }
        _ = reduceDots(&result, &segmentStart)
    }

    /// The bytes with their percent escapes undone.
    ///
    /// - Returns: nil for `%` without two hexadecimal digits behind it.
    public static func percentDecoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            if byte != Ascii.percent {
                result.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(hexadecimalValue), let low = bytes.next().flatMap(hexadecimalValue)
            else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    /// Takes a last segment `.` away, and `..` with the segment before it; true if it did.
    private static func reduceDots(_ result: inout [UInt8], _ segmentStart: inout Int) -> Bool {
        let count = result.count - segmentStart
        guard count == 1 || count == 2, result[segmentStart] == Ascii.dot, result[result.count - 1] == Ascii.dot else {
            return false
        }
        result.removeLast(count)
        if count == 2, result.count > 1 {
            result.removeLast()
            while result[result.count - 1] != Ascii.slash { result.removeLast() }
        }
        segmentStart = result.count
        return true
    }

    private static func isEndOfPath(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }

    private static let http = FoldedName("http")
}
