// Clients that take too long: head, idle, body, answer, lingering, log.
import AccessLog
import HTTPMessage
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct DeadlineTests {
    @Test func slowHeadIsRefused() throws {
        try LoggedServer.run(Probe.self, configure: { $0.headTimeoutSeconds = 0.05 }) { logged in
            let client = try logged.server.client()
            try client.send("GET /slow HTTP/1.1\r\nHo")
            let answer = try client.receive()
            #expect(answer.status == 408 && answer["Connection"] == "close")
            #expect(try client.isClosedByServer())
            try logged.waitForRequests(1)
            #expect(logged.requests[0].status == 408 && logged.requests[0].path == "/slow")
        }
    }

    @Test(arguments: ["", "PROXY TCP4 "]) func slowProxyHeaderIsRefused(start: String) throws {
        let proxies = try [#require(AddressBlock("127.0.0.1"))]
        try LoggedServer.run(
            Probe.self,
            configure: {
                $0.headTimeoutSeconds = 0.05
                $0.proxyProtocolPeers = proxies
            }
        ) { logged in
            let client = try logged.server.client()
            try client.send(start)
            #expect(try client.isClosedByServer())
            let told = eventually {
                logged.drain()
                return logged.errors.count == 1
            }
            #expect(told && logged.requests.isEmpty)
        }
    }

    @Test func requestsInBetweenProlongTheTimeOfAHead() throws {
        try RunningServer.run(Probe.self, configure: { $0.headTimeoutSeconds = 1 }) { server in
            let client = try server.client()
            let end = Clock.monotonicNs() + 1_500_000_000
            try client.send("GET /a HTTP/1.1\r\n")
            // There is always the beginning of a head, never for long the same.
            while Clock.monotonicNs() < end {
                try client.send("Host: h\r\n\r\nGET /a HTTP/1.1\r\n")
                #expect(try client.receive().status == 200)
            }
        }
    }

    @Test func idleConnectionIsClosed() throws {
        try RunningServer.run(Probe.self, configure: { $0.idleTimeoutSeconds = 0.05 }) { server in
            let silent = try server.client()
            #expect(try silent.isClosedByServer())
            // On a busy machine a client may be idle for too long before it has said anything.
            let isServed = try eventually {
                let client = try server.client()
                guard (try? client.request("GET", "/hello").status) == 200 else { return false }
                #expect(try client.isClosedByServer())
                return true
            }
            #expect(isServed)
        }
    }

    @Test func slowBodyIsRefused() throws {
        try LoggedServer.run(Probe.self, configure: { $0.transferWindowSeconds = 0.05 }) { logged in
            let client = try logged.server.client()
            try client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n12345")
            #expect(try client.receive().status == 408)
            try logged.waitForRequests(1)
            #expect(logged.requests[0].status == 408)
        }
    }

    @Test(arguments: ["/big-length?30000000", "/big?30000000"])
    func answerThatIsNotTakenIsAborted(_ path: String) throws {
        try LoggedServer.run(Probe.self, configure: { $0.transferWindowSeconds = 0.1 }) { logged in
            let client = try logged.server.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            try logged.waitForRequests(1)
            let row = logged.requests[0]
            #expect(row.outcome == .aborted && row.status == 200 && row.bytesOut > 0 && row.bytesOut < 30_000_000)
            #expect(throws: HTTPClientError.self) { try client.receive() }
        }
    }

    @Test func handlerThatFlushesDoesNotWaitForEver() throws {
        final class Flushing: Probe {
            override func do_GET() throws {
                if path != "/flushing" { return try super.do_GET() }
                try sendResponse(200)
                try endHeaders()
                for _ in 0..<1000 {
                    try wfile.write([UInt8](repeating: 1, count: 100_000))
                    try wfile.flush()
                }
            }
        }
        try LoggedServer.run(Flushing.self, configure: { $0.transferWindowSeconds = 0.1 }) { logged in
            let client = try logged.server.client()
            try client.send("GET /flushing HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(eventually { logged.server.observer.notes.contains("setup") })
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            // What it holds back may have gone out in part: only its end tells.
            client.resetOnClose()
            try logged.waitForRequests(1)
            #expect(logged.errors.map(\.message).contains { $0.contains("the client left or stopped reading") })
        }
    }

    @Test func handlerThatFlushesWaitsByTheMinimumRate() throws {
        final class Flushing: Probe {
            override func do_GET() throws {
                try sendResponse(200)
                try endHeaders()
                for _ in 0..<100 { try wfile.write([UInt8](repeating: 1, count: 1_000_000)) }
                try wfile.flush()
            }
        }
        try LoggedServer.run(
            Flushing.self,
            configure: {
                $0.transferWindowSeconds = 0.02
                $0.minimumBytesPerWindow = 1 << 40
            }
        ) { logged in
            let client = try logged.server.client()
            // It takes what comes, but nobody takes a terabyte in a fiftieth of a second.
            #expect(throws: HTTPClientError.self) { try client.request("GET", "/") }
            try logged.waitForRequests(1)
            #expect(logged.requests[0].outcome == .aborted)
            #expect(logged.errors.map(\.message).contains { $0.contains("the client left or stopped reading") })
        }
    }

    @Test func refusedClientMaySendForAWhileOnly() throws {
        try RunningServer.run(Probe.self, configure: { $0.lingerTimeoutSeconds = 0.1 }) { server in
            let client = try server.client()
            try client.send("BAD\r\n\r\n")
            #expect(try client.receive().status == 400)
            #expect(throws: HTTPClientError.self) {
                while true { try client.send([UInt8](repeating: 65, count: 1000)) }
            }
        }
    }

    @Test func refusalReachesAClientThatGoesOnSending() throws {
        try RunningServer.run(Probe.self) { server in
            let client = try server.client()
            try client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n")
            try client.send([UInt8](repeating: 65, count: 3_000_000))
            #expect(try client.receive().status == 413)
        }
    }

    @Test func pipeliningClientsThatDoNotReadKeepNobodyFromTheLog() throws {
        // As many entries as connections and one turn's requests.
        try LoggedServer.run(
            Probe.self, entries: 12,
            configure: {
                $0.connectionLimit = 4
                $0.requestsPerTurn = 8
                $0.logBlockTimeoutSeconds = 0.2
            }
        ) { logged in
            let stuck = try (0..<3).map { _ in
                let client = try logged.server.client()
                let request = "GET /big-length?20000 HTTP/1.1\r\nHost: h\r\n\r\n"
                try client.send(String(repeating: request, count: 2000))
                return client
            }
            let client = try logged.server.client()
            func answered() -> Int { logged.server.observer.notes.filter { $0.hasPrefix("memory") }.count }
            var before = -1
            // Until none of them moves any more, and once more then.
            while before < answered() {
                before = answered()
                for _ in 0..<20 {
                    logged.drain()
                    #expect(try client.request("GET", "/hello").status == 200)
                }
            }
            for client in stuck {
                for _ in 0..<2000 {
                    logged.drain()
                    #expect(try client.receive().body.count == 20_000)
                }
            }
        }
    }
}
