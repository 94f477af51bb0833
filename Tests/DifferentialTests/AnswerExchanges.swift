// The exchanges that look at answers, logs, overrides and limits.

extension Exchange {
    // MARK: Status lines and error pages

    static let errorPages: [Exchange] =
        [
            100, 101, 103, 200, 204, 205, 206, 226, 299, 304, 306, 400, 404, 413, 414, 416, 418, 422, 499, 500, 511,
            599,
        ].map { .request("routes", "/error?\($0)") }
        + ["message", "explain", "both"].flatMap { route in
            [204, 304, 404, 422, 499].map { .request("routes", "/\(route)?\($0)") }
        } + [
            .request("routes", "/error?600"), .request("routes", "/error?999"), .request("routes", "/far"),
            .request("routes", "/control"), .request("routes", method: "HEAD", "/both?404"),
            .request("routes", method: "HEAD", "/error?204"),
            .request("persistent", method: "HEAD", "/both?404"), .request("persistent", "/error?404"),
            .request("persistent", "/error?304"),
            .request("persistent", "/error?404", "HTTP/1.0", ["Connection: keep-alive"]),
            .request("default", "/x"), .request("default", method: "POST", "/x"),
            .request("default", method: "HEAD", "/probe"),
        ]

    static let shapes: [Exchange] =
        [
            "/error?404", "/error?500", "/message?404", "/status?200", "/status?404", "/status?500", "/texts",
            "/responses",
        ]
        .map { .request("shaped", $0) } + [
            .request("shaped", method: "NONE", "/x"), .request("missing", "/error?404"),
            .request("stray", "/error?404"),
        ]

    static let statusLines: [Exchange] =
        [100, 200, 204, 205, 299, 304, 404, 422, 599, 600, 999].map {
            .request("routes", "/status?\($0)")
        }
        + [
            "/phrase?", "/phrase?All%20is%20well", "/phrase?%C3%A9", "/phrase?%E6%97%A5", "/phrase?a%0D%0AX-Evil:%201",
            "/phrase?a%09b", "/only", "/responses",
        ].map { .request("routes", $0) } + [
            .request("persistent", "/status?204"), .request("persistent", "/status?304"),
        ]

    // MARK: Fields, texts, log

    static let responseFields: [Exchange] = [
        "/fields", "/latin", "/field?X-Plain=a", "/field?X-Empty=", "/field?X-Latin=%C3%A9", "/field?X-Far=%E6%97%A5",
        "/field?X-Line=a%0D%0AX-Evil:%201", "/field?X-Blanks=%20a%20", "/field?X%20Y=1", "/field?Server=Two",
        "/field?Date=never", "/field?X-Tab=a%09b", "/field?X-Escape=%1B",
    ].map { .request("routes", $0) }

    static let texts: [Exchange] =
        ["/dates", "/texts", "/log", "/log?a%00b", "/log?\"'\\", "/actions"].map {
            .request("routes", $0)
        } + [.request("persistent", "/texts"), .request("default", "/probe")]

    // MARK: Failures, flushing, overrides

    static let failures: [Exchange] =
        ["/raise", "/unflushed", "/flushed", "/nothing", "/unframed", "/second"].flatMap {
            [.request("routes", $0), .request("persistent", $0)]
        } + [.request("gate", "/raise"), .request("gate", "/refused")]

    static let flushing: [Exchange] = ["routes", "persistent"].map { .request($0, "/flush") }

    static let hooks: [Exchange] =
        ["/x", "/error?404", "/forbidden", "/rewritten", "/fields", "/log", "/close"].map {
            .request("hooks", $0)
        } + [
            .request("hooks", method: "NONE", "/x"), .request("hooks", "/x", "HTTP/7.0"),
            Exchange("hooks", "nothing", [.end]),
        ]

    static let gates: [Exchange] = [.request("gate", "/echo"), .request("gate", "/refused again")]

    // MARK: Limits and time limits

    static let limits: [Exchange] = [
        Exchange("early", "98 more fields", many(98)), Exchange("early", "99 more fields", many(99)),
        Exchange("early", "100 more fields", many(100)),
        Exchange("early", "a target of 8,000 bytes", "GET /\(long(8_000)) HTTP/1.1\r\nHost: h\r\n\r\n"),
        Exchange("early", "a target of 9,000 bytes", "GET /\(long(9_000)) HTTP/1.1\r\nHost: h\r\n\r\n"),
        Exchange("early", "a target of 70,000 bytes", [.send(latin1("GET /\(long(70_000)) HTTP/1.1\r\n\r\n")), .end]),
        Exchange(
            "early", "a field of 66,000 bytes", [.send(latin1("GET / HTTP/1.1\r\nX: \(long(66_000))\r\n\r\n")), .end]),
    ]

    private static func many(_ count: Int) -> String {
        "GET /x HTTP/1.1\r\nHost: h\r\n" + (0..<count).map { "X-\($0): 1\r\n" }.joined() + "\r\n"
    }

    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let timeouts: [Exchange] = [
        Exchange("impatient", "silence", []),
        Exchange("impatient", "half a request line", [.send(latin1("GET /ec"))]),
        Exchange("impatient", "half a head", [.send(latin1("GET /echo HTTP/1.1\r\nHost: h\r\nX-"))]),
        Exchange(
            "impatient", "half a body",
            [.send(latin1("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12"))]),
        Exchange("impatient", "silence after a request", [.send(latin1("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"))]),
    ]
}
