// Which requests end workers again and again: told apart by method and path, and refused for a while.

/// The request whose handler ran when a worker ended.
public struct RunningRequest: Equatable, Sendable {
    /// The same for requests of the same method and path, whatever their query.
    public let fingerprint: UInt64
    /// Method and path for diagnostics, printable.
    public let name: String
    /// Nanoseconds from its arrival to the end of its worker.
    public let ageNs: Int64

    /// Gathers the values.
    public init(fingerprint: UInt64, name: String, ageNs: Int64) {
        self.fingerprint = fingerprint
        self.name = name
        self.ageNs = ageNs
    }
}

/// A request that is refused until a moment.
public struct Quarantine: Equatable, Sendable {
    /// As of ``RunningRequest/fingerprint``.
    public let fingerprint: UInt64
    /// Method and path for diagnostics.
    public let name: String
    /// When it is served again, monotonic nanoseconds.
    public let untilNs: Int64
}

/// The deaths of the last while and what came of them.
struct PoisonTable: Equatable, Sendable {
    /// Deaths that are remembered; more within a window do not find their like among the older.
    static let deathsKept = 512
    /// Requests that the workers' table has room for; further ones are served on.
    static let quarantinesKept = 127

    private struct Death: Equatable, Sendable {
        let fingerprint: UInt64
        let atNs: Int64
    }

    private var deaths: [Death] = []
    private(set) var quarantines: [Quarantine] = []

    /// The next moment at which a request is served again.
    var nextEndNs: Int64? { quarantines.lazy.map(\.untilNs).min() }

    /// Notes a death; answers whether the request is refused from now on.
    mutating func note(_ request: RunningRequest, nowNs: Int64, limits: SupervisorLimits) -> Bool {
        deaths.removeAll { $0.atNs <= nowNs - SupervisorLimits.poisonWindowNs }
        // One that ran already when it was refused says nothing new.
        if quarantines.contains(where: { $0.fingerprint == request.fingerprint }) { return false }
        deaths.append(Death(fingerprint: request.fingerprint, atNs: nowNs))
        if deaths.count > Self.deathsKept { deaths.removeFirst() }
        guard deaths.count(where: { $0.fingerprint == request.fingerprint }) >= limits.poisonDeaths,
            quarantines.count < Self.quarantinesKept
        else { return false }
        deaths.removeAll { $0.fingerprint == request.fingerprint }
        quarantines.append(
            Quarantine(
                fingerprint: request.fingerprint, name: request.name, untilNs: nowNs + limits.quarantineNs))
        return true
    }

    /// Takes out the requests whose time is up.
    mutating func release(nowNs: Int64) -> [Quarantine] {
        let released = quarantines.filter { $0.untilNs <= nowNs }
        if !released.isEmpty { quarantines.removeAll { $0.untilNs <= nowNs } }
        return released
    }
}
