// The heads that scripts write: what is understood, what is refused, and that pieces make no difference.
import HTTPMessage
import Testing

@Suite("CGI response parser")
struct CGIResponseParserTests {
    /// What the parser says of a text, in one piece, byte by byte and in all pairs of pieces; all must agree.
    static func parse(_ text: String, _ limits: MessageLimits = MessageLimits()) -> (
        step: CGIResponseParser.Step, head: CGIResponseHead
    ) {
        let bytes = Array(text.utf8)
        var whole = CGIResponseParser(limits: limits)
        let step = whole.parse(bytes.span.octets)
        var single = CGIResponseParser(limits: limits)
        var last = CGIResponseParser.Step.needMore
        for end in 0...bytes.count where last == .needMore {
            last = single.parse(bytes.span.extracting(0..<end).octets)
        }
        #expect(last == step && single.head == whole.head, "byte by byte: \(text)")
        for cut in 0...bytes.count {
            var parser = CGIResponseParser(limits: limits)
            _ = parser.parse(bytes.span.extracting(0..<cut).octets)
            #expect(parser.parse(bytes.span.octets) == step && parser.head == whole.head, "cut at \(cut): \(text)")
        }
        return (step, whole.head)
    }

    static func texts(_ head: CGIResponseHead, _ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return head.fields.map {
            "\(bytes.span.octets.latin1($0.name)): \(bytes.span.octets.latin1($0.value))"
        }
    }

    @Test func documentWithBothLineEnds() {
        for end in ["\n", "\r\n"] {
            let text = ["Content-Type:  text/plain ", "X-Note: a\tb", "Set-Cookie: a=1", "Set-Cookie: b=2", "", "body"]
                .joined(separator: end)
            let (step, head) = Self.parse(text)
            #expect(step == .head && head.status == 200 && head.givenStatus == nil && head.location == nil)
            #expect(head.headLength == text.utf8.count - 4 && head.contentLength == nil)
            let fields = ["Content-Type: text/plain", "X-Note: a\tb", "Set-Cookie: a=1", "Set-Cookie: b=2"]
            #expect(Self.texts(head, text) == fields)
        }
    }

    @Test func statusWithAndWithoutPhrase() {
        for (value, code, phrase) in [
            ("404 Not Here", 404, "Not Here"), ("404", 404, ""), ("404 ", 404, ""), ("599\tOdd", 599, "Odd"),
        ] {
            let text = "STATUS: \(value)\n\n"
            let (step, head) = Self.parse(text)
            #expect(step == .head && head.status == code && head.fields.isEmpty)
            #expect(Array(text.utf8).span.octets.latin1(head.reason) == phrase)
        }
    }

    @Test func locations() {
        for (text, status, isLocal) in [
            ("Location: http://other/\n\n", 302, false), ("Location: /here?a=b\n\n", 302, true),
            ("Location: /here\nStatus: 200 OK\n\n", 200, true), ("Location: /here\nStatus: 303\n\n", 303, false),
            ("Status: 201\nLocation: http://other/\nContent-Type: text/plain\n\n", 201, false),
            ("Location: relative\n\n", 302, false), ("Location:\n\n", 302, false),
        ] {
            let (step, head) = Self.parse(text)
            #expect(step == .head && head.status == status && head.isLocalRedirect == isLocal, "\(text)")
        }
    }

    @Test func fieldsOfAConnectionAreNotForwarded() {
        let text = """
            Content-Type: a/b
            Connection: keep-alive
            Transfer-Encoding: chunked
            keep-alive: timeout=5
            Upgrade: h2c
            TE: trailers
            Trailer: X
            Proxy-Connection: x
            Date: Sun, 06 Nov 1994 08:49:37 GMT
            Server: mine
            Content-Length: 12


            """
        let (step, head) = Self.parse(text)
        #expect(step == .head && head.contentLength == 12)
        #expect(Self.texts(head, text) == ["Content-Type: a/b", "Content-Length: 12"])
    }

    @Test(arguments: [
        "\n", "X: y\n\n", "<html>\n", "no colon\n", ": x\n", "Content-Type : a/b\n", " Content-Type: a/b\n",
        "Content-Type: a/b\n folded\n", "X: a\u{0}b\n", "X: a\rb\n", "X: a\u{7f}b\n", "Status: 20\n", "Status: 2000\n",
        "Status: 100 Continue\n", "Status: 600\n", "Status: ok\n", "Status:\n", "Status: 200OK\n",
        "Content-Length: -1\n", "Content-Length: 1, 1\n", "Content-Length: +1\n", "Content-Length:\n",
        "Content-Length: 99999999999999999999\n", "Status: 200\nstatus: 200\n", "Location: /a\nLocation: /a\n",
        "Content-Type: a/b\nContent-type: a/b\n", "Content-Length: 1\nContent-Length: 1\n", "X\u{e9}: y\n",
    ])
    func refused(_ text: String) {
        guard case .reject(let rejection) = Self.parse(text).step else {
            Issue.record("accepted: \(text)")
            return
        }
        #expect(rejection.status == 500)
    }

    @Test func limitsAtTheirEdges() {
        var limits = MessageLimits()
        limits.headBytes = 20
        limits.fieldCount = 2
        #expect(Self.parse("Content-Type: a/bb\n\n", limits).step == .head)
        #expect(Self.parse("Content-Type: a/bbb\n\n", limits).step != .head)
        #expect(Self.parse("Content-Type: a/bbbb", limits).step != .needMore, "as soon as it is too long")
        #expect(Self.parse("Content-Type: a/bbb", limits).step == .needMore)
        #expect(Self.parse("Status:200\nX:y\n\n", limits).step == .head)
        #expect(Self.parse("Status:200\nX:y\nY:\n", limits).step != .needMore)
    }

    @Test func incompleteHeadsNeedMore() {
        for text in ["", "Content-Type: a/b", "Content-Type: a/b\r", "Content-Type: a/b\r\n", "Content-Type: a/b\n\r"] {
            #expect(Self.parse(text).step == .needMore, "\(text)")
        }
    }

    @Test func statusLines() {
        func code(_ text: String) -> UInt16? { CGIResponseParser.statusLineCode(Array(text.utf8).span.octets) }
        #expect(code("HTTP/1.1 200 OK\r\n") == 200 && code("HTTP/1.0 404\n") == 404 && code("HTTP/1.1 100\r") == 100)
        for text in ["", "HTTP/", "HTTP/1.1 200"] { #expect(code(text) == nil, "\(text)") }
        for text in [
            "Content-Type: text/plain\n", "http/1.1 200 OK\n", "HTTP/1.1 2x0 OK\n", "HTTP/x.1 200 OK\n",
            "HTTP/1.1 2000\n", "HTTP/1.1 000 OK\n", "HTTP/11 200 OK\n", "\n",
        ] {
            #expect(code(text) == 0, "\(text)")
        }
    }
}
