// Each rule of the policy as a short script of events and the actions that must follow.
import LinuxSyscalls
import SystemPackage
import Testing

@testable import Supervisor

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
        var script = Script(workers: 1, hasLogWriter: false, hasResponder: false)
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
        var script = Script(workers: 1, hasLogWriter: false, hasResponder: false)
        _ = script(.started)
        #expect(script(.timer, afterNs: 60_000 * ms) == [], "the master was stopped for a minute")
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w0, .kill)], "but the limit still holds")
        #expect(elapsedNs == 9_000 * ms, "the second before it slept has been used")
    }

    @Test func aLittleLateIsNotAsleep() {
        var script = Script(workers: 1, hasLogWriter: false, hasResponder: false)
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
        for expectedMs in [50, 100, 150, 150, 150] as [Int64] {
            #expect(script(.forkFailed(w0, .system(.resourceTemporarilyUnavailable))) == [])
            let (actions, elapsedNs) = script.wait()
            #expect(elapsedNs == expectedMs * ms)
            #expect(actions == [spawn(w0, 2)], "the generation counts children, not tries")
        }
        #expect(script.warnings.count { $0.hasPrefix("worker 0 could not be started") } == 1, "said once")
        #expect(script(.childReady(w0)) == [])
        #expect(script.warnings.last == "worker 0 could be started again")
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
        #expect(script.warnings == ["there are 1 workers, and it must be 1 to 2"])
        #expect(script(.signal(.addWorker)) == [spawn(w1, 1)])
        #expect(script(.signal(.addWorker)) == [], "one slot stays free, for replacements")
    }

    @Test func aRemovedWorkerThatHangsIsKilled() {
        var script = Script.serving(workers: 2)
        #expect(script(.signal(.removeWorker)) == [.signal(w1, .quit)])
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.signal(w1, .kill)])
        #expect(elapsedNs == 30_000 * ms)
        #expect(script.die(w1) == [.recordDeath(slot: 1, generation: 1, killed), .retireSlot(1)])
    }

    @Test func theWorkerThatWaitsGoesFirst() {
        var script = Script.serving()
        _ = script.die(w0)
        _ = script.die(w0)
        #expect(script(.signal(.removeWorker)) == [.retireSlot(0)])
        #expect(script.wait().actions == [])
    }

    @Test(arguments: [SupervisorSignal.user1, .user2]) func otherSignalsAreOneLine(signal: SupervisorSignal) {
        var script = Script.serving()
        #expect(script(.signal(signal)) == [])
        #expect(script.warnings.count == 1)
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
