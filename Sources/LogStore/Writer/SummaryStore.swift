// The tables of summaries in the hands of the writer: what is new is added to what is stored.
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// The statements that keep summaries. All calls that store happen inside a transaction.
struct SummaryStore {
    /// How far rows are summed up; every value is a key.
    struct Marks: Equatable {
        /// Requests with smaller keys are not summed up yet: they are of an earlier schema.
        var from: Int64
        /// From there on requests are not in the stored minutes, hours and days yet.
        var minute: Int64
        var hour: Int64
        var day: Int64
        /// The first key of the hour whose requests before ``hour`` are in a preview: its lists are cut, and it is
        /// replaced when more of the hour is stored, not added to. 0: there is none.
        var preview: Int64

        /// From there on the writer must have requests in memory, for they are not in the hours for good.
        var hourInMemory: Int64 { preview == 0 ? hour : preview }

        /// Requests with smaller keys, from ``from`` on, are in all tiers for good.
        var complete: Int64 { min(minute, hourInMemory, day) }
    }

    private let rollupFind: BoundStatement
    private let rollupStore: BoundStatement
    private let topFind: BoundStatement
    private let topStore: BoundStatement
    private let markFind: BoundStatement
    private let markStore: BoundStatement
    private let rows: BoundStatement
    private let rowsStart: BoundStatement
    private let clientText: BoundStatement

    init(_ database: Database) {
        rollupFind = BoundStatement(database, sql: SQL.rollupFind)
        rollupStore = BoundStatement(database, sql: SQL.rollupStore)
        topFind = BoundStatement(database, sql: SQL.topFind)
        topStore = BoundStatement(database, sql: SQL.topStore)
        markFind = BoundStatement(database, sql: SQL.markFind)
        markStore = BoundStatement(database, sql: SQL.markStore)
        rows = BoundStatement(database, sql: SQL.summingRows)
        rowsStart = BoundStatement(database, sql: SQL.summingStart)
        clientText = BoundStatement(database, sql: SQL.clientText)
    }

    /// How far rows are summed up.
    func marks() throws(DatabaseError) -> Marks {
        var marks = Marks(
            from: try mark("summed_from"), minute: try mark(Tier.minute.mark), hour: try mark(Tier.hour.mark),
            day: try mark(Tier.day.mark), preview: try mark("preview_hour"))
        // A version without previews went on from one: it knew nothing of this mark.
        if marks.preview != Tier.hour.start(ofKey: marks.hour - 1) { marks.preview = 0 }
        return marks
    }

    /// Stores how far rows are summed up when this transaction is.
    func store(_ marks: Marks) throws(DatabaseError) {
        try store("summed_from", marks.from)
        try store(Tier.minute.mark, marks.minute)
        try store(Tier.hour.mark, marks.hour)
        try store(Tier.day.mark, marks.day)
        try store("preview_hour", marks.preview)
    }

    /// Adds requests to the summary of a span, or stores them in its place. Answers how many the span has now.
    @discardableResult
    func add(
        _ summary: borrowing TrafficSummary, _ tier: Tier, startKey: Int64, replaces: Bool = false
    ) throws(DatabaseError) -> Int64 {
        let id = tier.row(startKey: startKey)
        var whole = TrafficSummary()
        if !replaces, let stored = try find(id) { whole = stored }
        whole.merge(summary)
        let row = rollupStore
        row.bind(1, id)
        whole.counts.bind(to: row, from: 2)
        let (latency, clients) = (whole.latency.blob, whole.clients.blob)
        row.bindBlob(18, latency.span.raw)
        row.bindBlob(19, clients.span.raw)
        try row.run()
        return withExtendedLifetime((latency, clients)) { whole.counts.requests }
    }

    /// Adds requests to the summary and the lists of an hour or a day, or stores them in their place.
    ///
    /// - Parameters:
    ///   - replaces: whether what is stored is a preview of the same requests.
    ///   - isCut: whether the lists may be cut: all requests of the span are there then, or will be stored again.
    ///   - text: the text of a field's number below 0.
    func add(
        _ gathering: borrowing Gathering, _ tier: Tier, startKey: Int64, replaces: Bool, isCut: Bool,
        text: (TierField, Int64) -> [UInt8]
    ) throws(DatabaseError) {
        let requests = try add(gathering.summary, tier, startKey: startKey, replaces: replaces)
        let limit = isCut ? TierField.lineLimit(tier, requests: requests) : KeyTable.kept
        let floor = isCut ? TierField.lineFloor(tier) : KeyTable.kept
        for field in TierField.allCases {
            let id = field.row(ofRollup: tier.row(startKey: startKey))
            var list: TierList
            if !replaces, var stored = try find(id, hasLatency: field.hasLatency) {
                stored.merge(gathering.list(field, limit: KeyTable.kept, floor: KeyTable.kept) { text(field, $0) })
                stored.cut(to: limit, floor: floor)
                list = stored
            } else {
                list = gathering.list(field, limit: limit, floor: floor) { text(field, $0) }
                if list == TierList() { continue }
            }
            let blob = list.blob
            topStore.bind(1, id)
            topStore.bindBlob(2, blob.span.raw)
            try withExtendedLifetime(blob) { () throws(DatabaseError) in try topStore.run() }
        }
    }

    /// Hands on the requests of a range of keys in their order, each with what `texts` makes of its texts.
    func forEachRow(
        _ keys: Range<Int64>, _ body: (borrowing BoundRow) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        rows.bind(1, keys.lowerBound)
        rows.bind(2, keys.upperBound)
        try rows.forEachRow(body)
    }

    /// The first key of the last so many requests before a key; 0 when there are none.
    func firstKey(ofLast count: Int64, before key: Int64) throws(DatabaseError) -> Int64 {
        rowsStart.bind(1, key)
        rowsStart.bind(2, count)
        return try rowsStart.number() ?? 0
    }

    /// The hash of a client of the dictionary.
    func clientHash(_ number: Int64) throws(DatabaseError) -> UInt64 {
        clientText.bind(1, number)
        var hash: UInt64 = 0
        try clientText.forEachRow { row in
            let text = row.bytes(0)
            hash = Bytes.stableHash(text.span.raw)
        }
        return hash
    }

    private func mark(_ name: StaticString) throws(DatabaseError) -> Int64 {
        markFind.bindText(1, name)
        return try markFind.number() ?? 0
    }

    private func store(_ name: StaticString, _ key: Int64) throws(DatabaseError) {
        markStore.bindText(1, name)
        markStore.bind(2, key)
        try markStore.run()
    }

    /// What is stored. A sketch that is damaged begins anew: the counters are worth more than a halt of the log.
    private func find(_ id: Int64) throws(DatabaseError) -> TrafficSummary? {
        var found: TrafficSummary?
        rollupFind.bind(1, id)
        try rollupFind.forEachRow { row in
            var summary = TrafficSummary()
            summary.counts = TrafficCounts(row, from: 0)
            let latency = try? LatencySketch(blob: row.bytes(16), maximumUs: summary.counts.durationMaxUs)
            summary.latency = latency ?? LatencySketch()
            summary.clients = (try? DistinctSketch(blob: row.bytes(17))) ?? DistinctSketch()
            found = summary
        }
        return found
    }

    private func find(_ id: Int64, hasLatency: Bool) throws(DatabaseError) -> TierList? {
        var found: TierList?
        topFind.bind(1, id)
        try topFind.forEachRow { row in
            found = (try? TierList(blob: row.bytes(0), hasLatency: hasLatency)) ?? TierList()
        }
        return found
    }
}

extension TrafficCounts {
    /// The counters out of the columns of table `rollup`.
    init(_ row: borrowing BoundRow, from first: Int32) {
        self.init()
        requests = row.integer(first)
        withoutStatus = row.integer(first + 1)
        status1xx = row.integer(first + 2)
        status2xx = row.integer(first + 3)
        status3xx = row.integer(first + 4)
        status4xx = row.integer(first + 5)
        status5xx = row.integer(first + 6)
        aborted = row.integer(first + 7)
        timeout = row.integer(first + 8)
        crashed = row.integer(first + 9)
        killed = row.integer(first + 10)
        shed = row.integer(first + 11)
        bytesIn = row.integer(first + 12)
        bytesOut = row.integer(first + 13)
        durationUs = row.integer(first + 14)
        durationMaxUs = row.integer(first + 15)
    }

    fileprivate func bind(to row: BoundStatement, from first: Int32) {
        let values: InlineArray<16, Int64> = [
            requests, withoutStatus, status1xx, status2xx, status3xx, status4xx, status5xx, aborted, timeout, crashed,
            killed, shed, bytesIn, bytesOut, durationUs, durationMaxUs,
        ]
        for index in values.indices { row.bind(first + Int32(index), values[index]) }
    }
}
