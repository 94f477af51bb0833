// The policy for ends: of one worker too many, of the whole tree, of what does not end by itself.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// Begins to stop the tree, or hastens a graceful stop.
    ///
    /// The first stop's status is the one the server ends with.
    mutating func stop(quickly: Bool, status: Int32) {
        switch phase {
        case .idle, .preparing, .serving:
            // A log writer that has never been ready has nothing to finish.
            if phase == .preparing, case .waiting = logWriter.life { logWriter.life = .absent }
            exitStatus = status
            phase = .draining(quickly: quickly)
            for slot in workers.indices { stopWorker(slot, quickly: quickly) }
        case .draining(quickly: false):
            if !quickly { return }
            phase = .draining(quickly: true)
            for slot in workers.indices { stopWorker(slot, quickly: true) }
        case .draining(quickly: true), .finishing, .ended:
            break
        }
    }

    /// Takes away the worker whose loss costs least: one that waits for its start, else the one in the last slot.
    mutating func removeWorker() {
        let waiting = workers.lastIndex {
            if case .waiting = $0.life { true } else { false }
        }
        guard let slot = waiting ?? workers.lastIndex(where: \.isWanted) else { return }
        stopWorker(slot, quickly: false)
    }

    private mutating func stopWorker(_ slot: Int, quickly: Bool) {
        let role = ChildRole.worker(slot: slot)
        let untilNs = nowNs + (quickly ? limits.quickStopNs : limits.drainNs)
        switch workers[slot].life {
        case .absent:
            break
        case .waiting:
            vacate(role)
        case .starting(nil), .stopping(nil):
            workers[slot].life = .stopping(killAtNs: nil)
        case .starting(_?), .ready:
            workers[slot].life = .stopping(killAtNs: untilNs)
            actions.append(.signal(role, quickly ? .terminate : .quit))
        case .stopping(let killAtNs?):
            // A graceful end is hastened by a quick one, never the other way round.
            if !quickly { return }
            workers[slot].life = .stopping(killAtNs: min(killAtNs, untilNs))
            actions.append(.signal(role, .terminate))
        }
    }

    /// The workers are gone: the log writer writes what is left.
    mutating func finish() {
        let untilNs = nowNs + limits.finishNs
        phase = .finishing(untilNs: untilNs)
        switch logWriter.life {
        case .absent:
            break
        case .waiting(let startNs):
            awaitFinish(untilNs, inNs: startNs - nowNs)
        case .starting(nil):
            logWriter.life = .stopping(killAtNs: nil)
        case .stopping:
            break
        case .starting(_?), .ready:
            logWriter.life = .stopping(killAtNs: untilNs)
            actions.append(.signal(.logWriter, .terminate))
        }
    }

    /// The log writer ended while it was to finish.
    ///
    /// One that failed is started again, so that a stop leaves a complete log.
    mutating func endedFinishing(_ end: ProcessEnd) {
        guard case .finishing(let untilNs) = phase, end != .exited(status: 0) else { return vacate(.logWriter) }
        warn("log writer ended before it had finished: \(end.description)")
        awaitFinish(untilNs, inNs: end.permanentStatus == nil ? nextStartDelayNs(.logWriter) : Int64.max)
    }

    /// Tries again to have the log finished, if there is time for it.
    mutating func awaitFinish(_ untilNs: Int64, inNs delayNs: Int64) {
        if delayNs < untilNs - nowNs {
            logWriter.life = .waiting(untilNs: nowNs + delayNs)
        } else {
            warn("the log is left unfinished; the next start on the same database completes it")
            vacate(.logWriter)
        }
    }

    /// Starts and kills what is due.
    mutating func actOnDeadlines() {
        actOnDeadline(.logWriter)
        for slot in workers.indices { actOnDeadline(.worker(slot: slot)) }
    }

    private mutating func actOnDeadline(_ role: ChildRole) {
        guard let deadlineNs = self[role].deadlineNs, deadlineNs <= nowNs else { return }
        switch self[role].life {
        case .absent, .ready:
            break
        case .waiting:
            start(role)
        case .starting:
            self[role].life = .starting(killAtNs: nil)
            warn("\(role.description) is not ready after \(limits.startUpNs / 1_000_000) ms; it is killed")
            actions.append(.signal(role, .kill))
        case .stopping:
            self[role].life = .stopping(killAtNs: nil)
            warn("\(role.description) has not ended in time; it is killed")
            actions.append(.signal(role, .kill))
        }
    }
}
