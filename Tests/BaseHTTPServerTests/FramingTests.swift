// How the end of an answer's body is made known, whatever the handler did or forgot (RFC 9112 section 6).
import AccessLog
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct FramingTests {
    @Test func shortAnswerGetsItsLength() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            let answer = try client.request("GET", "/hello")
            #expect(answer.text == "Hello from /hello\n")
            #expect(answer["Content-Length"] == "18")
            #expect(answer["Connection"] == nil)
            #expect(try client.request("GET", "/again").status == 200)
        }
    }

    @Test(arguments: [("Probe", "HTTP/1.1"), ("OldProbe", "HTTP/1.1"), ("Probe", "HTTP/1.0"), ("OldProbe", "HTTP/1.0")])
    func largeAnswerIsChunkedOnlyBetweenTwoThatSpeakIt(_ handler: String, _ version: String) throws {
        try RunningServer.run(handler == "Probe" ? Probe.self : OldProbe.self) { server in
            let client = try server.client()
            try client.send("GET /big?1000000 \(version)\r\nHost: h\r\nConnection: keep-alive\r\n\r\n")
            let answer = try client.receive()
            #expect(answer.body == Probe.pattern(0, 1_000_000))
            let isChunked = handler == "Probe" && version == "HTTP/1.1"
            #expect(answer["Transfer-Encoding"] == (isChunked ? "chunked" : nil))
            #expect(try client.isClosedByServer() == !isChunked || isChunked)
            if !isChunked { #expect(answer["Content-Length"] == nil) }
        }
    }

    @Test func flushedAnswerIsChunked() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            let answer = try client.request("GET", "/stream")
            #expect(answer.text == "one two three")
            #expect(answer["Transfer-Encoding"] == "chunked")
            #expect(try client.request("GET", "/flush").text == "12345")
            #expect(try client.request("GET", "/hello").status == 200)
        }
    }

    @Test func bodyBeyondItsLengthIsCut() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            #expect(try client.request("GET", "/more").text == "123")
            #expect(try client.request("GET", "/hello").status == 200, "the connection lives on")
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.outcome) == [.ok, .ok])
            #expect(logged.requests.map(\.hasErrors) == [true, false])
            let error = try #require(logged.errors.first)
            #expect(error.message == "response body cut: 2 bytes beyond Content-Length")
            #expect(error.requestID == logged.requests[0].requestID)
        }
    }

    @Test func bodyShortOfItsLengthClosesAndIsNoSuccess() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            #expect(throws: HTTPClientError.self) { try client.request("GET", "/less") }
            try logged.waitForRequests(1)
            let row = logged.requests[0]
            #expect(row.outcome == .aborted && row.status == 200 && row.path == "/less" && row.hasErrors)
            #expect(logged.errors.map(\.message) == ["response body too short: 2 bytes less than Content-Length"])
            #expect(try logged.server.client().request("GET", "/hello").status == 200, "the worker lives")
        }
    }

    @Test func someAnswersHaveNoBody() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            for code in [204, 304] {
                let answer = try client.request("GET", "/status?\(code)")
                #expect(answer.status == code && answer.body.isEmpty)
                #expect(answer["Content-Length"] == nil && answer["Transfer-Encoding"] == nil)
            }
            let reset = try client.request("GET", "/status?205")
            #expect(reset["Content-Length"] == "0")
            let head = try client.request("HEAD", "/hello")
            #expect(head.body.isEmpty)
            #expect(try client.request("HEAD", "/less").status == 200)
            #expect(try client.request("HEAD", "/big?5000000").status == 200)
            #expect(try client.request("GET", "/hello").status == 200, "no stray byte before it")
        }
    }

    @Test func onlyHeadIsHead() throws {
        try RunningServer.run(Probe.self) { server in
            let answer = try server.client().request("HOLD", "/hello")
            #expect(answer.status == 501)
            #expect(answer.text.contains("Unsupported method (&#x27;HOLD&#x27;)") || answer.text.contains("('HOLD')"))
        }
    }

    @Test func secondAnswerTakesThePlaceOfTheFirst() throws {
        try RunningServer.run(Probe.self) { server in
            let answer = try server.client().request("GET", "/twice")
            #expect(answer.status == 404)
            #expect(answer["X-First"] == nil)
            #expect(answer.text.contains("Not &lt;here&gt;") && answer.text.contains("a &amp; b"))
        }
    }

    @Test func headThatWasNotEndedIsEnded() throws {
        try RunningServer.run(Probe.self) { server in
            let answer = try server.client().request("GET", "/head-only")
            #expect(answer.status == 200 && answer["Content-Length"] == "0")
        }
    }

    @Test func handlerMayWriteTheWholeMessage() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            #expect(try client.request("GET", "/raw").text == "raw")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func requestWithoutVersionIsAnsweredWithoutHead() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send("GET /hello\r\n")
            #expect(String(decoding: try client.receiveToEnd(), as: UTF8.self) == "Hello from /hello\n")
            let empty = try logged.server.client()
            try empty.send("GET /head-only\r\n")
            #expect(try empty.receiveToEnd().isEmpty)
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.outcome) == [.ok, .ok])
        }
    }

    @Test func badFieldsAreRefused() throws {
        final class Bad: Probe {
            override func do_GET() throws {
                try sendResponse(200)
                let bad: [(String, String)] = [
                    ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "a\0b"), ("X\r\n", "a"), ("X:", "a"), ("", "a"),
                    ("X Y", "a"), ("X\u{e9}", "a"), ("Content-Length", "+5"), ("Content-Length", "-1"),
                    ("Content-Length", "99999999999999999999"), ("Content-Length", ""),
                ]
                for (name, value) in bad {
                    do {
                        try sendHeader(name, value)
                        observer?.note("sent \(name): \(value)")
                    } catch is ResponseError {
                        continue
                    }
                }
                do {
                    try sendResponse(200, "O\r\nK")
                    observer?.note("sent the phrase")
                } catch ResponseError.invalidReasonPhrase {
                    try sendResponse(200, "Fine")
                }
                try sendHeader("X-Good", "a\tb")
                try endHeaders()
            }
        }
        try RunningServer.run(Bad.self) { server in
            let answer = try server.client().request("GET", "/")
            #expect(answer.reason == "Fine" && answer["X-Good"] == "a\tb")
            #expect(answer.headers.map(\.name) == ["Server", "Date", "X-Good", "Content-Length"])
            #expect(!server.observer.notes.contains { $0.hasPrefix("sent") })
        }
    }

    @Test func handlerThatThrowsOrSaysNothingGivesAnError() throws {
        try LoggedServer.run(Probe.self) { logged in
            for path in ["/throw", "/none", "/status?600", "/status?99"] {
                let client = try logged.server.client()
                let answer = try client.request("GET", path)
                #expect(answer.status == 500 && answer["Connection"] == "close")
                #expect(answer.text.contains("Internal Server Error"))
                #expect(try client.isClosedByServer())
            }
            try logged.waitForRequests(4)
            #expect(logged.requests.allSatisfy { $0.status == 500 && $0.outcome == .ok && $0.hasErrors })
            for row in logged.requests {
                let messages = logged.errors.filter { $0.requestID == row.requestID }.map(\.message)
                #expect(messages.count == 2 && messages[0].hasPrefix("exception while handling a request: "))
            }
        }
    }

    @Test func handlerThatThrowsLateCutsTheAnswer() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            #expect(throws: HTTPClientError.self) { try client.request("GET", "/throw-late") }
            try logged.waitForRequests(1)
            #expect(logged.requests.map(\.outcome) == [.aborted])
            #expect(logged.errors.count == 1)
        }
    }
}
