// What becomes of requests while the log is full, by policy: all are answered, and all are rows or counted.
import AccessLog
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct OverflowTests {
    /// Enough to fill a ring of this size.
    private static let ringBytes = 65_536
    private static let many = 600

    private func run(
        _ configure: @escaping @Sendable (inout ServerConfiguration) -> Void, _ body: (LoggedServer) throws -> Void
    ) throws {
        try LoggedServer.run(Probe.self, ringBytes: Self.ringBytes, configure: configure, body)
    }

    /// Requests until one is not answered 200; nobody reads the ring. Answers how many were.
    private func fill(_ client: HTTPClient, refusal: (HTTPAnswer) -> Void) throws -> Int {
        var served = 0
        while true {
            let answer = try client.request("GET", "/hello")
            if answer.status != 200 {
                refusal(answer)
                return served
            }
            served += 1
        }
    }

    /// Gap records come a second apart at most, and when the log has room.
    private func waitForGap(_ logged: LoggedServer, _ isThere: (Gap) -> Bool) {
        let came = eventually {
            logged.drain()
            return isThere(logged.gap)
        }
        #expect(came, "\(logged.gap)")
    }

    @Test func shed_answers503AtOnce_andCounts() throws {
        try run({ $0.logOverflow = .shed }) { logged in
            let client = try logged.server.client()
            let served = try fill(client) { answer in
                #expect(answer.status == 503 && answer["Retry-After"] == "1" && answer["Connection"] == "close")
            }
            #expect(served > 50)
            #expect(try client.isClosedByServer())
            for _ in 0..<20 {
                let other = try logged.server.client()
                try other.send("POST /length HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                #expect(try other.receive().status == 503)
            }
            logged.drain()
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            try logged.waitForRequests(served + 1)
            waitForGap(logged) { $0.shed == 21 }
            #expect(logged.requests.count == served + 1, "what was shed has no row of its own")
            #expect(logged.errors.isEmpty, "nor an error row")
            #expect(logged.gap == Gap(shed: 21) && logged.rows.filter { $0.kind == .gap }.count == 1)
        }
    }

    @Test func drop_servesWithoutARow_andCounts() throws {
        try run({ $0.logOverflow = .drop }) { logged in
            let client = try logged.server.client()
            for _ in 0..<Self.many { #expect(try client.request("GET", "/hello").status == 200) }
            // What is unlogged fails like anything else.
            #expect(try client.request("GET", "/throw").status == 500)
            logged.drain()
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            waitForGap(logged) { $0.dropped > 0 }
            #expect(logged.gap.dropped > 100 && logged.gap.shed == 0 && logged.gap.waits == 0)
            try logged.waitForRequests(Self.many + 2 - Int(logged.gap.dropped))
            #expect(logged.requests.count + Int(logged.gap.dropped) == Self.many + 2)
        }
    }

    @Test func block_waitsForRoom_andCountsTheWait() throws {
        try run({ $0.logBlockTimeoutSeconds = 60 }) { logged in
            let request = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
            let client = try logged.server.client()
            var served = 0
            try client.send(request)
            // Nothing but a full log keeps an answer back for so long, on a busy machine too.
            while try eventually(timeoutMs: 2_000, { try client.hasBytes() }) {
                #expect(try client.receive().status == 200)
                served += 1
                try client.send(request)
            }
            #expect(served > 50)
            // A connection that comes now is not served either, and is none of those that are counted.
            let late = try logged.server.client()
            try late.send(request)
            #expect(try !eventually(timeoutMs: 300) { try late.hasBytes() })
            logged.drain()
            #expect(try client.receive().status == 200)
            #expect(try late.receive().status == 200)
            try logged.waitForRequests(served + 2)
            waitForGap(logged) { $0.waits > 0 }
            #expect(logged.gap.shed == 0 && logged.gap.dropped == 0 && logged.gap.waits == 1)
            #expect(logged.gap.waitedUs >= 2_000_000)
        }
    }

    @Test func block_shedsAtOnceWhenTheLogWasFullForTooLong_andRecovers() throws {
        try run({ $0.logBlockTimeoutSeconds = 0.3 }) { logged in
            let served = try fill(try logged.server.client()) { #expect($0.status == 503) }
            for _ in 0..<10 { #expect(try logged.server.client().request("GET", "/hello").status == 503) }
            logged.drain()
            #expect(try logged.server.client().request("GET", "/hello").status == 200)
            waitForGap(logged) { $0.shed == 11 }
            // The others found a log that had been full for so long already.
            #expect(logged.gap.waits == 1 && logged.gap.waitedUs >= 300_000)
            try logged.waitForRequests(served + 1)
            #expect(logged.requests.count == served + 1)
        }
    }
}
