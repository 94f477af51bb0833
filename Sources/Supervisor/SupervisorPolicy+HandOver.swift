// The policy for a tree whose successor serves: the log goes over at once, the workers drain.
internal import LinuxSyscalls

extension SupervisorPolicy {
    /// Another tree accepts from now on: drains the workers, and has the log writer give the log up at once.
    ///
    /// What the workers still write into their rings is stored by the other tree's log writer.
    mutating func handOver() {
        stop(quickly: false, status: 0)
        switch logWriter.life {
        case .absent, .stopping: break
        case .waiting: vacate(.logWriter)
        case .starting(nil): logWriter.life = .stopping(killAtNs: nil)
        case .starting(_?), .ready:
            logWriter.life = .stopping(killAtNs: nowNs + limits.finishNs)
            actions.append(.signal(.logWriter, .terminate))
        }
    }
}
