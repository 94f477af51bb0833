// A malformed request gets a 4xx with an error page, a closed connection, a row, and an error row.
import LinuxSyscalls
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct HostileRequestTests {
        static let malformed: [(request: String, status: ClosedRange<Int>)] = [
            ("GET / HTTP/1.1\r\n\r\n", 400...400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400...400),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400...400),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n", 400...400),
            ("GET / HTTP/1.1\r\nHost: a\r\nB\0ad: x\r\n\r\n", 400...400),
            ("GET / HTTP/1.1\r\nHost: a\r\nBad: x\ry\r\n\r\n", 400...400),
            ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400...400),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400...400),
            ("GET / HTTP/x\r\nHost: a\r\n\r\n", 400...400),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400...505),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400...400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400...400),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400...400
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400...501),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400...400),
            ("GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414...414),
            ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 50_000) + "\r\n", 431...431),
        ]

        @Test func areRefusedClosedAndLogged() throws {
            try withDaemon { daemon, _ in
                for (request, status) in Self.malformed {
                    let client = try daemon.connect()
                    // A server that has seen enough may close before it was sent everything.
                    try? client.send(request)
                    let answer = try client.receive()
                    let shown = request.prefix(60).debugDescription
                    #expect(status.contains(answer.status), "\(answer.status) for \(shown)")
                    #expect(answer.text.contains("Error code: \(answer.status)"), "\(shown)")
                    #expect(try client.isClosedByServer(), "\(shown)")
                }
                #expect(try daemon.connect().request("GET", "/").status == 200, "the server goes on")
                try daemon.stop()
                let count = Self.malformed.count
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE status >= 400") == count)
                let linked = "SELECT count(*) FROM errors WHERE request_id IN (SELECT request_id FROM requests)"
                #expect(try daemon.count(linked) >= count, "each refused request has an error row")
            }
        }

        @Test func aRequestSmuggledBehindAMalformedOneIsNotAnswered() throws {
            try withDaemon { daemon, _ in
                let client = try daemon.connect()
                try client.send("GET / HTTP/1.1\r\nHost : a\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.receive().status == 400)
                #expect(try client.isClosedByServer())
                try daemon.stop()
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE path = '/smuggled'") == 0)
            }
        }
    }
}
