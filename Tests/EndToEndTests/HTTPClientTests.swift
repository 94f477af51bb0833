// The client of the tests reads every framing, refuses what is not HTTP, and never waits for ever.
import Foundation
import LinuxSyscalls
import TestSupport
import Testing

struct HTTPClientTests {
    @Test func readsEveryFramingOnOneConnection() throws {
        try withServer { head in
            switch head.split(separator: " ")[1] {
            case "/length": .bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Twice: a\r\nx-twice: b\r\n\r\nhello")
            case "/chunked":
                .bytes("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
            case "/none": .bytes("HTTP/1.1 304 Not Modified\r\n\r\n")
            case "/continue": .bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
            default: .last("HTTP/1.0 200 OK\r\n\r\nto the end")
            }
        } body: { client in
            let first = try client.request("GET", "/length")
            #expect(first.status == 200 && first.reason == "OK" && first.text == "hello")
            #expect(first["content-LENGTH"] == "5" && first["x-twice"] == nil)
            #expect(try client.request("GET", "/chunked").text == "hello")
            #expect(try client.request("GET", "/none").status == 304)
            #expect(try client.request("GET", "/continue").status == 100)
            #expect(try client.receive().status == 204)
            #expect(try client.request("GET", "/end").text == "to the end")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func readsPipelinedAnswersAndAnswersToHead() throws {
        try withServer { head in
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + (head.hasPrefix("HEAD") ? "" : "abc"))
        } body: { client in
            try client.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
            #expect(try client.receive().text == "abc")
            #expect(try client.receive().text == "abc")
            let head = try client.request("HEAD", "/")
            #expect(head["Content-Length"] == "3" && head.body.isEmpty)
        }
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\nA: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ])
    func refusesWhatIsNotHTTP(answer: String) throws {
        try withServer { _ in
            .bytes(answer)
        } body: { client in
            let error = #expect(throws: HTTPClientError.self) { try client.request("GET", "/") }
            guard case .malformed = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func saysThatAnAnswerBrokeOffOrNeverCame() throws {
        try withServer { _ in
            .last("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
        } body: { client in
            #expect(throws: HTTPClientError.closed(received: "hel")) { try client.request("GET", "/broken") }
        }
        try withServer(timeoutMs: 100) { _ in
            .silence
        } body: { client in
            #expect(throws: HTTPClientError.timedOut(received: "")) { try client.request("GET", "/silence") }
        }
    }

    private func withServer(
        timeoutMs: Int = patienceMs, _ script: @escaping @Sendable (String) -> ScriptedServer.Reply,
        body: (HTTPClient) throws -> Void
    ) throws {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        try body(HTTPClient(port: server.port, timeoutMs: timeoutMs))
    }
}
