// The policy for HUP: the configuration is read before anything moves, and then workers are replaced a few at a time.
internal import LinuxSyscalls

/// Which configurations there are, by number from 0.
struct Configurations: Equatable, Sendable {
    /// The last one that was read.
    var newest: UInt32 = 0
    /// The last one with which a worker got ready: what ended workers are started with.
    var proven: UInt32 = 0
    /// Whether workers of older configurations are being replaced by the newest.
    var isRolling = false
    /// What comes into force when the newest is proven.
    var pending: Pending?

    /// What the master itself takes from a configuration.
    struct Pending: Equatable, Sendable {
        var workers: Int
        let limits: SupervisorLimits
    }
}

extension SupervisorPolicy {
    /// The configurations with which a worker may still be started, before the next one is read: those that workers run
    /// with, since one of them is the proven one when a reload stops, and that. However often a reload is asked for,
    /// these are few.
    var usableConfigurations: Set<UInt32> {
        Set(workers.filter(\.isRunning).map(\.configuration) + [configurations.proven])
    }

    /// The number that the next configuration gets.
    var nextConfiguration: UInt32 { configurations.newest + 1 }

    mutating func askForReload() {
        switch phase {
        case .serving: actions.append(.reload)
        case .idle, .preparing: warn("the server is still starting; it has just read its configuration")
        case .draining, .finishing, .ended: warn("the server is stopping; its configuration is of no matter")
        }
    }

    mutating func reloaded(workers wanted: Int, _ limits: SupervisorLimits) {
        guard phase == .serving else { return }
        resume()
        configurations.newest += 1
        configurations.isRolling = true
        let bounded = min(max(1, wanted), largestTarget)
        if bounded != wanted {
            warn("there can be \(largestTarget) workers at most until a restart; \(wanted) are wanted")
        }
        configurations.pending = Configurations.Pending(workers: bounded, limits: limits)
        // Nobody serves who could show that the old one is better.
        if workers.allSatisfy({ $0.life != .ready }) {
            prove(configurations.newest)
            for slot in workers.indices {
                if case .waiting = workers[slot].life { workers[slot].life = .waiting(untilNs: nowNs) }
            }
        }
        warn("the configuration was read anew; the workers are replaced")
    }

    /// A worker got ready with this configuration.
    mutating func prove(_ configuration: UInt32) {
        guard configuration > configurations.proven else { return }
        configurations.proven = configuration
        guard configuration == configurations.newest, let pending = configurations.pending else { return }
        configurations.pending = nil
        target = pending.workers
        limits = pending.limits
    }

    func isOutdated(_ slot: Int) -> Bool {
        workers[slot].configuration < configurations.newest
    }

    /// The reload is over when nobody of an older configuration serves or is about to.
    mutating func endRoll() {
        guard configurations.isRolling else { return }
        let isOver = workers.indices.allSatisfy { slot in
            switch workers[slot].life {
            case .starting, .ready: !isOutdated(slot) && workers[slot].replaces == nil
            case .waiting: workers[slot].replaces == nil
            case .absent, .stopping: true
            }
        }
        guard isOver, configurations.proven == configurations.newest else { return }
        configurations.isRolling = false
        warn("every worker has the new configuration")
    }

    /// A worker that tried the newest configuration ended before it was ready.
    mutating func stopRoll(_ slot: Int, isReplacement: Bool, _ what: String) {
        let isProven = configurations.proven == configurations.newest
        guard configurations.isRolling, !isOutdated(slot), isReplacement || !isProven else { return }
        configurations.isRolling = false
        configurations.pending = nil
        // It may have counted as proven only because nobody served.
        let serving = workers.filter { $0.life == .ready }
        configurations.proven = serving.map(\.configuration).max() ?? configurations.proven
        warn("the reload stops, and the workers that serve keep the configuration they have")
    }
}
