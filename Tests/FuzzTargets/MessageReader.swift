// Reads a whole message, head and content, from pieces of any size, and says in text what came of it.
package import HTTPMessage

/// Reads a whole message, head and content, from pieces of any size.
package struct MessageReader {
    var limits: MessageLimits
    var allowsHTTP09: Bool

    package init(limits: MessageLimits = MessageLimits(), allowsHTTP09: Bool = false) {
        self.limits = limits
        self.allowsHTTP09 = allowsHTTP09
    }

    /// What came of the message, one fact a line; the same words as in the corpus.
    ///
    /// - Parameters:
    ///   - bytes: the message and what follows it.
    ///   - cuts: rising offsets at which the message is cut into pieces that arrive one after the other.
    /// - Returns: the text.
    package func describe(_ bytes: RawSpan, cutAt cuts: some Sequence<Int>) -> String {
        var parser = RequestParser(limits: limits, allowsHTTP09: allowsHTTP09)
        var body = MessageBody(limits: limits)
        for end in Array(cuts) + [bytes.byteCount] {
            let soFar = bytes.extracting(0..<end)
            switch parser.parse(soFar) {
            case .needMore: continue
            case .reject(let rejection): return "reject \(rejection.status) \(rejection.text(in: soFar))"
            case .request: break
            }
            if let rejection = body.read(parser.head, soFar) {
                return "reject \(rejection.status) \(rejection.message)"
            }
        }
        if case .needMore = parser.parse(bytes) { return "incomplete head" }
        if !body.isComplete { return "incomplete body" }
        return describe(parser.head, Array(copying: bytes), body)
    }

    /// The same for bytes in an array.
    package func describe(_ bytes: [UInt8], cutAt cuts: some Sequence<Int>) -> String {
        describe(bytes.span.octets, cutAt: cuts)
    }

    private func describe(_ head: RequestHead, _ bytes: [UInt8], _ body: MessageBody) -> String {
        let fields = (0..<head.fieldCount).map { (bytes[head.name(at: $0).range], bytes[head.value(at: $0).range]) }
        return MessageText.describe(
            method: bytes[head.method.range], target: bytes[head.target.range], form: head.targetForm,
            authority: bytes[head.authority.range],
            protocolNumber: head.protocolNumber, framing: head.framing, keepAlive: head.keepAlive,
            expectsContinue: head.expectsContinue, hasUnsupportedExpectation: head.hasUnsupportedExpectation,
            fields: fields, body: body.content[...], rest: bytes[body.end...])
    }
}

/// The content of a message as it comes in.
private struct MessageBody {
    var content: [UInt8] = []
    /// Bytes of the message that are done with.
    var end = 0
    var isComplete = false
    private var decoder: ChunkedDecoder

    init(limits: MessageLimits) {
        decoder = ChunkedDecoder(limits: limits)
    }

    mutating func read(_ head: RequestHead, _ bytes: RawSpan) -> Rejection? {
        end = max(end, head.headLength)
        switch head.framing {
        case .none:
            isComplete = true
        case .length(let length):
            let wanted = min(bytes.byteCount, head.headLength + Int(length))
            for offset in end..<wanted { content.append(bytes.byte(at: offset)) }
            end = wanted
            isComplete = content.count == Int(length)
        case .chunked:
            while !isComplete {
                let input = bytes.extracting(end..<bytes.byteCount)
                switch decoder.decode(input) {
                case .needMore(let consumed):
                    end += consumed
                    return nil
                case .data(let range, let consumed):
                    for offset in range { content.append(input.byte(at: offset)) }
                    end += consumed
                case .end(let consumed):
                    end += consumed
                    isComplete = true
                case .reject(let rejection):
                    return rejection
                }
            }
            if decoder.bodyBytes != UInt64(content.count) { return Rejection(500, "bodyBytes disagrees") }
        }
        return nil
    }
}
