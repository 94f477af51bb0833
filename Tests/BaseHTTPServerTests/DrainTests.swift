// A graceful stop: what was sent is answered, what is idle has a last chance, and the deadline ends it.
import AccessLog
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct DrainTests {
    @Test func drainAnswersWhatIsInFlightAndClosesWhatIsIdle() throws {
        try RunningServer.run(Probe.self) { server in
            let idle = try server.client()
            #expect(try idle.request("GET", "/hello").status == 200)
            let busy = try server.client()
            try busy.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")
            #expect(try server.client().request("GET", "/drain").status == 200)
            #expect(try idle.isClosedByServer())
            #expect(!server.isOver)
            try busy.send("345")
            let answer = try busy.receive()
            #expect(answer.text == "12345" && answer["Connection"] == "close")
            #expect(eventually { server.isOver })
        }
    }

    @Test func drainEndsAtItsTime() throws {
        try RunningServer.run(Probe.self, configure: { $0.drainTimeoutSeconds = 0.05 }) { server in
            let busy = try server.client()
            try busy.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")
            #expect(try server.client().request("GET", "/drain").status == 200)
            #expect(eventually { server.isOver })
        }
    }

    @Test func drainAnswersALateRequest() throws {
        try RunningServer.run(Probe.self, configure: { $0.drainLingerSeconds = 5 }) { server in
            let late = try server.client()
            #expect(try late.request("GET", "/hello")["Connection"] == nil)
            let other = try server.client()
            #expect(try other.request("GET", "/hello").status == 200)
            #expect(try server.client().request("GET", "/drain")["Connection"] == "close")
            let start = Clock.monotonicNs()
            #expect(eventually { Clock.monotonicNs() >= start + 100_000_000 })
            let answer = try late.request("GET", "/hello")
            #expect(answer.status == 200 && answer["Connection"] == "close")
            #expect(try late.isClosedByServer())
            #expect(!server.isOver, "the other one still has its chance")
        }
    }

    @Test func drainClosesForWritingFirst() throws {
        try RunningServer.run(Probe.self, configure: { $0.drainLingerSeconds = 2 }) { server in
            let idle = try server.client()
            #expect(try idle.request("GET", "/hello").status == 200)
            #expect(try server.client().request("GET", "/drain").status == 200)
            #expect(try idle.isClosedByServer())
            // The server's end is not closed yet: what the client sends meets no reset.
            try idle.send("GET /too-late HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(!server.isOver)
            #expect(eventually { server.isOver }, "it does not wait for ever")
        }
    }

    @Test func drainAnswersWhatIsPipelinedInOrder() throws {
        try RunningServer.run(Probe.self, configure: { $0.requestsPerTurn = 7 }) { server in
            let client = try server.client()
            let paths = ["/drain"] + (1..<50).map { "/hello?\($0)" }
            try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
            for (number, path) in paths.enumerated() {
                let answer = try client.receive()
                #expect(answer.text == "Hello from \(path)\n")
                #expect(answer["Connection"] == (number == 49 ? "close" : nil), "\(number)")
            }
            #expect(try client.isClosedByServer())
        }
    }

    @Test func drainWaitsForASlowReader() throws {
        try LoggedServer.run(Probe.self, configure: { $0.drainLingerSeconds = 20 }) { logged in
            let reader = try logged.server.client()
            try reader.send("GET /big-length?12000000 HTTP/1.1\r\nHost: h\r\n\r\n")
            try reader.waitForBytes()
            #expect(try logged.server.client().request("GET", "/drain").status == 200)
            let start = Clock.monotonicNs()
            #expect(eventually { Clock.monotonicNs() >= start + 300_000_000 })
            #expect(try reader.receive().body == Probe.pattern(0, 12_000_000))
            // Its head promised that the connection lives on: it has its chance for another request.
            try reader.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            let last = try reader.receive()
            #expect(last.status == 200 && last["Connection"] == "close")
            try logged.waitForRequests(3)
            #expect(logged.requests.allSatisfy { $0.outcome == .ok })
        }
    }
}
