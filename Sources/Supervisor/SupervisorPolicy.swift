// The whole policy of supervision: from (state, event, now) to actions. No system call, no clock, no process.
internal import LinuxSyscalls

/// Decides when children are started, told to end and killed.
///
/// The tree starts with the log writer (if there is one); the workers follow when it is ready and do not depend on it
/// from then on. A worker that ended is replaced: at once if it had been ready, else after a delay that doubles. A stop
/// ends the workers first and the log writer last. The loop that performs the actions feeds back what came of them.
/// How the states hang together is drawn in ChildState.swift.
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

    var limits: SupervisorLimits
    let hasLogWriter: Bool
    let hasResponder: Bool
    var phase = Phase.idle
    /// How many workers are wanted.
    var target: Int
    var logWriter = ChildState()
    /// The workers by slot.
    var workers: [ChildState]
    var responder = ChildState()
    var hasAnnounced = false
    var exitStatus: Int32 = 0
    var backoff: Backoff
    /// WINCH: no worker runs until somebody asks for them again.
    var isPaused = false
    /// Deaths before readiness while no worker was ready, since the last one was.
    var failedStarts = 0
    var configurations = Configurations()
    var recycling = Recycling()
    var poison = PoisonTable()
    /// When the latest event came.
    var nowNs: Int64 = 0
    /// For how long the master was stopped since it looked at the requests: it may be any event that tells.
    var sleptSinceLookNs: Int64 = 0
    /// What the event at hand led to so far.
    var actions: [SupervisorAction] = []

    /// A tree that has not been started.
    ///
    /// The seed is that of the jitter; slots bound the number of workers for good.
    public init(
        workers: Int, hasLogWriter: Bool, hasResponder: Bool = true, limits: SupervisorLimits, seed: UInt64
    ) {
        target = max(1, workers)
        self.hasLogWriter = hasLogWriter
        self.hasResponder = hasResponder
        self.limits = limits
        // The last slot is the responder's.
        let slots = SupervisorConfiguration.slotCount(workers: workers) - 1
        self.workers = [ChildState](repeating: ChildState(), count: slots)
        backoff = Backoff(seed: seed)
    }

    /// Takes in one event and answers what has to be done, in order.
    ///
    /// `nowNs` is on a clock that never jumps, in nanoseconds.
    public mutating func handle(_ event: SupervisorEvent, at nowNs: Int64) -> [SupervisorAction] {
        sleptSinceLookNs += extendLimitsIfStopped(nowNs)
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
        var next = min(logWriter.deadlineNs ?? .max, responder.deadlineNs ?? .max, poison.nextEndNs ?? .max)
        for worker in workers {
            next = min(next, worker.deadlineNs ?? .max)
            if worker.mayRunRequests { next = min(next, worker.request.dueNs ?? .max) }
        }
        if phase == .serving { next = min(next, recycling.nextNs(self) ?? .max) }
        if let periodNs { next = min(next, nowNs + periodNs) }
        return next == Int64.max ? nil : next
    }

    /// The slot of the responder: the last one.
    var responderRole: ChildRole { .responder(slot: workers.count) }

    private mutating func decide(_ event: SupervisorEvent) {
        switch event {
        case .started: prepare()
        case .childReady(let role): becameReady(role)
        case .workerAskedForReplacement(let slot): wish(for: .requests, slot: slot)
        case .childEnded(let role, let end, let processID, let request):
            if let request { note(request, of: role, end) }
            ended(role, end, processID: processID)
        case .forkFailed(let role, let error): notForked(role, error)
        case .slotNotCompleted(let slot): notCompleted(slot: slot)
        case .signal(let signal): obey(signal)
        case .reloaded(let workers, let limits): reloaded(workers: workers, limits)
        case .reloadRefused: warn("the server goes on with the configuration it has")
        case .requestsSeen(let deadlines): look(at: deadlines)
        case .memoryMeasured(let residentBytes, let isUnderPressure):
            measured(residentBytes, isUnderPressure: isUnderPressure)
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
        case .addWorker: if isPaused { resume() } else { retarget(target + 1) }
        case .removeWorker: retarget(target - 1)
        case .hangUp: askForReload()
        case .windowChange: pause()
        case .user1: warn("there is no log file to reopen: diagnostics go to standard error")
        case .user2: warn("\(signal.signal.name) is ignored")
        }
    }

    /// Most workers that can be wanted: one slot stays free, so that each can be replaced.
    var largestTarget: Int { workers.count - 1 }

    private mutating func retarget(_ wanted: Int) {
        guard (1...largestTarget).contains(wanted) else {
            return warn("there are \(target) workers, and it must be 1 to \(largestTarget)")
        }
        target = wanted
        // What is asked for during a reload is later than what it has read.
        configurations.pending?.workers = wanted
        warn("the number of workers is \(target) from now on")
    }

    private mutating func pause() {
        guard phase == .serving, !isPaused else { return }
        isPaused = true
        configurations.isRolling = false
        warn("the workers end; SIGHUP or SIGTTIN starts new ones")
    }

    mutating func resume() {
        if !isPaused { return }
        isPaused = false
        warn("workers are started again")
    }

    /// What follows from the state alone, after every event.
    private mutating func settle() {
        if phase == .serving {
            adoptReplacements()
            tryNewest()
            adjustWorkers()
            replaceWorkers()
            bridge()
        }
        if case .draining = phase, responder.life == .absent, workers.allSatisfy({ $0.life == .absent }) { finish() }
        if case .finishing = phase, logWriter.life == .absent {
            phase = .ended
            actions.append(.exit(status: exitStatus))
        }
    }

    private mutating func adjustWorkers() {
        let goal = isPaused ? 0 : target
        var wanted = workers.count(where: \.isWanted)
        while wanted < goal, let slot = workers.firstIndex(where: { $0.life == .absent }) {
            start(.worker(slot: slot))
            wanted += 1
        }
        while wanted > goal {
            removeWorker()
            wanted -= 1
        }
    }

    /// A master that was stopped itself (SIGSTOP, a suspended machine, no processor) has no right to call its children
    /// late: it is late when the tick that it asked for comes more than two periods after its time.
    ///
    /// Answers for how long it was stopped, in nanoseconds.
    private mutating func extendLimitsIfStopped(_ nowNs: Int64) -> Int64 {
        guard let periodNs else { return 0 }
        let lateNs = nowNs - (self.nowNs + periodNs)
        guard lateNs > 2 * periodNs else { return 0 }
        logWriter.extendLimit(byNs: lateNs)
        responder.extendLimit(byNs: lateNs)
        for slot in workers.indices { workers[slot].extendLimit(byNs: lateNs) }
        if case .finishing(let untilNs) = phase { phase = .finishing(untilNs: untilNs + lateNs) }
        return lateNs
    }

    /// How often the policy wants to be called at least; nil while nothing runs that has a limit.
    private var periodNs: Int64? {
        let runsLimit =
            logWriter.killAtNs != nil || responder.killAtNs != nil || workers.contains { $0.killAtNs != nil }
        let lookNs = workers.contains(where: \.isRunning) ? limits.requestLookNs : nil
        if let lookNs { return runsLimit ? min(lookNs, limits.tickNs) : lookNs }
        return runsLimit ? limits.tickNs : nil
    }

    mutating func warn(_ text: String) {
        actions.append(.warn(text))
    }

    subscript(role: ChildRole) -> ChildState {
        get {
            switch role {
            case .logWriter: logWriter
            case .worker(let slot): workers[slot]
            case .responder: responder
            }
        }
        set {
            switch role {
            case .logWriter: logWriter = newValue
            case .worker(let slot): workers[slot] = newValue
            case .responder: responder = newValue
            }
        }
    }
}
