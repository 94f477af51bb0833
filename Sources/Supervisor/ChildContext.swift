// What a child is handed when its body begins.
public import LinuxSyscalls

/// The child's view of itself.
///
/// The supervisor ends the process with the status that the body returns.
public final class ChildContext {
    /// What this child is for.
    public let role: ChildRole
    /// Counts the children of the role from 1.
    public let generation: UInt32
    /// The master, for diagnostics.
    ///
    /// Its death reaches a worker as TERM, and the log writer through ``lifeline``.
    public let parentProcessID: Int32
    /// The signals of ``SupervisorSignal``, none lost since before the child existed.
    ///
    /// A worker ends quickly on TERM and INT and gracefully on QUIT. A log writer obeys TERM alone, when it has written
    /// everything: INT and QUIT come from a terminal to the whole group, and workers still write then.
    public let signals: SignalDescriptor
    /// For the log writer: the reading end of a pipe that nobody writes to and that the master and the workers hold.
    ///
    /// It reaches its end (becomes readable) when all of them are gone, whoever killed them; the log writer writes what
    /// they left and ends. nil for a worker.
    public let lifeline: CInt?

    /// For a worker of a tree that another is to hand over to: readable, at its end, when it has. nil for others.
    public let gate: CInt?

    private var readiness: CInt?

    init(
        role: ChildRole, generation: UInt32, parentProcessID: Int32, signals: consuming SignalDescriptor,
        lifeline: CInt?, gate: CInt?, readiness: CInt
    ) {
        self.role = role
        self.generation = generation
        self.parentProcessID = parentProcessID
        self.signals = signals
        self.lifeline = lifeline
        self.gate = gate
        self.readiness = readiness
    }

    /// The number of the slot; nil for the log writer.
    public var slot: Int? {
        switch role {
        case .logWriter: nil
        case .worker(let slot): slot
        }
    }

    /// Tells the master that this child does its work from now on.
    ///
    /// Only the first call counts.
    public func reportReady() {
        guard let number = readiness else { return }
        readiness = nil
        let pipe = Descriptor(owning: number)
        // The only failure is a master that is gone, which the child learns by signal.
        try? DescriptorIO.writeAll("r", to: pipe.rawValue)
    }
}
