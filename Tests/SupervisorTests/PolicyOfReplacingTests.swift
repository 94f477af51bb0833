// The rules of recycling, reload, breaker and requests, each as a short script of events and actions.
import LinuxSyscalls
import SystemPackage
import Testing

@testable import Supervisor

private let responder = ChildRole.responder(slot: 5)

@Suite struct RecyclingRules {
    @Test func theReplacementIsReadyBeforeTheOldOneIsTold() {
        var script = Script.serving()
        #expect(script(.workerAskedForReplacement(slot: 0)) == [spawn(w2, 1)])
        #expect(script(.workerAskedForReplacement(slot: 1)) == [], "one at a time")
        #expect(script(.childReady(w2)) == [.signal(w0, .quit), spawn(w3, 1)])
        #expect(script(.childReady(w3)) == [.signal(w1, .quit)])
    }

    @Test func anOldWorkerGoesOnWhenItsReplacementFails() {
        var script = Script.serving()
        _ = script(.workerAskedForReplacement(slot: 0))
        #expect(script.die(w2) == [.recordDeath(slot: 2, generation: 1, killed), .retireSlot(2)])
        #expect(script.policy.workers[0].life == .ready)
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [spawn(w2, 2, afterCompletion: true)])
        #expect((8 * ms...13 * ms).contains(elapsedNs))
    }

    @Test func aReplacementTakesThePlaceOfOneThatEndedFirst() {
        var script = Script.serving()
        _ = script(.workerAskedForReplacement(slot: 0))
        #expect(script.die(w0) == [.recordDeath(slot: 0, generation: 1, killed), .retireSlot(0)])
        #expect(script(.childReady(w2)) == [])
        #expect(script.policy.workers.count(where: \.isWanted) == 2)
    }

    @Test func aRemovedWorkerTakesItsReplacementAlong() {
        var script = Script.serving()
        _ = script(.workerAskedForReplacement(slot: 1))
        #expect(script(.signal(.removeWorker)) == [.signal(w2, .quit), .signal(w1, .quit)])
    }

    @Test func aLifeIsShorterByATenthAtMost() {
        var limits = SupervisorLimits()
        limits.lifetimeNs = 100_000 * ms
        var script = Script.serving(workers: 1, limits: limits)
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [spawn(w1, 1)])
        #expect((90_000 * ms...100_000 * ms).contains(elapsedNs))
    }

    @Test func whoHoldsTooMuchMemoryIsReplacedTheLargestFirst() {
        var limits = SupervisorLimits()
        limits.residentBytes = 1_000
        var script = Script.serving(limits: limits)
        #expect(script.wait().actions == [.measureMemory])
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.measureMemory] && elapsedNs == 1_000 * ms)
        let measured = SupervisorEvent.memoryMeasured(
            residentBytes: [1_001, 2_000, 0, 0, 0], isUnderPressure: true)
        #expect(script(measured) == [spawn(w2, 1)])
        #expect(script(.childReady(w2)) == [.signal(w1, .quit), spawn(w3, 1)])
    }

    @Test func pressureTakesTheLargestAndThenWaitsForTheEffect() {
        var limits = SupervisorLimits()
        limits.yieldsToMemoryPressure = true
        var script = Script.serving(limits: limits)
        let measured = SupervisorEvent.memoryMeasured(residentBytes: [5, 4, 0, 0, 0], isUnderPressure: true)
        #expect(script(measured) == [spawn(w2, 1)])
        #expect(script(.childReady(w2)) == [.signal(w0, .quit)])
        #expect(script(measured, afterNs: 29_000 * ms) == [])
        #expect(script(measured, afterNs: 1_000 * ms) == [spawn(w3, 1)])
    }
}

@Suite struct ReloadRules {
    @Test func aNumberOfWorkersThatIsAskedForMeanwhileStays() {
        var script = Script.serving()
        _ = script(reloaded(2))
        _ = script(.signal(.removeWorker))
        _ = script(.childReady(w2))
        #expect(script.policy.target == 1)
        #expect(script.policy.workers.count(where: \.isWanted) == 1)
    }

    private func reloaded(_ workers: Int) -> SupervisorEvent { .reloaded(workers: workers, SupervisorLimits()) }

    @Test func workersAreReplacedOneByOne() {
        var script = Script.serving()
        #expect(script(.signal(.hangUp)) == [.reload])
        #expect(script(reloaded(2)) == [spawn(w2, 1, configuration: 1)])
        #expect(script.die(w1).last == spawn(w1, 2), "what is not proven is not tried by others")
        _ = script(.childReady(w1))
        #expect(script(.childReady(w2)) == [.signal(w0, .quit), spawn(w3, 1, configuration: 1)])
        #expect(script(.childReady(w3)) == [.signal(w1, .quit)])
        #expect(script.warnings.last == "every worker has the new configuration")
        #expect(script.die(w3).last == spawn(w3, 2, configuration: 1))
    }

    @Test func firstOneThenATenthAtATime() {
        var script = Script.serving(workers: 40)
        #expect(script(reloaded(40)) == [spawn(.worker(slot: 40), 1, configuration: 1)])
        let actions = script(.childReady(.worker(slot: 40)))
        #expect(actions.first == .signal(w0, .quit) && actions.count == 5)
    }

    @Test func aBadConfigurationKeepsTheOldWorkers() {
        var script = Script.serving()
        _ = script(reloaded(1))
        #expect(script.die(w2) == [.recordDeath(slot: 2, generation: 1, killed), .retireSlot(2)])
        #expect(script.warnings.contains { $0.hasPrefix("the reload stops") })
        #expect(script.policy.target == 2, "nor is its number of workers in force")
        #expect(script.die(w0).last == spawn(w0, 2))
        #expect(script(.reloadRefused) == [])
    }

    @Test func aReloadDuringAReloadBeginsAnewWithTheNewest() {
        var script = Script.serving(workers: 1)
        _ = script(reloaded(1))
        #expect(script(reloaded(1)) == [])
        #expect(script(.childReady(w1)) == [.signal(w0, .quit), spawn(w2, 1, configuration: 2)])
        #expect(script(.childReady(w2)) == [.signal(w1, .quit)])
    }

    @Test func manyReloadsInARowKeepFewConfigurations() {
        var script = Script.serving()
        for _ in 0..<100 { _ = script(reloaded(2)) }
        // The one that works, and that of the worker who tries; the newest comes to them.
        #expect(script.policy.usableConfigurations == [0, 1] && script.policy.nextConfiguration == 101)
    }

    @Test func theNumberOfWorkersFollows() {
        var script = Script.serving()
        _ = script(reloaded(9))
        #expect(script.warnings.first == "there can be 4 workers at most until a restart; 9 are wanted")
        _ = script(.childReady(w2))
        #expect(script.policy.target == 4)
        #expect(script.policy.workers.count(where: \.isWanted) == 4)
    }

    @Test func whenNobodyServesTheNewConfigurationIsTriedAtOnce() {
        var script = Script.serving(workers: 1)
        for _ in 0..<9 {
            _ = script.die(w0)
            _ = script.wait()
        }
        _ = script.die(w0)
        _ = script(reloaded(1))
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [spawn(w0, 11, configuration: 1)] && elapsedNs == 0)
    }

    @Test func workersAreDrainedAndComeBack() {
        var script = Script.serving()
        #expect(script(.signal(.windowChange)) == [.signal(w1, .quit), .signal(w0, .quit)])
        _ = script.die(w0, .exited(status: 0))
        _ = script.die(w1, .exited(status: 0))
        #expect(script(.signal(.removeWorker)) == [])
        #expect(script(.signal(.addWorker)) == [spawn(w0, 2, afterCompletion: true)])
    }
}

@Suite struct BreakerRules {
    @Test func afterThreeDeathsAResponderAnswersAndOneWorkerTries() {
        var script = Script()
        _ = script(.started)
        _ = script(.childReady(.logWriter))
        _ = script.die(w0)
        #expect(script.die(w1).count == 1)
        let (tries, _) = script.wait()
        #expect(tries.count == 1)
        guard case .spawn(let probe, _, _, _) = tries[0] else { return }
        let actions = script.die(probe)
        #expect(actions.last == spawn(responder, 1))
        #expect(script(.childReady(responder)) == [], "the server is not announced")
        guard case (let next, let elapsedNs) = script.wait(), case .spawn(let again, _, _, _) = next[0] else { return }
        #expect(next.count == 1 && elapsedNs < 30 * ms)
        let back = script(.childReady(again))
        #expect(back.first == .announceReady && back.contains(.signal(responder, .quit)) && back.count == 3)
    }

    @Test func aWorkerThatIsNeverReadyDegradesAtItsLimit() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        #expect(script.wait().actions == [.signal(w0, .kill), spawn(.responder(slot: 3), 1)])
    }

    @Test func aResponderThatFailsBacksOff() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        _ = script.wait()
        let responder = ChildRole.responder(slot: 3)
        for isReady in [false, true, true] {
            if isReady { _ = script(.childReady(responder)) }
            #expect(!script.die(responder).contains { if case .spawn = $0 { true } else { false } })
            _ = script.wait()
        }
    }

    @Test func aStopEndsTheResponderToo() {
        var script = Script(workers: 1, hasLogWriter: false)
        _ = script(.started)
        _ = script.wait()
        let responder = ChildRole.responder(slot: 3)
        _ = script(.childReady(responder))
        #expect(script(.signal(.terminate)) == [.signal(responder, .terminate)])
        _ = script.die(w0)
        #expect(
            script.die(responder, .exited(status: 0)) == [
                .recordDeath(slot: 3, generation: 1, .exited(status: 0)), .retireSlot(3), .exit(status: 0),
            ])
    }
}

@Suite struct RequestRules {
    private func limits() -> SupervisorLimits {
        var limits = SupervisorLimits()
        limits.requestLookNs = 50 * ms
        return limits
    }

    /// Lets the time pass in looks at the same limits until something is done.
    private func look(_ script: inout Script, _ deadlines: RequestDeadlines) -> (SupervisorAction?, Int64) {
        let startNs = script.nowNs
        while script.nowNs < startNs + 60_000 * ms, let nextNs = script.policy.nextDeadlineNs {
            let actions = script(.requestsSeen([deadlines]), afterNs: nextNs - script.nowNs)
            if let action = actions.first { return (action, script.nowNs) }
            _ = script(.timer)
        }
        return (nil, script.nowNs)
    }

    @Test func softThenHardToTheNanosecond() {
        var script = Script.serving(workers: 1, limits: limits())
        let deadlines = RequestDeadlines(softNs: script.nowNs + 120 * ms, hardNs: script.nowNs + 1_130 * ms)
        #expect(look(&script, deadlines) == (.signal(w0, .alarm), deadlines.softNs))
        #expect(look(&script, deadlines) == (.signal(w0, .kill), deadlines.hardNs))
        #expect(
            script.die(w0) == [.recordDeath(slot: 0, generation: 1, killed, isOverdue: true), spawn(w0, 2)])
        #expect(look(&script, deadlines) == (nil, script.nowNs), "the next worker has no such request yet")
    }

    @Test func aCrashIsNoTimeoutEvenBehindTheSoftLimit() {
        var script = Script.serving(workers: 1, limits: limits())
        let deadlines = RequestDeadlines(softNs: script.nowNs + 120 * ms, hardNs: script.nowNs + 1_130 * ms)
        #expect(look(&script, deadlines) == (.signal(w0, .alarm), deadlines.softNs))
        let crash = ProcessEnd.signalled(Signal(rawValue: 11))
        #expect(
            script.die(w0, crash).first == .recordDeath(slot: 0, generation: 1, crash, isOverdue: false))
    }

    @Test func anExtendedLimitIsANewOne() {
        var script = Script.serving(workers: 1, limits: limits())
        let startNs = script.nowNs
        #expect(script(.requestsSeen([RequestDeadlines(softNs: startNs + 100 * ms)]), afterNs: 40 * ms) == [])
        let later = RequestDeadlines(softNs: startNs + 300 * ms)
        #expect(look(&script, later) == (.signal(w0, .alarm), startNs + 300 * ms))
    }

    @Test func nobodyIsBlamedForTheSleepOfTheMaster() {
        var script = Script.serving(workers: 1, limits: limits())
        let deadlines = RequestDeadlines(softNs: script.nowNs + 120 * ms, hardNs: script.nowNs + 1_000 * ms)
        #expect(script(.requestsSeen([deadlines]), afterNs: 3_050 * ms) == [])
        #expect(look(&script, deadlines) == (.signal(w0, .alarm), deadlines.softNs + 3_000 * ms))
    }

    /// The master may be stopped between two events of a turn, and the next look comes after both.
    @Test func aSleepThatAnotherEventTellsOfCountsAtTheNextLook() {
        var script = Script.serving(workers: 1, limits: limits())
        let deadlines = RequestDeadlines(softNs: script.nowNs + 120 * ms, hardNs: script.nowNs + 1_000 * ms)
        #expect(script(.timer, afterNs: 3_050 * ms) == [])
        #expect(script(.requestsSeen([deadlines]), afterNs: 1 * ms) == [])
        #expect(look(&script, deadlines) == (.signal(w0, .alarm), deadlines.softNs + 3_000 * ms))
    }

    @Test func threeDeathsByTheSameRequestAreEnough() {
        var script = Script.serving(workers: 1)
        let poison = RunningRequest(fingerprint: 7, name: "GET /poison", ageNs: 0)
        let other = RunningRequest(fingerprint: 8, name: "GET /other", ageNs: 0)
        let trap = ProcessEnd.signalled(Signal(rawValue: 4))
        for request in [poison, other, poison, other] {
            #expect(script.die(w0, trap, request: request).count == 2)
            _ = script(.childReady(w0), afterNs: 10_000 * ms)
        }
        let untilNs = script.nowNs + 60_000 * ms
        let quarantine = Quarantine(fingerprint: 7, name: "GET /poison", untilNs: untilNs)
        #expect(script.die(w0, trap, request: poison).first == .refuse([quarantine]))
        #expect(
            script.warnings.contains("GET /poison was running when 3 workers ended; it is answered with 503 for 60 s"))
        _ = script(.childReady(w0))
        let (actions, elapsedNs) = script.wait()
        #expect(actions == [.refuse([])] && elapsedNs == 60_000 * ms)
    }

    @Test func deathsFarApartAreNotOne() {
        var script = Script.serving(workers: 1)
        let poison = RunningRequest(fingerprint: 7, name: "GET /poison", ageNs: 0)
        for _ in 0..<9 {
            #expect(script.die(w0, .exited(status: 1), request: poison).count == 2)
            _ = script(.childReady(w0), afterNs: 30_000 * ms)
        }
    }

    @Test func aRequestThatHadOnlyBegunIsNotBlamedForAKill() {
        var script = Script.serving(workers: 1)
        for age in [0, 99, 99, 99, 100, 100] as [Int64] {
            let request = RunningRequest(fingerprint: 7, name: "GET /", ageNs: age * ms)
            #expect(script.die(w0, killed, request: request).count == 2)
            _ = script(.childReady(w0))
        }
        let request = RunningRequest(fingerprint: 7, name: "GET /", ageNs: 100 * ms)
        #expect(script.die(w0, killed, request: request).count == 3)
    }

    @Test func theOperatorsOwnStopBlamesNobody() {
        var script = Script.serving(workers: 4)
        for slot in [3, 2, 1] {
            _ = script(.signal(.removeWorker))
            let request = RunningRequest(fingerprint: 7, name: "GET /", ageNs: 1_000 * ms)
            #expect(script.die(.worker(slot: slot), killed, request: request).count == 2)
        }
    }
}
