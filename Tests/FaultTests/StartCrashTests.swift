// Workers that die before they are ready: no storm of processes, and service as soon as the fault is gone.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct StartCrashTests {
        @Test(.timeLimit(.minutes(3)))
        func aWorkerOfOneSlotThatCannotStartHoldsNobodyUp() throws {
            try crash("3", survivors: 3)
        }

        @Test(.timeLimit(.minutes(3)))
        func everySecondWorkerCannotStart() throws {
            try crash("odd", survivors: 2)
        }

        @Test(.timeLimit(.minutes(3)))
        func noWorkerCanStart() throws {
            try crash("all", survivors: 0)
        }

        /// Of each life there is a row with its end, however many ended before one could complete what they left.
        @Test(.timeLimit(.minutes(10)), .needs("clang"))
        func workersThatDieAtTheirBirthOneAfterAnotherAreRowsToo() throws {
            try withTemporaryDirectory { place in
                let shim = try place.compilePreload("DyingForks")
                let environment = ["LD_PRELOAD": shim, "DYING_FORKS": place.appending("dying").string]
                try withFaultRun(workers: 1, environment: environment) { run in
                    let load = run.load(connections: 4)
                    run.pass(milliseconds: 200)
                    let lives = run.generations
                    try place.write("", to: "dying")
                    try run.killWorker()
                    // As many responders, which begin to die after the third worker. The last one of each may live on.
                    let deaths = FaultScale.pick(9, long: 50)
                    for number in 1...deaths {
                        run.waitUntil("\(number) deaths") { run.generations >= lives + 2 * number + 2 }
                    }
                    try File.remove(place.appending("dying"))
                    run.awaitAllWorkers()
                    try run.finish(load)
                    #expect(try run.verify().deaths == 1)
                    let births = "SELECT count(*) FROM workers WHERE reason = 'exited' AND status = 1"
                    #expect(try run.daemon.count(births) >= 2 * deaths)
                }
            }
        }

        /// A tree that serves, then loses its workers while new ones cannot start, then is repaired.
        private func crash(_ fault: String, survivors: Int) throws {
            try withTemporaryDirectory { place in
                let file = place.appending("fault")
                try withFixtureRun(workers: 4, ["broken=\(file)"]) { run in
                    let load = run.load(connections: 8)
                    try place.write(fault, to: "fault")
                    var killed: Set<Int32> = []
                    for worker in run.living("basehttpd-w") { killed.insert(worker.id) }
                    while let victim = run.living("basehttpd-w").first(where: { killed.contains($0.id) }) {
                        try run.kill(worker: victim)
                        run.waitUntil("\(victim.name) is gone") {
                            !run.living("basehttpd-w").contains { $0.id == victim.id }
                        }
                    }
                    let seconds = FaultScale.pick(3, long: 10)
                    let ticks = RunningProcess(run.daemon.masterID)?.processorTicks ?? 0
                    run.pass(milliseconds: seconds * 1_000)
                    let used = (RunningProcess(run.daemon.masterID)?.processorTicks ?? 0) - ticks
                    let starts = run.generations - 4
                    if survivors > 0 { #expect(try run.probe(), "the others serve") }
                    try File.remove(file)
                    let startNs = Clock.monotonicNs()
                    run.awaitAllWorkers()
                    let backMs = (Clock.monotonicNs() - startNs) / 1_000_000
                    Figure.note(
                        "R13 crash at start (\(fault)): 20 forks in 10 s, 2 % of a processor, back in 5 s",
                        "\(starts) in \(seconds) s, \(used * 100 / (seconds * 100)) %, back in \(backMs) ms",
                        isMet: starts <= 20 && used <= 2 * seconds && backMs <= 5_000)
                    #expect(starts <= 60 && backMs <= 8_000)
                    let ledger = try run.finish(load)
                    #expect(ledger.failedConnections == 0)
                    try run.verify()
                }
            }
        }
    }
}
