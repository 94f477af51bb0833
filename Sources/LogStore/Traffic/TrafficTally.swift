// What a scan adds up: totals, the timeline and all lists of a question in one pass over the rows.
internal import GRDB
internal import HTTPMessage
internal import LinuxSyscalls

/// What one part of a scan has counted.
struct CountedTraffic: Sendable {
    /// The lists, each with the column that it counts.
    var lists: [(column: ScannedColumn, keys: KeyTally)] = []

    /// Paths of requests that were answered with 404.
    var notFound: KeyTally?

    /// The pairs of two properties; `nil`: not asked for.
    var pairs: PairTally?

    /// The steps of the timeline by their number since 1970; a single step 0 when there is none.
    var steps: [Int64: TrafficSummary] = [:]

    /// The least key of the requests; `Int64.max`: there are none.
    var oldestID = Int64.max

    /// The clients of the requests that totals count; `nil`: those of the list.
    var clientKeys: KeyTally?

    /// The different clients of the rows, when those of summaries or other logs join them.
    var clients: DistinctSketch?

    /// The key after the last request that the lists of summaries stand for; 0: they stand for none.
    var listedUntilID: Int64 = 0

    /// How many rows were read, those that a filter refused too.
    var rows = 0

    /// How many different clients there were.
    var clientCount: Int {
        differentClients.count { $0 != .none && $0 != .others }
    }

    /// The list of a column; `nil`: not asked for.
    func list(_ column: ScannedColumn) -> KeyTally? {
        lists.first { $0.column == column }?.keys
    }

    private var differentClients: [KeyTally.Key] { (clientKeys ?? list(.client))?.keys ?? [] }

    /// Those that were counted, as a sketch, which those of summaries and other logs can be added to.
    func clientSketch(_ database: Database) throws -> DistinctSketch {
        var sketch = DistinctSketch()
        let texts = try DictionaryTexts(database, table: ScannedColumn.client.name)
        var hashes = TextValues(texts) { $0.map { Bytes.stableHash($0.span.octets) } }
        for key in differentClients {
            switch key {
            case .id(let id): if let hash = try hashes.value(id) { sketch.add(hash: hash) }
            case .text(let text): sketch.add(hash: Bytes.stableHash(text.span.octets))
            case .none, .others: break
            }
        }
        return sketch
    }

    /// Adds what another part of the same scan has counted.
    mutating func merge(_ other: CountedTraffic) {
        for (column, keys) in other.lists {
            if let index = lists.firstIndex(where: { $0.column == column }) {
                lists[index].keys.merge(keys)
            } else {
                lists.append((column, keys))
            }
        }
        if let keys = other.notFound { notFound?.merge(keys) }
        if let keys = other.clientKeys { clientKeys?.merge(keys) }
        if let others = other.pairs { pairs?.merge(others) }
        steps.merge(other.steps) { own, other in
            var sum = own
            sum.merge(other)
            return sum
        }
        oldestID = min(oldestID, other.oldestID)
        listedUntilID = max(listedUntilID, other.listedUntilID)
        rows += other.rows
    }
}

/// Counts the rows of one statement. A row costs no allocation and no look at a text.
struct TrafficTally {
    private struct List {
        /// What becomes of it.
        enum Purpose {
            /// It is the list of its column.
            case column
            /// It is that of the paths of requests that were answered with 404.
            case notFound
            /// It tells how many different clients the totals have.
            case clients
        }

        let column: ScannedColumn
        let purpose: Purpose
        var keys: KeyTally

        /// Whether the rows of the present stretch belong to it.
        var isCounted = false

        init(_ column: ScannedColumn, _ purpose: Purpose, hasLatencies: Bool) {
            self.column = column
            self.purpose = purpose
            keys = KeyTally(hasCounts: purpose != .clients, hasLatencies: hasLatencies)
        }
    }

    private let stretches: [ScanStretch]
    private let stepUs: Int64
    private var lists: [List]
    private var pairs: PairTally?

    // Until this key all rows belong to the same stretch and the same step.
    private var borderID = Int64.min
    private var countsTotals = false

    // The open step, which holds the total when there is no timeline.
    private var step: Int64 = 0
    private var stepTally = Tally()
    private var stepLatency = LatencySketch()

    private var counted = CountedTraffic()

    /// Requests that the lists have noted.
    private var requests: [Tally.Request] = []

    /// How many requests are noted before they are counted; they fit the fastest cache.
    private static let blockLength = 64

    /// Prepares to count for a question.
    ///
    /// - Parameter stretches: What is read, in its order.
    init(_ question: TrafficQuestion, stretches: [ScanStretch]) {
        self.stretches = stretches
        stepUs = question.stepSeconds * 1_000_000
        let hasLatencies = question.needsLatencyByKey
        lists = question.listedColumns.map { List($0, .column, hasLatencies: hasLatencies) }
        if question.fields.contains(.notFound) { lists.append(List(.path, .notFound, hasLatencies: hasLatencies)) }
        // Clients that a list needs may be in the summaries of the totals already: their texts need not be looked up.
        let isListed =
            question.listedColumns.contains(.client) && stretches.allSatisfy { $0.countsTotals && $0.countsLists }
        if question.needsClients, !isListed { lists.append(List(.client, .clients, hasLatencies: false)) }
        pairs = question.pair.map { PairTally($0, hasLatencies: hasLatencies) }
    }

    /// Counts the row that a cursor stands on.
    @inline(__always)
    mutating func add(_ row: ScanCursor) throws {
        let id = row.integer(.id)
        if id >= borderID { try crossBorder(id) }
        let status = row.integer(.status)
        let request = Tally.Request(
            id: id, status: status, outcome: row.integer(.outcome), bytesIn: row.integer(.bytesIn),
            bytesOut: row.integer(.bytesOut), durationUs: row.integer(.durationUs))
        pairs?.add(row, request, status: status)
        if countsTotals {
            stepTally.add(request)
            stepLatency.add(request.durationUs)
        }
        for index in lists.indices where lists[index].isCounted {
            if lists[index].purpose != .notFound {
                lists[index].keys.note(row, column: lists[index].column)
            } else if status == 404 {
                lists[index].keys.add(request, to: lists[index].keys.slot(row, column: lists[index].column))
            }
        }
        requests.append(request)
        if requests.count == Self.blockLength { countBlock() }
    }

    private mutating func countBlock() {
        for index in lists.indices where lists[index].isCounted && lists[index].purpose != .notFound {
            lists[index].keys.count(requests)
        }
        requests.removeAll(keepingCapacity: true)
    }

    @inline(never)
    private mutating func crossBorder(_ id: Int64) throws {
        countBlock()
        counted.oldestID = min(counted.oldestID, id)
        endStep()
        try LogFleet.checkSteps(Int64(counted.steps.count), stepUs: stepUs)
        borderID = Int64.max
        if let stretch = stretches.first(where: { $0.keys.contains(id) }) {
            borderID = stretch.keys.upperBound
            countsTotals = stretch.countsTotals
            for index in lists.indices {
                let isOfTotals = lists[index].purpose == .clients
                lists[index].isCounted = isOfTotals ? stretch.countsTotals : stretch.countsLists
            }
        }
        guard stepUs > 0 else { return }
        step = LogFleet.floor(DatabaseFormat.unixMicroseconds(ofID: id), stepUs)
        borderID = min(borderID, DatabaseFormat.firstID(atUnixMicroseconds: (step + 1) * stepUs))
    }

    private mutating func endStep() {
        if stepTally.requests > 0 {
            var summary = TrafficSummary()
            summary.counts = stepTally.counts
            summary.latency = stepLatency
            counted.steps[step, default: TrafficSummary()].merge(summary)
        }
        stepTally = Tally()
        stepLatency = LatencySketch()
    }

    /// What was counted.
    mutating func finish(rows: Int) -> CountedTraffic {
        countBlock()
        endStep()
        for list in lists {
            switch list.purpose {
            case .column: counted.lists.append((list.column, list.keys))
            case .notFound: counted.notFound = list.keys
            case .clients: counted.clientKeys = list.keys
            }
        }
        counted.pairs = pairs
        counted.rows = rows
        return counted
    }
}

extension TrafficQuestion {
    /// The columns that are listed.
    var listedColumns: [ScannedColumn] {
        let columns = fields.filter { $0 != .notFound }.map(\.column)
        return ScannedColumn.allCases.filter(columns.contains)
    }

    /// All columns that a scan for the question reads, those of its filter left out.
    var scannedColumns: [ScannedColumn] {
        let counted: [ScannedColumn] = [.status, .outcome, .bytesIn, .bytesOut, .durationUs]
        let listed = (fields + (pair?.fields ?? [])).map(\.column)
        return counted + listed + (needsClients ? [.client] : [])
    }
}

extension TrafficField {
    /// The column that the field is, or is worked out from.
    var column: ScannedColumn {
        switch self {
        case .path, .template, .notFound: .path
        case .client: .client
        case .host: .host
        case .agent, .agentClass, .agentFamily: .agent
        case .referer, .site: .referer
        case .status: .status
        case .method: .method
        case .protocol: .protocol
        case .outcome: .outcome
        case .worker: .worker
        }
    }
}
