// A process tree without processes: does what the policy answers, lets children behave at random, and checks every rule
// that must hold at any time.
import LinuxSyscalls
import SystemPackage

@testable import Supervisor

/// A tree on a virtual clock.
///
/// The first broken rule is kept in `violation`.
struct SimulatedTree {
    struct Child {
        var startedNs: Int64
        var isReady = false
        var toldNs: Int64?
        var isKilled = false
    }

    let workers: Int
    let limits = SupervisorLimits()
    var policy: SupervisorPolicy
    var random: SplitMix64
    var nowNs: Int64 = 0
    /// The running children: the log writer first, then the workers by slot.
    var live: [Child?]
    var generations: [UInt32]
    /// When the last child of the role died, if it had not been ready.
    var diedUnreadyNs: [Int64?]
    /// Slots by what their last worker left: noted in the log, handed to the log writer.
    var unrecorded: [Bool]
    var unretired: [Bool]
    var retired: [Bool]
    var logWasReady: Bool
    var announcements = 0
    var isStopping = false
    var forks = 0
    var exit: Int32?
    var violation: String?
    /// Chances out of 100.
    var forkFailures: UInt64 = 0
    var busySlots: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(state: seed)
        workers = Int.random(in: 1...3, using: &random)
        let hasLogWriter = Bool.random(using: &random)
        policy = SupervisorPolicy(workers: workers, hasLogWriter: hasLogWriter, limits: limits, seed: seed)
        let roles = SupervisorConfiguration.slotCount(workers: workers) + 1
        live = Array(repeating: nil, count: roles)
        generations = Array(repeating: 0, count: roles)
        diedUnreadyNs = Array(repeating: nil, count: roles)
        unrecorded = Array(repeating: false, count: roles)
        unretired = unrecorded
        retired = unrecorded
        logWasReady = !hasLogWriter
        deliver(.started)
    }

    // MARK: what happens

    mutating func deliver(_ event: SupervisorEvent) {
        var events = [event]
        while !events.isEmpty {
            let actions = policy.handle(events.removeFirst(), at: nowNs)
            // Also a tree that stops by itself, for want of any child that can start.
            if case .draining = policy.phase { isStopping = true }
            for action in actions { perform(action, &events) }
        }
        checkState()
    }

    mutating func chance(_ percent: UInt64) -> Bool {
        random.next() % 100 < percent
    }

    /// One thing at random; children that are to end do so sooner or later.
    mutating func step() {
        switch random.next() % 8 {
        case 0, 1: someChild { !$0.isReady }.map { becomeReady($0) }
        case 2, 3: someChild { _ in true }.map { die($0, randomEnd()) }
        case 4: deliver(.signal([.addWorker, .removeWorker, .hangUp][Int(random.next() % 3)]))
        case 5: sleep(Int64(random.next() % 90) * 1_000_000_000)
        default: tick()
        }
    }

    /// Lets the clock run to the next moment the policy named, or a little further.
    mutating func tick() {
        guard let nextNs = policy.nextDeadlineNs else { return }
        nowNs = max(nowNs, nextNs) + Int64(random.next() % 3_000_000)
        deliver(.timer)
    }

    mutating func sleep(_ durationNs: Int64) {
        nowNs += durationNs
        deliver(.timer)
    }

    mutating func becomeReady(_ index: Int) {
        live[index]?.isReady = true
        if index == 0 { logWasReady = true }
        diedUnreadyNs[index] = nil
        let announced = announcements
        let counts = live[index]?.toldNs == nil && live[index]?.isKilled == false && index > 0
        deliver(.childReady(role(index)))
        if announced == 0, counts, announcements == 0 { fail("the first ready worker was not announced") }
    }

    mutating func die(_ index: Int, _ end: ProcessEnd) {
        guard let child = live[index] else { return }
        live[index] = nil
        if index > 0 { (unrecorded[index], unretired[index], retired[index]) = (true, true, false) }
        diedUnreadyNs[index] = child.isReady || child.toldNs != nil ? nil : nowNs
        deliver(.childEnded(role(index), child.isKilled ? .signalled(.kill) : end, processID: 1))
    }

    mutating func randomEnd() -> ProcessEnd {
        switch random.next() % 8 {
        case 0: .exited(status: 0)
        case 1: .exited(status: 1)
        case 2: .exited(status: 78)
        default: .signalled(.kill)
        }
    }

    mutating func someChild(_ suits: (Child) -> Bool) -> Int? {
        let start = Int(random.next() % UInt64(live.count))
        for offset in live.indices {
            let index = (start + offset) % live.count
            if let child = live[index], suits(child) { return index }
        }
        return nil
    }

    private func role(_ index: Int) -> ChildRole {
        index == 0 ? .logWriter : .worker(slot: index - 1)
    }

    private func index(_ role: ChildRole) -> Int {
        switch role {
        case .logWriter: 0
        case .worker(let slot): slot + 1
        }
    }

    // MARK: what must hold

    mutating func fail(_ text: String) {
        if violation == nil { violation = text }
    }

    private mutating func perform(_ action: SupervisorAction, _ events: inout [SupervisorEvent]) {
        if exit != nil { fail("an action after the last: \(action)") }
        switch action {
        case .spawn(let role, let generation, let needsCompletedSlot):
            spawn(role, generation, needsCompletedSlot, &events)
        case .signal(let role, let signal):
            tell(index(role), signal)
        case .recordDeath(let slot, let generation, _):
            if !unrecorded[slot + 1] || generation != generations[slot + 1] { fail("a death that was none") }
            unrecorded[slot + 1] = false
        case .retireSlot(let slot):
            if live[slot + 1] != nil || !unretired[slot + 1] || unrecorded[slot + 1] {
                fail("a slot retired too early")
            }
            unretired[slot + 1] = false
            retired[slot + 1] = true
            // Only an operator who scales comes back to it, and need not wait.
            diedUnreadyNs[slot + 1] = nil
        case .announceReady:
            announcements += 1
            if announcements > 1 { fail("announced twice") }
        case .warn:
            break
        case .exit(let status):
            exit = status
            if live.contains(where: { $0 != nil }) { fail("exit with live children") }
            if unrecorded.contains(true) || unretired.contains(true) { fail("exit with slots that nobody completes") }
        }
    }

    private mutating func spawn(
        _ role: ChildRole, _ generation: UInt32, _ needsCompletedSlot: Bool, _ events: inout [SupervisorEvent]
    ) {
        let index = index(role)
        if live[index] != nil { fail("two children in one role") }
        if generation <= generations[index] { fail("a generation used twice") }
        if index > 0, isStopping { fail("a worker started during a stop") }
        if index > 0, !logWasReady { fail("a worker started before the log writer was ready") }
        if unrecorded[index] { fail("a worker started before the death of the last was recorded") }
        if needsCompletedSlot != retired[index] { fail("wrong demand on the slot") }
        if let diedNs = diedUnreadyNs[index], nowNs - diedNs < 8_000_000 {
            fail("no back-off after a death before readiness")
        }
        if needsCompletedSlot, case .worker(let slot) = role, chance(busySlots) {
            return events.append(.slotNotCompleted(slot: slot))
        }
        forks += 1
        if chance(forkFailures) { return events.append(.forkFailed(role, .system(.resourceTemporarilyUnavailable))) }
        generations[index] = generation
        live[index] = Child(startedNs: nowNs)
        retired[index] = false
    }

    private mutating func tell(_ index: Int, _ signal: Signal) {
        // Its fork may have failed in this very moment.
        guard let child = live[index] else { return }
        if signal == .kill {
            var limitNs =
                (child.toldNs ?? child.startedNs) + (child.toldNs == nil ? limits.startUpNs : limits.quickStopNs)
            // One log writer after the other shares the time to finish.
            if index == 0, case .finishing(let untilNs) = policy.phase { limitNs = untilNs }
            if nowNs < limitNs { fail("killed before its time") }
            if child.isReady, child.toldNs == nil { fail("killed while it served") }
            if child.isKilled { fail("killed twice") }
            live[index]?.isKilled = true
        } else {
            if index == 0, signal != .terminate { fail("the log writer was told something else than to finish") }
            if index == 0, live.dropFirst().contains(where: { $0 != nil }) {
                fail("the log writer told to finish too early")
            }
            if child.toldNs == nil { live[index]?.toldNs = nowNs }
        }
    }

    private mutating func checkState() {
        // One that is being killed for its slow start may still have its place or have lost it.
        let serving = live.dropFirst().count { $0 != nil && $0?.toldNs == nil && $0?.isKilled == false }
        if serving > policy.target { fail("more workers than wanted") }
        if exit == nil, !isStopping, policy.phase == .serving, policy.workers.count(where: \.isWanted) < policy.target,
            policy.workers.contains(where: { $0.life == .absent })
        {
            fail("a worker is lost")
        }
        for (index, child) in ([policy.logWriter] + policy.workers).enumerated() {
            switch child.life {
            case .absent: if live[index] != nil { fail("a child that the policy has forgotten") }
            case .waiting(let untilNs):
                if live[index] != nil { fail("waits for a child that lives") }
                if untilNs > nowNs + 6_000_000_000 { fail("waits too long") }
            case .starting, .ready, .stopping: if live[index] == nil { fail("counts on a child that is gone") }
            }
        }
    }
}
