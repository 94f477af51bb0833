// Sums requests up by minute, hour and day as they are stored, so that reports need not read them one by one.
//
// What was gathered lies in memory until its span is over, and is stored in the transaction of the first row behind it,
// with a mark: the key before which all rows are in the tier. A writer that was killed finds the marks, and reads the
// rows behind them again. For that to be quick at any rate, everything is stored each so many rows as well: what is
// stored is added to what is there, so a span may come in parts.
//
// Lists are of hours and days, so a report would read the rows of the open hour one by one. After some rows the hour is
// therefore stored as it is so far, as short as it would be if it were over: a preview. The hour stays in memory, and
// what is stored next replaces it.
//
// Rows whose keys do not rise (the clock was set back, or rows of the past are imported) lie before the marks. So the
// transaction that brings them stores everything, and no mark has to tell them apart.
internal import GRDB
internal import LinuxSyscalls

/// The summaries of one connection. Like the rest of its tables it must not outlive an error: a new one reads what is
/// stored.
struct SummaryWriter {
    /// After so many rows everything is stored: a start reads no more than these again, in about a tenth of a second.
    static let rowLimit = 250_000
    /// After such a part of ``rowLimit`` the open hour is stored as it is so far: about 2,000 rows, a millisecond of
    /// a report.
    private static let previewsInLimit = 128
    /// Rows of an earlier schema that one transaction sums up.
    static let olderRowsAtATime: Int64 = 10_000

    private let store: SummaryStore
    private let rowLimit: Int
    private(set) var marks: SummaryStore.Marks
    private var storedMarks: SummaryStore.Marks
    private var texts = FactTexts()
    private var minute = TrafficSummary()
    private var hour = Gathering()
    private var day = Gathering()
    /// The first key of the minute that is being gathered; it tells hour and day, too.
    private var minuteStart: Int64 = 0
    /// The greatest key of all requests so far.
    private var greatest: Int64
    /// Requests that are not stored in all tiers.
    private var count = 0
    private var isRising = true
    /// How many requests the preview of the open hour has.
    private var previewed: Int64 = 0

    /// Goes on from what is stored.
    init(_ database: Database, rowLimit: Int = SummaryWriter.rowLimit) throws(DatabaseError) {
        let store = SummaryStore(database)
        self.init(store, try store.marks(), rowLimit: rowLimit)
    }

    private init(_ store: SummaryStore, _ marks: SummaryStore.Marks, rowLimit: Int) {
        self.store = store
        self.rowLimit = rowLimit
        self.marks = marks
        storedMarks = marks
        greatest = marks.complete - 1
    }

    /// Reads the rows again that were stored after the summaries were. Once, before any row is added.
    mutating func catchUp() throws(DatabaseError) {
        let (store, known) = (store, marks)
        var hashes: [Int64: UInt64] = [:]
        try store.forEachRow(max(known.complete, known.from)..<Int64.max) { (row) throws(DatabaseError) in
            try open(row.integer(0))
            var facts = texts.facts(row)
            try Self.findClient(&facts, store, &hashes)
            if facts.key >= known.minute {
                gather(facts)
            } else if facts.key >= known.hourInMemory {
                hour.add(facts)
            } else {
                day.add(facts)
            }
        }
    }

    /// Adds rows that are in the table now.
    mutating func add(_ requests: RowGroup) throws(DatabaseError) {
        for row in 0..<requests.count {
            let key = requests.integer(.id, of: row)
            // Those of an earlier schema come with the others of it.
            if key < marks.from { continue }
            try open(key)
            let facts = texts.facts(row, of: requests)
            gather(facts)
        }
    }

    /// The last step of a transaction.
    mutating func finish() throws(DatabaseError) {
        if !isRising { try storeAll() }
        if marks != storedMarks { try store.store(marks) }
        storedMarks = marks
    }

    /// Stores what was gathered, whatever is still to come of its minute, hour and day.
    mutating func storeAll() throws(DatabaseError) {
        try storeAll(summedBefore: 0)
        marks.minute = max(marks.minute, greatest + 1)
        marks.hour = max(marks.hour, greatest + 1)
        marks.day = max(marks.day, greatest + 1)
        isRising = true
    }

    /// Sums some rows of an earlier schema up, the newest first; false when there are none left.
    mutating func addOlder() throws(DatabaseError) -> Bool {
        let end = marks.from
        if end == 0 { return false }
        let first = try store.firstKey(ofLast: Self.olderRowsAtATime, before: end)
        let older = try store.firstKey(ofLast: 1, before: first)
        // From the beginning of an hour on, if there is one among them, so that its lists come whole.
        let nextHour = Tier.hour.end(ofKey: first)
        let start = older == 0 ? 0 : nextHour < end ? nextHour : first
        var part = SummaryWriter(
            store, SummaryStore.Marks(from: start, minute: start, hour: start, day: start, preview: 0), rowLimit: .max)
        let store = store
        var hashes: [Int64: UInt64] = [:]
        try store.forEachRow(start..<end) { (row) throws(DatabaseError) in
            try part.open(row.integer(0))
            var facts = part.texts.facts(row)
            try Self.findClient(&facts, store, &hashes)
            part.gather(facts)
        }
        try part.storeAll(summedBefore: marks.complete)
        marks.from = start
        return start > 0
    }

    private static func findClient(
        _ facts: inout RequestFacts, _ store: SummaryStore, _ hashes: inout [Int64: UInt64]
    ) throws(DatabaseError) {
        guard facts.client > 0 else { return }
        if let hash = hashes[facts.client] {
            facts.clientHash = hash
        } else {
            facts.clientHash = try store.clientHash(facts.client)
            hashes[facts.client] = facts.clientHash
        }
    }

    @inline(__always)
    private mutating func gather(_ facts: borrowing RequestFacts) {
        minute.add(facts)
        hour.addKeys(facts)
    }

    /// Has the minute of a key be the one that is gathered. Before the facts of its row: their texts may be forgotten.
    @inline(__always)
    private mutating func open(_ key: Int64) throws(DatabaseError) {
        let isInside = key >= minuteStart && key &- minuteStart < Tier.minute.keyCount
        if !isInside || count >= rowLimit { try turn(to: key) }
        count &+= 1
        if key > greatest { greatest = key } else { isRising = false }
    }

    private mutating func turn(to key: Int64) throws(DatabaseError) {
        let isFull = count >= rowLimit
        try storeMinute()
        if isFull || Tier.hour.start(ofKey: key) != Tier.hour.start(ofKey: minuteStart) {
            try storeHour(summedBefore: key)
        } else if hour.summary.counts.requests - previewed >= Int64(rowLimit / Self.previewsInLimit) {
            try storePreview()
        }
        if isFull || Tier.day.start(ofKey: key) != Tier.day.start(ofKey: minuteStart) {
            try storeDay(summedBefore: key)
        }
        minuteStart = Tier.minute.start(ofKey: key)
    }

    private mutating func storeAll(summedBefore key: Int64) throws(DatabaseError) {
        try storeMinute()
        try storeHour(summedBefore: key)
        try storeDay(summedBefore: key)
    }

    private mutating func storeMinute() throws(DatabaseError) {
        if minute.counts.requests == 0 { return }
        try store.add(minute, .minute, startKey: minuteStart)
        hour.summary.merge(minute)
        minute = TrafficSummary()
        marks.minute = max(marks.minute, greatest + 1)
    }

    private mutating func storeHour(summedBefore key: Int64) throws(DatabaseError) {
        if hour.isEmpty { return }
        try add(hour, .hour, summedBefore: key)
        day.merge(hour)
        hour.removeAll()
        marks.hour = max(marks.hour, greatest + 1)
        marks.preview = 0
        previewed = 0
    }

    /// Stores the hour as it is so far, if all of it is in memory.
    private mutating func storePreview() throws(DatabaseError) {
        let start = Tier.hour.start(ofKey: minuteStart)
        guard start >= marks.from, start >= marks.hourInMemory else { return }
        let replaces = marks.preview == start
        try store.add(hour, .hour, startKey: start, replaces: replaces, isCut: true) { texts.text($0, $1) }
        marks.hour = max(marks.hour, greatest + 1)
        marks.preview = start
        previewed = hour.summary.counts.requests
    }

    private mutating func storeDay(summedBefore key: Int64) throws(DatabaseError) {
        if day.isEmpty { return }
        try add(day, .day, summedBefore: key)
        day.removeAll()
        texts.removeAll()
        count = 0
        marks.day = max(marks.day, greatest + 1)
    }

    /// - Parameter key: all rows before it are summed up, from ``SummaryStore/Marks/from`` on.
    private func add(_ gathering: borrowing Gathering, _ tier: Tier, summedBefore key: Int64) throws(DatabaseError) {
        let start = tier.start(ofKey: minuteStart)
        let isOver = start >= marks.from && tier.end(ofKey: minuteStart) <= key
        let replaces = tier == .hour && marks.preview == start
        try store.add(gathering, tier, startKey: start, replaces: replaces, isCut: isOver) { texts.text($0, $1) }
    }
}

extension TrafficSummary {
    /// Adds one request.
    @inline(__always)
    mutating func add(_ facts: borrowing RequestFacts) {
        counts.add(facts)
        latency.add(facts.durationUs)
        clients.add(hash: facts.clientHash)
    }
}

extension Gathering {
    /// Adds one request, with its keys.
    fileprivate mutating func add(_ facts: borrowing RequestFacts) {
        summary.add(facts)
        addKeys(facts)
    }
}
