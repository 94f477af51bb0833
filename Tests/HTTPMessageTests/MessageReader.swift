// Reads a whole message, head and content, from pieces of any size, and says in text what came of it.
import HTTPMessage

/// Reads a whole message, head and content, from pieces of any size.
struct MessageReader {
    var limits = MessageLimits()
    var allowsHTTP09 = false

    /// What came of the message, one fact a line; the same words as in the corpus.
    ///
    /// - Parameters:
    ///   - bytes: the message and what follows it.
    ///   - cuts: rising offsets at which the message is cut into pieces that arrive one after the other.
    /// - Returns: the text.
    func describe(_ bytes: [UInt8], cutAt cuts: some Sequence<Int>) -> String {
        var parser = RequestParser(limits: limits, allowsHTTP09: allowsHTTP09)
        var body = Body(limits: limits)
        for end in Array(cuts) + [bytes.count] {
            let soFar = bytes.span.extracting(0..<end).octets
            switch parser.parse(soFar) {
            case .needMore: continue
            case .reject(let rejection): return "reject \(rejection.status) \(rejection.text(in: soFar))"
            case .request: break
            }
            if let rejection = body.read(parser.head, soFar) {
                return "reject \(rejection.status) \(rejection.message)"
            }
        }
        if case .needMore = parser.parse(bytes.span.octets) { return "incomplete head" }
        if !body.isComplete { return "incomplete body" }
        return describe(parser.head, bytes, body)
    }

    private func describe(_ head: RequestHead, _ bytes: [UInt8], _ body: Body) -> String {
        func text(_ range: ByteRange) -> String { escape(bytes[range.range]) }
        var lines = ["request \(text(head.method)) \(text(head.target)) \(head.targetForm) \(head.protocolNumber)"]
        switch head.framing {
        case .none: lines.append("framing none")
        case .length(let length): lines.append("framing length \(length)")
        case .chunked: lines.append("framing chunked")
        }
        lines.append(head.keepAlive ? "keep-alive" : "close")
        if head.expectsContinue { lines.append("expects-continue") }
        if head.hasUnsupportedExpectation { lines.append("unsupported-expectation") }
        for index in 0..<head.fieldCount {
            let value = head.value(at: index)
            lines.append("field \(text(head.name(at: index))):\(value.isEmpty ? "" : " " + text(value))")
        }
        if head.framing != .none { lines.append("body \(escape(body.content))") }
        if body.end < bytes.count { lines.append("rest \(escape(bytes[body.end...]))") }
        return lines.joined(separator: "\n")
    }
}

/// The content of a message as it comes in.
private struct Body {
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

/// Bytes as the expectations write them: visible ASCII as it is, anything else escaped.
func escape(_ bytes: some Sequence<UInt8>) -> String {
    var result = ""
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\\"): result += "\\\\"
        case UInt8(ascii: "\r"): result += "\\r"
        case UInt8(ascii: "\n"): result += "\\n"
        case UInt8(ascii: "\t"): result += "\\t"
        case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
        default: result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return result
}
