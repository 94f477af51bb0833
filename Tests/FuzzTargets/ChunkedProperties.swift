// The decoder of the chunked coding alone.
import HTTPMessage

extension FuzzTarget {
    /// However a body is cut, the same comes of it: what the reference says, within the limits.
    func checkChunked(_ bytes: RawSpan) throws(BrokenProperty) {
        var cuts = Cuts(of: bytes)
        for limits in [MessageLimits(), .small] {
            let whole = try decode(bytes, [], limits)
            let some = cuts.next(upTo: bytes.byteCount)
            try expectEqual(try decode(bytes, some, limits), whole, "cut at \(some)")
            if bytes.byteCount <= 1_000 {
                try expectEqual(try decode(bytes, Array(bytes.byteOffsets), limits), whole, "byte by byte")
            }
            let copy = [UInt8](copying: bytes)
            let reference = ReferenceChunks(limits: limits).decode(copy[...])
            try expectEqual(whole.end, reference?.end, "the end of \(escape(copy)), \(whole)")
            if let reference { try expectEqual(whole.content, reference.content, "the content of \(escape(copy))") }
        }
    }

    private struct Decoded: Equatable {
        var content: [UInt8] = []
        /// The offset behind the body, if it ended.
        var end: Int?
        var rejection: Rejection?
    }

    private func decode(_ bytes: RawSpan, _ cuts: [Int], _ limits: MessageLimits) throws(BrokenProperty) -> Decoded {
        var decoder = ChunkedDecoder(limits: limits)
        var decoded = Decoded()
        var position = 0
        for cut in cuts + [bytes.byteCount] {
            var goesOn = true
            while goesOn {
                let input = bytes.extracting(position..<cut)
                let step = decoder.decode(input)
                switch step {
                case .needMore(let consumed):
                    try expectEqual(consumed, input.byteCount, "all is taken when more is needed")
                    position = cut
                    goesOn = false
                case .data(let range, let consumed):
                    try expect(!range.isEmpty && range.upperBound == consumed, "content \(range) ends at \(consumed)")
                    for offset in range { decoded.content.append(input.byte(at: offset)) }
                    position += consumed
                case .end(let consumed):
                    decoded.end = position + consumed
                    let rest = bytes.extracting((position + consumed)..<cut)
                    try expectEqual(decoder.decode(rest), .end(consumed: 0), "the end stays the end")
                    return decoded
                case .reject(let rejection):
                    try expect([400, 413, 431].contains(rejection.status), "status \(rejection.status)")
                    decoded.rejection = rejection
                    return decoded
                }
                try expectEqual(decoder.bodyBytes, UInt64(decoded.content.count), "the count of the content")
                try expect(decoder.bodyBytes <= limits.bodyBytes, "the limit of the content")
            }
        }
        return decoded
    }
}
