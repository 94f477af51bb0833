// The whole policy of supervision: from (state, event, now) to actions. No system call, no clock, no process.
internal import LinuxSyscalls

/// Decides when children are started, told to end and killed.
///
/// The tree starts with the log writer (if there is one); the workers follow when it is ready and do not depend on it
/// from then on. A worker that ended is replaced: at once if it had been ready, else after a delay that doubles. A stop
/// ends the workers first and the log writer last. The loop that performs the actions feeds back what came of them.
public struct SupervisorPolicy: Sendable {
    /// What the tree as a whole is doing.
    enum Phase: Equatable, Sendable {
        /// Nothing has been started.
        case idle
        /// The log writer has never been ready; there are no workers.
        case preparing
        /// Workers are kept at their number.
        case serving
        /// The workers are ending, quickly or gracefully.
        case draining(quickly: Bool)
        /// The workers are gone; the log writer has until this moment.
        case finishing(untilNs: Int64)
        /// All is said; no event matters any more.
        case ended
    }

    let limits: SupervisorLimits
    let hasLogWriter: Bool
    var phase = Phase.idle
    /// How many workers are wanted.
    var target: Int
    var logWriter = ChildState()
    /// The workers by slot.
    var workers: [ChildState]
    var hasAnnounced = false
    var exitStatus: Int32 = 0
    var backoff: Backoff
    /// When the latest event came.
    var nowNs: Int64 = 0
    /// What the event at hand led to so far.
    var actions: [SupervisorAction] = []

    /// A tree that has not been started.
    ///
    /// The seed is that of the jitter; slots bound the number of workers for good.
    public init(workers: Int, hasLogWriter: Bool, limits: SupervisorLimits, seed: UInt64) {
        target = max(1, workers)
        self.hasLogWriter = hasLogWriter
        self.limits = limits
        let slots = SupervisorConfiguration.slotCount(workers: workers)
        self.workers = [ChildState](repeating: ChildState(), count: slots)
        backoff = Backoff(seed: seed)
    }

    /// Takes in one event and answers what has to be done, in order.
    ///
    /// `nowNs` is on a clock that never jumps, in nanoseconds.
    public mutating func handle(_ event: SupervisorEvent, at nowNs: Int64) -> [SupervisorAction] {
        extendLimitsIfStopped(nowNs)
        self.nowNs = nowNs
        if phase != .ended {
            decide(event)
            settle()
        }
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// The moment at which ``SupervisorEvent/timer`` is due, if nothing happens before; nil when there is nothing to
    /// wait for.
    public var nextDeadlineNs: Int64? {
        if phase == .ended { return nil }
        var next = logWriter.deadlineNs ?? Int64.max
        for worker in workers { next = min(next, worker.deadlineNs ?? Int64.max) }
        if runsLimit { next = min(next, nowNs + limits.tickNs) }
        return next == Int64.max ? nil : next
    }

    private mutating func decide(_ event: SupervisorEvent) {
        switch event {
        case .started: prepare()
        case .childReady(let role): becameReady(role)
        case .childEnded(let role, let end, let processID): ended(role, end, processID: processID)
        case .forkFailed(let role, let error): notForked(role, error)
        case .slotNotCompleted(let slot): notCompleted(slot: slot)
        case .signal(let signal): obey(signal)
        case .handedOver: handOver()
        case .timer: actOnDeadlines()
        }
    }

    private mutating func prepare() {
        guard phase == .idle else { return }
        phase = hasLogWriter ? .preparing : .serving
        if hasLogWriter { start(.logWriter) }
    }

    private mutating func obey(_ signal: SupervisorSignal) {
        switch signal {
        case .terminate, .interrupt: stop(quickly: true, status: 0)
        case .quit: stop(quickly: false, status: 0)
        case .addWorker: retarget(target + 1)
        case .removeWorker: retarget(target - 1)
        case .hangUp, .user1, .user2, .windowChange: warn("\(signal.signal.name) is ignored")
        }
    }

    private mutating func retarget(_ wanted: Int) {
        guard (1...workers.count).contains(wanted) else {
            return warn("there are \(target) workers, and it must be 1 to \(workers.count)")
        }
        target = wanted
        warn("the number of workers is \(target) from now on")
    }

    /// What follows from the state alone, after every event.
    private mutating func settle() {
        if phase == .serving { adjustWorkers() }
        if case .draining = phase, workers.allSatisfy({ $0.life == .absent }) { finish() }
        if case .finishing = phase, logWriter.life == .absent {
            phase = .ended
            actions.append(.exit(status: exitStatus))
        }
    }

    private mutating func adjustWorkers() {
        var wanted = workers.count(where: \.isWanted)
        while wanted < target, let slot = workers.firstIndex(where: { $0.life == .absent }) {
            start(.worker(slot: slot))
            wanted += 1
        }
        while wanted > target {
            removeWorker()
            wanted -= 1
        }
    }

    /// A master that was stopped itself (SIGSTOP, a suspended machine, no processor) has no right to call its children
    /// late: it is late when the tick that it asked for comes more than two periods after its time.
    private mutating func extendLimitsIfStopped(_ nowNs: Int64) {
        let lateNs = nowNs - (self.nowNs + limits.tickNs)
        guard lateNs > 2 * limits.tickNs, runsLimit else { return }
        logWriter.extendLimit(byNs: lateNs)
        for slot in workers.indices { workers[slot].extendLimit(byNs: lateNs) }
        if case .finishing(let untilNs) = phase { phase = .finishing(untilNs: untilNs + lateNs) }
    }

    private var runsLimit: Bool {
        logWriter.killAtNs != nil || workers.contains { $0.killAtNs != nil }
    }

    mutating func warn(_ text: String) {
        actions.append(.warn(text))
    }

    subscript(role: ChildRole) -> ChildState {
        get {
            switch role {
            case .logWriter: logWriter
            case .worker(let slot): workers[slot]
            }
        }
        set {
            switch role {
            case .logWriter: logWriter = newValue
            case .worker(let slot): workers[slot] = newValue
            }
        }
    }
}
