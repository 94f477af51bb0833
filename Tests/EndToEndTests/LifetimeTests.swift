// Start, stop and sudden death of the whole tree: nothing is left running, nothing is lost, an idle server costs
// little.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct LifetimeTests {
        @Test(arguments: [Signal.terminate, .interrupt, .quit])
        func stopsBySignalWithEveryRowWritten(signal: Signal) throws {
            try withDaemon { daemon, directory in
                let client = try daemon.connect()
                for number in 0..<500 { #expect(try client.request("GET", "/?n=\(number)").status == 200) }
                try daemon.stop(signal)
                #expect(daemon.program.processes.isEmpty)
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE outcome = 'ok'") == 500)
                let names = try directory.names(in: "log")
                #expect(!names.contains { $0.contains("-ring") }, "\(names)")
                #expect(throws: (any Error).self, "the port is free") { try daemon.connect() }
            }
        }

        @Test func namesItsProcesses() throws {
            try withDaemon { daemon, _ in
                let names = ["basehttpd", "basehttpd-log", "basehttpd-w0", "basehttpd-w1"]
                #expect(eventually { daemon.program.processes.map(\.name).sorted() == names })
                #expect(daemon.program.standardOutput.contains(daemon.database.string), "it says where the log is")
                #expect(daemon.program.standardOutput.split(separator: "\n").count == 1)
                try daemon.stop()
            }
        }

        @Test func leavesNoOrphansWhenTheMasterIsKilled() throws {
            try withDaemon { daemon, _ in
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.program.send(.kill)
                #expect(try daemon.program.waitForEnd() == .signalled(.kill))
                #expect(eventually { daemon.program.processes.isEmpty }, "\(daemon.program.processes)")
            }
        }

        @Test func logsWithinAMoment() throws {
            try withDaemon { daemon, _ in
                let client = try daemon.connect()
                #expect(try client.request("GET", "/?moment").status == 200)
                let sql = "SELECT count(*) FROM requests WHERE query = 'moment' AND outcome = 'ok'"
                #expect(daemon.eventuallyCounts(1, sql, timeoutMs: 2_000), "while the connection is still open")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aThousandIdleConnectionsCostLittle() throws {
            CurrentProcess.raiseDescriptorLimit()
            try withDaemon { daemon, _ in
                let warm = try daemon.connect()
                for _ in 0..<100 { _ = try warm.request("GET", "/") }
                _ = try daemon.program.awaitWorkers(2)
                let before = memory(daemon)
                var clients: [HTTPClient] = []
                for _ in 0..<1_000 {
                    let client = try daemon.connect()
                    #expect(try client.request("GET", "/").status == 200)
                    clients.append(client)
                }
                let perConnection = (memory(daemon) - before) / clients.count
                print("idle: \(perConnection) bytes of memory for each of \(clients.count) connections")
                // AddressSanitizer puts a guarded zone around every block and keeps freed ones for a while.
                let sanitized = CurrentProcess.environment("ASAN_OPTIONS") != nil
                #expect(perConnection < (sanitized ? 65_536 : 16_384))

                // What the last requests left to do comes to its end: then two seconds are nearly free.
                #expect(daemon.eventuallyCounts(1_100, "SELECT count(*) FROM requests"))
                #expect(try eventually { try hasSettled(daemon.database) })
                let ticks = idleTicks(daemon, seconds: 2)
                print("idle: \(ticks) ticks of processor time in 2 s")
                #expect(ticks <= 2, "hundredths of a second, all processes together")
                #expect(try clients[500].request("GET", "/").status == 200, "the connections are still open")
            }
        }

        /// Whether the log writer has copied its whole write-ahead log into the database: the last thing that it does
        /// when no rows come any more. The index of that log says how many pages it has and how many were copied
        /// (SQLite's WAL-mode file format, section 2.1: mxFrame at byte 16, nBackfill at byte 96).
        private func hasSettled(_ database: FilePath) throws -> Bool {
            let index = try File.open(FilePath(database.string + "-shm"), .readOnly)
            let bytes = try File.read(index.rawValue, at: 0, count: 100)
            return bytes.count == 100 && bytes[16..<20] == bytes[96..<100] && bytes[16..<20].contains { $0 != 0 }
        }

        private func memory(_ daemon: Daemon) -> Int {
            daemon.workers.compactMap(\.memoryBytes).reduce(0, +)
        }

        /// Processor time of the whole tree over some seconds in which nothing happens.
        private func idleTicks(_ daemon: Daemon, seconds: Int64) -> Int {
            let used = { daemon.program.processes.reduce(0) { $0 + $1.processorTicks } }
            let start = used()
            let end = Clock.monotonicNs() + seconds * 1_000_000_000
            _ = eventually(timeoutMs: Int(seconds) * 1_000 + 1_000) { Clock.monotonicNs() >= end }
            return used() - start
        }
    }
}
