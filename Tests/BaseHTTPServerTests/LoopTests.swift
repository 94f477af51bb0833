// The loop: stopping, draining, fairness, limits, shortage, and no turn without need.
import AccessLog
import Foundation
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct LoopTests {
    @Test func stopsFromAHandlerAndFromAnotherThreadAndRunsAgain() throws {
        try RunningServer.run(
            { try ObservedServer(host: "127.0.0.1", port: 0, handler: Probe.self) },
            run: { server in
                try server.serveForever()
                (server as? ObservedServer)?.observer.note("stopped")
                try server.serveForever()
            }
        ) { (server) throws in
            #expect(try server.client().request("GET", "/shutdown").status == 200)
            #expect(eventually { server.observer.notes.contains("stopped") })
            #expect(try server.client().request("GET", "/hello").status == 200)
            server.stop()
            #expect(eventually { server.isOver })
        }
    }

    @Test func stopEndsRequestsInFlight() throws {
        try LoggedServer.run(Probe.self) { logged in
            let client = try logged.server.client()
            try client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            logged.server.stop()
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.outcome) == [.ok, .killed])
        }
    }

    @Test func handleRequestServesOneConnectionAndLeaksNothing() throws {
        func descriptors() -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        }
        try RunningServer.run(
            { try ObservedServer(host: "127.0.0.1", port: 0, handler: OldProbe.self) },
            run: { server in
                let observer = (server as? ObservedServer)?.observer
                for _ in 0..<300 {
                    try server.handleRequest()
                    observer?.note("handled")
                }
            }
        ) { (server) throws in
            let before = descriptors()
            for _ in 0..<300 { #expect(try server.client().request("GET", "/hello").status == 200) }
            #expect(eventually { server.isOver })
            #expect(server.observer.notes.filter { $0 == "handled" }.count == 300)
            // Other tests open some meanwhile.
            #expect(eventually { descriptors() < before + 200 })
        }
    }

    @Test(arguments: [0, 0.02])
    func handleRequestGivesUpAfterItsTime(_ seconds: Double) throws {
        final class Patient: ObservedServer {
            override func handleTimeout() { observer.note("timeout") }
        }
        try RunningServer.run(
            { try Patient(host: "127.0.0.1", port: 0, handler: OldProbe.self) },
            run: { server in
                server.timeout = seconds
                let observer = (server as? ObservedServer)?.observer
                try server.handleRequest()
                // With no time at all, who waits already is served.
                while observer?.notes.contains("served") == false { try server.handleRequest() }
            }
        ) { (server) throws in
            #expect(eventually { server.observer.notes.contains("timeout") })
            #expect(try server.client().request("GET", "/hello").status == 200)
            server.observer.note("served")
            #expect(eventually { server.isOver })
        }
    }

    @Test func unverifiedConnectionIsClosedWithoutAByte() throws {
        final class Closed: ObservedServer {
            override func verifyRequest(_ request: Connection) -> Bool {
                observer.note(request.clientAddress.host)
                return false
            }
        }
        try RunningServer.run({ try Closed(host: "127.0.0.1", port: 0, handler: Probe.self) }) { server in
            let client = try server.client()
            try? client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.isClosedByServer())
            #expect(server.observer.notes == ["127.0.0.1"])
        }
    }

    @Test func setupThatThrowsClosesAndIsLogged() throws {
        final class Unready: Probe {
            override func setup() throws { throw Errno.ioError }
        }
        try RunningServer.run(Unready.self) { (server) throws in
            #expect(try server.client().isClosedByServer())
            #expect(eventually { server.observer.notes.contains { $0.hasPrefix("error: ") } })
            #expect(try server.client().isClosedByServer(), "the server goes on")
        }
    }

    @Test func fullServerClosesItsLongestIdleConnection() throws {
        try RunningServer.run(Probe.self, configure: { $0.connectionLimit = 2 }) { server in
            let first = try server.client()
            let second = try server.client()
            #expect(try first.request("GET", "/hello").status == 200)
            #expect(try second.request("GET", "/hello").status == 200)
            let third = try server.client()
            #expect(try third.request("GET", "/hello").status == 200)
            #expect(try first.isClosedByServer())
            #expect(try second.request("GET", "/hello").status == 200)
        }
    }

    @Test func fullServerWithoutIdleConnectionsLetsOthersWait() throws {
        try RunningServer.run(Probe.self, configure: { $0.connectionLimit = 1 }) { server in
            let busy = try server.client()
            try busy.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")
            #expect(eventually { server.observer.notes.contains("setup") })
            let waiting = try server.client()
            try waiting.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            try busy.send("345")
            #expect(try busy.receive().text == "12345")
            #expect(try waiting.receive().status == 200)
            #expect(try busy.isClosedByServer())
        }
    }

    @Test func floodOnOneConnectionHasItsShareOfATurnOnly() throws {
        final class Turning: ObservedServer {
            override func serviceActions() { observer.note("turn") }
        }
        final class Noting: Probe {
            override func do_GET() throws {
                observer?.note("request")
                try super.do_GET()
            }
        }
        try RunningServer.run({ try Turning(host: "127.0.0.1", port: 0, handler: Noting.self) }) { server in
            let flood = try server.client()
            // Known to epoll from now on: the flood's first turn comes by an event, not by accepting.
            #expect(try flood.request("GET", "/hello").status == 200)
            try flood.send(String(repeating: "GET /flood HTTP/1.1\r\nHost: h\r\n\r\n", count: 400))
            // It comes in the middle, and has its turn after one of theirs.
            #expect(try server.client().request("GET", "/hello").status == 200)
            for _ in 0..<400 { #expect(try flood.receive().status == 200) }
            let turns = server.observer.notes.split(separator: "turn").map { $0.filter { $0 == "request" }.count }
            #expect(turns.reduce(0, +) == 402)
            #expect((turns.max() ?? 0) <= 33)
        }
    }

    @Test func nothingTurnsWhileNothingHappens() throws {
        try RunningServer.run(Probe.self) { server in
            // Half-closed with an answer that does not move, idle, in the middle of a head, in the middle of a body.
            let stuck = try server.client()
            try stuck.send("GET /big-length?30000000 HTTP/1.1\r\nHost: h\r\n\r\nGET /never")
            stuck.shutdownWrite()
            let idle = try server.client()
            #expect(try idle.request("GET", "/hello").status == 200)
            let head = try server.client()
            try head.send("GET /hel")
            let body = try server.client()
            try body.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12")
            let lingering = try server.client()
            try lingering.send("BAD\r\n\r\n")
            #expect(try lingering.receive().status == 400)
            let client = try server.client()
            for _ in 0..<100 { _ = try client.request("GET", "/hello") }
            let before = server.observer.turns
            for _ in 0..<200 { #expect(try client.request("GET", "/hello").status == 200) }
            #expect(server.observer.turns - before <= 220)
            #expect(try stuck.receive().body.count == 30_000_000)
        }
    }

    @Test func slowReaderHoldsLittleMemory() throws {
        try RunningServer.run(Probe.self) { server in
            let clients = try (0..<4).map { _ in
                let client = try server.client()
                try client.send("GET /big?20000000 HTTP/1.1\r\nHost: h\r\n\r\n")
                return client
            }
            #expect(eventually { server.observer.notes.filter { $0.hasPrefix("memory") }.count == 4 })
            for note in server.observer.notes where note.hasPrefix("memory: ") {
                #expect(try #require(Int(note.dropFirst(8))) <= 700_000)
            }
            for client in clients { #expect(try client.receive().body == Probe.pattern(0, 20_000_000)) }
        }
    }
}
