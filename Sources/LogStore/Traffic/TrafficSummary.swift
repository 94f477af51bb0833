// What is kept of a set of requests when the requests themselves are not looked at again.

/// Counters, durations and clients of a set of requests. A row of a tier holds one, and a scan fills one; two of them
/// merge into that of both sets.
public struct TrafficSummary: Sendable {
    /// What adds up.
    public var counts = TrafficCounts()

    /// The durations.
    public var latency = LatencySketch()

    /// The different clients.
    public var clients = DistinctSketch()

    /// Of no requests.
    public init() {}

    /// Adds the requests of another set, which has none in common with this one.
    public mutating func merge(_ other: TrafficSummary) {
        counts.merge(other.counts)
        latency.merge(other.latency)
        clients.merge(other.clients)
    }
}
