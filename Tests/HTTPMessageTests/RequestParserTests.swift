// The parser beyond the corpus: limits at their edges, work that stays linear, storage used again, lookups.
import HTTPMessage
import Testing

@Suite("Request parser")
struct RequestParserTests {
    static func limits(line: Int = 8_190, head: Int = 65_536, fields: Int = 100, body: UInt64 = 1_000) -> MessageLimits
    {
        var limits = MessageLimits()
        limits.requestLineBytes = line
        limits.headBytes = head
        limits.fieldCount = fields
        limits.bodyBytes = body
        return limits
    }

    static func head(line: String = "GET / HTTP/1.1", fields: [String] = ["Host: a"]) -> [UInt8] {
        Array(([line] + fields + ["", ""]).joined(separator: "\r\n").utf8)
    }

    /// What the parser says, in one piece and byte by byte; both must agree.
    static func step(_ bytes: [UInt8], _ limits: MessageLimits = MessageLimits()) -> ParseStep {
        var whole = RequestParser(limits: limits)
        let step = whole.parse(bytes.span.octets)
        var parser = RequestParser(limits: limits)
        var last = ParseStep.needMore
        for end in 0...bytes.count where last == .needMore {
            last = parser.parse(bytes.span.extracting(0..<end).octets)
        }
        #expect(last == step)
        return step
    }

    static func status(_ step: ParseStep) -> UInt16? {
        if case .reject(let rejection) = step { rejection.status } else { nil }
    }

    @Test func requestLineAtItsLimit() {
        let line = "GET /" + String(repeating: "a", count: 8_190 - 14) + " HTTP/1.1"
        #expect(line.utf8.count == 8_190)
        #expect(Self.step(Self.head(line: line)) == .request)
        #expect(Self.status(Self.step(Self.head(line: "X" + line))) == 414)
    }

    @Test("414 comes as soon as the line is too long, not when it ends")
    func requestLineWithoutEnd() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 33)
        #expect(Self.step(Array(bytes[..<32]), Self.limits(line: 32)) == .needMore)
        #expect(Self.status(Self.step(bytes, Self.limits(line: 32))) == 414)
    }

    @Test func headAtItsLimit() {
        let bytes = Self.head(fields: ["Host: a", "X: " + String(repeating: "a", count: 200)])
        #expect(Self.step(bytes, Self.limits(head: bytes.count)) == .request)
        #expect(Self.status(Self.step(bytes, Self.limits(head: bytes.count - 1))) == 431)
        #expect(Self.status(Self.step(Array("\r\n".utf8) + bytes, Self.limits(head: bytes.count))) == 431)
        #expect(Self.status(Self.step(Array(bytes[..<150]), Self.limits(head: 150))) == 431)
    }

    @Test func fieldCountAtItsLimit() {
        let fields = ["Host: a"] + (1..<100).map { "X-\($0): v" }
        #expect(Self.step(Self.head(fields: fields)) == .request)
        #expect(Self.status(Self.step(Self.head(fields: fields + ["Y: v"]))) == 431)
    }

    @Test func bodyAtItsLimit() {
        let limits = Self.limits(body: 1_000)
        #expect(Self.step(Self.head(fields: ["Host: a", "Content-Length: 1000"]), limits) == .request)
        #expect(Self.status(Self.step(Self.head(fields: ["Host: a", "Content-Length: 1001"]), limits)) == 413)
    }

    @Test("a head of 64 KiB that comes byte by byte is searched once")
    func workIsLinear() {
        let fields = ["Host: a"] + (0..<80).map { "X-\($0): " + String(repeating: "a\t", count: 400) }
        let bytes = Self.head(fields: fields)
        #expect(bytes.count > 64_000)
        var parser = RequestParser()
        var step = ParseStep.needMore
        for end in 0...bytes.count where step == .needMore {
            let before = parser.searched
            step = parser.parse(bytes.span.extracting(0..<end).octets)
            // At most a CR, whose LF hasn't come, is looked at again.
            #expect(parser.searched >= end - 1 && parser.searched >= before)
        }
        #expect(step == .request)
        #expect(parser.head.headLength == bytes.count)
    }

    @Test func answerStaysUntilReset() {
        let first = Self.head(line: "GET /1 HTTP/1.1", fields: ["Host: a", "Cookie: c", "Connection: close"])
        let second = Self.head(line: "POST /2 HTTP/1.0", fields: ["Content-Length: 3"])
        var parser = RequestParser()
        let both = first + second
        #expect(parser.parse(both.span.octets) == .request)
        #expect(parser.parse(both.span.octets) == .request)
        #expect(parser.head.headLength == first.count)
        parser.reset()
        #expect(parser.parse(second.span.octets) == .request)
        let head = parser.head
        #expect(head.fieldCount == 1)
        #expect(head.value(.cookie) == nil && head.value(.host) == nil && head.value(.connection) == nil)
        #expect(head.framing == .length(3) && head.protocolNumber == 10 && !head.keepAlive)
        parser.reset()
        let broken = Array("GET\r\n".utf8)
        guard case .reject(let rejection) = parser.parse(broken.span.octets) else { Issue.record("accepted"); return }
        #expect(parser.parse(both.span.octets) == .reject(rejection))
        parser.reset()
        let twoHosts = Self.head(fields: ["Host: a", "Host: a"])
        #expect(Self.status(parser.parse(twoHosts.span.octets)) == 400)
        parser.reset()
        #expect(parser.parse(both.span.octets) == .request)
    }

    @Test func offsetsBeginAtTheFirstByte() {
        let bytes = Array("\r\n\r\nPUT /x?y HTTP/1.3\r\nHost: \t a.b \r\n\r\nbody".utf8)
        var parser = RequestParser()
        #expect(parser.parse(bytes.span.octets) == .request)
        let text = bytes.span.octets
        #expect(text.latin1(parser.head.requestLine) == "PUT /x?y HTTP/1.3")
        #expect(text.latin1(parser.head.method) == "PUT")
        #expect(text.latin1(parser.head.target) == "/x?y")
        #expect(text.latin1(parser.head.version) == "HTTP/1.3")
        #expect(parser.head.value(.host).map { text.latin1($0) } == "a.b")
        #expect(parser.head.headLength == bytes.count - 4)
    }

    @Test(
        "the target decides on the host, whatever the Host field says",
        arguments: [
            ("GET /", "f"), ("GET http://a:80/", "a:80"), ("GET https://[::1]?x", "[::1]"), ("CONNECT b:443", "b:443"),
            ("OPTIONS *", "f"),
        ])
    func host(_ line: String, _ host: String) {
        let bytes = Array("\r\n\(line) HTTP/1.1\r\nHost: f\r\n\r\n".utf8)
        var parser = RequestParser()
        #expect(parser.parse(bytes.span.octets) == .request)
        #expect(bytes.span.octets.latin1(parser.head.host) == host)
    }

    @Test("what was understood before a rejection is kept for the log")
    func rejectedHead() {
        let bytes = Array("GET /secret HTTP/1.1\r\nHost: a\r\nBroken\r\n\r\n".utf8)
        var parser = RequestParser()
        #expect(Self.status(parser.parse(bytes.span.octets)) == 400)
        #expect(bytes.span.octets.latin1(parser.head.requestLine) == "GET /secret HTTP/1.1")
        #expect(bytes.span.octets.latin1(parser.head.target) == "/secret")
        #expect(parser.head.fieldCount == 1)
        for line in ["", "G", "GET", "GET /", "GET / HTTP/2.0", "\0"] {
            parser.reset()
            let start = Array("\(line)\r\n\u{7F}".utf8)
            #expect(Self.status(parser.parse(start.span.octets)) != nil)
            #expect(start.span.octets.latin1(parser.head.version) == "")
        }
    }

    @Test func lookups() {
        let fields = ["Host: a", "X-Custom: 1", "ACCEPT: b", "x-custom: 2", "accept: c", "X-Custom-2: 3"]
        let bytes = Self.head(fields: fields)
        var parser = RequestParser()
        #expect(parser.parse(bytes.span.octets) == .request)
        let text = bytes.span.octets
        #expect(parser.head.firstIndex(ofName: "x-CUSTOM", in: text) == 1)
        #expect(parser.head.firstIndex(ofName: "x-custom-2", in: text) == 5)
        #expect(parser.head.firstIndex(ofName: "Accept", in: text) == 2)
        #expect(parser.head.firstIndex(ofName: "Cookie", in: text) == nil)
        #expect(parser.head.firstIndex(ofName: "x-custo", in: text) == nil)
        #expect(parser.head.firstIndex(ofName: "", in: text) == nil)
        #expect(parser.head.firstIndex(of: .accept) == 2)
        #expect(parser.head.nextIndex(of: .accept, after: 2) == 4)
        #expect(parser.head.nextIndex(of: .accept, after: 4) == nil)
        #expect(parser.head.nextIndex(of: .host, after: 0) == nil)
        #expect(parser.head.contains(.host) && !parser.head.contains(.cookie))
    }
}
