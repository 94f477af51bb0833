// What must hold whatever happens, checked at every action and after every event.
import LinuxSyscalls
import SystemPackage

@testable import Supervisor

extension SimulatedTree {
    mutating func perform(_ action: SupervisorAction, _ events: inout [SupervisorEvent]) {
        if exit != nil { fail("an action after the last: \(action)") }
        switch action {
        case .spawn(let role, let generation, let needsCompletedSlot, let configuration):
            spawn(role, generation, needsCompletedSlot, configuration, &events)
        case .signal(let role, let signal):
            tell(index(role), signal)
        case .recordDeath(let slot, let generation, _, _):
            if !unrecorded[slot + 1] || generation != generations[slot + 1] { fail("a death that was none") }
            unrecorded[slot + 1] = false
        case .retireSlot(let slot):
            if live[slot + 1] != nil || !unretired[slot + 1] || unrecorded[slot + 1] {
                fail("a slot retired too early")
            }
            unretired[slot + 1] = false
            retired[slot + 1] = true
            // Only a scaling, a replacement or a new need comes back to it.
            if !isResponder(slot + 1) || policy.isPaused { diedUnreadyNs[slot + 1] = nil }
        case .announceReady:
            announcements += 1
            if announcements > 1 { fail("announced twice") }
        case .reload:
            events.append(reload())
        case .measureMemory:
            events.append(
                .memoryMeasured(
                    residentBytes: policy.workers.indices.map { _ in Int64(random.next() % 110) },
                    isUnderPressure: chance(20)))
        case .refuse(let quarantines):
            refuse(quarantines)
        case .warn:
            break
        case .exit(let status):
            exit = status
            if live.contains(where: { $0 != nil }) { fail("exit with live children") }
            if unrecorded.contains(true) || unretired.contains(true) { fail("exit with slots that nobody completes") }
        }
    }

    private mutating func reload() -> SupervisorEvent {
        if chance(badConfigurations) { return .reloadRefused }
        // The operator may have mended what killed them.
        diedUnreadyNs = diedUnreadyNs.map { _ in nil }
        kept = policy.usableConfigurations.union([policy.nextConfiguration])
        if kept.count > live.count + 2 { fail("\(kept.count) configurations are kept") }
        return .reloaded(workers: 1 + Int(random.next() % UInt64(2 * workers)), limits)
    }

    private mutating func refuse(_ quarantines: [Quarantine]) {
        for quarantine in quarantines where !refused.contains(quarantine.fingerprint) {
            let deaths = blamed.count { $0.fingerprint == quarantine.fingerprint && $0.atNs > nowNs - 60_000_000_000 }
            if deaths < limits.poisonDeaths { fail("refused after \(deaths) deaths") }
            blamed.removeAll { $0.fingerprint == quarantine.fingerprint }
        }
        for fingerprint in refused where !quarantines.contains(where: { $0.fingerprint == fingerprint }) {
            blamed.removeAll { $0.fingerprint == fingerprint }
        }
        if quarantines.contains(where: { $0.untilNs <= nowNs || $0.untilNs > nowNs + limits.quarantineNs }) {
            fail("refused for too long")
        }
        refused = quarantines.map(\.fingerprint)
    }

    private mutating func spawn(
        _ role: ChildRole, _ generation: UInt32, _ needsCompletedSlot: Bool, _ configuration: UInt32,
        _ events: inout [SupervisorEvent]
    ) {
        let index = index(role)
        if live[index] != nil { fail("two children in one role") }
        if generation <= generations[index] { fail("a generation used twice") }
        if index > 0, isStopping { fail("a worker started during a stop") }
        if index > 0, !logWasReady { fail("a worker started before the log writer was ready") }
        if unrecorded[index] { fail("a worker started before the death of the last was recorded") }
        if needsCompletedSlot != retired[index] { fail("wrong demand on the slot") }
        if isResponder(index), readyWorkers > 0 { fail("a responder beside a worker") }
        if isWorker(index), policy.isPaused { fail("a worker started in a pause") }
        if let diedNs = diedUnreadyNs[index], nowNs - diedNs < 8_000_000 {
            fail("no back-off after a death before readiness")
        }
        if isWorker(index), !kept.contains(configuration) { fail("a configuration that was let go of") }
        if isWorker(index), configuration > proven.max() ?? 0, readyWorkers > 0 {
            // An older one that is still starting does not count: nobody follows it.
            let newest = proven.max() ?? 0
            let trials = live.count { $0.map { $0.configuration > newest && $0.toldNs == nil } ?? false }
            if trials > 0 { fail("several workers try a configuration of which nothing is known") }
        }
        if needsCompletedSlot, let slot = role.slot, chance(busySlots) {
            return events.append(.slotNotCompleted(slot: slot))
        }
        forks += 1
        if chance(forkFailures) { return events.append(.forkFailed(role, .system(.resourceTemporarilyUnavailable))) }
        generations[index] = generation
        live[index] = Child(startedNs: nowNs, configuration: configuration)
        retired[index] = false
    }

    private mutating func tell(_ index: Int, _ signal: Signal) {
        // Its fork may have failed in this very moment.
        guard let child = live[index] else { return }
        if signal == .alarm {
            if child.deadlines.softNs == 0 || nowNs < child.deadlines.softNs { fail("a request ended before its time") }
            if nowNs < child.deadlines.softNs + sleptNs { fail("a request ended by a master that has slept") }
        } else if signal == .kill {
            checkKill(index, child)
            live[index]?.isKilled = true
        } else {
            if index == 0, signal != .terminate { fail("the log writer was told something else than to finish") }
            if index == 0, live.dropFirst().contains(where: { $0 != nil }) {
                fail("the log writer told to finish too early")
            }
            if child.toldNs == nil { live[index]?.toldNs = nowNs }
        }
    }

    private mutating func checkKill(_ index: Int, _ child: Child) {
        if child.isKilled, child.deadlines.hardNs == 0 { fail("killed twice") }
        if child.deadlines.hardNs != 0, nowNs >= child.deadlines.hardNs + sleptNs { return }
        var limitNs =
            (child.toldNs ?? child.startedNs) + (child.toldNs == nil ? limits.startUpNs : limits.quickStopNs)
        limitNs += sleptNs
        // One log writer after the other shares the time to finish, which the policy has extended already.
        if index == 0, case .finishing(let untilNs) = policy.phase { limitNs = untilNs }
        if nowNs < limitNs { fail("killed before its time") }
        if child.isReady, child.toldNs == nil { fail("killed while it served") }
    }

    /// Only deaths, a smaller number and a stop leave fewer workers that serve.
    mutating func checkReadyWorkers(_ before: Int, _ event: SupervisorEvent) {
        if isStopping || policy.isPaused { return }
        // One that has just got ready is no loss when it is told to end at once.
        let before = if case .childReady = event { before - 1 } else { before }
        let after = readyWorkers
        if after < before, after < policy.target { fail("\(after) workers serve in place of \(before) after \(event)") }
    }

    mutating func checkState() {
        // One that is being killed for its slow start may still have its place or have lost it.
        let serving = live.indices.count {
            isWorker($0) && live[$0] != nil && live[$0]?.toldNs == nil && live[$0]?.isKilled == false
        }
        if serving > policy.target + max(1, policy.target / 10) { fail("more workers than wanted") }
        if exit == nil, !isStopping, !policy.isPaused, policy.phase == .serving,
            policy.workers.count(where: \.isWanted) < policy.target,
            policy.workers.contains(where: { $0.life == .absent })
        {
            fail("a worker is lost")
        }
        let isHeld = policy.isDegraded
        for (index, child) in ([policy.logWriter] + policy.workers + [policy.responder]).enumerated() {
            switch child.life {
            case .absent: if live[index] != nil { fail("a child that the policy has forgotten") }
            case .waiting(let untilNs):
                if live[index] != nil { fail("waits for a child that lives") }
                if untilNs > nowNs + 5_000_000_000, !(isHeld && untilNs == .max) { fail("waits too long") }
            case .starting, .ready, .stopping: if live[index] == nil { fail("counts on a child that is gone") }
            }
        }
    }
}
