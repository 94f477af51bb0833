// Random schedules on a virtual clock: whatever happens in whatever order, no rule breaks and every tree ends.
import LinuxSyscalls
import Testing

@testable import Supervisor

@Suite struct ScheduleTests {
    /// Schedules in all; each has a seed of its own. `SCHEDULES` in the environment sets the number: the continuous
    /// integration plays a million, in a release build, where each takes a twentieth of the time.
    static let count = CurrentProcess.environment("SCHEDULES").flatMap { Int($0) } ?? 20_000
    static let batches = 20

    @Test(arguments: 0..<batches) func noScheduleBreaksARule(batch: Int) {
        for number in 0..<ScheduleTests.count / ScheduleTests.batches {
            let seed = UInt64(number * ScheduleTests.batches + batch)
            if let violation = play(seed: seed) {
                Issue.record("schedule \(seed): \(violation)")
                return
            }
        }
    }

    /// One life: disorder, then (sometimes) peace, in which the tree must become whole again, then a stop, which must
    /// end.
    private func play(seed: UInt64) -> String? {
        var tree = SimulatedTree(seed: seed)
        tree.forkFailures = tree.random.next() % 3 * 20
        tree.busySlots = tree.random.next() % 3 * 40
        tree.badConfigurations = tree.random.next() % 2 * 50
        for _ in 0..<tree.random.next() % 40 where tree.exit == nil { tree.step() }
        (tree.forkFailures, tree.busySlots) = (0, 0)
        if tree.chance(50), tree.exit == nil { calm(&tree) }
        if tree.exit == nil { stop(&tree) }
        return tree.violation
    }

    /// Every child gets ready or ends as it was told.
    ///
    /// After that, within the longest delay, exactly the workers that are wanted serve, and nothing is left to do.
    private func calm(_ tree: inout SimulatedTree) {
        if tree.policy.isPaused { tree.deliver(.signal(.addWorker)) }
        tree.endRequests()
        let beginNs = tree.nowNs
        for _ in 0..<1_000 {
            if let starting = tree.someChild({ !$0.isReady && $0.toldNs == nil && !$0.isKilled }) {
                tree.becomeReady(starting)
            } else if let told = tree.someChild({ $0.toldNs != nil || $0.isKilled }) {
                tree.die(told, .exited(status: 0))
            } else if isWhole(tree) {
                break
            } else {
                tree.tick()
            }
            if tree.exit != nil { return }
        }
        if !isWhole(tree) { tree.fail("\(tree.readyWorkers) workers serve where \(tree.policy.target) are wanted") }
        if tree.nowNs - beginNs > 12_000_000_000 {
            tree.fail("whole only after \((tree.nowNs - beginNs) / 1_000_000_000) s")
        }
        if tree.announcements != 1 { tree.fail("announced \(tree.announcements) times") }
        let isBusy = tree.limits.requestLookNs != nil || tree.policy.limits.measuresMemory
        let dates = (tree.policy.poison.nextEndNs, tree.limits.lifetimeNs)
        if !isBusy, dates == (nil, nil), tree.policy.nextDeadlineNs != nil { tree.fail("never becomes calm") }
    }

    private func isWhole(_ tree: SimulatedTree) -> Bool {
        tree.readyWorkers == tree.policy.target && !tree.policy.configurations.isRolling
            && tree.policy.responder.life == .absent
            && (!tree.policy.hasLogWriter || tree.live[0]?.isReady == true)
            && tree.policy.workers.allSatisfy { $0.life == .absent || $0.life == .ready && $0.recycling == nil }
    }

    /// Some children obey, some must be killed, some crash; more signals come; the master is stopped now and then.
    private func stop(_ tree: inout SimulatedTree) {
        tree.isStopping = true
        tree.deliver(.signal(tree.chance(50) ? .quit : .terminate))
        tree.forkFailures = tree.random.next() % 2 * 30
        for _ in 0..<600 where tree.exit == nil {
            switch tree.random.next() % 8 {
            case 0: tree.deliver(.signal(tree.pick([.interrupt, .quit, .addWorker, .hangUp, .windowChange])))
            case 1: tree.someChild { _ in true }.map { tree.die($0, tree.randomEnd()) }
            case 2: tree.someChild { $0.isKilled }.map { tree.die($0, .signalled(.kill)) }
            case 3: tree.someChild { $0.toldNs != nil }.map { tree.die($0, .exited(status: 0)) }
            case 4: tree.someChild { !$0.isReady }.map { tree.becomeReady($0) }
            case 5: if tree.chance(10) { tree.sleep(20_000_000_000) }
            default: tree.tick()
            }
        }
        if tree.exit == nil { tree.fail("the stop does not end") }
    }

    /// When nothing ever gets ready, ten seconds cost a bounded number of forks.
    @Test func deathsBeforeReadinessDoNotSpin() {
        for seed in 0..<400 as Range<UInt64> {
            var tree = SimulatedTree(seed: seed)
            if tree.policy.hasLogWriter { tree.becomeReady(0) }
            while tree.nowNs < 10_000_000_000 {
                while let child = tree.someChild({ !$0.isReady }) {
                    if tree.isResponder(child) {
                        tree.becomeReady(child)
                    } else {
                        tree.die(child, .signalled(.kill))
                    }
                }
                tree.tick()
            }
            #expect(tree.violation == nil)
            // The log writer, the responder, and every worker and its tries: R13 of the design allows 20.
            #expect(tree.forks <= tree.workers + 15, "seed \(seed): \(tree.forks) forks")
            #expect(tree.policy.isDegraded)
        }
    }
}
