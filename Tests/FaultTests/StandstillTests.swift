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
    }
}
