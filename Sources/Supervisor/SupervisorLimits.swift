// The times that a supervisor grants, and the bounds it keeps, in one value.

/// How long children may take, in nanoseconds of a clock that never jumps, and what makes a worker be replaced.
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
    /// How often the time limits of running requests are looked at; nil for never. At most half of the least limit: so
    /// every limit is known before it is over.
    public var requestLookNs: Int64?
    /// How long a worker serves before it is replaced, a tenth less at random; nil for ever.
    public var lifetimeNs: Int64?
    /// Bytes of memory beyond which a worker is replaced; nil for any number.
    public var residentBytes: Int64?
    /// Whether the largest worker is replaced when the control group runs short of memory.
    public var yieldsToMemoryPressure = false
    /// Deaths of workers within ``poisonWindowNs`` while the same request ran, after which it is refused; 0 for never.
    public var poisonDeaths = 3
    /// For how long a request is refused that has ended so many workers.
    public var quarantineNs: Int64 = 60_000_000_000

    /// Within which deaths by the same request count together.
    static let poisonWindowNs: Int64 = 60_000_000_000
    /// How often memory is measured when it matters.
    static let memoryLookNs: Int64 = 1_000_000_000
    /// From one replacement for want of memory in the control group to the next: the first must have its effect.
    static let pressurePauseNs: Int64 = 30_000_000_000

    /// The defaults: 10 s to start, 30 s to drain, 5 s for a quick stop, 10 s for the log writer, a tick of 1 s;
    /// workers are never replaced; a request that ended 3 workers is refused for 60 s.
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

    var measuresMemory: Bool { residentBytes != nil || yieldsToMemoryPressure }
}
