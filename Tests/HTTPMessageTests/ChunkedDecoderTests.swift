// The chunked decoder beyond the corpus: limits at their edges and every way to cut a body in three.
import HTTPMessage
import Testing

@Suite("Chunked decoder")
struct ChunkedDecoderTests {
    /// The content, or the status of the rejection, or nothing if the body isn't complete; and the bytes consumed.
    static func decode(
        _ body: String, cutAt cuts: [Int] = [], limits: MessageLimits = MessageLimits()
    ) -> (content: String?, status: UInt16?, consumed: Int) {
        let bytes = Array(body.utf8)
        var decoder = ChunkedDecoder(limits: limits)
        var content: [UInt8] = []
        var position = 0
        for end in cuts + [bytes.count] {
            pieces: while true {
                let input = bytes.span.extracting(position..<end).octets
                switch decoder.decode(input) {
                case .needMore(let consumed):
                    position += consumed
                    break pieces
                case .data(let range, let consumed):
                    content += bytes[position + range.lowerBound..<position + range.upperBound]
                    position += consumed
                case .end(let consumed):
                    return (String(decoding: content, as: UTF8.self), nil, position + consumed)
                case .reject(let rejection):
                    return (nil, rejection.status, position)
                }
            }
            // Whatever isn't the end is consumed at once, so the caller never gives a byte twice.
            #expect(position == end)
        }
        return (nil, nil, position)
    }

    @Test func cutInThree() {
        let body = "4;a=\"b\"\r\nWiki\r\n5\r\npedia\r\n0\r\nX: y\r\n\r\n"
        for first in 0...body.utf8.count {
            for second in first...body.utf8.count {
                let result = Self.decode(body + "GET", cutAt: [first, second])
                #expect(result.content == "Wikipedia" && result.consumed == body.utf8.count, "\(first), \(second)")
            }
        }
    }

    @Test func endStaysTheEnd() {
        var decoder = ChunkedDecoder()
        let body = Array("0\r\n\r\n".utf8)
        #expect(decoder.decode(body.span.octets) == .end(consumed: 5))
        #expect(decoder.decode(body.span.octets) == .end(consumed: 0))
    }

    @Test func bodyLimitIsOnTheSum() {
        var limits = MessageLimits()
        limits.bodyBytes = 10
        #expect(Self.decode("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", limits: limits).content == "helloworld")
        #expect(Self.decode("5\r\nhello\r\n6\r\n", limits: limits).status == 413)
    }

    @Test func extensionLimitIsOnTheSum() {
        var limits = MessageLimits()
        limits.chunkExtensionBytes = 8
        #expect(Self.decode("1;a\r\nx\r\n1;b\r\ny\r\n0\r\n\r\n", limits: limits).content == "xy")
        #expect(Self.decode("1;a\r\nx\r\n1;b\r\ny\r\n0;c\r\n\r\n", limits: limits).status == 400)
        limits.chunkExtensionBytes = 16_384
        #expect(Self.decode("1;" + String(repeating: "a", count: 20_000), limits: limits).status == 400)
    }

    @Test func trailerLimits() {
        var limits = MessageLimits()
        limits.trailerBytes = 8
        #expect(Self.decode("0\r\nX: y\r\n\r\n", limits: limits).content == "")
        #expect(Self.decode("0\r\nX: yy\r\n\r\n", limits: limits).status == 431)
        limits.trailerBytes = 16_384
        limits.fieldCount = 2
        #expect(Self.decode("0\r\nA:\r\nB:\r\n\r\n", limits: limits).content == "")
        #expect(Self.decode("0\r\nA:\r\nB:\r\nC:\r\n\r\n", limits: limits).status == 431)
    }

    @Test("a size of 16 digits that fits the limit is decoded")
    func longestSize() {
        #expect(Self.decode("0000000000000001\r\nx\r\n0\r\n\r\n").content == "x")
    }
}
