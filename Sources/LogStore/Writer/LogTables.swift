// The statements of the writer: one method for each kind of row, called inside a transaction.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// What one transaction can store.
///
/// A value and not an object, lent to the transaction as a whole: the run-time checks of overlapping accesses to the
/// properties of objects cost a tenth of a row.
///
/// Lives as long as its connection, and no longer than the first error: keys and dictionary numbers given in a
/// transaction that was rolled back are still in memory, so ``LogDatabase`` is opened anew then.
struct LogTables: ~Copyable {
    private let statements: Statements
    private let requests: RowGroup
    private var path: TextDictionary
    private var host: TextDictionary
    private var client: TextDictionary
    private var referer: TextDictionary
    private var agent: TextDictionary
    private var message: TextDictionary
    var summaries: SummaryWriter
    /// When the rows behind the summaries are read again at last; `nil`: that was done.
    private var catchUpNs: Int64?
    private var keys: KeySequence
    /// The greatest key of earlier epochs while keys run behind it; 0 otherwise.
    private var greatestOfEarlierEpochs: Int64
    private var keyIsStored: Bool
    private var nowUs: Int64 = 0

    /// Reads the last key; all else that a transaction needs is prepared when it is needed.
    init(_ database: Database, dictionaryLimit: Int64, summaryRowLimit: Int, summaryDelayNs: Int64) throws {
        func dictionary(_ table: String) -> TextDictionary {
            TextDictionary(database, table: table, limit: dictionaryLimit)
        }
        // All that can fail goes first: a value that cannot be copied is made whole or not at all.
        let statements = Statements(database)
        let summaries = try SummaryWriter(database, rowLimit: summaryRowLimit)
        let (greatest, stored) = (try statements.greatestKey.number() ?? 0, try statements.storedKey.number())
        self.statements = statements
        self.summaries = summaries
        requests = RowGroup(database)
        catchUpNs = Clock.monotonicNs() + summaryDelayNs
        path = dictionary("path")
        host = dictionary("host")
        client = dictionary("client")
        referer = dictionary("referer")
        agent = dictionary("agent")
        message = dictionary("message")
        keys = KeySequence(last: stored ?? greatest)
        keyIsStored = stored != nil
        greatestOfEarlierEpochs = stored == nil ? 0 : greatest
    }

    /// The dictionaries, by the name of their table.
    static let dictionaries = ["host", "path", "client", "referer", "agent", "message"]

    /// The key given last.
    var lastKey: Int64 { keys.last }

    /// Whether greater keys of an earlier epoch are in the tables, so that the newest rows are not the last ones.
    var isBehindEarlierEpoch: Bool { keys.last < greatestOfEarlierEpochs }

    /// After texts were removed from dictionaries: their numbers name nothing any more.
    mutating func forgetTexts() {
        host.forget()
        path.forget()
        client.forget()
        referer.forget()
        agent.forget()
        message.forget()
    }

    /// The first step of a transaction: reads the clock, and begins keys again when it was set back too far.
    mutating func begin() throws(DatabaseError) {
        nowUs = Clock.realtimeUs()
        // Behind an earlier epoch keys do not rise, so that rows could not be told apart later.
        if let catchUpNs, Clock.monotonicNs() >= catchUpNs || greatestOfEarlierEpochs != 0 || keys.isAhead(ofUs: nowUs)
        {
            try catchUp()
        }
        guard keys.isAhead(ofUs: nowUs) else { return }
        let aheadS = (DatabaseFormat.unixMicroseconds(ofID: keys.last) - nowUs) / 1_000_000
        greatestOfEarlierEpochs = max(greatestOfEarlierEpochs, keys.last)
        keys.restart(nowUs: nowUs)
        statements.epochBegin.bind(1, keys.last)
        try statements.epochBegin.run()
        try note(
            .warning,
            "The clock is \(aheadS) s behind the newest row, so keys begin again: order by key is order of commit only "
                + "within an epoch")
    }

    /// Sums up what was stored without, once.
    mutating func catchUp() throws(DatabaseError) {
        if catchUpNs == nil { return }
        try summaries.catchUp()
        catchUpNs = nil
    }

    /// The last step of a transaction.
    mutating func storeLastKey() throws(DatabaseError) {
        precondition(requests.count == 0, "rows that were not flushed would be lost")
        if catchUpNs == nil { try summaries.finish() }
        if keys.last < greatestOfEarlierEpochs {
            statements.keyStore.bind(1, keys.last)
            try statements.keyStore.run()
            keyIsStored = true
        } else if keyIsStored {
            try statements.keyForget.run()
            keyIsStored = false
            greatestOfEarlierEpochs = 0
        }
    }

    /// One row of `access`, in the table after the next ``flush()``.
    mutating func insertRequest(_ record: borrowing LogRecordView) throws(DatabaseError) {
        let row = requests
        let method = record.method
        if !row.hasRoom(forTexts: record.byteCount, method: method.byteCount) { try flush() }
        let tree = record.requestID & 1
        let isUsual = record.requestID == RequestID.usual(startUs: record.startUs, slot: record.worker, tree: tree)
        row.set(.connection, Int64(clamping: record.connection))
        row.setReceived(method: method, bytes: Int64(clamping: record.bytesIn))
        try row.set(.host, record.host, &host)
        try row.set(.path, record.path, &path)
        if record.hasQuery { row.setText(.query, record.query) } else { row.setNull(.query) }
        try row.set(.client, record.client, &client)
        try row.set(.referer, record.referer, &referer)
        try row.set(.agent, record.agent, &agent)
        row.set(.bytesOut, Int64(clamping: record.bytesOut))
        row.set(.durationUs, record.durationUs)
        let flags = (record.hasErrors ? 1 : 0) | (record.connectionKept ? 2 : 0) | (record.isUnconfirmed ? 4 : 0)
        let facts = AccessFacts(
            status: Int64(record.status), outcome: Int64(record.outcome.rawValue),
            protocolNumber: Int64(record.protocolNumber), flags: Int64(flags) | Int64(tree) << 3,
            worker: Int64(record.worker), signal: Int64(record.signal))
        row.set(.facts, facts.word)
        let key = keys.next(completedUs: record.completedUs, nowUs: nowUs)
        row.set(.id, key.id)
        let rest = RequestRest(
            sendingUs: record.ttfbUs.map { record.durationUs &- $0 }, lateUs: key.lateUs,
            givenID: isUsual ? nil : Int64(clamping: record.requestID))
        row.endRow(rest, clientHash: Bytes.stableHash(record.client))
        // Behind an earlier epoch the next key depends on whether this one is taken.
        if row.isFull || greatestOfEarlierEpochs != 0 { try flush() }
    }

    /// Has everything given so far in the tables. Before the positions are stored, and before COMMIT.
    mutating func flush() throws(DatabaseError) {
        var isInserted = false
        if requests.isFull { isInserted = try requests.insertAll() }
        if !isInserted { try insertOneByOne() }
        if catchUpNs == nil { try summaries.add(requests) }
        requests.removeAll()
    }

    private mutating func insertOneByOne() throws(DatabaseError) {
        var isTaken = false
        for row in 0..<requests.count {
            // Rows behind one that got another key get another one too: keys rise in the order of completion.
            if isTaken { giveNextKey(to: row) }
            while try requests.insert(row) == false {
                isTaken = true
                giveNextKey(to: row)
            }
        }
    }

    private mutating func giveNextKey(to row: Int) {
        let completedUs =
            DatabaseFormat.unixMicroseconds(ofID: requests.integer(.id, of: row))
            &- requests.lateUs(of: row)
        let key = keys.next(completedUs: completedUs, nowUs: nowUs)
        requests.setKey(key.id, lateUs: key.lateUs, of: row)
    }

    /// One row of `error`: an error or message of a worker.
    mutating func insertMessage(_ record: borrowing LogRecordView) throws(DatabaseError) {
        let row = statements.error
        row.bind(2, record.requestID == 0 ? nil : Int64(clamping: record.requestID))
        row.bind(3, Int64(record.worker))
        row.bind(4, Int64(record.level.rawValue))
        if record.client.isEmpty {
            row.bindNull(5)
        } else if let number = try client.number(of: record.client) {
            row.bind(5, number)
        } else {
            row.bindText(5, record.client)
        }
        if let number = try message.number(of: record.message) {
            row.bind(6, number)
        } else {
            row.bindText(6, record.message)
        }
        try insert(row, late: 7, completedUs: record.completedUs)
    }

    /// One row of `crash`; none when there is one of this life already.
    mutating func insertCrash(
        _ crash: CrashReport, _ life: ProcessLife, frames: String
    ) throws(DatabaseError) {
        let row = statements.crash
        row.bind(2, life.source)
        row.bind(3, Int64(life.slot))
        row.bind(4, life.generation)
        row.bind(5, Int64(life.processID))
        row.bind(6, crash.requestID == 0 ? nil : Int64(clamping: crash.requestID))
        switch crash.cause {
        case .fault: row.bindText(7, "fault")
        case .timeLimit: row.bindText(7, "time limit")
        }
        row.bind(8, Int64(crash.signal))
        row.bind(9, crash.code)
        row.bind(10, crash.code > 0 ? Int64(bitPattern: crash.address) : nil)
        switch crash.clientGot {
        case .unknown: row.bindText(11, "unknown")
        case .nothing: row.bindText(11, "nothing")
        case .error: row.bindText(11, "error")
        case .partOfError: row.bindText(11, "part of error")
        case .part: row.bindText(11, "part")
        }
        let text = Array(frames.utf8)
        row.bindText(12, text.span.raw)
        try insert(row, late: 13, completedUs: crash.timeUs)
    }

    /// One row of `error`: a number of requests or messages that have no row, counted by a worker.
    mutating func insertGap(_ record: borrowing LogRecordView) throws(DatabaseError) {
        var parts: [String] = []
        if record.shedCount > 0 { parts.append("\(record.shedCount) requests were refused with 503 without a row") }
        if record.droppedCount > 0 { parts.append("\(record.droppedCount) requests were served without a row") }
        if record.lostCount > 0 { parts.append("\(record.lostCount) messages found no room") }
        if record.waitCount > 0 {
            let milliseconds = record.waitedUs / 1_000
            parts.append("\(record.waitCount) requests waited for room, \(milliseconds) ms in all")
        }
        let text = "The log was full: " + parts.joined(separator: ", ")
        try note(.warning, text, worker: record.worker, completedUs: record.completedUs)
    }

    /// One row of `error` that the log says of itself; its text is in the row, because it hardly ever comes again.
    mutating func note(
        _ level: LogLevel, _ text: String, worker: Int? = nil, completedUs: Int64? = nil
    ) throws(DatabaseError) {
        let row = statements.error
        row.bindNull(2)
        row.bind(3, worker.map(Int64.init))
        row.bind(4, Int64(level.rawValue))
        row.bindNull(5)
        let bytes = Array(text.utf8)
        row.bindText(6, bytes.span.raw)
        try insert(row, late: 7, completedUs: completedUs ?? nowUs)
    }

    /// The beginning of a process life.
    func workerStarted(_ life: ProcessLife) throws(DatabaseError) {
        let row = statements.started
        life.bind(to: row)
        try row.run()
    }

    /// The end of a process life.
    func workerEnded(_ life: ProcessLife, _ end: LogWorkerEnd, endedUs: Int64, requests: UInt64) throws(DatabaseError) {
        let row = statements.ended
        life.bind(to: row)
        row.bind(7, endedUs)
        let (signal, status): (Int32?, Int32?)
        switch end {
        case .exited(let code):
            row.bindText(8, "exited")
            (signal, status) = (nil, code)
        case .signalled(let number):
            if Signal(rawValue: number).isFault { row.bindText(8, "crashed") } else { row.bindText(8, "killed") }
            (signal, status) = (number, nil)
        case .timedOut(let number):
            row.bindText(8, "timeout")
            (signal, status) = (number, nil)
        case .lost:
            row.bindText(8, "lost")
            (signal, status) = (nil, nil)
        }
        row.bind(9, signal.map(Int64.init))
        row.bind(10, status.map(Int64.init))
        row.bind(11, Int64(clamping: requests))
        try row.run()
    }

    /// Ends all lives of a process tree whose end was not seen.
    func workersLost(source: Int64, atUs: Int64) throws(DatabaseError) {
        statements.lost.bind(1, source)
        statements.lost.bind(2, atUs)
        try statements.lost.run()
    }

    /// Ends the lives of earlier log writers of a process tree: one writer at a time, so they are over.
    func writersLost(source: Int64, atUs: Int64) throws(DatabaseError) {
        statements.writerLost.bind(1, source)
        statements.writerLost.bind(2, atUs)
        try statements.writerLost.run()
    }

    /// The number of the log writer's next life in a process tree.
    func nextWriterGeneration(source: Int64) throws(DatabaseError) -> Int64 {
        statements.writerGeneration.bind(1, source)
        return try statements.writerGeneration.number() ?? 1
    }

    /// How far a ring was copied; nil when it never was.
    func position(source: Int64, slot: Int) throws(DatabaseError) -> UInt64? {
        statements.positionFind.bind(1, source)
        statements.positionFind.bind(2, Int64(slot))
        return try statements.positionFind.number().map { UInt64(bitPattern: $0) }
    }

    /// Stores how far a ring is copied when this transaction is.
    func storePosition(source: Int64, slot: Int, _ position: UInt64) throws(DatabaseError) {
        statements.positionStore.bind(1, source)
        statements.positionStore.bind(2, Int64(slot))
        statements.positionStore.bind(3, Int64(bitPattern: position))
        try statements.positionStore.run()
    }

    /// Forgets the positions of a ring file that is gone.
    func forgetPositions(source: Int64) throws(DatabaseError) {
        statements.positionForget.bind(1, source)
        try statements.positionForget.run()
    }

    /// The ring files that have positions.
    func sources() throws(DatabaseError) -> [Int64] {
        try statements.positionSources.numbers()
    }

    /// Pages written to the write-ahead log since the last call.
    func takeWrittenPages() -> Int {
        statements.error.takeWrittenPages()
    }

    /// Gives the row its key and stores it. Behind an earlier epoch a key can be taken already: then the next free one.
    private mutating func insert(_ row: BoundStatement, late: Int32, completedUs: Int64) throws(DatabaseError) {
        var isStored = false
        while !isStored {
            let key = keys.next(completedUs: completedUs, nowUs: nowUs)
            row.bind(1, key.id)
            row.bind(late, key.lateUs)
            isStored = try row.insert()
        }
    }
}

extension RowGroup {
    /// Gives a text: NULL for an empty one, its number in a dictionary, or itself when the dictionary is full.
    func set(
        _ column: AccessColumn, _ text: RawSpan, _ dictionary: inout TextDictionary
    ) throws(DatabaseError) {
        if text.isEmpty {
            setNull(column)
        } else if let number = try dictionary.number(of: text) {
            set(column, number)
        } else {
            setText(column, text)
        }
    }
}
