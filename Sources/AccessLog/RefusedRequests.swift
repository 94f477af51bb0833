// Requests that have ended several workers: how master and workers tell that two are the same.
internal import LinuxSyscalls

/// The table of refused requests, which the master writes into the header and every worker reads.
enum RefusedRequests {
    /// What half of the header's page has room for.
    static let kept = 127

    /// The same number for requests of the same method and path, whatever the query; never 0.
    ///
    /// Both sides see at most the share of the texts that an entry holds. The keys of the hash are random and those of
    /// the process that master and workers are forks of: nobody can make up a request that is taken for another.
    static func fingerprint(method: RawSpan, target: RawSpan) -> UInt64 {
        let method = method.extracting(first: EntryWord.methodShare)
        let target = target.extracting(first: EntryWord.targetShare)
        let path = target.extracting(first: Bytes.count(before: UInt8(ascii: "?"), in: target))
        return Bytes.hash(path) &+ 3 &* Bytes.hash(method) | 1
    }

    /// Draws the keys, in the master before it forks.
    static func drawKeys() {
        _ = fingerprint(method: RawSpan(), target: RawSpan())
    }
}

/// A request whose handler ran when its worker ended.
public struct LogRunningRequest: Sendable {
    /// The same for requests of the same method and path.
    public let fingerprint: UInt64
    /// The method, as far as an entry holds it.
    public let method: [UInt8]
    /// The target without its query, as far as an entry holds it.
    public let path: [UInt8]
    /// Arrival, nanoseconds of the monotonic clock.
    public let startMonotonicNs: Int64

    init(_ request: LiveRequest) {
        method = request.method
        path = Array(request.target.prefix { $0 != UInt8(ascii: "?") })
        fingerprint = RefusedRequests.fingerprint(method: request.method.span.raw, target: request.target.span.raw)
        startMonotonicNs = request.startMonotonicNs
    }
}
