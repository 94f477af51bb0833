// Connections that live on, pipelines, and half-closed clients.
import AccessLog
import HTTPMessage
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct PersistenceTests {
    @Test(arguments: [
        ("Probe", "HTTP/1.1", "", true), ("Probe", "HTTP/1.1", "keep-alive", true),
        ("Probe", "HTTP/1.1", "close", false),
        ("Probe", "HTTP/1.1", "te, Close", false), ("Probe", "HTTP/1.0", "", false),
        ("Probe", "HTTP/1.0", "x, Keep-Alive", true), ("Probe", "HTTP/1.0", "keep-alive, close", false),
        ("OldProbe", "HTTP/1.1", "", false), ("OldProbe", "HTTP/1.1", "keep-alive", false),
        ("OldProbe", "HTTP/1.0", "keep-alive", false),
    ])
    func connectionFieldsDecide(_ handler: String, _ version: String, _ options: String, _ lives: Bool) throws {
        try RunningServer.run(handler == "Probe" ? Probe.self : OldProbe.self) { server in
            let client = try server.client()
            let field = options.isEmpty ? "" : "Connection: \(options)\r\n"
            for _ in 0..<2 {
                try client.send("GET /hello \(version)\r\nHost: h\r\n\(field)\r\n")
                let answer = try client.receive()
                #expect(answer.version == (handler == "Probe" ? "HTTP/1.1" : "HTTP/1.0"))
                // A server of HTTP/1.0 closes without a word, two sides of HTTP/1.1 go on without one.
                let ends = handler == "Probe" ? "close" : nil
                let told = lives ? (version == "HTTP/1.0" ? "keep-alive" : nil) : ends
                #expect(answer["Connection"] == told)
                if !lives { break }
            }
            if !lives { #expect(try client.isClosedByServer()) }
        }
    }

    @Test func handlerOfHTTP10MayKeepTheConnectionOfAClientThatWantsIt() throws {
        final class Keeping: Probe {
            override class var protocolVersion: String { "HTTP/1.0" }
            override func do_GET() throws {
                try sendResponse(200)
                try sendHeader("Connection", "Keep-Alive")
                try endHeaders()
            }
        }
        try RunningServer.run(Keeping.self) { server in
            let client = try server.client()
            #expect(try client.request("GET", "/")["Connection"] == "Keep-Alive")
            #expect(try client.request("GET", "/")["Connection"] == "Keep-Alive")
            // Not promised to one that waits for the end.
            #expect(try client.request("GET", "/", headers: ["Connection: close"])["Connection"] == nil)
            #expect(try client.isClosedByServer())
        }
    }

    @Test func handlerMayCloseAndSayIt() throws {
        final class Closing: Probe {
            override func do_GET() throws {
                try sendResponse(200)
                try sendHeader("Connection", "Close")
                try endHeaders()
                #expect(closeConnection)
            }
        }
        try RunningServer.run(Closing.self) { server in
            let client = try server.client()
            #expect(try client.request("GET", "/")["Connection"] == "Close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test(arguments: [1, 31, 32, 33, 500])
    func pipelineIsAnsweredInOrder(_ count: Int) throws {
        try LoggedServer.run(Probe.self, entries: 40) { logged in
            let client = try logged.server.client()
            let requests = (0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: h\($0)\r\nUser-Agent: a\($0)\r\n\r\n" }
            try client.send(requests.joined())
            for number in 0..<count { #expect(try client.receive().text == "Hello from /\(number)\n") }
            try logged.waitForRequests(count)
            #expect(logged.requests.map(\.path) == (0..<count).map { "/\($0)" })
            #expect(logged.requests.map(\.host) == (0..<count).map { "h\($0)" })
            #expect(logged.requests.map(\.agent) == (0..<count).map { "a\($0)" })
            #expect(logged.requests.allSatisfy { $0.outcome == .ok && !$0.isUnconfirmed && $0.status == 200 })
            // Told by when each began, which rises within a turn of the loop as well.
            #expect(
                logged.requests.allSatisfy { $0.requestID == RequestID.usual(startUs: $0.startUs, slot: 0, tree: 0) })
            #expect(Set(logged.requests.map(\.requestID)).count == count)
            let first = try #require(logged.requests.first)
            #expect(first.bytesIn == UInt64(requests[0].utf8.count) && first.bytesOut > 100)
        }
    }

    @Test func nothingBehindARefusedRequestRuns() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send(
                "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost : h\r\n\r\n"
                    + "GET /c HTTP/1.1\r\nHost: h\r\n\r\n"
            )
            #expect(try client.receive().status == 200)
            let refusal = try client.receive()
            #expect(refusal.status == 400 && refusal["Connection"] == "close")
            #expect(try client.isClosedByServer())
            try logged.waitForRequests(2)
            #expect(try logged.server.client().request("GET", "/d").status == 200)
            try logged.waitForRequests(3)
            #expect(logged.requests.map(\.path) == ["/a", "/b", "/d"])
            #expect(logged.requests.map(\.status) == [200, 400, 200])
            #expect(logged.errors.map(\.requestID) == [logged.requests[1].requestID])
        }
    }

    @Test func refusalHoldsAgainstAHandlerThatKeepsTheConnection() throws {
        final class Stubborn: Probe {
            override func sendError(_ status: HTTPResponse.Status, _ message: String?, explain: String?) throws {
                try sendResponse(status, message)
                try endHeaders()
                closeConnection = false
            }
        }
        try RunningServer.run(Stubborn.self) { server in
            let client = try server.client()
            try client.send("GET /a b c\r\n")
            #expect(try client.receive()["Connection"] == "close")
            try? client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func unreadableRequestLineIsARowWithoutTexts() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send("\u{1}\u{2}garbage\r\n\r\n")
            #expect(try client.receive().status == 400)
            try logged.waitForRequests(1)
            let row = logged.requests[0]
            #expect(row.method.isEmpty && row.path.isEmpty && row.status == 400 && row.outcome == .ok)
        }
    }

    @Test func halfClosedClientIsStillAnswered() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /big?3000000 HTTP/1.1\r\nHost: h\r\n\r\nGET /part")
            client.shutdownWrite()
            #expect(try client.receive().status == 200)
            #expect(try client.receive().body == Probe.pattern(0, 3_000_000))
            #expect(try client.isClosedByServer())
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.outcome) == [.ok, .ok])
        }
    }

    @Test func pipelineBehindASpooledAnswerGoesOn() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            try client.send("GET /big-length?9000000 HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            // The answer is in its file before anything is read.
            #expect(eventually { server.observer.notes.contains { $0.contains("setup") } })
            #expect(try client.receive().body == Probe.pattern(0, 9_000_000))
            #expect(try client.receive().text == "Hello from /hello\n")
        }
    }

    @Test func handleMayBeOverridden() throws {
        final class OneByOne: Probe {
            override func handle() throws {
                observer?.note("handle")
                try handleOneRequest()
            }
        }
        try RunningServer.run(OneByOne.self) { server in
            let client = try server.client()
            try client.send(String(repeating: "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n", count: 3))
            for _ in 0..<3 { #expect(try client.receive().status == 200) }
            #expect(server.observer.notes.filter { $0 == "handle" }.count == 3)
        }
    }

    @Test func setupAndFinishWrapTheConnection() throws {
        try RunningServer.run(Probe.self) { server in
            do {
                let client = try server.client()
                for _ in 0..<3 { _ = try client.request("GET", "/hello") }
                #expect(server.observer.notes.filter { $0 == "setup" || $0 == "finish" } == ["setup"])
            }
            #expect(eventually { server.observer.notes.contains("finish") })
        }
    }
}
