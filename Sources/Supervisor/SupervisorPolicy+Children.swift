// The policy for one child: started, ready, ended, not to be had.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// How long to wait for the log writer to complete a slot before asking again.
    static let slotRetryNs: Int64 = 100_000_000

    /// Starts a child; its limit runs before it exists.
    mutating func start(_ role: ChildRole) {
        // A replacement during a reload tries the newest configuration, everybody else has the one that works.
        let isTrial = configurations.isRolling && self[role].replaces != nil
        self[role].beginNext(configuration: isTrial ? configurations.newest : configurations.proven)
        actions.append(
            .spawn(
                role, generation: self[role].generation, needsCompletedSlot: self[role].residue == .retired,
                configuration: self[role].configuration))
        if case .finishing(let untilNs) = phase {
            // A log writer that is only to finish: it reads the signal when it begins.
            self[role].life = .stopping(killAtNs: untilNs)
            actions.append(.signal(role, .terminate))
        } else {
            self[role].life = .starting(killAtNs: nowNs + limits.startUpNs)
        }
    }

    mutating func becameReady(_ role: ChildRole) {
        // Too late for a child that is being killed, and nothing new of one that was told to end.
        guard case .starting(_?) = self[role].life else { return }
        self[role].life = .ready
        self[role].failures = 0
        self[role].permanentStatus = nil
        if self[role].forkFailures > 0 { warn("\(role.description) could be started again") }
        self[role].forkFailures = 0
        switch role {
        case .logWriter:
            if phase == .preparing { phase = .serving }
        case .worker(let slot):
            if !hasAnnounced { actions.append(.announceReady) }
            hasAnnounced = true
            workerBecameReady(slot)
        case .responder:
            warn("no worker gets ready; requests are answered with 503 until one does")
        }
    }

    private mutating func workerBecameReady(_ slot: Int) {
        failedStarts = 0
        prove(workers[slot].configuration)
        if let lifetimeNs = limits.lifetimeNs {
            workers[slot].lifetimeEndNs = nowNs + backoff.jittered(lifetimeNs)
        }
        takeOver(slot)
        release()
    }

    mutating func ended(_ role: ChildRole, _ end: ProcessEnd, processID: Int32) {
        let child = "\(role.description) (process \(processID))"
        self[role].forkFailures = 0
        if let slot = role.slot {
            self[role].residue = .death
            actions.append(
                .recordDeath(
                    slot: slot, generation: self[role].generation, end,
                    isOverdue: self[role].request.isReason(for: end)))
        }
        switch self[role].life {
        case .absent, .waiting:
            break
        case .ready:
            endedInService(role, end, child)
        case .starting:
            endedBeforeReady(role, end, child)
        case .stopping:
            switch role {
            case .logWriter: endedFinishing(end)
            case .worker, .responder: vacate(role)
            }
        }
    }

    private mutating func endedInService(_ role: ChildRole, _ end: ProcessEnd, _ child: String) {
        switch role {
        case .worker(let slot) where replacement(of: slot) != nil:
            warn("\(child) ended: \(end.description); the one that was to replace it follows")
            vacate(role)
        case .logWriter, .worker:
            // Said afterwards: nobody waits for a slow standard error.
            start(role)
            warn("\(child) ended: \(end.description); it is replaced")
        case .responder:
            // Nothing but an error of its own ends it, and each request may meet that again.
            wait(role, child, "ended: \(end.description)")
        }
    }

    private mutating func endedBeforeReady(_ role: ChildRole, _ end: ProcessEnd, _ child: String) {
        self[role].permanentStatus = end.permanentStatus
        if let status = end.permanentStatus, isHopeless(role) {
            vacate(role)
            warn("\(child) cannot start: \(end.description), which trying again does not change; the server stops")
            return stop(quickly: true, status: status)
        }
        if case .worker(let slot) = role {
            if workers.allSatisfy({ $0.life != .ready }) { failedStarts += 1 }
            if abandonTrial(slot, "\(child) ended before it was ready: \(end.description)") { return }
        }
        wait(role, child, "ended before it was ready: \(end.description)")
    }

    private mutating func wait(_ role: ChildRole, _ child: String, _ what: String) {
        let delayNs = nextStartDelayNs(role)
        self[role].life = .waiting(untilNs: nowNs + delayNs)
        warn("\(child) \(what); next try in \(delayNs / 1_000_000) ms")
    }

    /// Whether a permanent failure of this role means that the server can never serve: it has not yet, and nobody else
    /// gets ready.
    private func isHopeless(_ role: ChildRole) -> Bool {
        switch role {
        case .logWriter: phase == .preparing
        case .worker: !hasAnnounced && workers.allSatisfy { !$0.isWanted || $0.permanentStatus != nil }
        case .responder: false
        }
    }

    mutating func nextStartDelayNs(_ role: ChildRole) -> Int64 {
        self[role].failures += 1
        return backoff.startDelayNs(failures: self[role].failures)
    }

    mutating func notForked(_ role: ChildRole, _ error: ForkError) {
        if case .notSingleThreaded(let threads) = error, !hasAnnounced {
            vacate(role)
            warn("\(threads) threads run in the master, so it cannot start a child; start no thread before run()")
            return stop(quickly: true, status: 70)
        }
        self[role].forkFailures += 1
        // Said once: the tries are many.
        if self[role].forkFailures == 1 {
            warn("\(role.description) could not be started: \(error.description); it is tried again until it can be")
        }
        retry(role, inNs: Backoff.forkDelayNs(failures: self[role].forkFailures))
    }

    mutating func notCompleted(slot: Int) {
        retry(slot == workers.count ? responderRole : .worker(slot: slot), inNs: SupervisorPolicy.slotRetryNs)
    }

    private mutating func retry(_ role: ChildRole, inNs delayNs: Int64) {
        // Nobody was born.
        self[role].generation -= 1
        switch (self[role].life, phase) {
        case (.absent, _), (.ready, _), (.waiting, _):
            break
        case (.starting, _):
            self[role].life = .waiting(untilNs: nowNs + delayNs)
        case (.stopping, .finishing(let untilNs)):
            awaitFinish(untilNs, inNs: delayNs)
        case (.stopping, .idle), (.stopping, .preparing), (.stopping, .serving), (.stopping, .draining),
            (.stopping, .ended):
            vacate(role)
        }
    }

    /// Ends a role that has no child: a slot goes to the log writer with what lies in it.
    mutating func vacate(_ role: ChildRole) {
        self[role].life = .absent
        self[role].replaces = nil
        if let slot = role.slot, self[role].residue == .death {
            self[role].residue = .retired
            actions.append(.retireSlot(slot))
        }
    }
}
