// One row for each request that was begun, whatever becomes of it.
import AccessLog
import HTTPMessage
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct RowTests {
    @Test func clientThatLeavesMidAnswerIsAborted() throws {
        try LoggedServer.run(Probe.self) { logged in
            do {
                let client = try logged.server.client()
                try client.send(
                    "GET /hello HTTP/1.1\r\nHost: h\r\n\r\nGET /big-length?30000000 HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try client.receive().status == 200)
                client.resetOnClose()
            }
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.outcome) == [.ok, .aborted])
            #expect(logged.requests[1].bytesOut < 30_000_000 && logged.requests[1].path == "/big-length")
            #expect(logged.requests[1].isKept == false || logged.requests[1].status == 200)
        }
    }

    @Test func batchSentInPartIsPublishedInPart() throws {
        try LoggedServer.run(Probe.self, configure: { $0.bytesPerTurn = 1 << 20 }) { logged in
            let client = try logged.server.client()
            // Each fits in memory, together they do not fit in the socket.
            try client.send(
                String(repeating: "GET /big-length?200000 HTTP/1.1\r\nHost: h\r\nUser-Agent: slow\r\n\r\n", count: 60))
            #expect(eventually { logged.server.observer.notes.contains { $0.hasPrefix("memory") } })
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            logged.drain()
            #expect(logged.requests.count < 61, "some wait in the server")
            for _ in 0..<60 { #expect(try client.receive().body == Probe.pattern(0, 200_000)) }
            try logged.waitForRequests(61)
            #expect(logged.requests.allSatisfy { $0.outcome == .ok && !$0.isUnconfirmed })
            let slow = logged.requests.filter { $0.agent == "slow" && $0.path == "/big-length" }
            #expect(slow.count == 60 && slow.allSatisfy { $0.bytesOut > 200_000 && $0.method == "GET" })
            #expect(Set(logged.requests.map(\.requestID)).count == 61)
        }
    }

    @Test func answerThatLeftBeforeItsHandlerReturnedIsWhole() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            #expect(try client.request("GET", "/flush").text == "12345")
            try logged.waitForRequests(1)
            #expect(logged.requests[0].outcome == .ok && logged.requests[0].path == "/flush")
        }
    }

    @Test func refusalsOfEveryKindAreRows() throws {
        try LoggedServer.run(Probe.self) { logged in
            let cases: [(String, Int)] = [
                ("GET /400 HTTP/1.1\r\n\r\n", 400), ("GET /505 HTTP/2.0\r\nHost: h\r\n\r\n", 505),
                ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\n", 414),
                ("GET /431 HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 70_000))\r\n", 431),
                ("POST /501 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
                ("POST /400b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n", 400),
            ]
            for (request, status) in cases {
                let client = try logged.server.client()
                try client.send(request)
                #expect(try client.receive().status == status)
                #expect(try client.isClosedByServer())
            }
            try logged.waitForRequests(cases.count)
            #expect(logged.requests.map(\.status) == cases.map(\.1))
            #expect(logged.requests.allSatisfy { $0.outcome == .ok && $0.hasErrors && !$0.isKept })
            #expect(logged.errors.map(\.requestID) == logged.requests.map(\.requestID))
        }
    }

    @Test func nothingIsARowWithoutAHead() throws {
        try LoggedServer.run(Probe.self) { logged in
            for text in ["", "\r\n", "GET /never HTTP/1.1\r\nHost"] {
                let client = try logged.server.client()
                try client.send(text)
                client.shutdownWrite()
                #expect(try client.isClosedByServer())
            }
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            try logged.waitForRequests(1)
            #expect(logged.requests.map(\.path) == ["/hello"])
        }
    }
}
