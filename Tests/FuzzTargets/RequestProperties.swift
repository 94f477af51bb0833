// The request parser, the framing and the content together.
import HTTPMessage

extension FuzzTarget {
    /// However a message is cut, the same comes of it; what is accepted is what the reference accepts, word for word.
    func checkRequest(_ bytes: RawSpan) throws(BrokenProperty) {
        var cuts = Cuts(of: bytes)
        let whole = try checkCuts(bytes, &cuts, MessageReader())
        _ = try checkCuts(bytes, &cuts, MessageReader(limits: .small, allowsHTTP09: true))
        try checkRanges(bytes)

        let copy = [UInt8](copying: bytes)
        let reference = ReferenceReader().describe(copy)
        try expectEqual(whole.hasPrefix("request "), reference != nil, "accepted, \(escape(copy))\n\(whole)\n")
        if let reference { try expectEqual(whole, reference, "the request \(escape(copy))") }
    }

    /// Compares one piece with some and, if the message is short, with single bytes.
    private func checkCuts(
        _ bytes: RawSpan, _ cuts: inout Cuts, _ reader: MessageReader
    ) throws(BrokenProperty) -> String {
        let whole = reader.describe(bytes, cutAt: [])
        let some = cuts.next(upTo: bytes.byteCount)
        try expectEqual(reader.describe(bytes, cutAt: some), whole, "cut at \(some)")
        if bytes.byteCount <= 300 {
            try expectEqual(reader.describe(bytes, cutAt: bytes.byteOffsets), whole, "byte by byte")
        }
        return whole
    }

    /// Every offset the parser hands out lies in the bytes it was given, whatever it thinks of them.
    private func checkRanges(_ bytes: RawSpan) throws(BrokenProperty) {
        var parser = RequestParser()
        let step = parser.parse(bytes)
        let head = parser.head
        var ranges = [head.method, head.target, head.requestLine, head.version, head.host]
        for index in 0..<head.fieldCount { ranges += [head.name(at: index), head.value(at: index)] }
        ranges += KnownField.allCases.compactMap { head.value($0) }
        for range in ranges {
            try expect(range.start <= range.end && Int(range.end) <= bytes.byteCount, "\(range) lies in the bytes")
        }
        try expect((0...bytes.byteCount).contains(head.headLength), "the head lies in the bytes")
        switch step {
        case .needMore: try expect(parser.searched <= bytes.byteCount, "no byte is searched that isn't there")
        case .request: try expect(head.headLength > 0, "a head has a length")
        case .reject(let rejection):
            try expect([400, 411, 413, 414, 431, 501, 505].contains(rejection.status), "status \(rejection.status)")
            let text = rejection.text(in: bytes)
            try expect(text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }, "one clean line: \(text)")
        }
        try expectEqual(parser.parse(bytes), step, "the answer stays")
        parser.reset()
        try expectEqual(parser.parse(bytes), step, "the answer of a parser that was used before")
    }
}

extension MessageLimits {
    /// Limits that short inputs reach.
    static let small: MessageLimits = {
        var limits = MessageLimits()
        limits.requestLineBytes = 40
        limits.headBytes = 160
        limits.fieldCount = 4
        limits.bodyBytes = 16
        limits.chunkExtensionBytes = 12
        limits.trailerBytes = 24
        return limits
    }()
}
