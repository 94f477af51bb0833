// Whatever is killed and whenever: each request that its client saw answered is in the database exactly once.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct TortureTests {
        /// Requests under random deaths of workers; the other tortures take a part of it.
        static let requests = 200_000
        static let files = 1_000
        static let seed: UInt64 = 20_200_101

        @Test(.timeLimit(.minutes(10)))
        func workersKilledAtRandom() throws {
            var targets: [LedgerLoader.Target] = []
            try withDaemon {
                targets = try makeTree($0)
            } _: { daemon, _ in
                var dice = SeededGenerator(seed: Self.seed)
                var killer = Killer(intervalMs: 500)
                let ledger = try load(daemon, targets, Self.requests).run(every: killer.halfIntervalMs) {
                    try killer.turn { daemon.workers.sorted { $0.id < $1.id }.randomElement(using: &dice) }
                    return true
                }
                let killed = Set(killer.killed.map { "\($0)" })
                report("workers killed", ledger, killed.count)
                #expect(ledger.count(.refused) == 0, "\(ledger.refusals)")
                #expect(ledger.count(.answered) > Self.requests / 2 && killed.count > 0)
                try daemon.stop()
                try verify(ledger, daemon.database)

                let reasons = "SELECT DISTINCT pid FROM workers WHERE signal = 'SIGKILL'"
                let ended = Set(try daemon.query(reasons).compactMap(\.first))
                #expect(killed.subtracting(ended).isEmpty, "each killed process is in the list of lives")
                let hit = try daemon.count("SELECT count(*) FROM requests WHERE outcome IN ('killed', 'crashed')")
                let crashes = try Daemon.stats(["crashes", "--limit", "0"], daemon.database)
                #expect(crashes.count == hit, "each request that a kill hit is in the report")
                #expect(crashes.allSatisfy { $0.contains("SIGKILL") }, "and names the signal")
                #expect(hit <= ledger.count(.broken), "a client saw each of them break")
                #expect(ledger.count(.broken) == 0 || hit > 0)
            }
        }

        @Test func aRequestUnderWayWhenItsWorkerIsKilledIsARow() throws {
            try withDaemon {
                try $0.write([UInt8](repeating: 7, count: 64_000_000), to: "site/big.bin")
            } _: { daemon, _ in
                // Far more than the sockets hold, and a client that does not read: the answer stays under way.
                let client = try daemon.connect()
                try client.send("GET /big.bin?under-way HTTP/1.1\r\nHost: x\r\n\r\n")
                try client.waitForBytes()
                for worker in daemon.workers { try Signal.kill.send(to: worker.id) }
                let sql = "SELECT count(*) FROM requests WHERE query = 'under-way' AND outcome = 'killed'"
                #expect(daemon.eventuallyCounts(1, sql))
                let crashes = try Daemon.stats(["crashes"], daemon.database)
                #expect(crashes.count == 1 && crashes.first?.contains("SIGKILL") == true, "\(crashes)")
                #expect(try daemon.connect().request("GET", "/").status == 200, "others took their place")
                try daemon.stop()
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theLogWriterKilledOften() throws {
            var targets: [LedgerLoader.Target] = []
            try withDaemon {
                targets = try makeTree($0)
            } _: { daemon, _ in
                var killer = Killer(intervalMs: 200)
                let loader = load(daemon, targets, Self.requests / 2)
                let ledger = try loader.run(every: killer.halfIntervalMs) {
                    try killer.turn { daemon.logWriters.first }
                    return true
                }
                report("log writer killed", ledger, killer.killed.count)
                #expect(ledger.count(.answered) == loader.requests, "no request is refused: \(ledger.refusals)")
                #expect(ledger.failedConnections == 0 && ledger.lostConnections == 0 && !killer.killed.isEmpty)
                try daemon.stop()
                try verify(ledger, daemon.database)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theWholeTreeKilledAndStartedAgain() throws {
            try withTemporaryDirectory { directory in
                let targets = try makeTree(directory)
                var daemon = try Daemon(in: directory)
                for round in 0..<3 {
                    let ledger = try load(daemon, targets, Self.requests / 4, first: round).run(every: 400) {
                        try Signal.kill.send(to: -daemon.program.processID)
                        return false
                    }
                    report("tree killed", ledger, 1)
                    #expect(ledger.count(.answered) > 0)
                    #expect(try daemon.program.waitForEnd() == .signalled(.kill))
                    #expect(eventually { daemon.program.processes.isEmpty })
                    daemon = try Daemon(in: directory)
                    let salvaged = "SELECT count(DISTINCT query) FROM requests"
                    #expect(daemon.eventuallyCounts(ledger.count(.answered), salvaged, timeoutMs: 30_000))
                    try verify(ledger, daemon.database)
                    // The next round counts from 0 again: its numbers must not meet these.
                    try daemon.stop()
                    try File.rename(daemon.database, to: directory.appending("log/round-\(round).db"))
                    daemon = try Daemon(in: directory)
                }
                try daemon.stop()
            }
        }

        /// Files of 100 bytes to 200 KiB, small ones more often, in 20 directories.
        private func makeTree(_ directory: TemporaryDirectory) throws -> [LedgerLoader.Target] {
            var dice = SeededGenerator(seed: Self.seed)
            return try (0..<Self.files).map { number in
                let top = 100 << Int.random(in: 0...11, using: &dice)
                let size = min(204_800, Int.random(in: max(100, top / 2)...top, using: &dice))
                let path = "/part-\(number % 20)/file-\(number).bin"
                let byte = UInt8(truncatingIfNeeded: number)
                try directory.write([UInt8](repeating: byte, count: size), to: "site" + path)
                return LedgerLoader.Target(path: path, size: size)
            }
        }

        private func load(
            _ daemon: Daemon, _ targets: [LedgerLoader.Target], _ requests: Int, first: Int = 0
        ) -> LedgerLoader {
            var loader = LedgerLoader(port: daemon.port, targets: targets, requests: requests)
            loader.seed = Self.seed + UInt64(first)
            loader.timeLimitMs = 400_000
            return loader
        }

        /// Compares what clients saw with what the database says.
        private func verify(_ ledger: Ledger, _ database: FilePath) throws {
            var rows: [Int: [String]] = [:]
            let sql = "SELECT query, outcome, count(*) FROM requests WHERE query LIKE 'n=%' GROUP BY query, outcome"
            for row in try Daemon.query(sql, database) {
                guard let number = Int(row[0].dropFirst(2)), let count = Int(row[2]) else { continue }
                rows[number, default: []] += Array(repeating: row[1], count: count)
            }
            let lost = ledger.numbers(.answered).filter { rows[$0] == nil }
            let doubled = rows.filter { $0.value.count > 1 }
            let wrong = ledger.numbers(.answered).filter { rows[$0].map { $0 != ["ok"] } ?? false }
            let invented = rows.keys.filter { !ledger.fates.indices.contains($0) || ledger.fates[$0] == .unsent }
            #expect(lost.isEmpty, "\(lost.count) answered without a row: \(lost.prefix(5))")
            #expect(doubled.isEmpty, "\(doubled.count) with more rows than one: \(doubled.prefix(5))")
            #expect(wrong.isEmpty, "\(wrong.count) answered but not ok: \(wrong.prefix(5).map { ($0, rows[$0]) })")
            #expect(invented.isEmpty, "\(invented.count) rows that nobody sent: \(invented.prefix(5))")
        }

        private func report(_ name: String, _ ledger: Ledger, _ kills: Int) {
            let rate = ledger.count(.answered) * 1_000 / max(1, ledger.elapsedMs)
            print("\(name): \(kills) kills, \(ledger.count(.answered)) answered in \(ledger.elapsedMs) ms (\(rate)/s),")
            print(
                "  \(ledger.count(.broken)) broken, \(ledger.lostConnections) connections lost,",
                "\(ledger.failedConnections) refused")
        }
    }
}
