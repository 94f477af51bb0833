// The counters of one key in a scan: those of TrafficCounts in 88 bytes, for there may be a hundred thousand keys.

/// Counters of the requests of one key.
struct Tally: Sendable {
    /// Requests by the class of their status, 0 without one; then by their outcome from 1 on, `ok` left out.
    private var numbers: InlineArray<11, UInt32> = .init(repeating: 0)
    private var bytesIn: Int64 = 0
    private var bytesOut: Int64 = 0
    private(set) var durationUs: Int64 = 0
    private(set) var durationMaxUs: Int64 = 0

    /// The greatest key of the requests.
    private(set) var newestID: Int64 = 0

    /// What a request adds to each tally that it belongs to.
    struct Request {
        let id: Int64
        let statusClass: Int
        let outcome: Int
        let bytesIn: Int64
        let bytesOut: Int64
        let durationUs: Int64

        /// - Parameters:
        ///   - id: The key, greater than those of all requests that were added before.
        ///   - status: 0: none.
        ///   - outcome: As the column numbers it; others than 0…5 count as 0.
        @inline(__always)
        init(id: Int64, status: Int64, outcome: Int64, bytesIn: Int64, bytesOut: Int64, durationUs: Int64) {
            self.id = id
            statusClass = status < 100 ? 0 : status >= 500 ? 5 : Int(status) / 100
            self.outcome = outcome > 0 && outcome <= 5 ? Int(outcome) : 0
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
            self.durationUs = durationUs
        }
    }

    /// Requests of all statuses.
    var requests: UInt32 { (0...5).reduce(0) { $0 &+ numbers[$1] } }

    @inline(__always)
    mutating func add(_ request: Request) {
        numbers[request.statusClass] &+= 1
        if request.outcome > 0 { numbers[5 + request.outcome] &+= 1 }
        bytesIn &+= request.bytesIn
        bytesOut &+= request.bytesOut
        durationUs &+= request.durationUs
        if request.durationUs > durationMaxUs { durationMaxUs = request.durationUs }
        newestID = request.id
    }

    mutating func merge(_ other: Tally) {
        for index in 0..<11 { numbers[index] &+= other.numbers[index] }
        bytesIn &+= other.bytesIn
        bytesOut &+= other.bytesOut
        durationUs &+= other.durationUs
        durationMaxUs = max(durationMaxUs, other.durationMaxUs)
        newestID = max(newestID, other.newestID)
    }

    /// The counters as reports know them.
    var counts: TrafficCounts {
        var counts = TrafficCounts()
        counts.requests = Int64(requests)
        counts.withoutStatus = Int64(numbers[0])
        counts.status1xx = Int64(numbers[1])
        counts.status2xx = Int64(numbers[2])
        counts.status3xx = Int64(numbers[3])
        counts.status4xx = Int64(numbers[4])
        counts.status5xx = Int64(numbers[5])
        counts.aborted = Int64(numbers[6])
        counts.timeout = Int64(numbers[7])
        counts.crashed = Int64(numbers[8])
        counts.killed = Int64(numbers[9])
        counts.shed = Int64(numbers[10])
        counts.bytesIn = bytesIn
        counts.bytesOut = bytesOut
        counts.durationUs = durationUs
        counts.durationMaxUs = durationMaxUs
        return counts
    }
}
