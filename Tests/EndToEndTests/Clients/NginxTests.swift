// Behind nginx with kept connections: the answers are the server's own, and no stop, restart or death costs a request.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.needs("nginx")) struct NginxTests {
        static let bytes = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 10) }

        @Test func passesOnWhatTheServerAnswers() throws {
            try withDaemon {
                try $0.write(Self.bytes, to: "site/big.bin")
                try $0.write("x", to: "site/dir/a & ü.txt")
            } _: { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let date = try #require(daemon.connect().request("GET", "/")["Last-Modified"])
                let requests: [(method: String, target: String, headers: [String])] = [
                    ("GET", "/", []), ("HEAD", "/", []), ("GET", "/big.bin", []), ("HEAD", "/big.bin", []),
                    ("GET", "/dir", []), ("GET", "/dir/", []), ("GET", "/dir/a%20%26%20%C3%BC.txt", []),
                    ("GET", "/missing", []), ("HEAD", "/missing", []), ("POST", "/", []), ("BREW", "/", []),
                    ("GET", "/", ["If-Modified-Since: \(date)"]), ("GET", "/big.bin", ["Range: bytes=100-199"]),
                    ("GET", "/big.bin", ["Range: bytes=9000000-"]),
                ]
                let proxied = try nginx.connect()
                for (method, target, headers) in requests {
                    let direct = try daemon.connect().request(method, target, headers: headers)
                    let passed = try proxied.request(method, target, headers: headers)
                    let shown = "\(method) \(target) \(headers)"
                    #expect(passed.status == direct.status && passed.reason == direct.reason, "\(shown)")
                    #expect(passed.body == direct.body, "\(shown)")
                    #expect(fields(passed) == fields(direct), "\(shown)")
                }
                #expect(nginx.program.standardError.isEmpty, "\(nginx.program.standardError)")
            }
        }

        /// All fields but those that speak of the one connection or of the sender.
        private func fields(_ answer: HTTPAnswer) -> [String] {
            answer.headers.map { "\($0.name.lowercased()): \($0.value)" }
                .filter { line in !["connection:", "server:", "date:"].contains { line.hasPrefix($0) } }.sorted()
        }

        @Test func keepsOneConnectionForOneClient() throws {
            try withFixture { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let client = try nginx.connect()
                var ports: Set<String> = []
                for _ in 0..<20 {
                    ports.insert(try client.request("GET", "/port").text)
                    try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
                    #expect(try client.receive().text == "body")
                    try client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                    try client.send("5\r\nchunk\r\n3;x=y\r\ned.\r\n0\r\n\r\n")
                    #expect(try client.receive().text == "chunked.")
                }
                #expect(ports.count == 1, "the server's connections")
                try daemon.stop()
                #expect(
                    try daemon.query("SELECT status, outcome, count(*) FROM requests GROUP BY 1, 2") == [
                        ["200", "ok", "60"]
                    ])
                #expect(nginx.program.standardError.isEmpty, "\(nginx.program.standardError)")
            }
        }

        @Test func streamsBigBodiesBothWays() throws {
            try withFixture { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let client = try nginx.connect()
                try client.send("PUT /length HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.bytes.count)\r\n\r\n")
                try client.send(Self.bytes)
                #expect(try client.receive().body == Self.bytes)
                try client.send("POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: Self.bytes.count, by: 500_000) {
                    try client.send("\(String(500_000, radix: 16))\r\n")
                    try client.send(Array(Self.bytes[start..<start + 500_000]))
                    try client.send("\r\n")
                }
                try client.send("0\r\n\r\n")
                #expect(try client.receive().body == Self.bytes)
            }
        }

        @Test func passesOnErrorsOfHandlersAndBrokenAnswers() throws {
            try withFixture { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let failed = try nginx.connect().request("GET", "/throw")
                #expect(failed.status == 500 && failed.text.contains("Error code: 500"))
                // What the server cut, nginx cuts too: a client never takes a half for the whole.
                #expect(throws: (any Error).self) { try nginx.connect().request("GET", "/late") }
                #expect(try nginx.connect().request("GET", "/").text == "well")
            }
        }

        @Test func doesNotMindThatIdleConnectionsAreClosed() throws {
            // A worker of one connection closes an idle one as soon as somebody waits.
            try withDaemon(["--worker-connections", "1"]) { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let client = try nginx.connect()
                for _ in 0..<3 {
                    #expect(try client.request("GET", "/").status == 200)
                    let others = try (0..<2).map { _ in try daemon.connect() }
                    for other in others { #expect(try other.request("GET", "/").status == 200) }
                }
                try daemon.stop()
                #expect(try daemon.query("SELECT outcome, count(*) FROM requests GROUP BY 1") == [["ok", "9"]])
                #expect(nginx.program.standardError.isEmpty, "\(nginx.program.standardError)")
            }
        }

        @Test func findsARestartedServer() throws {
            try withDaemon { daemon, directory in
                let nginx = try Nginx(in: directory, [(daemon.port, "")])
                let client = try nginx.connect()
                #expect(try client.request("GET", "/?before").status == 200)
                try daemon.stop(.quit)
                let next = try Daemon(in: directory, port: daemon.port)
                #expect(try client.request("GET", "/?after").status == 200, "over the connection that the client kept")
                try next.stop()
                let rows = try next.query("SELECT query, status, outcome FROM requests ORDER BY id")
                #expect(rows == [["before", "200", "ok"], ["after", "200", "ok"]])
                #expect(nginx.program.standardError.isEmpty, "\(nginx.program.standardError)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aGracefulStopCostsNoRequest() throws {
            try withDaemon { daemon, directory in
                // The second is asked only when the first does not take the connection.
                let second = try Daemon(in: directory, database: "log/second.db")
                let nginx = try Nginx(in: directory, [(daemon.port, ""), (second.port, "backup")])
                var isStopping = false
                let size = "<!doctype html><title>home</title>".utf8.count
                let ledger = try load(nginx, LedgerLoader.Target(path: "/index.html", size: size)).run(every: 100) {
                    if !isStopping { try daemon.program.send(.quit) }
                    isStopping = true
                    return true
                }
                expectAllAnswered(ledger, nginx)
                #expect(try daemon.program.waitForEnd() == .exited(status: 0))
                try second.stop()
                let sql = "SELECT count(*) FROM requests WHERE outcome = 'ok' AND status = 200"
                let counts = try [daemon.count(sql), second.count(sql)]
                print("graceful stop: \(counts) answered in \(ledger.elapsedMs) ms")
                #expect(counts[0] > 0 && counts[1] > 0 && counts[0] + counts[1] == ledger.fates.count)
                #expect(try daemon.count("SELECT count(*) FROM failed_requests") == 0)
            }
        }

        @Test func aRequestWhoseWorkerDiesIsTriedAgain() throws {
            try withFixture { fixture, directory in
                try directory.write("from the second", to: "site/kill")
                let second = try Daemon(in: directory)
                let nginx = try Nginx(in: directory, [(fixture.port, ""), (second.port, "backup")])
                let answer = try nginx.connect().request("GET", "/kill")
                #expect(answer.status == 200 && answer.text == "from the second")
                // A request that may have had an effect is not sent twice.
                let client = try nginx.connect()
                try client.send("POST /kill HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
                #expect(try client.receive().status == 502)
                // A crash is answered, by the worker itself.
                let crashed = try nginx.connect().request("GET", "/trap")
                #expect(crashed.status == 500 && crashed["Request-Id"] != nil)
                try second.stop()
                #expect(try second.query("SELECT method, status, outcome FROM requests") == [["GET", "200", "ok"]])
                try fixture.stop()
                let rows = try fixture.query("SELECT method, outcome FROM requests ORDER BY outcome, method")
                #expect(rows == [["GET", "crashed"], ["GET", "killed"], ["POST", "killed"]])
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func killedWorkersCostNoRequest() throws {
            // Listings take long enough that a death often finds some under way; each leaves in one piece.
            try withDaemon {
                for number in 0..<20 { try $0.write("x", to: "site/dir/\(number)") }
            } _: { daemon, directory in
                // Each line is one try. A death may cost a request the try that it interrupts, and one for each
                // connection to the dead that nginx still keeps: 9 at most, and there are 5 deaths.
                let nginx = try Nginx(in: directory, Array(repeating: (daemon.port, ""), count: 46))
                let size = try nginx.connect().request("GET", "/dir/").body.count
                var killer = Killer(intervalMs: 150)
                let target = LedgerLoader.Target(path: "/dir/", size: size)
                let ledger = try load(nginx, target).run(every: killer.halfIntervalMs) {
                    if killer.killed.count < 5 {
                        try killer.turn { daemon.workers.max { $0.processorTicks < $1.processorTicks } }
                    }
                    return true
                }
                expectAllAnswered(ledger, nginx)
                try daemon.stop()
                let answered = try daemon.count(
                    "SELECT count(DISTINCT query) FROM requests WHERE outcome = 'ok' AND query LIKE 'n=%'")
                let hit = try daemon.count("SELECT count(*) FROM requests WHERE outcome IN ('killed', 'crashed')")
                let retries = nginx.program.standardError.split(separator: "\n").count
                print("\(killer.killed.count) killed workers, \(hit) requests hit, \(retries) tried again")
                #expect(retries > 0 && answered == ledger.fates.count)
            }
        }

        private func load(_ nginx: Nginx, _ target: LedgerLoader.Target) -> LedgerLoader {
            var loader = LedgerLoader(port: nginx.port, targets: [target], requests: 2_000)
            loader.connections = 16
            loader.timeLimitMs = 60_000
            return loader
        }

        private func expectAllAnswered(_ ledger: Ledger, _ nginx: Nginx) {
            #expect(
                ledger.count(.answered) == ledger.fates.count,
                "\(ledger.refusals) \(nginx.program.standardError.prefix(2_000))")
            #expect(ledger.lostConnections == 0 && ledger.failedConnections == 0)
        }
    }
}
