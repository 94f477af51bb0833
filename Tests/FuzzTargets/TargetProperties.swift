// Request targets, their paths, and hosts.
import HTTPMessage

extension FuzzTarget {
    /// A path never leaves the root, whatever it is written with; targets and hosts are those of the grammar.
    func checkTarget(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        let (path, query) = TargetPath.split(target: bytes)
        let queryEnd = query?.upperBound ?? path.upperBound
        try expect(path.upperBound <= queryEnd && queryEnd <= bytes.byteCount, "\(path), \(query ?? 0..<0) in order")
        try expect(!copy[path].contains { "?#".utf8.contains($0) }, "a path ends at ? or #")
        try expect(queryEnd == copy.count || copy[queryEnd] == UInt8(ascii: "#") || query == nil, "a query ends at #")
        let authority = TargetPath.authority(of: bytes).map { copy[$0] }
        try expectEqual(authority, ReferenceReader.authority(copy[...]), "the authority of \(escape(copy))")

        try checkPath(bytes)
        try checkPath(bytes.extracting(path))
        // The same bytes in the places where a request has targets and hosts.
        for (before, behind) in [
            ("GET ", " HTTP/1.1\r\nHost: a\r\n\r\n"), ("CONNECT ", " HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("GET http://", "/ HTTP/1.1\r\nHost: a\r\n\r\n"), ("GET / HTTP/1.1\r\nHost: ", "\r\n\r\n"),
        ] {
            let request = Array(before.utf8) + copy + Array(behind.utf8)
            let said = MessageReader().describe(request, cutAt: [])
            let reference = ReferenceReader().describe(request)
            try expectEqual(said.hasPrefix("request "), reference != nil, "accepted, \(escape(request))\n\(said)\n")
            if let reference { try expectEqual(said, reference, "the request \(escape(request))") }
        }
    }

    private func checkPath(_ path: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: path)
        let reference = referencePath(copy)
        guard let decoded = try decode(path) else {
            try expect(reference == nil, "\(escape(copy)) is a path")
            return
        }
        let shown = "\(escape(copy)) as \(escape(decoded))"
        try expectEqual(decoded, reference, "the path \(shown)")
        let segments = decoded.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        try expect(segments.count >= 2 && segments[0].isEmpty, "begins with a slash: \(shown)")
        try expect(!segments.dropFirst().dropLast().contains([]), "no empty segment: \(shown)")
        try expect(!segments.contains { $0 == [0x2E] || $0 == [0x2E, 0x2E] }, "no dots: \(shown)")
        try expect(!decoded.contains(0), "no NUL: \(shown)")
        // Written down again with every byte escaped, it is the same path.
        let digits = Array("0123456789aBcDeF".utf8)
        let escaped = decoded.flatMap { [UInt8(ascii: "%"), digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        try expectEqual(try decode(escaped.span.octets), decoded, "reduced at once: \(shown)")
    }

    private func decode(_ path: RawSpan) throws(BrokenProperty) -> [UInt8]? {
        var result = Array("what was there".utf8)
        do throws(Rejection) {
            try TargetPath.decode(path, into: &result)
        } catch {
            try expectEqual(error.status, 400, "the status")
            return nil
        }
        return result
    }

    /// Decoded, then split, then walked; nil for a bad escape or NUL.
    private func referencePath(_ path: [UInt8]) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = path[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy(Grammar.hexadecimal.contains),
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        if decoded.contains(0) { return nil }
        let segments = decoded.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        for segment in segments where !segment.isEmpty && segment != [0x2E] {
            if segment == [0x2E, 0x2E] { _ = kept.popLast() } else { kept.append(segment) }
        }
        let isDirectory = segments.last.map { $0.isEmpty || $0 == [0x2E] || $0 == [0x2E, 0x2E] } ?? true
        let joined = kept.flatMap { [UInt8(ascii: "/")] + $0 }
        return isDirectory || joined.isEmpty ? joined + [UInt8(ascii: "/")] : joined
    }
}
