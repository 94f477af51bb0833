// Processes that stand still past every limit and go on: nobody is killed for it, nothing is lost.
import LinuxSyscalls
import TestSupport
import Testing

extension FaultCases {
    @Suite struct StandstillTests {
        @Test(.timeLimit(.minutes(5)))
        func aLogWriterThatStandsStillCostsNoRow() throws {
            try withFaultRun(workers: 2) { run in
                let writer = try #require(run.living("basehttpd-log").first)
                let load = run.load()
                try Signal.stop.send(to: writer.id)
                run.pass(milliseconds: FaultScale.pick(1_500, long: 20_000))
                try Signal.resume.send(to: writer.id)
                run.pass(milliseconds: 200)
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) + ledger.lostConnections == 0, "\(ledger.refusals)")
                #expect(run.living("basehttpd-log").map(\.id) == [writer.id])
                try run.verify()
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWorkerThatStandsStillAnswersLater() throws {
            try withFaultRun(workers: 2) { run in
                let before = run.living("basehttpd-w").map(\.id)
                let load = run.load()
                run.pass(milliseconds: 200)
                try Signal.stop.send(to: before[0])
                run.pass(milliseconds: FaultScale.pick(1_500, long: 20_000))
                try Signal.resume.send(to: before[0])
                let ledger = try run.finish(load)
                #expect(ledger.count(.answered) > 0 && ledger.lostConnections == 0)
                #expect(run.living("basehttpd-w").map(\.id) == before)
                try run.verify()
            }
        }

        /// Longer than the 10 s that a worker may take to start: one that started meanwhile is not late.
        @Test(.timeLimit(.minutes(5)))
        func aMasterThatStandsStillKillsNobodyForIt() throws {
            try withFaultRun(workers: 2) { run in
                let load = run.load(connections: 8)
                run.pass(milliseconds: 100)
                let victim = try run.killWorker()
                // Its replacement is being started, or waits to be.
                run.watcher.isExcused = true
                try Signal.stop.send(to: run.daemon.masterID)
                let other = run.living("basehttpd-w").map(\.id).filter { $0 != victim }
                run.pass(milliseconds: FaultScale.pick(11_500, long: 40_000))
                try Signal.resume.send(to: run.daemon.masterID)
                run.watcher.isExcused = false
                run.awaitAllWorkers()
                run.pass(milliseconds: 100)
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0)
                #expect(Set(other).isSubset(of: run.living("basehttpd-w").map(\.id)), "who lived before lives on")
                let verdict = try run.verify()
                #expect(verdict.deaths == 1)
                Figure.note(
                    "R7 no false kill under SIGSTOP of the master", "0 in 1 stop beyond the start-up limit", isMet: true
                )
            }
        }

        /// Eight programs a processor that compute without a pause, a limit of one second for each request, and a
        /// master that stands still for up to twice that, again and again.
        @Test(.timeLimit(.minutes(60)))
        func neitherOverloadNorAStoppedMasterKillsAnybody() throws {
            let trials = FaultScale.pick(3, long: 1_000)
            try withFixtureRun(workers: 2, ["request-timeout=1"]) { run in
                let before = run.living("basehttpd-w").map(\.id)
                let load = run.load(connections: 8)
                var dice = SeededGenerator(seed: FaultScale.seed)
                // Each ends by itself should this test be ended before.
                let busy = try (0..<8 * Processors.available()).map { _ in
                    try RunningProgram("/bin/sh", ["-c", "ulimit -t 1800; while :; do :; done"])
                }
                for _ in 0..<trials {
                    run.watcher.isExcused = true
                    try Signal.stop.send(to: run.daemon.masterID)
                    run.pass(milliseconds: Int.random(in: 200...2_000, using: &dice))
                    try Signal.resume.send(to: run.daemon.masterID)
                    run.watcher.isExcused = false
                    run.pass(milliseconds: 100)
                }
                busy.forEach { $0.killAll() }
                let ledger = try run.finish(load)
                #expect(run.living("basehttpd-w").map(\.id) == before, "who lived before lives on")
                #expect(ledger.count(.answered) > 0 && ledger.lostConnections + ledger.failedConnections == 0)
                let verdict = try run.verify()
                #expect(verdict.deaths == 0)
                Figure.note(
                    "R7 no false kill under 8 × overload and SIGSTOP of the master", "0 in \(trials) trials",
                    isMet: true)
            }
        }
    }
}
