// The loop of the master: waits for signals, readiness and ends of children, asks the policy, and does what it answers.
internal import LinuxSyscalls
public import SystemPackage

/// Keeps a log writer and workers alive until it is told to stop.
///
/// It is the whole life of a master: one thread, one wait, and no work of its own. Signals come by signalfd, ends of
/// children by pidfd, readiness by a pipe for each child. What goes wrong in the master itself is a line of
/// diagnostics, never its end.
public final class ProcessSupervisor {
    private let configuration: SupervisorConfiguration
    private let poll: EventPoll
    private let signals: SignalDescriptor
    private let lifeline: PipeEnds
    private let processID = CurrentProcess.processID
    private let upgrader: Upgrader?
    private var policy: SupervisorPolicy
    private var isAnnounced = false
    private var replacedCount = 0
    private var children: [ChildRole: SupervisedChild] = [:]
    /// The work of workers by the number of the configuration.
    private var workers: [UInt32: Work]
    private lazy var pressure = MemoryPressure()
    /// What ``SupervisorConfiguration/slots`` were told last.
    private var toldLives: [SlotLife] = []

    /// What a child does, and what it keeps open for it.
    private struct Work {
        var body: SupervisorConfiguration.Body?
        var inherited: [CInt]
    }

    /// Readies the process: every signal of ``SupervisorSignal`` is blocked from here on, the others are let through,
    /// SIGPIPE is ignored (also in children) and SIGCHLD is not.
    ///
    /// - Throws: what the kernel said to epoll, signalfd or a pipe.
    public init(_ configuration: SupervisorConfiguration) throws(Errno) {
        self.configuration = configuration
        workers = [0: Work(body: configuration.worker, inherited: configuration.inherited.worker)]
        try Signal.brokenPipe.ignore()
        // Whoever started this process may have ignored SIGCHLD; the kernel would collect the children itself then.
        try Signal.child.restoreDefault()
        try Signal.unblockAll()
        signals = try SignalDescriptor(blocking: SupervisorSignal.allCases.map(\.signal))
        lifeline = try DescriptorIO.makePipe()
        poll = try EventPoll()
        try poll.add(signals.rawValue, .read, token: 0)
        try configuration.succession?.watch(poll)
        let poll = poll
        upgrader = configuration.upgrade.map { Upgrader($0, poll: poll, log: configuration.log) }
        policy = SupervisorPolicy(
            workers: configuration.workers, hasLogWriter: configuration.logWriter != nil,
            hasResponder: configuration.responder != nil, limits: configuration.limits,
            seed: UInt64(bitPattern: Clock.monotonicNs()))
    }

    /// Starts the tree and stays until it is stopped and every child is gone.
    ///
    /// Answers the exit status for the process.
    public func run() -> Int32 {
        CurrentProcess.setName(configuration.name)
        if configuration.limits.yieldsToMemoryPressure, !pressure.isKnown {
            configuration.log("no control group of this process counts how often it met a limit of memory")
        }
        var status = deliver(.started)
        while status == nil {
            wait()
            status = turn()
        }
        return status ?? 0
    }

    private func wait() {
        var timeoutMs: CInt = -1
        let dueNs = [policy.nextDeadlineNs, upgrader?.nextDeadlineNs, configuration.serviceManager?.nextDueNs]
            .compactMap { $0 }
        if let deadlineNs = dueNs.min() {
            let restNs = max(0, deadlineNs - Clock.monotonicNs())
            timeoutMs = CInt(min(restNs / 1_000_000 + 1, 3_600_000))
        }
        do throws(Errno) {
            _ = try poll.wait(timeoutMs: timeoutMs)
        } catch {
            // EBADF, EINVAL, EFAULT: a bug of this file. Carrying on would spin; the children end with the master.
            preconditionFailure("epoll_wait: \(error)")
        }
    }

    /// Everything that has happened since the last turn.
    ///
    /// Each descriptor is asked, whatever epoll named: they are few, events are rare, and a child that could not be
    /// watched is not forgotten.
    private func turn() -> Int32? {
        // Before anything else: only fresh limits are acted on, and the first event tells whether the master slept.
        if let seen = seenRequests(), let status = deliver(seen) { return status }
        while let signal = attempt("signalfd", { () throws(Errno) in try signals.next() }) ?? nil {
            guard let known = SupervisorSignal(signal), !isForUpgrade(known) else { continue }
            if known == .quit { configuration.willDrain() }
            if let status = deliver(.signal(known)) { return status }
        }
        for (role, child) in children {
            let end = attempt("waitid", { () throws(Errno) in try child.collect() }) ?? nil
            // Looked at later and told earlier than the end: a child may have been ready and have ended since.
            for message in child.takeMessages() {
                if let event = event(message, from: role), let status = deliver(event) { return status }
            }
            guard let end else { continue }
            child.closePipe()
            children[role] = nil
            let request = role.slot.flatMap { configuration.slots?.runningRequest(slot: $0) }
            let ended = SupervisorEvent.childEnded(
                role, end, processID: child.process.processID, request: request)
            if let status = deliver(ended) { return status }
        }
        if let succession = configuration.succession, succession.turn(poll), isAnnounced { serve() }
        if upgrader?.turn() == true {
            configuration.didHandOver()
            if let status = deliver(.handedOver) { return status }
        }
        if isAnnounced { reportStatus() }
        configuration.serviceManager?.turn(nowNs: Clock.monotonicNs())
        if let deadlineNs = policy.nextDeadlineNs, deadlineNs <= Clock.monotonicNs() { return deliver(.timer) }
        return nil
    }

    private func event(_ message: ChildMessage, from role: ChildRole) -> SupervisorEvent? {
        switch (message, role) {
        case (.ready, _): .childReady(role)
        case (.wishesReplacement, .worker(let slot)): .workerAskedForReplacement(slot: slot)
        case (.wishesReplacement, .logWriter), (.wishesReplacement, .responder): nil
        }
    }

    /// Lets an upgrade know of a signal; true when the signal is meant for it alone.
    private func isForUpgrade(_ signal: SupervisorSignal) -> Bool {
        switch signal {
        case .user2:
            guard let upgrader else { return false }
            if policy.phase == .serving, configuration.succession?.isOpen ?? true {
                upgrader.request()
            } else {
                configuration.log("upgrade: refused, this server does not serve yet or any more")
            }
            return true
        case .terminate, .interrupt, .quit:
            upgrader?.interrupt(by: signal.signal)
            configuration.serviceManager?.stopping()
        case .hangUp:
            upgrader?.interrupt(by: signal.signal)
        case .addWorker, .removeWorker, .user1, .windowChange: break
        }
        return false
    }

    /// The first worker accepts: the world is told, or the master before this one.
    private func announce() {
        isAnnounced = true
        if let succession = configuration.succession, !succession.isOpen {
            succession.reportReady()
        } else {
            serve()
        }
    }

    private func serve() {
        configuration.onReady()
        reportStatus()
        configuration.serviceManager?.ready()
    }

    private func reportStatus() {
        let workers = children.keys.count { $0 != .logWriter }
        configuration.serviceManager?.report(workers: workers, replaced: replacedCount)
    }

    /// Hands one event to the policy and does what it answers, and so on with what came of that.
    ///
    /// Answers the status to end with.
    private func deliver(_ event: SupervisorEvent) -> Int32? {
        var events = [event]
        while !events.isEmpty {
            for action in policy.handle(events.removeFirst(), at: Clock.monotonicNs()) {
                if case .exit(let status) = action { return status }
                if let event = perform(action) { events.append(event) }
            }
            publishLives()
        }
        return nil
    }

    /// Does one thing; answers what came of it.
    private func perform(_ action: SupervisorAction) -> SupervisorEvent? {
        switch action {
        case .spawn(let role, let generation, let needsCompletedSlot, let number):
            return spawn(role, generation, needsCompletedSlot: needsCompletedSlot, configuration: number)
        case .signal(let role, let signal):
            attempt("pidfd_send_signal") { () throws(Errno) in try children[role]?.process.send(signal) }
        case .recordDeath(let slot, let generation, let end, let isOverdue):
            configuration.slots?.recordDeath(slot: slot, generation: generation, end: end, isOverdue: isOverdue)
        case .retireSlot(let slot):
            configuration.slots?.retire(slot: slot)
        case .announceReady:
            announce()
        case .reload:
            return reload()
        case .measureMemory:
            return measureMemory()
        case .refuse(let quarantines):
            configuration.slots?.refuse(quarantines)
        case .warn(let text):
            configuration.log(text)
        case .exit:
            break
        }
        return nil
    }

    /// Makes a child; in it, this never returns.
    ///
    /// Answers what to tell the policy when there is none.
    private func spawn(
        _ role: ChildRole, _ generation: UInt32, needsCompletedSlot: Bool, configuration number: UInt32
    ) -> SupervisorEvent? {
        if let slot = role.slot, needsCompletedSlot, configuration.slots?.isCompleted(slot: slot) == false {
            return .slotNotCompleted(slot: slot)
        }
        do throws(ForkError) {
            let pipe = try makePipe()
            switch try forkProcess() {
            case .child:
                become(role, generation, work(of: role, number), pipe: pipe.keepWrite())
            case .parent(let process):
                if let slot = role.slot {
                    if generation > 1 { replacedCount += 1 }
                    configuration.slots?.assign(slot: slot, generation: generation, processID: process.processID)
                }
                let child = SupervisedChild(process: process, pipe: pipe.keepRead(), poll: poll)
                children[role] = child
                attempt("epoll_ctl") { () throws(Errno) in try child.watch() }
                return nil
            }
        } catch {
            return .forkFailed(role, error)
        }
    }

    private func work(of role: ChildRole, _ number: UInt32) -> Work {
        let inherited = configuration.inherited
        return switch role {
        case .logWriter: Work(body: configuration.logWriter, inherited: inherited.logWriter)
        case .worker: workers[number] ?? Work(body: nil, inherited: [])
        case .responder: Work(body: configuration.responder, inherited: inherited.worker)
        }
    }

    private func makePipe() throws(ForkError) -> PipeEnds {
        do throws(Errno) {
            return try DescriptorIO.makePipe()
        } catch {
            throw .system(error)
        }
    }

    /// Does something that may fail without harm to the master: a failure is a line of diagnostics.
    @discardableResult
    private func attempt<Value>(_ operation: String, _ body: () throws(Errno) -> Value) -> Value? {
        do throws(Errno) {
            return try body()
        } catch {
            configuration.log("\(operation) in the master: \(error); it carries on")
            return nil
        }
    }

    /// Turns the fresh copy of the master into a child.
    ///
    /// Nothing of the master's may be released in it, since the numbers of its descriptors mean something else soon; so
    /// it never returns.
    private func become(
        _ role: ChildRole, _ generation: UInt32, _ work: Work, pipe: consuming Descriptor
    ) -> Never {
        let pipe = pipe.release()
        let isLogWriter = role == .logWriter
        let ownLifeline = isLogWriter ? lifeline.read.rawValue : lifeline.write.rawValue
        do {
            try configuration.giveUpRights?(role)
        } catch {
            configuration.log("\(role.description) cannot begin: \(error)")
            CurrentProcess.exit(status: 77)
        }
        do throws(Errno) {
            let gate = isLogWriter ? [] : configuration.succession?.descriptors ?? []
            try CurrentProcess.closeDescriptors(except: work.inherited + gate + [pipe, ownLifeline])
            CurrentProcess.setName(configuration.name + role.nameSuffix)
            // The mask of the master is inherited, so this only opens the descriptor: no signal is lost in between.
            let signals = try SignalDescriptor(blocking: SupervisorSignal.allCases.map(\.signal))
            let context = ChildContext(
                role: role, generation: generation, parentProcessID: processID, signals: signals,
                lifeline: isLogWriter ? ownLifeline : nil, gate: gate.first, pipe: Descriptor(owning: pipe),
                orphanLimitNs: min(configuration.limits.quickStopNs, configuration.limits.drainNs))
            // After the change of user, which clears the signal. A log writer outlives a dead master until the last
            // worker is gone, which its lifeline tells.
            if !isLogWriter {
                let hasMaster = try context.followMaster()
                if !hasMaster { CurrentProcess.exit(status: 0) }
            }
            CurrentProcess.exit(status: work.body?(context) ?? 0)
        } catch {
            configuration.log("\(role.description) cannot begin: \(error)")
            CurrentProcess.exit(status: 1)
        }
    }

    // MARK: What the policy wants to know

    /// The limits of the requests that run; nil when nobody looks after them.
    private func seenRequests() -> SupervisorEvent? {
        guard policy.limits.requestLookNs != nil, let slots = configuration.slots else { return nil }
        return .requestsSeen(
            policy.workers.indices.map { slot in
                children[.worker(slot: slot)] == nil ? RequestDeadlines() : slots.requestDeadlines(slot: slot)
            })
    }

    private func measureMemory() -> SupervisorEvent {
        let residentBytes = policy.workers.indices.map { slot in
            children[.worker(slot: slot)].flatMap { MemoryUse.residentBytes(of: $0.process.processID) } ?? 0
        }
        for (slot, bytes) in residentBytes.enumerated() {
            configuration.slots?.setResident(slot: slot, bytes: bytes)
        }
        return .memoryMeasured(residentBytes: residentBytes, isUnderPressure: pressure.hasRisen())
    }

    private func reload() -> SupervisorEvent {
        var work = Work(body: configuration.worker, inherited: configuration.inherited.worker)
        var event = SupervisorEvent.reloaded(workers: policy.target, policy.limits)
        if let read = configuration.reload {
            guard let reload = read() else { return .reloadRefused }
            work = Work(body: reload.worker, inherited: reload.inherited)
            event = .reloaded(workers: reload.workers, reload.limits)
        }
        let usable = policy.usableConfigurations
        workers = workers.filter { usable.contains($0.key) }
        workers[policy.nextConfiguration] = work
        return event
    }

    private func publishLives() {
        guard let slots = configuration.slots else { return }
        let lives = (policy.workers + [policy.responder]).map { SlotLife($0.life) }
        for (slot, life) in lives.enumerated() where !toldLives.indices.contains(slot) || toldLives[slot] != life {
            slots.setLife(slot: slot, life)
        }
        toldLives = lives
        slots.flush()
    }
}

extension SlotLife {
    /// How far a child is.
    init(_ life: ChildState.Life) {
        switch life {
        case .absent, .waiting: self = .none
        case .starting: self = .starting
        case .ready: self = .ready
        case .stopping: self = .stopping
        }
    }
}
