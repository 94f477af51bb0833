// Workers and log writers that die all the time: what it costs, and that every death and every request is a row.
import GRDB
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct KillStormTests {
        @Test(.timeLimit(.minutes(5)))
        func workersKilledEvery20Ms() throws {
            try withFaultRun { run in
                let load = run.load()
                let startNs = Clock.monotonicNs()
                // At the start one worker may take nearly all connections, which saves switches between processes: a
                // quarter of the rate. Its end spreads them, as the storm does, so both seconds are alike.
                var kills = 0
                for worker in run.living("basehttpd-w") {
                    if try run.kill(worker: worker) { kills += 1 }
                    run.awaitAllWorkers()
                }
                run.pass(milliseconds: 2_000)
                let stormNs = Clock.monotonicNs()
                let end = stormNs + FaultScale.pick(4_000_000_000, long: 60_000_000_000)
                while Clock.monotonicNs() < end {
                    if try run.killWorker() != nil { kills += 1 }
                    run.pass(milliseconds: 20)
                }
                let calmNs = Clock.monotonicNs()
                run.awaitAllWorkers()
                run.pass(milliseconds: 1_200)
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0, "\(ledger.refusals)")
                #expect(ledger.failedConnections == 0, "no connection is refused")
                let failed = ledger.count(.broken) + ledger.count(.cut)
                #expect(failed <= kills * 32, "only what a killed worker had in hand")
                let verdict = try run.verify()
                #expect(verdict.deaths > 0 && verdict.answered > 0)
                // The second before the first kill, and the one that begins a tenth after the last.
                let before = ledger.answers(in: stormNs - startNs - 1_000_000_000..<stormNs - startNs)
                let storm = ledger.answers(in: stormNs - startNs..<calmNs - startNs)
                let after = ledger.answers(in: calmNs - startNs + 100_000_000..<calmNs - startNs + 1_100_000_000)
                Figure.note(
                    "R2 storm: 0 others fail, back to 95 %",
                    "\(verdict.deaths) deaths, \(failed) in hand, \(verdict.answered) answered; \(before) a second "
                        + "before, \(Int64(storm) * 1_000_000_000 / (calmNs - stormNs)) in the storm, \(after) after",
                    isMet: after * 100 >= before * 95)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theLogWriterKilledEvery100Ms() throws {
            try withFaultRun(workers: 2) { run in
                let calm = run.load(connections: 4)
                run.pass(milliseconds: FaultScale.pick(2_000, long: 20_000))
                let before = latencies(try run.finish(calm))
                let load = run.load(connections: 4)
                let end = Clock.monotonicNs() + FaultScale.pick(4_000_000_000, long: 60_000_000_000)
                while Clock.monotonicNs() < end {
                    try run.killWriter()
                    run.pass(milliseconds: 100)
                }
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) + ledger.lostConnections + ledger.failedConnections == 0)
                try run.verify()
                let after = latencies(ledger)
                let p99Ms = (before.percentileMs(0.99), after.percentileMs(0.99))
                Figure.note(
                    "R11 log writer killed: p99 +10 %, 0 rows lost",
                    "p99 \(p99Ms.0) -> \(p99Ms.1) ms, 0 of \(ledger.count(.answered)) lost",
                    isMet: p99Ms.1 <= p99Ms.0 * 1.1)
            }
        }

        private func latencies(_ ledger: Ledger) -> Samples {
            var samples = Samples()
            for latencyUs in ledger.latenciesUs where latencyUs > 0 { samples.add(Int64(latencyUs) * 1_000) }
            return samples
        }

        /// One worker, so that the next answer comes from its replacement; thousands of generations of it leave
        /// nothing behind in the master.
        @Test(.timeLimit(.minutes(60)))
        func aKilledWorkerIsReplacedAtOnceAndLeavesNothing() throws {
            try withFixtureRun(workers: 1) { run in
                var samples = Samples()
                for _ in 0..<50 { try replace(run, &samples) }
                let before = try #require(Footprint(run.daemon.masterID))
                samples = Samples()
                for _ in 0..<FaultScale.pick(300, long: 10_000) { try replace(run, &samples) }
                Figure.note(
                    "R1 SIGKILL of a worker -> answer of its replacement: p50 2, p99 20, max 100 ms", samples.text,
                    isMet: samples.percentileMs(0.5) <= 2 && samples.percentileMs(0.99) <= 20
                        && samples.percentileMs(1) <= 100)
                #expect(samples.percentileMs(0.5) < 100)
                // Generations without a request between them, faster.
                let churn = FaultScale.pick(500, long: 90_000)
                var deaths = 0
                while deaths < churn {
                    try #require(eventually { try run.killWorker() != nil })
                    deaths += 1
                    if deaths % 64 == 0 { run.pass(milliseconds: 1) }
                }
                run.awaitAllWorkers()
                // A replacement lives before its predecessor is collected.
                var after = before
                _ = try eventually {
                    after = try #require(Footprint(run.daemon.masterID))
                    return after.zombies == 0 && after.descriptors == before.descriptors
                }
                let growth = after.memory - before.memory
                Figure.note(
                    "R16 churn: master +64 KiB at most, descriptors and zombies constant",
                    "\(churn) generations and more: \(growth / 1024) KiB, \(before.descriptors) -> \(after.descriptors)"
                        + " descriptors, \(after.zombies) zombies",
                    isMet: growth <= 65_536 && after.descriptors == before.descriptors && after.zombies == 0)
                #expect(growth <= 262_144 && after.descriptors == before.descriptors && after.zombies == 0)
                try run.verify(strangers: "again")
            }
        }

        /// Kills the worker and asks until somebody answers.
        private func replace(_ run: FaultRun, _ samples: inout Samples) throws {
            let old = try #require(run.living("basehttpd-w").first)
            let startNs = Clock.monotonicNs()
            try run.killWorker()
            let isAnswered = eventually {
                (try? run.daemon.connect(timeoutMs: 2_000).request("GET", "/?again").status) == 200
            }
            #expect(isAnswered)
            samples.add(Clock.monotonicNs() - startNs)
            #expect(run.living("basehttpd-w").first?.id != old.id)
            run.awaitAllWorkers()
        }

        /// A request in the hand of a dying worker is a row that names the signal, soon.
        @Test(.timeLimit(.minutes(10)))
        func eachDeathIsSeenWithin250Ms() throws {
            try withFaultRun(workers: 1) { run in
                try run.directory.write([UInt8](repeating: 7, count: 64_000_000), to: "site/big.bin")
                let database = try reader(of: run.daemon.database)
                var samples = Samples()
                let deaths = FaultScale.pick(10, long: 300)
                for number in 0..<deaths {
                    // Far more than the sockets hold, and a client that does not read: the answer stays under way.
                    let client = try run.daemon.connect()
                    try client.send("GET /big.bin?hand=\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                    try client.waitForBytes()
                    run.awaitAllWorkers()
                    let startNs = Clock.monotonicNs()
                    let process = try #require(try run.killWorker())
                    let sql = """
                        SELECT count(*) FROM requests JOIN workers ON workers.pid = ?
                        WHERE query = 'hand=\(number)' AND method = 'GET' AND path = '/big.bin' AND duration_ms >= 0
                        AND outcome = 'killed' AND requests.signal = 'SIGKILL' AND workers.signal = 'SIGKILL'
                        """
                    let isSeen = try eventually {
                        try database.read { try Int.fetchOne($0, sql: sql, arguments: [process]) } == 1
                    }
                    #expect(isSeen, "request \(number) of process \(process)")
                    samples.add(Clock.monotonicNs() - startNs)
                    _ = client
                    run.awaitAllWorkers()
                }
                Figure.note(
                    "R4 death -> row with signal, request, method, path: 250 ms for each", samples.text,
                    isMet: samples.percentileMs(1) <= 250)
                #expect(samples.percentileMs(0.5) <= 250)
                let crashes = try Daemon.stats(["crashes", "--limit", "0"], run.daemon.database)
                #expect(crashes.count == deaths && crashes.allSatisfy { $0.contains("SIGKILL") })
                try run.verify(strangers: "hand=*")
            }
        }

        private func reader(of database: FilePath) throws -> DatabaseQueue {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return try DatabaseQueue(path: database.string, configuration: configuration)
        }

        /// Workers, log writer and master die by lot; somebody starts the master again, as a service manager would.
        @Test(.timeLimit(.minutes(60)))
        func everybodyKilledByLot() throws {
            let goal = FaultScale.pick(20_000, long: 1_000_000)
            try withFaultRun { run in
                var answered = 0
                var deaths = 0
                var restarts = 0
                while answered < goal {
                    let load = run.load()
                    for _ in 0..<FaultScale.pick(20, long: 100) {
                        run.pass(milliseconds: Int.random(in: 5...100, using: &run.dice))
                        if Int.random(in: 0..<4, using: &run.dice) == 0 {
                            try run.killWriter()
                        } else if try run.killWorker() != nil {
                            deaths += 1
                        }
                    }
                    _ = try run.killMaster()
                    answered += try run.finish(load).count(.answered)
                    try run.restart()
                    restarts += 1
                }
                let verdict = try run.verify()
                Figure.note(
                    "R3 a row for each request: 0 missing, 0 double of 1,000,000",
                    "0 and 0 of \(verdict.answered) answered; \(deaths) workers and \(restarts) masters killed; "
                        + "\(verdict.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })",
                    isMet: verdict.answered >= goal)
            }
        }
    }
}

/// What a process takes.
private struct Footprint {
    let memory: Int
    let descriptors: Int
    let zombies: Int

    init?(_ process: Int32) {
        guard let running = RunningProcess(process), let memory = running.ownMemoryBytes,
            let descriptors = running.descriptorCount
        else { return nil }
        self.memory = memory
        self.descriptors = descriptors
        zombies = running.children.count { $0.state == "Z" }
    }
}
