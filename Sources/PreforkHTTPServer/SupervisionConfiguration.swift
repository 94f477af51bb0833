// How the master looks after its workers: when they are replaced, and how long they may take.
internal import Supervisor

/// When workers are replaced by fresh ones, and what they may take. A replacement is ready before the old worker is
/// told to end.
public struct SupervisionConfiguration: Sendable {
    /// Seconds a worker may take from its start until it accepts; then it is killed and tried again.
    public var startTimeoutSeconds = 10.0
    /// Requests that a worker serves, up to a tenth fewer, before it is replaced; nil for any number.
    public var maximumRequests: Int?
    /// Seconds that a worker serves, up to a tenth fewer, before it is replaced; nil for ever.
    public var maximumLifetimeSeconds: Double?
    /// Bytes of memory beyond which a worker is replaced; nil for any number.
    public var maximumMemoryBytes: Int64?
    /// Whether the largest worker is replaced, at most every 30 s, when the control group meets a limit of memory.
    public var yieldsToMemoryPressure = false
    /// Workers that must have ended within a minute, while requests of the same method and path ran, until such
    /// requests are answered with 503; 0 for never. Needs the access log.
    public var poisonDeaths = 3
    /// Seconds for which they are.
    public var poisonSeconds = 60.0

    /// The defaults: workers are never replaced, and a request that has ended 3 is refused for a minute.
    public init() {}

    func apply(to limits: inout SupervisorLimits) {
        limits.startUpNs = Self.nanoseconds(startTimeoutSeconds)
        limits.lifetimeNs = maximumLifetimeSeconds.map(Self.nanoseconds)
        limits.residentBytes = maximumMemoryBytes
        limits.yieldsToMemoryPressure = yieldsToMemoryPressure
        limits.poisonDeaths = max(0, poisonDeaths)
        limits.quarantineNs = Self.nanoseconds(poisonSeconds)
    }

    /// Longer ones mean no limit.
    private static func nanoseconds(_ seconds: Double) -> Int64 {
        Int64(max(0, min(seconds, 1e9)) * 1e9)
    }

    /// How many requests the worker of a slot serves: those of one moment do not all end in another.
    func requestLimit(slot: Int, generation: UInt32) -> Int? {
        maximumRequests.map { limit in
            let spread = limit / 10 + 1
            return max(1, limit - (slot &* 7_919 &+ Int(generation) &* 104_729) % spread)
        }
    }
}
