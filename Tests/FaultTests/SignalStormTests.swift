// Signals at every moment, many at a time, and ends that slow clients hold up.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct SignalStormTests {
        /// After the start of the program by 0…25 ms: before the signals are blocked, while children are born, later.
        @Test(.timeLimit(.minutes(5)))
        func signalsAtEveryMomentOfTheStart() throws {
            let signals: [Signal] = [
                .terminalInput, .terminalOutput, .hangUp, .user1, .windowChange, .terminate, .quit,
            ]
            var stopped = 0
            for delayMs in stride(from: 0, through: 25, by: FaultScale.pick(5, long: 1)) {
                for signal in signals {
                    try withTemporaryDirectory { directory in
                        try directory.write("home", to: "site/index.html")
                        let program = try RunningProgram(
                            "basehttpd", Daemon.arguments(in: directory, database: "access.db", port: 0))
                        spin(milliseconds: delayMs)
                        try program.send(signal)
                        // Before they are blocked, TTIN and TTOU stop this program as they stop any other.
                        try program.send(.resume)
                        let isEnd = signal == .terminate || signal == .quit
                        // A program that has not blocked its signals yet ends by them, and has no children yet.
                        let port = try? program.waitForLine(Daemon.port)
                        if !isEnd, let port, signal != .windowChange {
                            #expect(try HTTPClient(port: port).request("GET", "/").status == 200, "\(signal.name)")
                        }
                        if try program.collect() == nil { try program.send(.terminate) }
                        let end = try program.waitForEnd()
                        #expect(
                            end == .exited(status: 0) || end == .signalled(signal), "\(signal.name) at \(delayMs) ms")
                        #expect(eventually { program.processes.isEmpty }, "\(signal.name) at \(delayMs) ms")
                        if end == .exited(status: 0) {
                            #expect(try !directory.names().contains { $0.contains("-ring") })
                            stopped += 1
                        }
                    }
                }
            }
            #expect(stopped > 0)
        }

        private func spin(milliseconds: Int) {
            let end = Clock.monotonicNs() + Int64(milliseconds) * 1_000_000
            while Clock.monotonicNs() < end {}
        }

        /// No signal but those that stop costs a request, however many come.
        @Test(.timeLimit(.minutes(5)))
        func signalsUnderLoadCostNoRequest() throws {
            try withFaultRun(workers: 2) { run in
                let load = run.load()
                let signals: [Signal] = [.terminalInput, .terminalOutput, .user1, .hangUp]
                let end = Clock.monotonicNs() + FaultScale.pick(3_000_000_000, long: 60_000_000_000)
                while Clock.monotonicNs() < end {
                    try signals[Int.random(in: 0..<signals.count, using: &run.dice)].send(to: run.daemon.masterID)
                    run.pass(milliseconds: Int.random(in: 1...25, using: &run.dice))
                }
                // Down to one worker, which it always keeps, then up to two. A signal that comes before the last of its
                // kind was read is none more.
                for _ in 0..<8 {
                    try Signal.terminalOutput.send(to: run.daemon.masterID)
                    run.waitUntil("the signal is read") {
                        RunningProcess(run.daemon.masterID)?.hasPending(.terminalOutput) == false
                    }
                }
                run.waitUntil("one worker") { run.living("basehttpd-w").count == 1 }
                try Signal.terminalInput.send(to: run.daemon.masterID)
                run.awaitAllWorkers()
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0, "\(ledger.refusals)")
                let failed = ledger.count(.broken) + ledger.count(.cut)
                #expect(failed == 0, "of \(ledger.count(.answered))")
                try run.verify()
                Figure.note(
                    "R8 scale under load: 0 failed", "\(failed) of \(ledger.count(.answered))", isMet: failed == 0)
            }
        }

        /// QUIT while one client reads slowly, one not at all, and one is idle: it ends by its own limit.
        @Test(.timeLimit(.minutes(2)))
        func slowClientsHoldADrainUpNoLongerThanItsLimit() throws {
            try withFaultRun(workers: 2, ["--drain-timeout", "2"]) { run in
                try run.directory.write([UInt8](repeating: 7, count: 64_000_000), to: "site/big.bin")
                try run.directory.write([UInt8](repeating: 7, count: 8_000_000), to: "site/slow.bin")
                let idle = try run.daemon.connect()
                #expect(try idle.request("GET", "/big.bin?drain=head", headers: ["Range: bytes=0-9"]).status == 206)
                let stuck = try run.daemon.connect()
                try stuck.send("GET /big.bin?drain=stuck HTTP/1.1\r\nHost: x\r\n\r\n")
                try stuck.waitForBytes()
                let slow = try run.daemon.connect()
                try slow.send("GET /slow.bin?drain=slow HTTP/1.1\r\nHost: x\r\n\r\n")
                try slow.waitForBytes()
                let startNs = Clock.monotonicNs()
                try Signal.quit.send(to: run.daemon.masterID)
                // A late one that begins to read within the limit gets all of it.
                run.pass(milliseconds: 500)
                #expect(try slow.receive().body.count == 8_000_000)
                #expect(try run.daemon.program.waitForEnd() == .exited(status: 0))
                let tookMs = Int((Clock.monotonicNs() - startNs) / 1_000_000)
                #expect((1_500..<10_000).contains(tookMs), "\(tookMs) ms for a limit of 2,000")
                #expect(try idle.isClosedByServer())
                let rows = try run.daemon.query(
                    "SELECT query, outcome = 'ok' FROM requests WHERE query GLOB 'drain=*' ORDER BY query")
                #expect(rows == [["drain=head", "1"], ["drain=slow", "1"], ["drain=stuck", "0"]])
            }
        }
    }
}
