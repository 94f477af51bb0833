// The whole policy of an upgrade: from (phase, event, now) to actions. No system call, no clock, no process.

/// Something that happened to an upgrade.
public enum UpgradeEvent: Equatable, Sendable {
    /// Somebody asked for an upgrade.
    case requested
    /// The new program was started.
    case started(processID: Int32)
    /// The new program could not be started, and why.
    case notStarted(String)
    /// The new tree says that it serves, on its private socket.
    case ready
    /// The request to the new tree is over: nil when it was answered well, else what was wrong.
    case probed(failure: String?)
    /// The new master ended and was collected.
    case ended(String)
    /// This master is to do something else: the name of the signal.
    case interrupted(by: String)
    /// The moment named by ``UpgradePolicy/nextDeadlineNs`` has come.
    case timer
}

/// Something the master has to do for an upgrade, in the order of the answer.
public enum UpgradeAction: Equatable, Sendable {
    /// Start the new program.
    case start
    /// Have a child send a request to the new tree.
    case probe
    /// Kill that child, if it runs.
    case endProbe
    /// Kill the new tree, all of it.
    case kill
    /// Tell the new tree to accept, give up the log, and drain.
    case handOver
    /// Print a line of diagnostics.
    case warn(String)
}

/// Decides about the new program: it gets the clients when it has come up and has answered a request of ours in time;
/// else it is killed, and nothing has happened.
public struct UpgradePolicy: Sendable {
    /// Where an upgrade is. Moments are nanoseconds on the caller's clock.
    enum Phase: Equatable, Sendable {
        /// There is no upgrade.
        case idle
        /// The new program was started, and is not ready.
        case starting(untilNs: Int64)
        /// The new tree is ready and was sent a request.
        case probing(untilNs: Int64)
        /// The new tree is being killed.
        case rollingBack
        /// The new tree serves; this one drains.
        case handedOver
    }

    /// From the start of the new program to its answer.
    private let limitNs: Int64
    private(set) var phase = Phase.idle
    private var actions: [UpgradeAction] = []

    /// No upgrade, and the time that one may take.
    public init(limitNs: Int64) {
        self.limitNs = limitNs
    }

    /// When ``UpgradeEvent/timer`` is due; nil when nothing runs that has a limit.
    public var nextDeadlineNs: Int64? {
        switch phase {
        case .starting(let untilNs), .probing(let untilNs): untilNs
        case .idle, .rollingBack, .handedOver: nil
        }
    }

    /// Takes in one event and answers what has to be done, in order.
    public mutating func handle(_ event: UpgradeEvent, at nowNs: Int64) -> [UpgradeAction] {
        switch event {
        case .requested: begin(nowNs)
        case .started(let processID): actions.append(.warn("upgrade: process \(processID) was started"))
        case .notStarted(let cause): notStarted(cause)
        case .ready: becameReady()
        case .probed(let failure): probed(failure)
        case .ended(let end): ended(end)
        case .interrupted(let signal): rollBack(because: "\(signal) came in between")
        case .timer: timeIsUp(nowNs)
        }
        defer { actions = [] }
        return actions
    }

    private mutating func begin(_ nowNs: Int64) {
        switch phase {
        case .idle:
            phase = .starting(untilNs: nowNs + limitNs)
            actions = [.start]
        case .starting, .probing, .rollingBack:
            actions = [.warn("upgrade: one is under way; this one is refused")]
        case .handedOver:
            actions = [.warn("upgrade: this server has handed over and ends; ask the new one")]
        }
    }

    private mutating func notStarted(_ cause: String) {
        guard case .starting = phase else { return }
        phase = .idle
        actions = [.warn("upgrade: the new program cannot be started: \(cause); the old one goes on")]
    }

    private mutating func becameReady() {
        guard case .starting(let untilNs) = phase else { return }
        phase = .probing(untilNs: untilNs)
        actions = [.probe]
    }

    private mutating func probed(_ failure: String?) {
        guard case .probing = phase else { return }
        if let failure { return rollBack(because: failure) }
        phase = .handedOver
        actions = [.warn("upgrade: the new server answers and takes over; this one drains"), .handOver]
    }

    private mutating func ended(_ end: String) {
        switch phase {
        case .idle:
            break
        case .starting, .probing:
            if case .probing = phase { actions.append(.endProbe) }
            // The others of its tree may live on for a moment.
            actions += [.kill, .warn("upgrade: the new server ended: \(end); the old one goes on")]
            phase = .idle
        case .rollingBack:
            phase = .idle
        case .handedOver:
            actions = [.warn("upgrade: the new server ended: \(end); nobody accepts any more, start one")]
        }
    }

    private mutating func timeIsUp(_ nowNs: Int64) {
        guard let deadlineNs = nextDeadlineNs, deadlineNs <= nowNs else { return }
        let lacks = if case .probing = phase { "has not answered" } else { "is not ready" }
        rollBack(because: "the new server \(lacks) after \(limitNs / 1_000_000) ms")
    }

    private mutating func rollBack(because cause: String) {
        switch phase {
        case .idle, .rollingBack, .handedOver: return
        case .starting: break
        case .probing: actions.append(.endProbe)
        }
        phase = .rollingBack
        actions += [.kill, .warn("upgrade: \(cause); the new server is killed, the old one goes on")]
    }
}
