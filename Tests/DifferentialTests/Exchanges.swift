// All exchanges that both servers are put through, by what they look at.

extension Exchange {
    static let all: [Exchange] = [
        requestLines, versions, targets, methods, persistence, connectionOfTheHandler, fields, bodies, expectations,
        errorPages, shapes, statusLines, responseFields, texts, failures, flushing, hooks, limits, timeouts, gates,
        files, scripts,
    ].flatMap(\.self)

    // MARK: Requests

    private static let oddLines = [
        "GET", "GET /echo HTTP/1.1 HTTP/1.1", "GET /echo extra HTTP/1.1", "POST /echo", "get /echo",
        "GET  /echo  HTTP/1.1", "GET\t/echo\tHTTP/1.1", "GET /echo HTTP/1.1 ", " GET /echo HTTP/1.1",
        "GET /\"quoted'\\ HTTP/1.1", "G'T /echo HTTP/1.1", "GET /\u{1b}[31m HTTP/1.1", "GET /\u{7f} HTTP/1.1",
        "GET /echo HTTP/1.1 é", "GET /echo\u{a0}HTTP/1.1", "  ", "GET /é HTTP/1.1",
    ]

    private static let requestLines: [Exchange] =
        oddLines.map { Exchange("early", "line \($0)", bytes: latin1($0) + crlf + latin1("Host: h") + crlf + crlf) } + [
            Exchange("routes", "one word", "GET\r\n\r\n"),
            Exchange("routes", "two words", "GET /echo\r\n\r\n"),
            Exchange("routes", "two words, an error", "GET /error?404\r\n\r\n"),
            Exchange("routes", "two words, a status", "GET /status?200\r\n\r\n"),
            Exchange("routes", "two words, not GET", "POST /echo\r\n\r\n"),
            Exchange("early", "two words", "GET /echo\r\n\r\n"),
            Exchange("persistent", "two words", "GET /echo\r\n\r\n"),
            Exchange("routes", "an empty line first", "\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n"),
            Exchange("routes", "nothing but the end", [.end]),
            Exchange("routes", "half a line and the end", [.send([UInt8]("GET /ec".utf8)), .end]),
            Exchange("early", "lines that end in LF alone", "GET /echo HTTP/1.1\nHost: h\n\n"),
            Exchange("early", "a UTF-8 target", "GET /é HTTP/1.1\r\nHost: h\r\n\r\n"),
        ]

    private static let versions: [Exchange] = [
        "HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/1.10", "HTTP/01.01", "HTTP/+1.1", "HTTP/1",
        "HTTP/1.1.1", "HTTP/1.x", "HTTP/-1.1", "http/1.1", "HTTP/2.0", "HTTP/3.0", "HTTP/12.0", "HTTP/12345678901.0",
        "FTP/1.1", "HTTP/", "1.1", "HTTP/1,1",
    ].flatMap { version in
        ["early", "persistent"].map { .request($0, "/echo", version) }
    }

    private static let targets: [Exchange] =
        [
            "/", "/a/../b", "/%41?x=1&y=%20", "//echo", "///a//b", "//", "//host/..%2f", "/?", "/#fragment", "/a#b?c",
            "http://h/echo", "http://other/echo", "echo", "/[]{}|^`<>\"", "/a;b=c,d:e@f!$&'()*+",
        ].map { .request("routes", $0) } + [
            Exchange("routes", "GET with an asterisk", "GET * HTTP/1.1\r\nHost: h\r\n\r\n")
        ]

    private static let methods: [Exchange] =
        [
            "SPAM", "EGGS", "spam", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X!#$%&'*+-.^_`|~9", "get", "Get",
            "GETT",
        ].map { .request("persistent", method: $0, "/x") } + [
            .request("routes", method: "HEAD", "/x"), .request("routes", method: "HEAD", "/echo", "HTTP/1.0"),
            .request("persistent", method: "HEAD", "/x"), .request("routes", method: "CONNECT", "h:80"),
            .request("routes", method: "OPTIONS", "*"), .request("persistent", method: "G\"T", "/x"),
            .request("persistent", method: "G(T", "/x"),
        ]

    // MARK: Persistence

    private static let connectionFields: [[String]] = [
        [], ["Connection: close"], ["Connection: keep-alive"], ["Connection: CLOSE"], ["connection: Keep-Alive"],
        ["Connection: keep-alive, close"], ["Connection: close, te"], ["Connection: te, keep-alive"],
        ["Connection: upgrade"], ["Connection:"], ["Connection: keep-alive", "Connection: close"],
        ["Connection: close", "Connection: keep-alive"],
    ]

    private static let persistence: [Exchange] = everyWay { kind, version in
        connectionFields.map { .request(kind, "/echo", version, $0) }
    }

    private static let connectionOfTheHandler: [Exchange] =
        everyWay { kind, version in
            let targets = ["/connection?close", "/connection?keep-alive", "/connection?Close", "/connection?upgrade"]
            return (targets + ["/close", "/keep"]).map { .request(kind, $0, version) }
        }
        + everyWay { kind, version in
            let wish = version == "HTTP/1.0" ? "keep-alive" : "close"
            return ["/connection?keep-alive", "/connection?close", "/keep"].map {
                .request(kind, $0, version, ["Connection: \(wish)"])
            }
        }

    /// With servers and clients of both versions.
    private static func everyWay(_ make: (_ kind: String, _ version: String) -> [Exchange]) -> [Exchange] {
        var exchanges: [Exchange] = []
        for kind in ["routes", "persistent"] {
            for version in ["HTTP/1.0", "HTTP/1.1"] { exchanges += make(kind, version) }
        }
        return exchanges
    }

    // MARK: Fields and bodies of requests

    private static let fields: [Exchange] =
        [
            ["X-One: 1", "x-one: 2", "X-ONE:"], ["X-Blank:  a b\t"], ["X-Fold: a", " b"], ["no colon"], ["X-Space : 1"],
            [": nameless"], ["X(Y: 1"], ["X-Long: \(String(repeating: "x", count: 5000))"], ["X-Null: a\0b"],
            ["X-Control: a\u{1b}b"], ["X-Carriage: a\rb"], ["X-Colons: a:b: c"], ["Host: again"], ["Host: h"],
        ].map { .request("persistent", "/echo", "HTTP/1.1", $0) } + [
            .request("persistent", "/first?X-One", "HTTP/1.1", ["X-One: 1", "x-one: 2"]),
            Exchange("persistent", "no Host", "GET /echo HTTP/1.1\r\n\r\n"),
            Exchange("persistent", "no Host in 1.0", "GET /echo HTTP/1.0\r\n\r\n"),
            Exchange("persistent", "an empty Host", "GET /echo HTTP/1.1\r\nHost:\r\n\r\n"),
            Exchange("persistent", "a bad Host", "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n"),
            Exchange("persistent", "latin-1", bytes: latin1("GET /latin HTTP/1.1\r\nHost: h\r\nX-Latin: é ÿ\r\n\r\n")),
            Exchange("persistent", "UTF-8", "GET /latin HTTP/1.1\r\nHost: h\r\nX-Latin: é 日\r\n\r\n"),
            Exchange(
                "persistent", "latin-1, echoed",
                bytes: latin1("GET /echo HTTP/1.1\r\nHost: h\r\nX-Latin: é\u{a0}\r\n\r\n")),
        ]

    private static let bodies: [Exchange] = [
        post("read", "/body", ["Content-Length: 5"], "a\nb\u{ff}c"),
        post("read by lines", "/line", ["Content-Length: 5"], "ab\ncd"),
        post("empty", "/body", ["Content-Length: 0"], ""), post("without length", "/body", [], ""),
        post("left unread", "/echo", ["Content-Length: 5"], "12345"),
        post("chunked", "/body", ["Transfer-Encoding: chunked"], "5\r\n12345\r\n0\r\n\r\n"),
        post("chunked with a length", "/body", ["Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"),
        post("of an unknown coding", "/body", ["Transfer-Encoding: gzip"], ""),
        post("of two lengths", "/body", ["Content-Length: 5", "Content-Length: 6"], "12345"),
        post("of a negative length", "/echo", ["Content-Length: -5"], ""),
        post("of a length with a sign", "/body", ["Content-Length: +5"], "12345"),
        Exchange(
            "persistent", "body cut short",
            [.send(latin1("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")), .end]),
    ]

    private static func post(_ name: String, _ target: String, _ fields: [String], _ body: String) -> Exchange {
        let head = (["POST \(target) HTTP/1.1", "Host: h"] + fields).joined(separator: "\r\n")
        return Exchange("persistent", "body \(name)", bytes: latin1(head) + crlf + crlf + latin1(body))
    }

    private static let expectations: [Exchange] =
        ["/body", "/refuse"].map { target in
            let head = "POST \(target) HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n"
            let steps: [Step] = [.send(latin1(head)), .awaitAnswer, .send(latin1("12345") + probe)]
            return Exchange("persistent", "\(target) after 100-continue", steps)
        }
        + everyWay { kind, version in
            let head = "POST /body \(version)\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            return [Exchange(kind, "100-continue with the body, \(version)", head + "12345")]
        }
        + ["tea", "100-continue"].map { .request("persistent", "/echo", "HTTP/1.1", ["Expect: \($0)"]) }

    static let crlf: [UInt8] = [13, 10]

    static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
    }
}
