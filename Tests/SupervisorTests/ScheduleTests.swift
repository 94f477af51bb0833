// Random schedules on a virtual clock: whatever happens in whatever order, no rule breaks and every tree ends.
import LinuxSyscalls
import Testing

@testable import Supervisor

@Suite struct ScheduleTests {
    /// Schedules in a batch; each has a seed of its own. 100,000 in all in a release build; fewer where each takes five
    /// times as long.
    #if DEBUG
        static let batchSize = 1_000
    #else
        static let batchSize = 5_000
    #endif

    @Test(arguments: 0..<20) func noScheduleBreaksARule(batch: Int) {
        for number in 0..<ScheduleTests.batchSize {
            let seed = UInt64(batch * 5_000 + number)
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
        for _ in 0..<tree.random.next() % 40 where tree.exit == nil { tree.step() }
        (tree.forkFailures, tree.busySlots) = (0, 0)
        if tree.chance(50), tree.exit == nil { calm(&tree) }
        if tree.exit == nil { stop(&tree) }
        return tree.violation
    }

    /// Every child gets ready or ends as it was told.
    ///
    /// After that, exactly the workers that are wanted serve, and nothing is due.
    private func calm(_ tree: inout SimulatedTree) {
        for _ in 0..<1_000 {
            if let starting = tree.someChild({ !$0.isReady && $0.toldNs == nil && !$0.isKilled }) {
                tree.becomeReady(starting)
            } else if let told = tree.someChild({ $0.toldNs != nil || $0.isKilled }) {
                tree.die(told, .exited(status: 0))
            } else if tree.policy.nextDeadlineNs != nil {
                tree.tick()
            } else {
                break
            }
            if tree.exit != nil { return }
        }
        let serving = tree.live.dropFirst().count { $0?.isReady == true }
        if tree.policy.nextDeadlineNs != nil { tree.fail("never becomes calm") }
        if serving != tree.policy.target {
            tree.fail("\(serving) workers serve where \(tree.policy.target) are wanted")
        }
        if tree.policy.hasLogWriter, tree.live[0]?.isReady != true { tree.fail("no log writer") }
        if tree.announcements != 1 { tree.fail("announced \(tree.announcements) times") }
    }

    /// Some children obey, some must be killed, some crash; more signals come; the master is stopped now and then.
    private func stop(_ tree: inout SimulatedTree) {
        tree.isStopping = true
        tree.deliver(.signal(tree.chance(50) ? .quit : .terminate))
        tree.forkFailures = tree.random.next() % 2 * 30
        for _ in 0..<400 where tree.exit == nil {
            switch tree.random.next() % 8 {
            case 0: tree.deliver(.signal([.interrupt, .quit, .addWorker][Int(tree.random.next() % 3)]))
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
        for seed in 0..<200 as Range<UInt64> {
            var tree = SimulatedTree(seed: seed)
            if tree.policy.hasLogWriter { tree.becomeReady(0) }
            while tree.nowNs < 10_000_000_000 {
                while let child = tree.someChild({ !$0.isReady }) { tree.die(child, .signalled(.kill)) }
                tree.tick()
            }
            #expect(tree.violation == nil)
            #expect(
                tree.forks <= 12 * tree.workers + 1, "seed \(seed): \(tree.forks) forks for \(tree.workers) workers")
        }
    }
}
