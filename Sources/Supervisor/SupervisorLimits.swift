// The times that a supervisor grants, in one value.

/// How long children may take, in nanoseconds of a clock that never jumps.
public struct SupervisorLimits: Equatable, Sendable {
    /// From the start of a child to its readiness; then it is killed.
    public var startUpNs: Int64
    /// From a graceful stop (or the removal of a worker) to the kill.
    public var drainNs: Int64
    /// From a quick stop to the kill.
    public var quickStopNs: Int64
    /// For the log writer to write what is left once all workers are gone; then it is killed.
    public var finishNs: Int64
    /// How often the policy wants to be called while a limit runs, which tells it whether the master itself was
    /// stopped.
    public var tickNs: Int64

    /// The defaults: 10 s to start, 30 s to drain, 5 s for a quick stop, 10 s for the log writer, a tick of 1 s.
    public init(
        startUpNs: Int64 = 10_000_000_000, drainNs: Int64 = 30_000_000_000, quickStopNs: Int64 = 5_000_000_000,
        finishNs: Int64 = 10_000_000_000, tickNs: Int64 = 1_000_000_000
    ) {
        self.startUpNs = startUpNs
        self.drainNs = drainNs
        self.quickStopNs = quickStopNs
        self.finishNs = finishNs
        self.tickNs = tickNs
    }
}
