// A process tree without processes: does what the policy answers, and lets children behave at random.
import LinuxSyscalls
import SystemPackage

@testable import Supervisor

/// A tree on a virtual clock.
///
/// The first broken rule is kept in `violation`; the rules lie in SimulatedTree+Rules.swift.
struct SimulatedTree {
    struct Child {
        var startedNs: Int64
        var configuration: UInt32
        var isReady = false
        var toldNs: Int64?
        var isKilled = false
        /// It got ready before anybody told or killed it.
        var wasInTime = false
        /// The request that runs in it.
        var deadlines = RequestDeadlines()
        var fingerprint: UInt64?
    }

    let workers: Int
    let limits: SupervisorLimits
    var policy: SupervisorPolicy
    var random: SplitMix64
    var nowNs: Int64 = 0
    /// The running children: the log writer first, then the workers by slot, then the responder.
    var live: [Child?]
    var generations: [UInt32]
    /// When the last child of the role died, if it had not been ready.
    var diedUnreadyNs: [Int64?]
    /// Slots by what their last child left: noted in the log, handed to the log writer.
    var unrecorded: [Bool]
    var unretired: [Bool]
    var retired: [Bool]
    var logWasReady: Bool
    var announcements = 0
    var isStopping = false
    var forks = 0
    var exit: Int32?
    var violation: String?
    /// For how long the master has slept when the event at hand is the first since; the second at whose end it would
    /// have looked does not count.
    var sleptNs: Int64 = 0
    /// Deaths by the request that ran, and the requests that are refused.
    var blamed: [(fingerprint: UInt64, atNs: Int64)] = []
    var refused: [UInt64] = []
    /// Configurations with which a worker got ready.
    var proven: Set<UInt32> = [0]
    /// Those that the supervisor has not let go of.
    var kept: Set<UInt32> = [0]
    /// Chances out of 100.
    var forkFailures: UInt64 = 0
    var busySlots: UInt64 = 0
    var badConfigurations: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(state: seed)
        workers = 1 + Int(random.next() % 3)
        let bits = random.next()
        let hasLogWriter = bits & 1 == 0
        var limits = SupervisorLimits()
        if bits & 6 == 0 { limits.lifetimeNs = 300_000_000_000 }
        if bits & 8 == 0 { limits.requestLookNs = 1_000_000_000 }
        if bits & 48 == 0 { limits.residentBytes = 100 }
        if bits & 192 == 0 { limits.yieldsToMemoryPressure = true }
        self.limits = limits
        policy = SupervisorPolicy(
            workers: workers, hasLogWriter: hasLogWriter, hasResponder: bits & 768 != 0, limits: limits, seed: seed)
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
            let next = events.removeFirst()
            if readyWorkers == 0 { proven.insert(policy.configurations.proven) }
            let before = readyWorkers
            let actions = policy.handle(next, at: nowNs)
            // Also a tree that stops by itself, for want of any child that can start.
            if case .draining = policy.phase { isStopping = true }
            for action in actions { perform(action, &events) }
            checkReadyWorkers(before, next)
            if readyWorkers == 0 { proven.insert(policy.configurations.proven) }
            sleptNs = 0
        }
        checkState()
    }

    mutating func chance(_ percent: UInt64) -> Bool {
        random.next() % 100 < percent
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int(random.next() % UInt64(values.count))]
    }

    /// One thing at random; children that are to end do so sooner or later.
    mutating func step() {
        switch random.next() % 12 {
        case 0, 1, 2: someChild { !$0.isReady }.map { becomeReady($0) }
        case 3, 4: someChild { _ in true }.map { die($0, randomEnd()) }
        case 5: deliver(.signal(pick([.addWorker, .removeWorker, .hangUp, .windowChange, .hangUp])))
        case 6: sleep(Int64(random.next() % 90) * 1_000_000_000)
        case 7: someChild { $0.toldNs != nil || $0.isKilled }.map { die($0, .exited(status: 0)) }
        case 8: beginRequest()
        case 9: someWorker().map { deliver(.workerAskedForReplacement(slot: $0 - 1)) }
        default: tick()
        }
    }

    /// Lets the clock run to the next moment the policy named, or a little further.
    mutating func tick() {
        guard let nextNs = policy.nextDeadlineNs else { return }
        nowNs = max(nowNs, nextNs) + Int64(random.next() % 3_000_000)
        wake()
    }

    /// The master is stopped for a while.
    mutating func sleep(_ durationNs: Int64) {
        sleptNs = durationNs > 3_100_000_000 ? durationNs - 1_000_000_000 : 0
        nowNs += durationNs
        wake()
    }

    /// What the loop tells after a wait: the limits of requests before anything else.
    private mutating func wake() {
        if limits.requestLookNs != nil {
            deliver(.requestsSeen(live.dropFirst().dropLast().map { $0?.deadlines ?? RequestDeadlines() }))
        }
        if exit == nil { deliver(.timer) }
    }

    mutating func becomeReady(_ index: Int) {
        live[index]?.isReady = true
        let isInTime = live[index]?.toldNs == nil && live[index]?.isKilled == false
        live[index]?.wasInTime = isInTime
        if index == 0 { logWasReady = true }
        diedUnreadyNs[index] = nil
        // Those that were held back follow at once.
        if policy.isDegraded, isWorker(index) { diedUnreadyNs = diedUnreadyNs.map { _ in nil } }
        if isInTime, isWorker(index), let configuration = live[index]?.configuration { proven.insert(configuration) }
        let announced = announcements
        deliver(.childReady(role(index)))
        if announced == 0, isInTime, isWorker(index), announcements == 0 {
            fail("the first ready worker was not announced")
        }
    }

    mutating func beginRequest() {
        guard let index = someWorker() else { return }
        let softNs = nowNs + Int64(random.next() % 3_000_000_000)
        live[index]?.deadlines = RequestDeadlines(softNs: softNs, hardNs: softNs + 1_000_000_000)
        live[index]?.fingerprint = 1 + random.next() % 3
    }

    mutating func endRequests() {
        for index in live.indices {
            live[index]?.deadlines = RequestDeadlines()
            live[index]?.fingerprint = nil
        }
    }

    mutating func die(_ index: Int, _ end: ProcessEnd) {
        guard let child = live[index] else { return }
        live[index] = nil
        if index > 0 { (unrecorded[index], unretired[index], retired[index]) = (true, true, false) }
        // The responder has to wait in any case.
        diedUnreadyNs[index] = (child.isReady && !isResponder(index)) || child.toldNs != nil ? nil : nowNs
        let request = child.fingerprint.map {
            RunningRequest(fingerprint: $0, name: "GET /\($0)", ageNs: Int64(random.next() % 200_000_000))
        }
        if let request { blamed.append((request.fingerprint, nowNs)) }
        let end = child.isKilled ? ProcessEnd.signalled(.kill) : end
        deliver(.childEnded(role(index), end, processID: 1, request: request))
    }

    mutating func randomEnd() -> ProcessEnd {
        pick([.exited(status: 0), .exited(status: 1), .exited(status: 78), .signalled(.kill), .signalled(.alarm)])
    }

    mutating func someChild(_ suits: (Child) -> Bool) -> Int? {
        let start = Int(random.next() % UInt64(live.count))
        for offset in live.indices {
            let index = (start + offset) % live.count
            if let child = live[index], suits(child) { return index }
        }
        return nil
    }

    /// A worker that serves.
    mutating func someWorker() -> Int? {
        someChild { $0.isReady }.flatMap { isWorker($0) ? $0 : nil }
    }

    func isWorker(_ index: Int) -> Bool { index > 0 && index < live.count - 1 }
    func isResponder(_ index: Int) -> Bool { index == live.count - 1 }

    private func role(_ index: Int) -> ChildRole {
        if index == 0 { return .logWriter }
        return isResponder(index) ? .responder(slot: index - 1) : .worker(slot: index - 1)
    }

    func index(_ role: ChildRole) -> Int {
        role.slot.map { $0 + 1 } ?? 0
    }

    /// Workers that serve and go on to. One that got ready when it had been killed for its slow start is none.
    var readyWorkers: Int {
        live.indices.count { index in
            guard isWorker(index), let child = live[index] else { return false }
            return child.isReady && child.toldNs == nil && (!child.isKilled || child.wasInTime)
        }
    }

    mutating func fail(_ text: String) {
        if violation == nil { violation = text }
    }
}
