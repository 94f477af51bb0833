// What `httpstats top` shows: pure, from looks at the shared memory and at the newest rows.
public import AccessLog

/// The screen of `top`: totals, the workers, the busiest paths and clients, and the requests in flight.
public struct TopView: Sendable {
    /// What the list of workers is sorted by.
    public enum Sort: String, CaseIterable, Sendable {
        /// By slot.
        case slot
        /// The busiest first.
        case rate
        /// The one that has handled its request for longest first.
        case age
        /// The one with most connections first.
        case connections
        /// The one with most memory first.
        case memory
    }

    /// What the lists of paths and clients are sorted by, the greatest first.
    public enum Order: String, CaseIterable, Sendable {
        /// By requests.
        case requests
        /// By the time that all of them took.
        case time
        /// By bytes sent.
        case bytes
        /// By answers 4xx and 5xx and requests without one.
        case errors

        func value(_ counts: TrafficCounts) -> Int64 {
            switch self {
            case .requests: counts.requests
            case .time: counts.durationUs
            case .bytes: counts.bytesOut
            case .errors: counts.status4xx + counts.status5xx + counts.failed
            }
        }
    }

    /// The order of the workers.
    var sort = Sort.slot
    /// The order of the lists.
    var order = Order.requests
    /// Whether the screen stands still.
    public var isPaused = false
    /// What paths and clients must contain to be listed.
    var filter = TextFilter()
    /// The filter as it is typed; `nil`: nobody types.
    var draft: [UInt8]?
    /// Whether the keys are explained in place of the lists.
    var isHelpShown = false
    /// Whether nothing but ASCII may be shown.
    public var isASCII = false

    let database: String
    var trees: [LogTreeStatus] = []
    var rates: [Life: Counters] = [:]
    /// Requests a second at the last looks, the newest last.
    var history: [Double] = []
    /// What the rows of the log tell.
    var traffic = TopTraffic()

    /// Of the look before: by start of the tree, slot and generation.
    private var before: [Life: Counters] = [:]
    private var lastNs: Int64 = 0

    static let historyLength = 120

    struct Life: Hashable {
        let createdUs: Int64
        let slot: Int
        let generation: UInt64

        init(_ tree: LogTreeStatus, _ slot: LogSlotStatus) {
            (createdUs, self.slot, generation) = (tree.createdUs, slot.slot, slot.generation)
        }
    }

    /// Counters at a moment, or what they grew by a second.
    struct Counters {
        var requests: Double
        var bytes: Double
    }

    /// A screen about a database.
    public init(database: String) {
        self.database = database
    }

    /// Takes in a look at every tree that has the log open.
    public mutating func take(_ trees: [LogTreeStatus]) {
        self.trees = trees
        let now = trees.map(\.takenNs).max() ?? 0
        let seconds = Double(now - lastNs) / 1e9
        var counters: [Life: Counters] = [:]
        rates = [:]
        for tree in trees {
            for slot in tree.slots {
                let life = Life(tree, slot)
                let present = Counters(requests: Double(slot.requests), bytes: Double(slot.bytesOut))
                counters[life] = present
                // Of a worker that was not there before all is new; at the first look nothing is known.
                guard lastNs > 0, seconds > 0 else { continue }
                let past = before[life] ?? Counters(requests: 0, bytes: 0)
                rates[life] = Counters(
                    requests: max(0, present.requests - past.requests) / seconds,
                    bytes: max(0, present.bytes - past.bytes) / seconds)
            }
        }
        if lastNs > 0 { history = (history + [requestsPerSecond]).suffix(Self.historyLength) }
        before = counters
        lastNs = now
    }

    /// Takes in what the rows tell.
    public mutating func take(_ traffic: TopTraffic) {
        self.traffic = traffic
    }

    var requestsPerSecond: Double { rates.values.reduce(0) { $0 + $1.requests } }

    /// How to fill the lists that the next look shows.
    public var wish: TopTraffic.Wish { TopTraffic.Wish(filter: effectiveFilter, order: order) }

    /// The filter, also while it is typed.
    var effectiveFilter: TextFilter { draft.map { TextFilter(part: $0) } ?? filter }
}

/// What top shows of the rows of the last minute.
public struct TopTraffic: Sendable {
    /// What the lists should hold.
    public struct Wish: Sendable {
        let filter: TextFilter
        let order: TopView.Order
    }

    struct Line: Sendable, Equatable {
        let text: [UInt8]
        let counts: TrafficCounts
    }

    /// Of the last ten seconds.
    var latency = LatencySketch()
    /// Of the last minute.
    var counts = TrafficCounts()
    var paths: [Line] = []
    var clients: [Line] = []
    var isSample = false
    /// Why there are no rows; `nil`: there are, or there might be.
    var complaint: String?

    /// How many lines of a list are ever shown.
    static let lineCount = 50

    /// Nothing is known.
    public init() {}

    /// Rows cannot be read.
    public init(complaint: String) {
        self.complaint = complaint
    }

    /// What a window of the log holds.
    public init(_ recent: inout RecentTraffic, _ wish: Wish, nowUs: Int64) {
        latency = recent.total(seconds: 10, nowUs: nowUs).latency
        counts = recent.total(seconds: RecentTraffic.seconds, nowUs: nowUs).counts
        paths = recent.topPaths(Self.lineCount, filter: wish.filter, by: wish.order.value)
        clients = recent.topClients(Self.lineCount, filter: wish.filter, by: wish.order.value)
        isSample = recent.isSample
    }
}
