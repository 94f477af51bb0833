// Handlers that end their worker: the client reads a whole 500, and the log says which signal, where, and what it got.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct CrashTests {
        /// The paths of `handler-fixture` that end its worker, with the signals that may come of them: a trap is ILL on
        /// x86-64 and TRAP on arm64.
        static let traps = [
            ("index", ["SIGILL", "SIGTRAP"]), ("overflow", ["SIGILL", "SIGTRAP"]), ("empty", ["SIGILL", "SIGTRAP"]),
            ("fatal", ["SIGILL", "SIGTRAP"]), ("recursion", ["SIGSEGV"]), ("store", ["SIGSEGV"]),
            ("abort", ["SIGABRT"]), ("thread", ["SIGILL", "SIGTRAP"]),
        ]

        @Test(arguments: traps)
        func aTrapBeforeTheFirstByteGivesAWhole500AndARowWithFrames(name: String, signals: [String]) throws {
            try withFixture { daemon, _ in
                let answer = try daemon.connect().request("GET", "/trap/\(name)")
                #expect(answer.status == 500 && answer["Connection"] == "close")
                let id = try #require(answer["Request-Id"])
                #expect(id.count == 16 && answer.text.contains("(request \(id))"), "\(answer.text)")
                let row = "SELECT path, status, outcome, signal FROM requests WHERE request_id = '\(id)'"
                #expect(
                    daemon.eventually(row) {
                        $0.prefix(3) == ["/trap/\(name)", "500", "crashed"] && signals.contains($0[3])
                    }, "\((try? daemon.query(row)) ?? [])")
                // A frame of the handler is named, but in the thread, which has none of it.
                let named = name == "thread" ? "0" : "1"
                let crash = """
                    SELECT signal, client_got, instr(frames, 'do_GET') > 0 FROM crashes WHERE request_id = '\(id)'
                    """
                #expect(
                    daemon.eventually(crash) {
                        signals.contains($0[0]) && $0[1] == "error" && $0[2] == named
                    }, "\((try? daemon.query(Self.frames)) ?? [])")
                // The process ended of the very signal.
                let life = "SELECT signal FROM workers WHERE reason = 'crashed'"
                #expect(daemon.eventually(life) { signals.contains($0[0]) })
            }
        }

        @Test(arguments: traps)
        func aTrapBehindTheFirstByteCutsTheAnswer(name: String, signals: [String]) throws {
            try withFixture { daemon, _ in
                let bytes = try daemon.exchange("GET /trap/\(name)?late HTTP/1.1\r\nHost: x\r\n\r\n")
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("half") && !text.contains(" 500 "))
                let row = """
                    SELECT requests.status, outcome, requests.signal, bytes_out, client_got
                    FROM requests JOIN crashes USING (request_id)
                    """
                #expect(
                    daemon.eventually(row) {
                        $0[0] == "200" && $0[1] == "crashed" && signals.contains($0[2]) && $0[3] == "\(bytes.count)"
                            && $0[4] == "part"
                    })
            }
        }

        @Test func earlierPipelinedAnswersLeaveFirstAndAreOk() throws {
            try withFixture { daemon, _ in
                let requests = ["/one", "/two", "/trap/index", "/never"].map {
                    "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n"
                }
                let client = try daemon.connect()
                try client.send(requests.joined())
                let answers = try (0..<3).map { _ in try client.receive() }
                #expect(answers.map(\.status) == [200, 200, 500])
                #expect(answers[2].text.hasSuffix("</html>\n"))
                #expect(try client.receiveToEnd().isEmpty)
                let rows = "SELECT path, status, outcome, bytes_out > 90 FROM requests ORDER BY id"
                #expect(daemon.eventuallyCounts(3, "SELECT count(*) FROM requests"))
                #expect(
                    try daemon.query(rows) == [
                        ["/one", "200", "ok", "1"], ["/two", "200", "ok", "1"], ["/trap/index", "500", "crashed", "1"],
                    ])
            }
        }

        @Test func headGetsNoBody() throws {
            try withFixture { daemon, _ in
                let head = try daemon.exchange("HEAD /trap/index HTTP/1.1\r\nHost: x\r\n\r\n")
                let text = String(decoding: head, as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.1 500 ") && text.hasSuffix("\r\n\r\n") && !text.contains("<html"))
            }
        }

        @Test func requestsOfOtherConnectionsThatWereBegunAreKilled() throws {
            try withFixture { daemon, _ in
                let other = try daemon.connect()
                try other.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                // Begun before the crash: the worker has taken what was sent.
                #expect(try daemon.connect().request("GET", "/").status == 200)
                #expect(try daemon.connect().request("GET", "/trap/index").status == 500)
                let row = "SELECT outcome, status FROM requests WHERE path = '/upload'"
                #expect(daemon.eventually(row) { $0 == ["killed", ""] })
            }
        }

        @Test func aCrashOutsideARequestIsReportedToo() throws {
            try withFixture(["traps=setup"]) { daemon, _ in
                #expect(try daemon.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").isEmpty)
                let row = "SELECT request_id, client_got, instr(frames, 'setup') > 0 FROM crashes"
                #expect(daemon.eventually(row) { $0 == ["", "nothing", "1"] })
                let report = try Daemon.stats(["crashes"], daemon.database)
                #expect(report.count == 1 && report[0].contains("crashed"), "\(report)")
            }
        }

        /// With Swift's own backtrace, as it is on by default in terminals: it still appears, and the client does not
        /// wait for it.
        @Test func theBacktraceOfSwiftStillAppears() throws {
            try withFixture(environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"]) { daemon, _ in
                let answer = try daemon.connect().request("GET", "/trap/index")
                #expect(answer.status == 500)
                #expect(eventually { daemon.program.standardError.contains("Program crashed") })
                let life = "SELECT signal FROM workers WHERE reason = 'crashed'"
                #expect(
                    daemon.eventually(life) { ["SIGILL", "SIGTRAP"].contains($0[0]) },
                    "the process ends of the signal that it crashed with")
                #expect(daemon.program.standardError.contains("MisbehavingHandler.do_GET"))
                #expect(eventually { daemon.program.processes.allSatisfy { $0.name != "swift-backtrace" } })
            }
        }

        @Test func aServerWithoutALogAnswersAllTheSame() throws {
            try withFixture(database: "none") { daemon, _ in
                let answer = try daemon.connect().request("GET", "/trap/index")
                #expect(answer.status == 500 && answer["Request-Id"] == nil && answer.text.contains("</html>"))
            }
        }

        @Test func aClientThatDoesNotReadHoldsTheWorkerOnlyAMoment() throws {
            try withFixture { daemon, _ in
                let stalled = try daemon.connect()
                let start = Clock.monotonicNs()
                try stalled.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /trap/index HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                #expect(Clock.monotonicNs() - start < 5_000_000_000)
            }
        }

        static let frames = "SELECT frames FROM crashes"
    }
}

extension Daemon {
    /// Everything that comes back on a connection of its own, until the server closes it.
    func exchange(_ text: String) throws -> [UInt8] {
        let client = try connect()
        try client.send(text)
        return try client.receiveUntilClosed()
    }
}
