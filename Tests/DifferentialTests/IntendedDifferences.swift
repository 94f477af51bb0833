// The whole list of what this server does otherwise than Python's on purpose, each with its reason.

extension IntendedDifference {
    static let table = strictness + framing + connections + pages + failures + timing + files + scripts

    // MARK: Requests that are refused, because two parties could read them in two ways

    private static let strictness: [IntendedDifference] = [
        .init(
            "single spaces",
            in: [
                "early: line GET  *", "early: line GET\t*", "early: line *HTTP/1.1 ", "early: line  GET *",
                "early: line GET /echo\u{a0}*",
            ],
            .answers(python: ["200 OK"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 3: one space between the parts, none around them"),
        .init(
            "visible ASCII in targets",
            in: [
                "early: line GET /\u{1b}*", "early: line GET /\u{7f}*", "early: line GET /é*", "early: a UTF-8 target",
            ],
            .answers(python: ["200 OK"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 3.2 and RFC 3986 section 2"),
        .init(
            "forms of targets", in: ["routes: GET with an asterisk", "routes: echo"],
            .answers(python: ["200 OK"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 3.2: a path begins with a slash, and the asterisk is for OPTIONS"),
        .init(
            "fragments in targets", in: ["routes: /#fragment", "routes: /a#b?c"],
            .answers(python: ["200 OK"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 3.2: a fragment is not sent"),
        .init(
            "bare line feeds", in: ["early: lines that end in LF alone"],
            .answers(python: ["200 OK"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 2.2 allows, and a proxy in front may read on (gh-114782)"),
        .init(
            "lines before the request", in: ["early: line   "],
            .answers(python: [], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9112 section 2.2: an empty line may come first, blanks may not"),
        .init(
            "empty lines before the request", in: ["routes: an empty line first"],
            .answers(python: [], ours: ["200 OK"]), because: "RFC 9112 section 2.2: at least one is passed over"),
        .init(
            "words behind the version", in: ["early: line GET /echo HTTP/1.1 é"],
            .lines(
                python: ["*400 Bad request version ('é')*", "*message Bad request version ('é')", "*<p>Message: *"],
                ours: ["*400 Bad request syntax (*)", "*message Bad request syntax (*)", "*<p>Message: *"]),
            because: "the line is taken apart from its front"),
        .init(
            "methods are tokens", in: ["persistent: G\"T /x", "persistent: G(T /x"],
            .answers(python: ["501 Unsupported method (*)"], ours: ["400 Bad request syntax (*)"]),
            because: "RFC 9110 section 9.1"),
        .init(
            "versions have one digit each", in: ["early: /echo, HTTP/1.10", "early: /echo, HTTP/01.01"],
            .answers(python: ["200 OK"], ours: ["400 Bad request version (*)"]), because: "RFC 9112 section 2.3"),
        .init(
            "versions have one digit each, kept alive",
            in: ["persistent: /echo, HTTP/1.10", "persistent: /echo, HTTP/01.01"],
            .answers(python: ["200 OK", "probe"], ours: ["400 Bad request version (*)"]),
            because: "RFC 9112 section 2.3"),
        .init(
            "versions have one digit each, beyond 2", in: ["early: /echo, HTTP/12.0"],
            .answers(python: ["505 Invalid HTTP version (12.0)"], ours: ["400 Bad request version (*)"]),
            because: "RFC 9112 section 2.3"),
        .init(
            "signs in versions",
            in: ["early: /echo, HTTP/+1.1", "early: /echo, HTTP/-1.1", "persistent: /echo, HTTP/-1.1"],
            .answers(python: ["200 OK"], ours: ["400 Bad request version (*)"]),
            because: "RFC 9112 section 2.3; Python 3.11.2 takes them, 3.11.7 does not", isRare: true),
        .init(
            "signs in versions, kept alive", in: ["persistent: /echo, HTTP/+1.1"],
            .answers(python: ["200 OK", "probe"], ours: ["400 Bad request version (*)"]), because: "as above",
            isRare: true),
        .init(
            "long numbers in versions", in: ["early: /echo, HTTP/12345678901.0"],
            .answers(python: ["505 *"], ours: ["400 Bad request version (*)"]), because: "as above", isRare: true),
        .init(
            "signs in versions, refused before they are known",
            in: ["persistent: /echo, HTTP/+1.1", "persistent: /echo, HTTP/-1.1"],
            .answers(python: ["page"], ours: ["400 Bad request version (*)"]), because: "gh-54930, as below",
            isRare: true),
        .init(
            "HTTP/0.9 by name", in: ["early: /echo, HTTP/0.9", "persistent: /echo, HTTP/0.9"],
            .answers(python: ["page"], ours: ["505 Invalid HTTP version (0.9)"]),
            because: "HTTP/0.9 had no version in its request line, so whoever says so speaks something else"),
        .init(
            "fields are well formed",
            in: [
                "persistent: /echo, X-Fold*", "persistent: /echo, no colon", "persistent: /echo, X-Space*",
                "persistent: /echo, : nameless", "persistent: /echo, X(Y: 1",
            ],
            .answers(python: ["200 OK", "probe"], ours: ["400 Bad header line (*)"]),
            because: "RFC 9112 sections 5.1 and 5.2; Python drops the rest of the header, or keeps the fold"),
        .init(
            "no control characters in fields",
            in: ["persistent: /echo, X-Null*", "persistent: /echo, X-Control*", "persistent: /echo, X-Carriage*"],
            .answers(python: ["200 OK", "probe"], ours: ["400 Bad character in header"]),
            because: "RFC 9110 section 5.5; a bare CR splits a header in Python (gh-114782)"),
        .init(
            "blanks around values", in: ["persistent: /echo, X-Blank*"],
            .lines(python: ["| X-Blank=a b\t"], ours: ["| X-Blank=a b"]),
            because: "RFC 9110 section 5.5: those behind a value are no part of it either"),
        .init(
            "one Host", in: ["persistent: no Host", "persistent: a bad Host", "persistent: /echo, Host: *"],
            .answers(python: ["200 OK", "probe"], ours: ["400 * Host header*"]),
            because: "RFC 9112 section 3.2: 400 for a missing, second or malformed Host in HTTP/1.1"),
        .init(
            "lengths and codings",
            in: ["persistent: body chunked with a length", "persistent: body of two*", "persistent: body of a *"],
            .answers(python: ["200 OK", "probe"], ours: ["400 *"]),
            because: "RFC 9112 sections 6.1 and 6.3, request smuggling (gh-150499)"),
        .init(
            "unknown codings", in: ["persistent: body of an unknown coding"],
            .answers(python: ["200 OK", "probe"], ours: ["501 Unsupported Transfer-Encoding"]),
            because: "RFC 9112 section 6.1"),
        .init(
            "unknown expectations", in: ["persistent: /echo, Expect: tea"],
            .answers(python: ["200 OK", "probe"], ours: ["417 Expectation Failed"]),
            because: "RFC 9110 section 10.1.1"),
        .init(
            "longest request line", in: ["early: a target of 9,000 bytes"],
            .answers(python: ["200 OK"], ours: ["414 URI Too Long"]), because: "RFC 9112 section 3 asks for 8,000 bytes"
        ),
        .init(
            "longest request line, 64 KiB", in: ["early: a target of 70,000 bytes"],
            .answers(python: ["414 *URI Too Long"], ours: ["414 URI Too Long"]),
            because: "Python logs it as an empty line, here as much as was read is logged"),
        .init(
            "100 fields", in: ["early: 99 more fields"], .answers(python: ["431 Too many headers"], ours: ["200 OK"]),
            because: "Python counts the empty line behind them as well"),
        .init(
            "unfinished requests", in: ["routes: half a line and the end"], .answers(python: ["page"], ours: []),
            because: "RFC 9112 section 8: Python takes half a line for a request in HTTP/0.9"),
        .init(
            "unfinished bodies", in: ["persistent: body cut short"],
            .answers(python: ["200 OK"], ours: ["400 Incomplete body"]), because: "RFC 9112 section 8"),
    ]

    // MARK: Where an answer ends, and the body of a request

    private static let framing: [IntendedDifference] = [
        .init(
            "length of answers", in: ["*: /status?*", "routes: /unframed"],
            .lines(python: [], ours: ["Content-Length: BODY"]),
            because: "framing is the server's duty, not the handler's"),
        .init(
            "answers without length keep the connection", in: ["persistent: /unframed"],
            .answers(python: ["200 OK"], ours: ["200 OK", "probe"]),
            because: "framing is the server's duty; Python's client waits for ever"),
        .init(
            "205 is empty", in: ["routes: /error?205"], .lines(python: [], ours: ["Content-Length: BODY"]),
            because: "RFC 9110 section 15.3.6: it has no content, but says so"),
        .init(
            "bodies are no requests", in: ["persistent: body left unread"],
            .answers(python: ["200 OK", "501 Unsupported method ('12345GET')"], ours: ["200 OK", "probe"]),
            because: "RFC 9112 section 9.3: what a handler leaves unread is passed over (gh-150499)"),
        .init(
            "chunked bodies", in: ["persistent: body chunked"],
            .answers(python: ["200 OK", "*"], ours: ["200 OK", "probe"]),
            because: "RFC 9112 section 7.1: every recipient of HTTP/1.1 understands them"),
        .init(
            "100 Continue when it is waited for",
            in: ["persistent: /echo, Expect: 100-continue", "persistent: 100-continue with*1.1"],
            .answers(python: ["100 Continue", "200 OK", "probe"], ours: ["200 OK", "probe"]),
            because: "RFC 9110 section 10.1.1: not sent when there is no body, or it has come already"),
    ]

    // MARK: Whether the connection lives on

    private static let connections: [IntendedDifference] = [
        .init(
            "the end is announced", in: ["persistent: *", "hooks: /close"],
            .lines(python: [], ours: ["Connection: close"]), because: "RFC 9112 section 9.6"),
        .init(
            "keep-alive is granted aloud",
            in: ["persistent: *HTTP/1.0, *onnection: *eep-*live", "*: /keep, HTTP/1.0*"],
            .lines(python: [], ours: ["Connection: keep-alive"]),
            because: "RFC 9112 appendix C.2.2: a client of HTTP/1.0 has to be told"),
        .init(
            "Connection is a list, to keep", in: ["persistent: /echo, HTTP/1.0, Connection: te, keep-alive"],
            .answers(python: ["200 OK"], ours: ["200 OK", "probe"]), because: "RFC 9110 section 7.6.1"),
        .init(
            "Connection is a list, to close",
            in: [
                "persistent: /echo, Connection: keep-alive, *", "persistent: /echo, Connection: close, te",
                "persistent: /echo, HTTP/1.0, Connection: keep-alive, Connection: close",
            ],
            .answers(python: ["200 OK", "probe"], ours: ["200 OK"]), because: "RFC 9110 section 7.6.1"),
        .init(
            "keep-alive needs the client's wish",
            in: ["*: /connection?keep-alive, HTTP/1.0", "*: /connection?keep-alive, Connection: close"],
            .answers(python: ["200 OK", "probe"], ours: ["200 OK"]),
            because:
                "RFC 9112 section 9.6 and appendix C.2.2: who asked to close, or did not ask to keep, waits for the end"
        ),
    ]

    // MARK: Status lines, fields and pages

    private static let pages: [IntendedDifference] = [
        .init(
            "explanations", in: ["*"],
            .lines(
                python: ["|         <p>Error code explanation: *"], ours: ["|         <p>Error code explanation: *"]),
            because: "the sentences are our own; Python's have another licence"),
        .init(
            "dark mode", in: ["*"],
            .lines(python: [], ours: ["|         <meta name=\"color-scheme\" content=\"light dark\">"]),
            because: "as Python 3.14 has it (gh-123430)"),
        .init(
            "length of the page", in: ["* HEAD /both?404", "default: HEAD /probe"],
            .lines(python: ["Content-Length: *"], ours: ["Content-Length: *"]),
            because: "it has the two differences above"),
        .init(
            "name", in: ["default: *"],
            .lines(python: ["Server: BaseHTTP/0.6 Python/3.*"], ours: ["Server: BaseHTTP/1.0 Swift/6"]),
            because: "it is another server"),
        .init(
            "name without language", in: ["shaped: *"],
            .lines(
                python: ["Server: Mine/2 Other/3 ", "| Mine/2 Other/3 "],
                ours: ["Server: Mine/2 Other/3", "| Mine/2 Other/3"]),
            because: "RFC 9110 section 5.5: no blank behind a value when sysVersion is empty"),
        .init(
            "phrases of RFC 9110",
            in: ["routes: /*?413", "routes: /*?414", "routes: /*?416", "routes: /*?422", "routes: /responses"],
            .lines(
                python: [
                    "*413 Request Entity Too Large*", "*414 Request-URI Too Long*",
                    "*416 Requested Range Not Satisfiable*", "*422 Unprocessable Entity*",
                    "*message Re*", "*message Unprocessable Entity", "*<p>Message: *",
                ],
                ours: [
                    "*413 Content Too Large*", "*414 URI Too Long*", "*416 Range Not Satisfiable*",
                    "*422 Unprocessable Content*", "*message *", "*<p>Message: *",
                ]),
            because: "RFC 9110 section 15.5; Python has them since 3.13", versions: 11...12),
        .init(
            "status line before the version is known",
            in: [
                "persistent: /echo, HTTP/1", "persistent: /echo, HTTP/1.1.1",
                "persistent: /echo, HTTP/1.x", "persistent: /echo, http/1.1",
                "persistent: /echo, HTTP/12.0", "persistent: /echo, HTTP/12345678901.0", "persistent: /echo, FTP/1.1",
                "persistent: /echo, HTTP/", "persistent: /echo, 1.1", "persistent: /echo, HTTP/1,1", "routes: one word",
            ],
            .answers(python: ["page"], ours: ["400 Bad request *"]),
            because: "gh-54930: only a request in HTTP/0.9 is answered with a page alone; so Python from 3.15 on"),
        .init(
            "status line for later versions",
            in: ["persistent: /echo, HTTP/2.0", "persistent: /echo, HTTP/3.0", "hooks: /x, HTTP/7.0"],
            .answers(python: ["page"], ours: ["505 Invalid HTTP version (*)"]), because: "gh-54930, as above"),
        .init(
            "status codes", in: ["routes: *?600", "routes: *?999"],
            .answers(python: ["* *"], ours: ["500 Internal Server Error"]), because: "RFC 9110 section 15: 100 to 599"),
        .init(
            "interim answers are not the last", in: ["routes: *?10*"],
            .answers(python: ["10*"], ours: ["10*", "500 Internal Server Error"]),
            because: "RFC 9110 section 15.2: a final answer follows"),
        .init(
            "control characters in error phrases", in: ["routes: /control"],
            .lines(python: ["HTTP/1.0 404 a\tb\u{1b}[31m\\"], ours: ["HTTP/1.0 404 a\tb [31m\\"]),
            because: "RFC 9112 section 4; Python checks nothing (gh-142533)"),
        .init(
            "texts beyond latin-1 in error phrases", in: ["routes: /far"], .answers(python: [], ours: ["404 ??"]),
            because: "the client gets the page that was meant for it"),
        .init(
            "control characters in answers",
            in: [
                "routes: /phrase?a%0D*", "routes: /field?X-Line*", "routes: /field?X-Escape*", "routes: /field?X%20Y*",
            ],
            .answers(python: ["200 *"], ours: ["500 Internal Server Error"]),
            because: "RFC 9110 sections 5.1 and 5.5, response splitting (gh-142533, gh-150679)"),
    ]

    // MARK: Handlers that fail

    private static let failures: [IntendedDifference] = [
        .init(
            "a handler that fails is answered",
            in: ["*: /raise", "*: /unflushed", "routes: /phrase?%E6*", "routes: /field?X-Far*", "routes: /nothing"],
            .answers(python: [], ours: ["500 Internal Server Error"]),
            because: "RFC 9110 section 15.6.1; Python closes without a word"),
        .init(
            "a handler that says nothing", in: ["persistent: /nothing"],
            .answers(python: ["200 OK"], ours: ["500 Internal Server Error"]),
            because: "RFC 9110 section 15.6.1; Python answers the next request instead"),
        .init(
            "one line for an error", in: ["*: /flushed"],
            .lines(python: ["err *"], ours: ["log exception while handling a request: Raised()"]),
            because: "Swift's errors have no trace of calls"),
        .init(
            "second thoughts", in: ["*: /second"], .answers(python: ["200 OK"], ours: ["404 Not Found"]),
            because: "nothing of the first answer has left; Python sends one head in the other"),
        .init(
            "formats with unknown keys", in: ["missing: *", "stray: *"], .answers(python: [], ours: ["404 Not Found"]),
            because: "the client gets its error page; what stands for nothing stays as it is"),
    ]

    // MARK: When things happen

    private static let timing: [IntendedDifference] = [
        .init(
            "late requests are answered", in: ["impatient: half a*"],
            .answers(python: [], ours: ["408 Request Timeout"]),
            because: "RFC 9110 section 15.5.9"),
        .init(
            "idle connections close quietly", in: ["impatient: silence*"],
            .lines(python: ["log Request timed out: TimeoutError('timed out')"], ours: []),
            because: "nothing has gone wrong"),
        .init(
            "handle() has a request", in: ["hooks: nothing"],
            .lines(python: ["err note handle", "err note one", "err note handled"], ours: []),
            because: "it runs when a request has come whole, so that no client holds the others up"),
    ]
}
