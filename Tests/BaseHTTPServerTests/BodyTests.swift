// Request bodies: complete before the handler runs, bounded, and refused when they are not what was announced.
import AccessLog
import HTTPMessage
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct BodyTests {
    private let head = "POST /x HTTP/1.1\r\nHost: h\r\n"

    @Test(arguments: [0, 1, 5, 4096, 65_536, 65_537, 1_000_000])
    func bodyWithLengthArrivesWhole(_ count: Int) throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            let body = Probe.pattern(0, count)
            try client.send("\(head)Content-Length: \(count)\r\n\r\n")
            try client.send(body)
            #expect(try client.receive().body == body)
            #expect(try client.request("GET", "/hello").status == 200)
        }
    }

    @Test func chunkedBodyArrivesWhole() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send("\(head)Transfer-Encoding: chunked\r\n\r\n")
            var whole: [UInt8] = []
            for size in [1, 10, 70_000, 3] {
                let part = Probe.pattern(whole.count, size)
                whole += part
                try client.send("\(String(size, radix: 16))\r\n")
                try client.send(part)
                try client.send("\r\n")
            }
            // The next request comes in the same piece as the end of the body.
            try client.send("0\r\nTrailer: 1\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.receive().body == whole)
            #expect(try client.receive().text == "Hello from /hello\n")
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.path) == ["/x", "/hello"])
            #expect(logged.requests[0].bytesIn > UInt64(whole.count))
        }
    }

    @Test func slowClientIsServedByteByByte() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            for byte in Array("\(head)Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: h\r\n\r\n".utf8) {
                try client.send([byte])
            }
            #expect(try client.receive().text == "abc")
            #expect(try client.receive().text == "Hello from /hello\n")
        }
    }

    @Test(arguments: ["Content-Length: 101\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n65\r\n"])
    func tooLargeIsRefusedBeforeItComes(_ fields: String) throws {
        try LoggedServer.run(Probe.self, configure: { $0.limits.bodyBytes = 100 }) { logged in
            let client = try logged.server.client()
            try client.send(head + fields)
            let answer = try client.receive()
            #expect(answer.status == 413 && answer["Connection"] == "close")
            try logged.waitForRequests(1)
            #expect(logged.requests[0].status == 413 && logged.requests[0].path == "/x")
        }
    }

    @Test(arguments: ["Content-Length: 10\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\nA\r\n12345"])
    func incompleteBodyIsRefused(_ rest: String) throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send(head + rest)
            client.shutdownWrite()
            #expect(try client.receive().status == 400)
            #expect(try client.isClosedByServer())
            try logged.waitForRequests(1)
            #expect(logged.requests[0].status == 400 && logged.requests[0].outcome == .ok)
        }
    }

    @Test func bodyThatItsClientAbandonsIsARow() throws {
        try LoggedServer.run(Probe.self) { logged in
            do {
                let client = try logged.server.client()
                try client.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n\(head)Content-Length: 10\r\n\r\n123")
                #expect(try client.receive().status == 200)
                client.resetOnClose()
            }
            try logged.waitForRequests(2)
            let row = logged.requests[1]
            #expect(row.path == "/x" && row.method == "POST" && row.outcome == .aborted && row.status == 0)
        }
    }

    @Test func bodyWithoutATemporaryDirectoryIsRefused() throws {
        try RunningServer.run(Probe.self, configure: { $0.temporaryDirectory = "/nonexistent" }) { server in
            let client = try server.client()
            try client.send("\(head)Content-Length: 100000\r\n\r\n")
            try client.send([UInt8](repeating: 1, count: 100_000))
            #expect(try client.receive().status == 500)
            #expect(try server.client().request("GET", "/hello").status == 200)
        }
    }

    @Test func linesOfABodyAreRead() throws {
        final class Lines: Probe {
            override func do_POST() throws {
                var lines: [String] = []
                while case let line = try rfile.readLine(6), !line.isEmpty {
                    lines.append(String(decoding: line, as: UTF8.self))
                }
                try sendResponse(200)
                try endHeaders()
                try wfile.write(lines.joined(separator: "|"))
                #expect(rfile.remaining == 0)
            }
        }
        try RunningServer.run(Lines.self) { server in
            let client = try server.client()
            try client.send("\(head)Content-Length: 13\r\n\r\none\nlonger\n\nx")
            #expect(try client.receive().text == "one\n|longer|\n|\n|x")
        }
    }
}

@Suite struct ExpectTests {
    private let head = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

    @Test func continueComesBeforeTheBody() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            // A request in front: places in the input must follow when its bytes go.
            try client.send("GET /a-rather-long-path-that-goes-away HTTP/1.1\r\nHost: h\r\n\r\n\(head)")
            #expect(try client.receive().status == 200)
            #expect(try client.receive().status == 100)
            try client.send("12345")
            #expect(try client.receive().text == "12345")
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.path) == ["/a-rather-long-path-that-goes-away", "/x"])
            #expect(logged.requests.map(\.method) == ["GET", "POST"])
        }
    }

    @Test func noContinueForABodyThatIsThereAlready() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            try client.send(head + "12345")
            #expect(try client.receive().status == 200)
        }
    }

    @Test func noInterimAnswerFromAnHTTP10Server() throws {
        try RunningServer.run(OldProbe.self) { server in
            let client = try server.client()
            try client.send(head)
            // Whoever is answered came later: the head has been read.
            #expect(try server.client().request("GET", "/hello").status == 200)
            try client.send("12345")
            #expect(try client.receive().text == "12345")
        }
    }

    @Test func handlerMayRefuseTheBody() throws {
        final class Refusing: Probe {
            override func handleExpect100() throws -> Bool {
                try sendError(413, "Not for me")
                return false
            }
            override func do_POST() throws { observer?.note("ran") }
        }
        try LoggedServer.run(Refusing.self) { logged in
            let client = try logged.server.client()
            try client.send(head)
            #expect(try client.receive().status == 413)
            // The body, sent all the same, is no request.
            try? client.send("GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.isClosedByServer())
            try logged.waitForRequests(1)
            #expect(logged.requests.map(\.status) == [413])
            #expect(!logged.server.observer.notes.contains("ran"))
        }
    }

    @Test func otherExpectationsAreRefusedAtOnce() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            try client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue, gold\r\n\r\n")
            #expect(try client.receive().status == 417)
            try? client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func bodyIsReadAlsoAfterAWaitForTheLog() throws {
        // One entry: the second request must wait until the first is answered, then still gets its 100 and its body.
        try LoggedServer.run(Probe.self, entries: 1) { logged in
            let other = try logged.server.client()
            try other.send("POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
            #expect(eventually { logged.server.observer.notes.contains("setup") })
            let client = try logged.server.client()
            try client.send(head)
            #expect(eventually { logged.server.observer.turns > 5 })
            try other.send("12345")
            #expect(try other.receive().text == "12345")
            #expect(try client.receive().status == 100)
            try client.send("12345")
            #expect(try client.receive().text == "12345")
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.path) == ["/other", "/x"])
        }
    }
}
