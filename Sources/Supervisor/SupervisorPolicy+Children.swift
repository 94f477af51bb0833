// The policy for one child: started, ready, ended, not to be had.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// How long to wait for the log writer to complete a slot before asking again.
    static let slotRetryNs: Int64 = 100_000_000

    /// Starts a child; its limit runs before it exists.
    mutating func start(_ role: ChildRole) {
        self[role].generation += 1
        actions.append(
            .spawn(
                role, generation: self[role].generation, needsCompletedSlot: self[role].residue == .retired))
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
        self[role].forkFailures = 0
        self[role].permanentStatus = nil
        switch role {
        case .logWriter:
            if phase == .preparing { phase = .serving }
        case .worker:
            if !hasAnnounced { actions.append(.announceReady) }
            hasAnnounced = true
        }
    }

    mutating func ended(_ role: ChildRole, _ end: ProcessEnd, processID: Int32) {
        let child = "\(role.description) (process \(processID))"
        self[role].forkFailures = 0
        if case .worker(let slot) = role {
            self[role].residue = .death
            actions.append(.recordDeath(slot: slot, generation: self[role].generation, end))
        }
        switch self[role].life {
        case .absent, .waiting:
            break
        case .ready:
            warn("\(child) ended: \(end.description); it is replaced")
            start(role)
        case .starting:
            endedBeforeReady(role, end, child)
        case .stopping:
            switch role {
            case .logWriter: endedFinishing(end)
            case .worker: vacate(role)
            }
        }
    }

    private mutating func endedBeforeReady(_ role: ChildRole, _ end: ProcessEnd, _ child: String) {
        self[role].permanentStatus = end.permanentStatus
        if let status = end.permanentStatus, isHopeless(role) {
            vacate(role)
            warn("\(child) cannot start: \(end.description), which trying again does not change; the server stops")
            return stop(quickly: true, status: status)
        }
        let delayNs = nextStartDelayNs(role)
        self[role].life = .waiting(untilNs: nowNs + delayNs)
        warn("\(child) ended before it was ready: \(end.description); next try in \(delayNs / 1_000_000) ms")
    }

    /// Whether a permanent failure of this role means that the server can never serve: it has not yet, and nobody else
    /// gets ready.
    private func isHopeless(_ role: ChildRole) -> Bool {
        switch role {
        case .logWriter: phase == .preparing
        case .worker: !hasAnnounced && workers.allSatisfy { !$0.isWanted || $0.permanentStatus != nil }
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
        let delayNs = Backoff.forkDelayNs(failures: self[role].forkFailures)
        warn("\(role.description) could not be started: \(error.description); next try in \(delayNs / 1_000_000) ms")
        retry(role, inNs: delayNs)
    }

    mutating func notCompleted(slot: Int) {
        retry(.worker(slot: slot), inNs: SupervisorPolicy.slotRetryNs)
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
        if case .worker(let slot) = role, self[role].residue == .death {
            self[role].residue = .retired
            actions.append(.retireSlot(slot))
        }
    }
}
