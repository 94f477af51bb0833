// The policy for workers that serve and are to be replaced: the new one gets ready, then the old one is told to end.
internal import LinuxSyscalls

/// Why a worker that serves is replaced.
enum RecyclingReason: Equatable, Sendable {
    /// It has served as many requests as one is to serve.
    case requests
    /// It has served for as long as one is to serve.
    case lifetime
    /// It holds more memory than one may.
    case memory(bytes: Int64)
    /// The control group runs short of memory, and it holds the most.
    case memoryPressure(bytes: Int64)

    var description: String {
        switch self {
        case .requests: "it has served its requests"
        case .lifetime: "it has served its time"
        case .memory(let bytes): "it holds \(bytes >> 20) MiB of memory"
        case .memoryPressure(let bytes): "memory runs short and it holds the most, \(bytes >> 20) MiB"
        }
    }
}

/// When recycling is next of interest.
struct Recycling: Equatable, Sendable {
    /// Replacements that ended before they were ready, in a row.
    var failures = 0
    /// None is started before, after one that failed.
    var notBeforeNs: Int64 = 0
    /// No pressure of memory counts before.
    var pressureNotBeforeNs: Int64 = 0
    /// When memory was measured last; nil before the first time.
    var measuredNs: Int64?

    /// When the policy has to act on it.
    func nextNs(_ policy: SupervisorPolicy) -> Int64? {
        let measureNs = measuredNs.map { $0 + SupervisorLimits.memoryLookNs } ?? policy.nowNs
        let waits = policy.workers.contains { $0.life == .ready && $0.recycling != nil }
        // One that is due now waits for a slot or for another replacement, which are events.
        let retryNs = waits && notBeforeNs > policy.nowNs ? notBeforeNs : nil
        return min(policy.limits.measuresMemory ? measureNs : .max, retryNs ?? .max)
    }
}

extension SupervisorPolicy {
    /// Notes that a worker should be replaced; the first reason stands.
    mutating func wish(for reason: RecyclingReason, slot: Int) {
        if workers[slot].life == .ready, workers[slot].recycling == nil { workers[slot].recycling = reason }
    }

    /// The slot of the worker that is to take another's place.
    func replacement(of slot: Int) -> Int? {
        workers.firstIndex { $0.replaces == slot }
    }

    /// A replacement whose old worker does not serve any more is a worker like others.
    mutating func adoptReplacements() {
        for slot in workers.indices {
            if let old = workers[slot].replaces, workers[old].life != .ready { workers[slot].replaces = nil }
        }
    }

    /// A worker is ready: the one that it replaces is told to end.
    mutating func takeOver(_ slot: Int) {
        guard let old = workers[slot].replaces else { return }
        workers[slot].replaces = nil
        recycling.failures = 0
        if workers[old].life == .ready { stopWorker(old, quickly: false) }
    }

    /// Starts replacements: in a reload for a tenth of the workers at a time, else for one.
    mutating func replaceWorkers() {
        if isPaused { return }
        endRoll()
        var underWay = workers.count { $0.replaces != nil }
        while let old = nextToReplace(underWay), let slot = workers.firstIndex(where: { $0.life == .absent }) {
            if let reason = workers[old].recycling { warn("worker \(old) is replaced: \(reason.description)") }
            workers[slot].replaces = old
            start(.worker(slot: slot))
            underWay += 1
        }
    }

    /// The worker to replace next: one of an older configuration, or the largest of those that should be recycled.
    private func nextToReplace(_ underWay: Int) -> Int? {
        func serves(_ slot: Int) -> Bool { workers[slot].life == .ready && replacement(of: slot) == nil }
        if configurations.isRolling {
            guard underWay < max(1, target / 10), !isTrying else { return nil }
            return workers.indices.first { serves($0) && isOutdated($0) }
        }
        guard underWay == 0, nowNs >= recycling.notBeforeNs else { return nil }
        return workers.indices.filter { workers[$0].recycling != nil && serves($0) }
            .max { workers[$0].residentBytes < workers[$1].residentBytes }
    }

    /// Whether somebody finds out whether a configuration works of which nothing is known yet.
    private var isTrying: Bool {
        workers.contains { worker in
            guard case .starting = worker.life else { return false }
            return worker.configuration > configurations.proven
        }
    }

    /// A worker ended before it was ready: gives a replacement up, and the reload whose configuration it tried.
    ///
    /// Answers whether nobody follows in its slot.
    mutating func abandonTrial(_ slot: Int, _ what: String) -> Bool {
        let isReplacement = workers[slot].replaces != nil
        stopRoll(slot, isReplacement: isReplacement, what)
        guard isReplacement else { return false }
        recycling.failures += 1
        recycling.notBeforeNs = nowNs + backoff.startDelayNs(failures: recycling.failures)
        warn("\(what); the worker that it was to replace goes on")
        vacate(.worker(slot: slot))
        return true
    }

    /// Memory was measured: who holds too much is replaced, and under pressure who holds the most.
    mutating func measured(_ residentBytes: [Int64], isUnderPressure: Bool) {
        for (slot, bytes) in zip(workers.indices, residentBytes) {
            workers[slot].residentBytes = bytes
            if let limit = limits.residentBytes, bytes > limit { wish(for: .memory(bytes: bytes), slot: slot) }
        }
        guard limits.yieldsToMemoryPressure, isUnderPressure, nowNs >= recycling.pressureNotBeforeNs,
            let largest = workers.indices.filter({ workers[$0].life == .ready })
                .max(by: { workers[$0].residentBytes < workers[$1].residentBytes })
        else { return }
        recycling.pressureNotBeforeNs = nowNs + SupervisorLimits.pressurePauseNs
        wish(for: .memoryPressure(bytes: workers[largest].residentBytes), slot: largest)
    }

    /// Asks for a measurement when it is time for one.
    mutating func measureMemory() {
        guard phase == .serving, limits.measuresMemory else { return recycling.measuredNs = nil }
        if let measuredNs = recycling.measuredNs, measuredNs + SupervisorLimits.memoryLookNs > nowNs { return }
        recycling.measuredNs = nowNs
        actions.append(.measureMemory)
    }
}
