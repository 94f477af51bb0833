// What a child is handed when its body begins.
public import LinuxSyscalls
public import SystemPackage

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
    /// Its death reaches a worker as TERM, see ``followMaster()``, and the log writer through ``lifeline``.
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

    /// The pipe to the master, as long as there may be something to say.
    private var pipe: Descriptor?
    private var isReady = false
    private let orphanLimitNs: Int64

    init(
        role: ChildRole, generation: UInt32, parentProcessID: Int32, signals: consuming SignalDescriptor,
        lifeline: CInt?, gate: CInt?, pipe: consuming Descriptor, orphanLimitNs: Int64
    ) {
        self.role = role
        self.generation = generation
        self.parentProcessID = parentProcessID
        self.signals = signals
        self.lifeline = lifeline
        self.gate = gate
        self.orphanLimitNs = orphanLimitNs
        self.pipe = .some(pipe)
    }

    /// Has a worker end when the master does: quickly, by TERM, and by KILL when that takes longer than a quick stop
    /// may, since what runs in a worker may spin for ever.
    ///
    /// Quickly, because nobody is there to watch a drain, and the next server wants the port and the log. False when
    /// the master is gone already. Done before the body begins; a body that changes the user has to call it again,
    /// because the kernel forgets it then.
    public func followMaster() throws(Errno) -> Bool {
        try CurrentProcess.endWithParent(parentProcessID, limitMs: Int(orphanLimitNs / 1_000_000))
    }

    /// The number of the slot; nil for the log writer.
    public var slot: Int? { role.slot }

    /// Tells the master that this child does its work from now on.
    ///
    /// Only the first call counts.
    public func reportReady() {
        if isReady { return }
        isReady = true
        tell(.ready)
        switch role {
        case .worker: break
        case .logWriter, .responder: pipe = nil
        }
    }

    /// Asks the master for a replacement, which tells this worker to end when it is ready itself.
    public func askForReplacement() {
        tell(.wishesReplacement)
    }

    private func tell(_ message: ChildMessage) {
        // The only failure is a master that is gone, which the child learns by signal.
        if let number = pipe?.rawValue { try? DescriptorIO.writeAll([message.rawValue].span.raw, to: number) }
    }
}
