// The plain counters of any set of requests: of a span, of a minute, of one path.

/// What can be added up of requests. Counters of two sets of requests merge by addition.
///
/// Those that nearly every request adds to come first, so that they lie in one cache line.
public struct TrafficCounts: Sendable, Equatable {
    /// Requests, whatever became of them.
    public var requests: Int64 = 0

    /// Bytes received, heads included.
    public var bytesIn: Int64 = 0

    /// Bytes sent, heads included.
    public var bytesOut: Int64 = 0

    /// The sum of all durations, in microseconds.
    public var durationUs: Int64 = 0

    /// The longest duration, in microseconds.
    public var durationMaxUs: Int64 = 0

    /// Requests with a status of 2xx (RFC 9110, section 15).
    public var status2xx: Int64 = 0
    /// Likewise 3xx.
    public var status3xx: Int64 = 0
    /// Likewise 4xx.
    public var status4xx: Int64 = 0
    /// Likewise 5xx.
    public var status5xx: Int64 = 0
    /// Likewise 1xx.
    public var status1xx: Int64 = 0

    /// Requests that got no answer.
    public var withoutStatus: Int64 = 0

    /// Requests whose client left.
    public var aborted: Int64 = 0
    /// Requests that took longer than their limit.
    public var timeout: Int64 = 0
    /// Requests whose handler trapped.
    public var crashed: Int64 = 0
    /// Requests whose worker was killed.
    public var killed: Int64 = 0
    /// Requests that were refused for want of room.
    public var shed: Int64 = 0

    /// No requests.
    public init() {}

    /// Requests that the server failed: timeout, crashed, killed, shed.
    public var failed: Int64 { timeout + crashed + killed + shed }

    /// Requests whose outcome is `ok`.
    public var ok: Int64 { requests - failed - aborted }

    /// The mean duration in microseconds; `nil` when there are no requests.
    public var durationMeanUs: Double? { requests == 0 ? nil : Double(durationUs) / Double(requests) }

    /// Adds one request.
    ///
    /// - Parameters:
    ///   - status: Three digits; 0: no answer was decided.
    ///   - outcome: As the column `outcome` of table `access` numbers it.
    mutating func add(status: Int64, outcome: Int64, bytesIn: Int64, bytesOut: Int64, durationUs: Int64) {
        requests &+= 1
        switch status {
        case 200..<300: status2xx &+= 1
        case 300..<400: status3xx &+= 1
        case 400..<500: status4xx &+= 1
        case 500...: status5xx &+= 1
        case 100..<200: status1xx &+= 1
        default: withoutStatus &+= 1
        }
        switch outcome {
        case 0: break
        case 1: aborted &+= 1
        case 2: timeout &+= 1
        case 3: crashed &+= 1
        case 4: killed &+= 1
        case 5: shed &+= 1
        default: break
        }
        self.bytesIn &+= bytesIn
        self.bytesOut &+= bytesOut
        self.durationUs &+= durationUs
        durationMaxUs = max(durationMaxUs, durationUs)
    }

    /// Adds the counters of other requests.
    public mutating func merge(_ other: TrafficCounts) {
        requests &+= other.requests
        withoutStatus &+= other.withoutStatus
        status1xx &+= other.status1xx
        status2xx &+= other.status2xx
        status3xx &+= other.status3xx
        status4xx &+= other.status4xx
        status5xx &+= other.status5xx
        aborted &+= other.aborted
        timeout &+= other.timeout
        crashed &+= other.crashed
        killed &+= other.killed
        shed &+= other.shed
        bytesIn &+= other.bytesIn
        bytesOut &+= other.bytesOut
        durationUs &+= other.durationUs
        durationMaxUs = max(durationMaxUs, other.durationMaxUs)
    }
}
