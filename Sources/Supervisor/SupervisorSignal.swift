// The signals that steer a tree: blocked in the master and in every child, read as events.
public import LinuxSyscalls

/// A signal that the master reads, with the meaning it has for nginx and gunicorn.
///
/// Every child starts with the same signals blocked and readable, so that none that arrives early is lost and none
/// kills a child by its default action (a terminal sends INT and HUP to the whole process group).
public enum SupervisorSignal: CaseIterable, Sendable {
    /// TERM: quick stop.
    case terminate
    /// INT: quick stop.
    case interrupt
    /// QUIT: graceful stop.
    case quit
    /// TTIN: one worker more.
    case addWorker
    /// TTOU: one worker less.
    case removeWorker
    /// HUP.
    case hangUp
    /// USR1.
    case user1
    /// USR2.
    case user2
    /// WINCH.
    case windowChange

    /// The signal of the platform.
    public var signal: Signal {
        switch self {
        case .terminate: .terminate
        case .interrupt: .interrupt
        case .quit: .quit
        case .addWorker: .terminalInput
        case .removeWorker: .terminalOutput
        case .hangUp: .hangUp
        case .user1: .user1
        case .user2: .user2
        case .windowChange: .windowChange
        }
    }

    /// The case for a signal of the platform; nil for one that no supervisor reads.
    public init?(_ signal: Signal) {
        guard let match = SupervisorSignal.allCases.first(where: { $0.signal == signal }) else { return nil }
        self = match
    }
}
