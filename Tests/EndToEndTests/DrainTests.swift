// Graceful ends under real clients: of the whole server and of one worker among several.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct DrainTests {
        @Test func quitServesWhatWaitsInTheQueue() throws {
            try withDaemon { daemon, _ in
                #expect(try daemon.connect().request("GET", "/").status == 200)
                let workers = try daemon.program.awaitWorkers(2)
                for worker in workers { try Signal(rawValue: 19).send(to: worker.id) }
                #expect(eventually { daemon.workers.allSatisfy { $0.state == "T" } })
                let clients = try (0..<20).map { number in
                    let client = try daemon.connect()
                    try client.send("GET /?queued-\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                    return client
                }
                try daemon.program.send(.quit)
                // Each stopped worker has got its QUIT: the master has done its part.
                #expect(eventually { workers.allSatisfy { pending($0).contains(3) } })
                for worker in workers { try Signal(rawValue: 18).send(to: worker.id) }
                for client in clients {
                    let answer = try client.receive()
                    #expect(answer.status == 200 && answer["Connection"] == "close")
                }
                #expect(try daemon.program.waitForEnd() == .exited(status: 0))
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE query LIKE 'queued-%'") == 20)
            }
        }

        @Test func quitCutsWhatItsDeadlineMeets() throws {
            try withDaemon(["--drain-timeout", "0.5"]) {
                try $0.write([UInt8](repeating: 7, count: 64_000_000), to: "site/big.bin")
            } _: { daemon, _ in
                let client = try daemon.connect()
                try client.send("GET /big.bin?cut HTTP/1.1\r\nHost: x\r\n\r\n")
                try client.waitForBytes()
                try daemon.stop(.quit)
                let sql = "SELECT count(*) FROM requests WHERE query = 'cut' AND outcome = 'killed'"
                #expect(try daemon.count(sql) == 1)
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func oneWorkerLessLosesNoRequest() throws {
            try withDaemon(["--workers", "3"]) { daemon, _ in
                _ = try daemon.program.awaitWorkers(3)
                let size = "<!doctype html><title>home</title>".utf8.count
                var loader = LedgerLoader(
                    port: daemon.port, targets: [LedgerLoader.Target(path: "/", size: size)], requests: 60_000)
                loader.connections = 32
                var turns = 0
                let ledger = try loader.run(every: 300) {
                    try daemon.program.send(turns % 2 == 0 ? .terminalOutput : .terminalInput)
                    turns += 1
                    return true
                }
                print("one worker less: \(turns) changes in \(ledger.elapsedMs) ms")
                #expect(turns > 2)
                #expect(ledger.count(.answered) == loader.requests, "\(ledger.refusals)")
                #expect(ledger.lostConnections == 0 && ledger.failedConnections == 0)
                try daemon.stop(.quit)
                let rows = "SELECT count(*), count(DISTINCT query) FROM requests WHERE outcome = 'ok'"
                #expect(try daemon.query(rows) == [["60000", "60000"]])
            }
        }

        /// The signals that wait for a process.
        private func pending(_ process: RunningProcess) -> Set<Int> {
            guard let file = try? File.open(FilePath("/proc/\(process.id)/status"), .readOnly),
                let bytes = try? File.read(file.rawValue, at: 0, count: 8_192)
            else { return [] }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("ShdPnd:") {
                let bits = UInt64(line.split(separator: "\t")[1], radix: 16) ?? 0
                return Set((1...64).filter { bits & 1 << (UInt64($0) - 1) != 0 })
            }
            return []
        }
    }
}
