// Requests that take too long: a 504 and a row with frames at the soft limit, and nothing for those that end in time.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    /// The limit is 100 ms where it is to be met. Where SIGALRM, which the master sends at the limit, must mean
    /// nothing, the tests send it.
    @Suite struct TimeLimitTests {
        @Test(arguments: ["spin", "wait", "lock"])
        func aHandlerThatTakesTooLongGivesA504AndARowWithFrames(name: String) throws {
            try withFixture(["request-timeout=0.1"]) { daemon, _ in
                let client = try daemon.connect()
                try client.send("GET /delay/\(name) HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = try client.receive()
                #expect(answer.status == 504 && answer["Connection"] == "close" && answer.text.contains("</html>"))
                let id = try #require(answer["Request-Id"])
                let row = "SELECT status, outcome, signal FROM requests WHERE request_id = '\(id)'"
                #expect(daemon.eventually(row) { $0 == ["504", "timeout", "SIGALRM"] })
                let crash = """
                    SELECT cause = 'time limit', client_got, instr(frames, 'Delay') > 0 FROM crashes
                    WHERE request_id = '\(id)'
                    """
                #expect(daemon.eventually(crash) { $0 == ["1", "error", "1"] })
                #expect(daemon.eventually("SELECT reason FROM workers WHERE reason = 'timeout'") { _ in true })
                // The limit is everybody's: a busy machine may keep one from its answer, too.
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
            }
        }

        @Test func behindTheFirstByteTheAnswerIsCut() throws {
            try withFixture(["request-timeout=0.1"]) { daemon, _ in
                let client = try daemon.connect()
                try client.send("GET /delay/spin?late HTTP/1.1\r\nHost: x\r\n\r\n")
                try client.waitForText("half")
                let text = String(decoding: try client.receiveUntilClosed(), as: UTF8.self)
                #expect(text.hasSuffix("half") && !text.contains("504"))
                let row = "SELECT status, outcome, bytes_out FROM requests WHERE path = '/delay/spin'"
                #expect(daemon.eventually(row) { $0 == ["200", "timeout", "\(text.utf8.count)"] })
            }
        }

        @Test func aHandlerCanExtendItsLimitAndAnIdleWorkerHasNone() throws {
            try withFixture(["request-timeout=0.3"]) { daemon, _ in
                let worker = try #require(daemon.worker)
                let client = try daemon.connect()
                try client.send("GET /delay/extended HTTP/1.1\r\nHost: x\r\n\r\n")
                // A reminder as often as can be, before the limit, behind it and behind the end: none means anything.
                while try !client.hasBytes() { try Signal.alarm.send(to: worker.id) }
                #expect(try client.receive().status == 200)
                for _ in 0..<100 { try Signal.alarm.send(to: worker.id) }
                #expect(try daemon.connect().request("GET", "/").status == 200)
                #expect(daemon.worker?.id == worker.id)
            }
        }

        @Test func withoutALimitAReminderMeansNothing() throws {
            try withFixture(["request-timeout=0"]) { daemon, _ in
                let worker = try #require(daemon.worker)
                let client = try daemon.connect()
                try client.send("GET /delay/short HTTP/1.1\r\nHost: x\r\n\r\n")
                while try !client.hasBytes() { try Signal.alarm.send(to: worker.id) }
                #expect(try client.receive().status == 200)
                #expect(daemon.worker?.id == worker.id)
            }
        }

        @Test func aWorkerThatIsKilledBehindItsHardLimitHasTimedOut() throws {
            try withFixture(["request-timeout=1"]) { daemon, _ in
                let worker = try #require(daemon.worker)
                let client = try daemon.connect()
                try client.send("GET /delay/spin HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(eventually { (RunningProcess(worker.id)?.processorTicks ?? 0) > worker.processorTicks + 2 })
                // Stopped (19 is SIGSTOP) it cannot obey SIGALRM: the master kills it 1 s behind the limit.
                try Signal(rawValue: 19).send(to: worker.id)
                let row = "SELECT outcome, signal FROM requests WHERE path = '/delay/spin'"
                #expect(daemon.eventually(row) { $0 == ["timeout", "SIGKILL"] })
            }
        }
    }
}
