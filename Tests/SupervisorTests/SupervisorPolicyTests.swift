// Each rule of the policy as a short script of events and the actions that must follow.
import LinuxSyscalls
import SystemPackage
import Testing

@testable import Supervisor

private let ms: Int64 = 1_000_000
private let killed = ProcessEnd.signalled(.kill)

/// A policy with a clock of its own; actions come without diagnostics.
private struct Script {
    var policy: SupervisorPolicy
    var nowNs: Int64 = 1_000_000_000_000
    var warnings: [String] = []

    init(workers: Int = 2, hasLogWriter: Bool = true) {
        policy = SupervisorPolicy(
            workers: workers, hasLogWriter: hasLogWriter, limits: SupervisorLimits(), seed: 7)
    }

    mutating func callAsFunction(_ event: SupervisorEvent, afterNs: Int64 = 0) -> [SupervisorAction] {
        nowNs += afterNs
        return policy.handle(event, at: nowNs).filter { action in
            guard case .warn(let text) = action else { return true }
            warnings.append(text)
            return false
        }
    }

    /// Lets the time pass in ticks until the policy wants something done; answers that and how long it took.
    mutating func wait() -> (actions: [SupervisorAction], elapsedNs: Int64) {
        let startNs = nowNs
        while let nextNs = policy.nextDeadlineNs {
            let actions = self(.timer, afterNs: nextNs - nowNs)
            if !actions.isEmpty { return (actions, nowNs - startNs) }
        }
        return ([], nowNs - startNs)
    }

    mutating func die(_ role: ChildRole, _ end: ProcessEnd = killed) -> [SupervisorAction] {
        self(.childEnded(role, end, processID: 4711))
    }

    /// Two workers and a log writer that are all ready.
    static func serving(workers: Int = 2, hasLogWriter: Bool = true) -> Script {
        var script = Script(workers: workers, hasLogWriter: hasLogWriter)
        _ = script(.started)
        if hasLogWriter { _ = script(.childReady(.logWriter)) }
        for slot in 0..<workers { _ = script(.childReady(.worker(slot: slot))) }
        return script
    }
}

private func spawn(_ role: ChildRole, _ generation: UInt32, afterCompletion: Bool = false) -> SupervisorAction {
    .spawn(role, generation: generation, needsCompletedSlot: afterCompletion)
}

private let w0 = ChildRole.worker(slot: 0)
private let w1 = ChildRole.worker(slot: 1)
private let w2 = ChildRole.worker(slot: 2)

@Suite struct StartRules {
    @Test func theLogWriterIsReadyBeforeWorkersStart() {
        var script = Script()
        #expect(script(.started) == [spawn(.logWriter, 1)])
        #expect(script(.childReady(.logWriter)) == [spawn(w0, 1), spawn(w1, 1)])
        #expect(script(.childReady(w1)) == [.announceReady])
        #expect(script(.childReady(w0)) == [])
        #expect(script.policy.nextDeadlineNs == nil, "an idle tree needs no wake-up")
    }

    @Test func withoutALogWorkersStartAtOnce() {
        var script = Script(workers: 1, hasLogWriter: false)
        #expect(script(.started) == [spawn(w0, 1)])
    }

    @Test func aChildThatIsNotReadyInTimeIsKilledAndTriedAgain() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        var (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w0, .kill)])
        #expect(elapsedNs == 10_000 * ms)
        #expect(script(.childReady(w0)) == [], "readiness after the kill counts for nothing")
        #expect(script.die(w0) == [.recordDeath(slot: 0, generation: 1, killed)])
        (actions, elapsedNs) = script.wait()
        #expect(actions == [spawn(w0, 2)])
        #expect((8 * ms...12 * ms).contains(elapsedNs))
    }

    @Test func nobodyIsKilledBecauseTheMasterSlept() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        #expect(script(.timer, afterNs: 60_000 * ms) == [], "the master was stopped for a minute")
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w0, .kill)], "but the limit still holds")
        #expect(elapsedNs == 9_000 * ms, "the second before it slept has been used")
    }

    @Test func aLittleLateIsNotAsleep() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        for _ in 0..<3 { #expect(script(.timer, afterNs: 3_000 * ms) == []) }
        #expect(script(.timer, afterNs: 1_000 * ms) == [.signal(w0, .kill)])
    }

    @Test(arguments: [Int32(64), 78]) func aLogWriterThatCannotStartStopsTheServer(status: Int32) {
        var script = Script()
        _ = script(.started)
        #expect(script.die(.logWriter, .exited(status: status)) == [.exit(status: status)])
        #expect(script.warnings.count == 1)
        #expect(script.policy.nextDeadlineNs == nil)
    }

    @Test(arguments: [Int32(0), 1, 63, 79]) func anyOtherStatusIsTriedAgain(status: Int32) {
        var script = Script()
        _ = script(.started)
        #expect(script.die(.logWriter, .exited(status: status)) == [])
        #expect(script.wait().actions == [spawn(.logWriter, 2)])
    }

    @Test func onlyWhenNoWorkerCanStartDoesTheServerStop() {
        var script = Script(workers: 2)
        _ = script(.started)
        _ = script(.childReady(.logWriter))
        #expect(script.die(w0, .exited(status: 78)) == [.recordDeath(slot: 0, generation: 1, .exited(status: 78))])
        #expect(
            script.die(w1, .exited(status: 77)) == [
                .recordDeath(slot: 1, generation: 1, .exited(status: 77)), .retireSlot(1), .retireSlot(0),
                .signal(.logWriter, .terminate),
            ])
        #expect(script.die(.logWriter, .exited(status: 0)) == [.exit(status: 77)])
    }

    @Test func onceServingAPermanentFailureStopsNothing() {
        var script = Script.serving(workers: 1)
        _ = script.die(w0)
        #expect(script.die(w0, .exited(status: 78)) == [.recordDeath(slot: 0, generation: 2, .exited(status: 78))])
        #expect(script.wait().actions == [spawn(w0, 3)])
        _ = script.die(.logWriter)
        #expect(script.die(.logWriter, .exited(status: 78)) == [])
        #expect(script.wait().actions == [spawn(.logWriter, 3)])
    }
}

@Suite struct ReplacementRules {
    @Test func aWorkerThatWasReadyIsReplacedAtOnce() {
        var script = Script.serving()
        for generation in UInt32(1)...50 {
            #expect(
                script.die(w1) == [
                    .recordDeath(slot: 1, generation: generation, killed), spawn(w1, generation + 1),
                ])
            #expect(script(.childReady(w1)) == [])
        }
    }

    @Test func deathsBeforeReadinessWaitTwiceAsLongEachTime() {
        var script = Script.serving()
        _ = script.die(w0)
        var delaysMs: [Double] = []
        for _ in 0..<14 {
            #expect(!script.die(w0).contains { if case .spawn = $0 { true } else { false } })
            delaysMs.append(Double(script.wait().elapsedNs) / 1e6)
        }
        for (index, delay) in delaysMs.enumerated() {
            let middle = min(5_000, 10 * Double(1 << index))
            #expect((0.8 * middle...1.2 * middle).contains(delay), "try \(index + 1)")
        }
        #expect(Set(delaysMs.suffix(5)).count > 1, "the delays are spread")
        _ = script(.childReady(w0))
        _ = script.die(w0)
        _ = script.die(w0)
        #expect(script.wait().elapsedNs <= 12 * ms, "readiness forgives")
    }

    @Test func workersServeOnWhileTheLogWriterIsReplaced() {
        var script = Script.serving()
        #expect(script.die(.logWriter, .signalled(.terminate)) == [spawn(.logWriter, 2)])
        #expect(script.die(.logWriter) == [])
        #expect(script.die(w0) == [.recordDeath(slot: 0, generation: 1, killed), spawn(w0, 2)])
        #expect(script.wait().actions == [spawn(.logWriter, 3)])
        #expect(script(.childReady(.logWriter)) == [])
    }

    @Test func aRefusedForkIsTriedAgainAndHarmsNobody() {
        var script = Script.serving()
        _ = script.die(w0)
        for expectedMs in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] as [Int64] {
            #expect(script(.forkFailed(w0, .system(.resourceTemporarilyUnavailable))) == [])
            let (actions, elapsedNs) = script.wait()
            #expect(elapsedNs == expectedMs * ms)
            #expect(actions == [spawn(w0, 2)], "the generation counts children, not tries")
        }
        #expect(script(.childReady(w0)) == [])
        #expect(script.die(w1) == [.recordDeath(slot: 1, generation: 1, killed), spawn(w1, 2)])
    }

    @Test func aMasterWithThreadsSaysSoAndStops() {
        var script = Script(workers: 2, hasLogWriter: false)
        _ = script(.started)
        #expect(script(.forkFailed(w0, .notSingleThreaded(threads: 2))) == [.signal(w1, .terminate)])
        #expect(script(.forkFailed(w1, .notSingleThreaded(threads: 2))) == [.exit(status: 70)])
    }
}

@Suite struct ScalingRules {
    @Test func oneMoreAndOneLess() {
        var script = Script.serving()
        #expect(script(.signal(.addWorker)) == [spawn(w2, 1)])
        _ = script(.childReady(w2))
        #expect(script(.signal(.removeWorker)) == [.signal(w2, .quit)])
        #expect(
            script.die(w2, .exited(status: 0)) == [
                .recordDeath(slot: 2, generation: 1, .exited(status: 0)), .retireSlot(2),
            ])
        #expect(script(.signal(.addWorker)) == [spawn(w2, 2, afterCompletion: true)])
    }

    @Test func aSlotThatIsNotCompletedIsAskedForAgain() {
        var script = Script.serving()
        _ = script(.signal(.removeWorker))
        _ = script.die(w1, .exited(status: 0))
        _ = script(.signal(.addWorker))
        #expect(script(.slotNotCompleted(slot: 1)) == [])
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [spawn(w1, 2, afterCompletion: true)])
        #expect(elapsedNs == 100 * ms)
    }

    @Test func neverFewerThanOneNorMoreThanSlots() {
        var script = Script.serving(workers: 1)
        #expect(script(.signal(.removeWorker)) == [])
        #expect(script.warnings == ["there are 1 workers, and it must be 1 to 4"])
        for slot in 1...3 { #expect(script(.signal(.addWorker)) == [spawn(.worker(slot: slot), 1)]) }
        #expect(script(.signal(.addWorker)) == [])
    }

    @Test func aRemovedWorkerThatHangsIsKilledAndItsPlaceTakenWhenItIsGone() {
        var script = Script.serving(workers: 1)
        for slot in 1...3 {
            _ = script(.signal(.addWorker))
            _ = script(.childReady(.worker(slot: slot)))
        }
        let last = ChildRole.worker(slot: 3)
        #expect(script(.signal(.removeWorker)) == [.signal(last, .quit)])
        #expect(script(.signal(.addWorker)) == [], "every slot has a process")
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(last, .kill)])
        #expect(elapsedNs == 30_000 * ms)
        #expect(
            script.die(last) == [
                .recordDeath(slot: 3, generation: 1, killed), .retireSlot(3), spawn(last, 2, afterCompletion: true),
            ])
    }

    @Test func theWorkerThatWaitsGoesFirst() {
        var script = Script.serving()
        _ = script.die(w0)
        _ = script.die(w0)
        #expect(script(.signal(.removeWorker)) == [.retireSlot(0)])
        #expect(script.wait().actions == [])
    }

    @Test(arguments: [SupervisorSignal.hangUp, .user1, .user2, .windowChange])
    func otherSignalsAreOneLine(signal: SupervisorSignal) {
        var script = Script.serving()
        #expect(script(.signal(signal)) == [])
        #expect(script.warnings == ["\(signal.signal.name) is ignored"])
    }
}

@Suite struct StopRules {
    @Test(arguments: [SupervisorSignal.terminate, .interrupt]) func quick(signal: SupervisorSignal) {
        var script = Script.serving()
        #expect(script(.signal(signal)) == [.signal(w0, .terminate), .signal(w1, .terminate)])
        #expect(script(.signal(.quit)) == [])
        #expect(
            script.die(w1, .exited(status: 0)) == [
                .recordDeath(slot: 1, generation: 1, .exited(status: 0)), .retireSlot(1),
            ])
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w0, .kill)])
        #expect(elapsedNs == 5_000 * ms)
        #expect(
            script.die(w0) == [
                .recordDeath(slot: 0, generation: 1, killed), .retireSlot(0), .signal(.logWriter, .terminate),
            ])
        #expect(script.die(.logWriter, .exited(status: 0)) == [.exit(status: 0)])
        #expect(script(.signal(.addWorker)) == [], "all is said")
    }

    @Test func graceful() {
        var script = Script.serving()
        #expect(script(.signal(.quit)) == [.signal(w0, .quit), .signal(w1, .quit)])
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w0, .kill), .signal(w1, .kill)])
        #expect(elapsedNs == 30_000 * ms)
    }

    @Test func aSecondSignalHastensAGracefulStop() {
        var script = Script.serving()
        _ = script(.signal(.quit))
        #expect(script(.signal(.interrupt)) == [.signal(w0, .terminate), .signal(w1, .terminate)])
        #expect(script(.signal(.interrupt)) == [])
        #expect(script.wait().elapsedNs == 5_000 * ms)
    }

    @Test func aLogWriterThatHangsIsKilled() {
        var script = Script.serving(workers: 1)
        _ = script(.signal(.terminate))
        _ = script.die(w0, .exited(status: 0))
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(.logWriter, .kill)])
        #expect(elapsedNs == 10_000 * ms)
        #expect(script.die(.logWriter) == [.exit(status: 0)])
    }

    @Test func aLogWriterThatDiesWhileFinishingIsStartedAgainToFinish() {
        var script = Script.serving(workers: 1)
        _ = script(.signal(.terminate))
        #expect(script.die(.logWriter) == [spawn(.logWriter, 2)], "workers still write")
        _ = script.die(w0, .exited(status: 0))
        #expect(script.die(.logWriter) == [])
        #expect(script.wait().actions == [spawn(.logWriter, 3), .signal(.logWriter, .terminate)])
        #expect(script(.forkFailed(.logWriter, .system(.noMemory))) == [])
        #expect(script.wait().actions == [spawn(.logWriter, 3), .signal(.logWriter, .terminate)])
        #expect(script.die(.logWriter, .exited(status: 0)) == [.exit(status: 0)])
    }

    @Test func aLogWriterThatCannotFinishDoesNotHoldTheStop() {
        var script = Script.serving(workers: 1)
        _ = script(.signal(.terminate))
        _ = script.die(w0, .exited(status: 0))
        let beginNs = script.nowNs
        var actions = script.die(.logWriter)
        while actions != [.exit(status: 0)] {
            actions = script.wait().actions
            #expect(
                actions == [spawn(.logWriter, script.policy.logWriter.generation), .signal(.logWriter, .terminate)])
            actions = script.die(.logWriter)
        }
        #expect(script.nowNs - beginNs <= 10_000 * ms)
    }

    @Test func aStopBeforeTheLogWriterWasReady() {
        var script = Script()
        _ = script(.started)
        #expect(script(.signal(.terminate)) == [.signal(.logWriter, .terminate)])
        #expect(script.die(.logWriter, .exited(status: 0)) == [.exit(status: 0)])
        script = Script()
        _ = script(.started)
        _ = script.die(.logWriter)
        #expect(script(.signal(.interrupt)) == [.exit(status: 0)], "none runs, none is started")
    }

    @Test func everySlotIsRetiredAlsoOnesThatWaitForTheirNextWorker() {
        var script = Script.serving()
        _ = script.die(w0)
        _ = script.die(w0)
        #expect(script(.signal(.quit)) == [.retireSlot(0), .signal(w1, .quit)])
    }
}
