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
    private var children: [ChildRole: SupervisedChild] = [:]

    /// Readies the process: every signal of ``SupervisorSignal`` is blocked from here on, the others are let through,
    /// SIGPIPE is ignored (also in children) and SIGCHLD is not.
    ///
    /// - Throws: what the kernel said to epoll, signalfd or a pipe.
    public init(_ configuration: SupervisorConfiguration) throws(Errno) {
        self.configuration = configuration
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
            workers: configuration.workers, hasLogWriter: configuration.logWriter != nil, limits: configuration.limits,
            seed: UInt64(bitPattern: Clock.monotonicNs()))
    }

    /// Starts the tree and stays until it is stopped and every child is gone.
    ///
    /// Answers the exit status for the process.
    public func run() -> Int32 {
        CurrentProcess.setName(configuration.name)
        var status = deliver(.started)
        while status == nil {
            wait()
            status = turn()
        }
        return status ?? 0
    }

    private func wait() {
        var timeoutMs: CInt = -1
        let dueNs = [policy.nextDeadlineNs, upgrader?.nextDeadlineNs].compactMap { $0 }
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
        while let signal = attempt("signalfd", { () throws(Errno) in try signals.next() }) ?? nil {
            guard let known = SupervisorSignal(signal), !isForUpgrade(known) else { continue }
            if known == .quit { configuration.willDrain() }
            if let status = deliver(.signal(known)) { return status }
        }
        for (role, child) in children {
            let end = attempt("waitid", { () throws(Errno) in try child.collect() }) ?? nil
            // Looked at later and told earlier than the end: a child may have been ready and have ended since.
            if child.takeReadiness(), let status = deliver(.childReady(role)) { return status }
            guard let end else { continue }
            children[role] = nil
            let ended = SupervisorEvent.childEnded(role, end, processID: child.process.processID)
            if let status = deliver(ended) { return status }
        }
        if let succession = configuration.succession, succession.turn(poll), isAnnounced { configuration.onReady() }
        if upgrader?.turn() == true, let status = deliver(.handedOver) { return status }
        if let deadlineNs = policy.nextDeadlineNs, deadlineNs <= Clock.monotonicNs() { return deliver(.timer) }
        return nil
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
        case .terminate, .interrupt, .quit, .hangUp:
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
            configuration.onReady()
        }
    }

    /// Hands one event to the policy and does what it answers, and so on with what came of that.
    ///
    /// Answers the status to end with.
    private func deliver(_ event: SupervisorEvent) -> Int32? {
        var events = [event]
        while !events.isEmpty {
            for action in policy.handle(events.removeFirst(), at: Clock.monotonicNs()) {
                switch action {
                case .spawn(let role, let generation, let needsCompletedSlot):
                    let failure = spawn(role, generation, needsCompletedSlot: needsCompletedSlot)
                    if let failure { events.append(failure) }
                case .signal(let role, let signal):
                    attempt("pidfd_send_signal") { () throws(Errno) in try children[role]?.process.send(signal) }
                case .recordDeath(let slot, let generation, let end):
                    configuration.slots?.recordDeath(slot: slot, generation: generation, end: end)
                case .retireSlot(let slot):
                    configuration.slots?.retire(slot: slot)
                case .announceReady:
                    announce()
                case .warn(let text):
                    configuration.log(text)
                case .exit(let status):
                    return status
                }
            }
        }
        return nil
    }

    /// Makes a child; in it, this never returns.
    ///
    /// Answers what to tell the policy when there is none.
    private func spawn(_ role: ChildRole, _ generation: UInt32, needsCompletedSlot: Bool) -> SupervisorEvent? {
        if case .worker(let slot) = role, needsCompletedSlot, configuration.slots?.isCompleted(slot: slot) == false {
            return .slotNotCompleted(slot: slot)
        }
        do throws(ForkError) {
            let pipe = try makePipe()
            switch try forkProcess() {
            case .child:
                become(role, generation, readiness: pipe.keepWrite())
            case .parent(let process):
                if case .worker(let slot) = role {
                    configuration.slots?.assign(slot: slot, generation: generation, processID: process.processID)
                }
                let child = SupervisedChild(process: process, readiness: pipe.keepRead(), poll: poll)
                children[role] = child
                attempt("epoll_ctl") { () throws(Errno) in try child.watch() }
                return nil
            }
        } catch {
            return .forkFailed(role, error)
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
    private func become(_ role: ChildRole, _ generation: UInt32, readiness: consuming Descriptor) -> Never {
        let readiness = readiness.release()
        let isLogWriter = role == .logWriter
        let body = isLogWriter ? configuration.logWriter : configuration.worker
        let ownLifeline = isLogWriter ? lifeline.read.rawValue : lifeline.write.rawValue
        do throws(Errno) {
            // A log writer outlives a dead master until the last worker is gone, which its lifeline tells.
            if !isLogWriter {
                let hasParent = try CurrentProcess.dieWithParent(processID, signal: .terminate)
                if !hasParent { CurrentProcess.exit(status: 0) }
            }
            let gate = isLogWriter ? [] : configuration.succession?.descriptors ?? []
            try CurrentProcess.closeDescriptors(
                except: configuration.inherited.list(for: role) + gate + [readiness, ownLifeline])
            CurrentProcess.setName(configuration.name + role.nameSuffix)
            // The mask of the master is inherited, so this only opens the descriptor: no signal is lost in between.
            let signals = try SignalDescriptor(blocking: SupervisorSignal.allCases.map(\.signal))
            let context = ChildContext(
                role: role, generation: generation, parentProcessID: processID, signals: signals,
                lifeline: isLogWriter ? ownLifeline : nil, gate: gate.first, readiness: readiness)
            CurrentProcess.exit(status: body?(context) ?? 0)
        } catch {
            configuration.log("\(role.description) cannot begin: \(error)")
            CurrentProcess.exit(status: 1)
        }
    }
}
