// What a scan adds up: totals, the timeline and all lists of a question in one pass over the rows.
internal import GRDB
internal import HTTPMessage
internal import LinuxSyscalls

/// What one part of a scan has counted.
struct CountedTraffic: Sendable {
    /// The lists by the column that they count.
    var lists: [ScannedColumn: KeyTally] = [:]

    /// Paths of requests that were answered with 404.
    var notFound: KeyTally?

    /// The pairs of two properties; `nil`: not asked for.
    var pairs: PairTally?

    /// The steps of the timeline by their number since 1970; a single step 0 when there is none.
    var steps: [Int64: TrafficSummary] = [:]

    /// The least key of the requests; `Int64.max`: there are none.
    var oldestID = Int64.max

    /// The key after the last request that summaries stand for; 0: they stand for none.
    var summedUntilID: Int64 = 0

    /// How many rows were read, those that a filter refused too.
    var rows = 0

    /// How many different clients there were.
    var clientCount: Int {
        (lists[.client]?.keys ?? []).count { $0 != .none && $0 != .others }
    }

    /// Adds what another part of the same scan has counted.
    mutating func merge(_ other: CountedTraffic) {
        for (column, keys) in other.lists { lists[column, default: KeyTally()].merge(keys) }
        if let keys = other.notFound { notFound?.merge(keys) }
        if let others = other.pairs { pairs?.merge(others) }
        steps.merge(other.steps) { own, other in
            var sum = own
            sum.merge(other)
            return sum
        }
        oldestID = min(oldestID, other.oldestID)
        summedUntilID = max(summedUntilID, other.summedUntilID)
        rows += other.rows
    }
}

/// Counts the rows of one statement. A row costs no allocation and no look at a text.
struct TrafficTally {
    private struct List {
        let column: ScannedColumn
        let index: Int32
        var keys: KeyTally
        var isNotFound = false
    }

    private let status: Int32
    private let outcome: Int32
    private let bytesIn: Int32
    private let bytesOut: Int32
    private let duration: Int32
    private let stepUs: Int64
    private var lists: [List]
    private var pairs: PairTally?

    /// The index in `lists` of the clients whose number is wanted; -1: it is not.
    private let clients: Int
    private var clientHashes: TextValues<UInt64>
    private var hashesBySlot: [UInt64] = []

    // The open step, which holds the total when there is no timeline.
    private var step: Int64 = 0
    private var stepEndID: Int64 = 0
    private var stepTally = Tally()
    private var stepLatency = LatencySketch()
    private var stepClients = DistinctSketch()

    private var counted = CountedTraffic()

    /// Prepares to count for a question what the statement of `plan` reads.
    init(_ question: TrafficQuestion, plan: ScanPlan, _ database: Database) throws {
        status = plan.index(.status)
        outcome = plan.index(.outcome)
        bytesIn = plan.index(.bytesIn)
        bytesOut = plan.index(.bytesOut)
        duration = plan.index(.durationUs)
        stepUs = question.stepSeconds * 1_000_000
        var lists = question.listedColumns.map {
            List(
                column: $0, index: plan.index($0), keys: KeyTally(hasLatencies: question.needsLatencyByKey))
        }
        if question.fields.contains(.notFound) {
            lists.append(
                List(
                    column: .path, index: plan.index(.path),
                    keys: KeyTally(hasLatencies: question.needsLatencyByKey), isNotFound: true))
        }
        self.lists = lists
        pairs = question.pair.map { PairTally($0, plan: plan, hasLatencies: question.needsLatencyByKey) }
        clients = question.needsClients ? lists.firstIndex { $0.column == .client } ?? -1 : -1
        clientHashes = TextValues(try DictionaryTexts(database, table: ScannedColumn.client.rawValue)) {
            $0.map { Bytes.stableHash($0.span.octets) } ?? 0
        }
    }

    /// Counts the row that a cursor stands on.
    @inline(__always)
    mutating func add(_ row: RowCursor) throws {
        let id = row.integer(0)
        if id >= stepEndID { try beginStep(id) }
        let statusCode = row.integer(status)
        let request = Tally.Request(
            id: id, status: statusCode, outcome: row.integer(outcome), bytesIn: row.integer(bytesIn),
            bytesOut: row.integer(bytesOut), durationUs: row.integer(duration))
        stepTally.add(request)
        stepLatency.add(request.durationUs)
        pairs?.add(row, request, status: statusCode)
        for index in lists.indices {
            if lists[index].isNotFound && statusCode != 404 { continue }
            let slot = lists[index].keys.slot(row, column: lists[index].index)
            lists[index].keys.add(request, to: slot)
            if index == clients {
                // A slot is new exactly when it is the next one.
                if slot == hashesBySlot.count { hashesBySlot.append(try hash(lists[index].keys.keys[slot])) }
                if hashesBySlot[slot] != 0 { stepClients.add(hash: hashesBySlot[slot]) }
            }
        }
    }

    /// The hash of a client; 0: there is none.
    @inline(never)
    private mutating func hash(_ key: KeyTally.Key) throws -> UInt64 {
        switch key {
        case .id(let id): try clientHashes.value(id)
        case .text(let text): Bytes.stableHash(text.span.octets)
        case .none, .others: 0
        }
    }

    @inline(never)
    private mutating func beginStep(_ id: Int64) throws {
        counted.oldestID = min(counted.oldestID, id)
        endStep()
        try LogFleet.checkSteps(Int64(counted.steps.count), stepUs: stepUs)
        guard stepUs > 0 else {
            stepEndID = Int64.max
            return
        }
        step = LogFleet.floor(DatabaseFormat.unixMicroseconds(ofID: id), stepUs)
        stepEndID = DatabaseFormat.firstID(atUnixMicroseconds: (step + 1) * stepUs)
    }

    private mutating func endStep() {
        if stepTally.requests > 0 {
            var summary = TrafficSummary()
            summary.counts = stepTally.counts
            summary.latency = stepLatency
            summary.clients = stepClients
            counted.steps[step, default: TrafficSummary()].merge(summary)
        }
        stepTally = Tally()
        stepLatency = LatencySketch()
        stepClients = DistinctSketch()
    }

    /// What was counted.
    mutating func finish(rows: Int) -> CountedTraffic {
        endStep()
        for list in lists {
            if list.isNotFound { counted.notFound = list.keys } else { counted.lists[list.column] = list.keys }
        }
        counted.pairs = pairs
        counted.rows = rows
        return counted
    }
}

extension TrafficQuestion {
    /// The columns whose values are counted one by one.
    var listedColumns: [ScannedColumn] {
        var columns = Set(fields.filter { $0 != .notFound }.map(\.column))
        if needsClients { columns.insert(.client) }
        return ScannedColumn.allCases.filter(columns.contains)
    }

    /// All columns that a scan for the question reads, those of its filter left out.
    var scannedColumns: Set<ScannedColumn> {
        var columns: Set<ScannedColumn> = [.status, .outcome, .bytesIn, .bytesOut, .durationUs]
        columns.formUnion(fields.map(\.column))
        columns.formUnion((pair?.fields ?? []).map(\.column))
        if needsClients { columns.insert(.client) }
        return columns
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
