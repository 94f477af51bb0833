// The master, or the whole tree, dies at once: nobody is left behind, the next start finds everything.
import LinuxSyscalls
import TestSupport
import Testing

extension FaultCases {
    @Suite struct TreeDeathTests {
        @Test(.timeLimit(.minutes(30)))
        func aKilledMasterLeavesNoOrphanAndNoGap() throws {
            try withFaultRun(workers: 2) { run in
                var gone = Samples()
                var back = Samples()
                for _ in 0..<FaultScale.pick(4, long: 100) {
                    let load = run.answeredLoad()
                    run.pass(milliseconds: 250)
                    gone.add(try run.killMaster())
                    let ledger = try run.finish(load)
                    #expect(ledger.count(.answered) > 0)
                    back.add(try run.restart())
                    #expect(try run.probe())
                }
                try run.verify()
                Figure.note(
                    "R10 master killed: all of the old tree gone within the drain limit (30 s)", gone.text,
                    isMet: gone.percentileMs(1) <= 30_000)
                Figure.note("R10 new master accepts: p99 50 ms", back.text, isMet: back.percentileMs(0.99) <= 50)
            }
        }

        @Test(.timeLimit(.minutes(30)))
        func aKilledTreeIsSalvaged() throws {
            try withFaultRun(workers: 2) { run in
                for _ in 0..<FaultScale.pick(4, long: 50) {
                    let load = run.answeredLoad()
                    run.pass(milliseconds: Int.random(in: 100...500, using: &run.dice))
                    try run.killTree()
                    #expect(try run.finish(load).count(.answered) > 0)
                    try run.restart()
                }
                try run.verify()
            }
        }
    }
}
