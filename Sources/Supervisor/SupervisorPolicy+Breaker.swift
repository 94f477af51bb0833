// The policy when no worker gets ready: one goes on trying, the others wait for it, and a responder answers 503.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// Deaths before readiness, with no worker ready, after which requests are not kept waiting any more.
    static let breakerDeaths = 3

    /// Whether nobody can answer but the responder.
    var isDegraded: Bool {
        phase == .serving && !isPaused && failedStarts >= SupervisorPolicy.breakerDeaths
            && workers.allSatisfy { $0.life != .ready }
    }

    /// In a reload, nobody serves who could show that an older configuration is better than the newest.
    mutating func tryNewest() {
        if isDegraded, configurations.isRolling { prove(configurations.newest) }
    }

    /// Starts or ends the responder, and holds the workers that would only fail as the first one does.
    mutating func bridge() {
        guard isDegraded else { return stopResponder(quickly: false) }
        if hasResponder, responder.life == .absent { start(responderRole) }
        let waiting = workers.indices.filter {
            if case .waiting = workers[$0].life { true } else { false }
        }
        let tries = workers.contains { worker in
            if case .starting = worker.life { true } else { false }
        }
        let probe = tries ? nil : waiting.min { startNs($0) < startNs($1) }
        for slot in waiting where slot != probe { workers[slot].life = .waiting(untilNs: .max) }
        if let probe, startNs(probe) == .max {
            let delayNs = backoff.startDelayNs(failures: max(1, workers[probe].failures))
            workers[probe].life = .waiting(untilNs: nowNs + delayNs)
        }
    }

    private func startNs(_ slot: Int) -> Int64 {
        if case .waiting(let untilNs) = workers[slot].life { untilNs } else { .max }
    }

    /// A worker is ready: those that waited for one are started.
    mutating func release() {
        for slot in workers.indices where workers[slot].life == .waiting(untilNs: .max) {
            start(.worker(slot: slot))
        }
    }

    /// A start that took too long leaves clients waiting more than several quick deaths do.
    mutating func startTookTooLong(_ role: ChildRole) {
        guard case .worker = role, workers.allSatisfy({ $0.life != .ready }) else { return }
        failedStarts = max(failedStarts, SupervisorPolicy.breakerDeaths)
    }

    mutating func stopResponder(quickly: Bool) {
        if responder.life != .absent { stopChild(responderRole, quickly: quickly) }
        responder.failures = 0
    }
}
