// The log writer process: the public face of the loop that copies rings into the database.
public import AccessLog
public import LinuxSyscalls
internal import SystemPackage

/// The one writer of a database, in a process of its own.
///
/// It may be killed at any instruction: everything it knows it reads from the database and the rings when it starts.
public final class LogWriter {
    private let configuration: LogWriterConfiguration

    /// A writer; nothing is opened yet.
    public init(_ configuration: LogWriterConfiguration) {
        self.configuration = configuration
    }

    /// Writes until a signal or the end of its tree says to stop. To be called in the process that was forked for it.
    ///
    /// When it stops and every slot of the ring was retired and completed, the ring file is removed: nothing is left to
    /// salvage.
    ///
    /// - Parameters:
    ///   - ring: the ring file of this process tree, writable.
    ///   - doorbell: what workers ring when the writer sleeps.
    ///   - signals: yields SIGTERM, which means: store what is in the rings, then return. Other signals mean nothing: a
    ///     terminal sends them to the workers as well, and those must end first.
    ///   - lifeline: the reading end of a pipe that the others of the tree hold. Its end means that all of them are
    ///     gone.
    ///   - ready: called once, when the database is open, locked and written to. What dead trees left is stored before,
    ///     as far as that takes less than a second.
    /// - Throws: when the database cannot be used; nothing in it was changed.
    public func run(
        ring: LogRingFile, doorbell: borrowing EventDescriptor, signals: borrowing SignalDescriptor,
        lifeline: CInt? = nil, ready: () -> Void
    ) throws(LogStoreError) {
        let loop = try LogWriterLoop(
            configuration, ring: ring, doorbell: doorbell.rawValue,
            stops: [signals.rawValue] + (lifeline.map { [$0] } ?? []))
        try loop.run(
            isStop: {
                while let signal = try? signals.next() {
                    if signal == .terminate { return true }
                }
                guard let lifeline, let rest = try? DescriptorIO.read(from: lifeline, atMost: 1) else { return false }
                return rest.isEmpty
            }, ready: ready)
    }
}
