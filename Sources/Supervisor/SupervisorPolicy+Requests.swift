// The policy for requests: those that take too long, and those that end one worker after the other.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// From the arrival of a request to a SIGKILL of unknown origin: only then may the request have brought it about,
    /// by taking all memory. A request that had only begun was hit by chance.
    static let suspectAgeNs: Int64 = 100_000_000

    /// Looks at the limits of the running requests, and acts on those that are over.
    ///
    /// A master that has slept extends all of them once by that time: it must not blame a request for it.
    mutating func look(at deadlines: [RequestDeadlines]) {
        let sleptNs = sleptSinceLookNs
        sleptSinceLookNs = 0
        for (slot, found) in zip(workers.indices, deadlines) where workers[slot].isRunning {
            workers[slot].request.observe(found)
            workers[slot].request.extend(byNs: sleptNs)
            guard workers[slot].mayRunRequests else { continue }
            let role = ChildRole.worker(slot: slot)
            switch workers[slot].request.take(nowNs: nowNs) {
            case .nothing:
                break
            case .soft:
                warn("a request in worker \(slot) has taken too long; it is ended")
                actions.append(.signal(role, .alarm))
            case .hard:
                warn("worker \(slot) has not ended a request that has taken too long; it is killed")
                actions.append(.signal(role, .kill))
            }
        }
    }

    /// A worker ended while a handler ran: after several such ends the request is refused.
    mutating func note(_ request: RunningRequest, of role: ChildRole, _ end: ProcessEnd) {
        guard limits.poisonDeaths > 0, case .worker(let slot) = role, blames(request, slot, end),
            poison.note(request, nowNs: nowNs, limits: limits)
        else { return }
        actions.append(.refuse(poison.quarantines))
        warn(
            "\(request.name) was running when \(limits.poisonDeaths) workers ended; it is answered with 503 for "
                + "\(limits.quarantineNs / 1_000_000_000) s")
    }

    private func blames(_ request: RunningRequest, _ slot: Int, _ end: ProcessEnd) -> Bool {
        // A limit of its own: whoever was to stop the worker, this request held it up.
        if workers[slot].request.isTold || workers[slot].request.isKilled { return true }
        if case .stopping = workers[slot].life {
            guard case .signalled(let signal) = end else { return false }
            return signal.isFault
        }
        return end != .signalled(.kill) || request.ageNs >= SupervisorPolicy.suspectAgeNs
    }

    /// Requests whose time is up are served again.
    mutating func endQuarantines() {
        let released = poison.release(nowNs: nowNs)
        if released.isEmpty { return }
        actions.append(.refuse(poison.quarantines))
        for quarantine in released { warn("\(quarantine.name) is served again") }
    }
}
