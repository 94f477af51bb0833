// A policy with a clock of its own, for tests that are short scripts of events and the actions that must follow.
import LinuxSyscalls
import SystemPackage

@testable import Supervisor

let ms: Int64 = 1_000_000
let killed = ProcessEnd.signalled(.kill)

/// A policy with a clock of its own; actions come without diagnostics.
struct Script {
    var policy: SupervisorPolicy
    var nowNs: Int64 = 1_000_000_000_000
    var warnings: [String] = []

    init(
        workers: Int = 2, hasLogWriter: Bool = true, hasResponder: Bool = true,
        limits: SupervisorLimits = SupervisorLimits()
    ) {
        policy = SupervisorPolicy(
            workers: workers, hasLogWriter: hasLogWriter, hasResponder: hasResponder, limits: limits, seed: 7)
    }

    mutating func callAsFunction(_ event: SupervisorEvent, afterNs: Int64 = 0) -> [SupervisorAction] {
        nowNs += afterNs
        return policy.handle(event, at: nowNs).filter { action in
            guard case .warn(let text) = action else { return true }
            warnings.append(text)
            return false
        }
    }

    /// Lets the time pass in ticks until the policy wants something done; answers that and how long it took.
    mutating func wait() -> (actions: [SupervisorAction], elapsedNs: Int64) {
        let startNs = nowNs
        while let nextNs = policy.nextDeadlineNs {
            let actions = self(.timer, afterNs: nextNs - nowNs)
            if !actions.isEmpty { return (actions, nowNs - startNs) }
        }
        return ([], nowNs - startNs)
    }

    mutating func die(
        _ role: ChildRole, _ end: ProcessEnd = killed, request: RunningRequest? = nil
    ) -> [SupervisorAction] {
        self(.childEnded(role, end, processID: 4711, request: request))
    }

    /// Two workers and a log writer that are all ready.
    static func serving(
        workers: Int = 2, hasLogWriter: Bool = true, limits: SupervisorLimits = SupervisorLimits()
    ) -> Script {
        var script = Script(workers: workers, hasLogWriter: hasLogWriter, limits: limits)
        _ = script(.started)
        if hasLogWriter { _ = script(.childReady(.logWriter)) }
        for slot in 0..<workers { _ = script(.childReady(.worker(slot: slot))) }
        return script
    }
}

func spawn(
    _ role: ChildRole, _ generation: UInt32, afterCompletion: Bool = false, configuration: UInt32 = 0
) -> SupervisorAction {
    .spawn(role, generation: generation, needsCompletedSlot: afterCompletion, configuration: configuration)
}

let w0 = ChildRole.worker(slot: 0)
let w1 = ChildRole.worker(slot: 1)
let w2 = ChildRole.worker(slot: 2)
let w3 = ChildRole.worker(slot: 3)
