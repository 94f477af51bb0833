// The statements of the writer: one method for each kind of row, called inside a transaction.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// What one transaction can store.
///
/// Lives as long as its connection, and no longer than the first error: keys and dictionary numbers given in a
/// transaction that was rolled back are still in memory, so ``LogDatabase`` is opened anew then.
final class LogTables {
    private let statements: Statements
    private let path: TextDictionary
    private let host: TextDictionary
    private let client: TextDictionary
    private let referer: TextDictionary
    private let agent: TextDictionary
    private let message: TextDictionary
    private var keys: KeySequence
    /// The greatest key of earlier epochs while keys run behind it; 0 otherwise.
    private var greatestOfEarlierEpochs: Int64
    private var keyIsStored: Bool
    private var nowUs: Int64 = 0

    /// Prepares everything that a transaction needs, and reads the last key.
    init(_ database: Database, dictionaryLimit: Int64) throws {
        statements = try Statements(database)
        path = try TextDictionary(database, table: "path", limit: dictionaryLimit)
        host = try TextDictionary(database, table: "host", limit: dictionaryLimit)
        client = try TextDictionary(database, table: "client", limit: dictionaryLimit)
        referer = try TextDictionary(database, table: "referer", limit: dictionaryLimit)
        agent = try TextDictionary(database, table: "agent", limit: dictionaryLimit)
        message = try TextDictionary(database, table: "message", limit: dictionaryLimit)
        let greatest = try statements.greatestKey.number() ?? 0
        let stored = try statements.storedKey.number()
        keys = KeySequence(last: stored ?? greatest)
        keyIsStored = stored != nil
        greatestOfEarlierEpochs = stored == nil ? 0 : greatest
    }

    /// The first step of a transaction: reads the clock, and begins keys again when it was set back too far.
    func begin() throws(DatabaseError) {
        nowUs = Clock.realtimeUs()
        guard keys.isAhead(ofUs: nowUs) else { return }
        let aheadS = (DatabaseFormat.unixMicroseconds(ofID: keys.last) - nowUs) / 1_000_000
        greatestOfEarlierEpochs = max(greatestOfEarlierEpochs, keys.last)
        keys.restart(nowUs: nowUs)
        try statements.epochBegin.run()
        try note(
            .warning,
            "The clock is \(aheadS) s behind the newest row, so keys begin again: order by key is order of commit only "
                + "within an epoch")
    }

    /// The last step of a transaction.
    func storeLastKey() throws(DatabaseError) {
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

    /// One row of `access`.
    func insertRequest(_ record: borrowing LogRecordView) throws(DatabaseError) {
        let row = statements.access
        row.bind(2, Int64(clamping: record.requestID))
        row.bind(3, Int64(record.worker))
        row.bind(4, Int64(clamping: record.connection))
        if record.method.isEmpty { row.bindNull(5) } else { row.bindText(5, record.method) }
        row.bind(6, record.status == 0 ? nil : Int64(record.status))
        row.bind(7, Int64(record.outcome.rawValue))
        row.bind(8, record.protocolNumber == 0 ? nil : Int64(record.protocolNumber))
        try bind(row, 9, record.host, host)
        try bind(row, 10, record.path, path)
        if record.hasQuery { row.bindText(11, record.query) } else { row.bindNull(11) }
        try bind(row, 12, record.client, client)
        try bind(row, 13, record.referer, referer)
        try bind(row, 14, record.agent, agent)
        row.bind(15, Int64(clamping: record.bytesIn))
        row.bind(16, Int64(clamping: record.bytesOut))
        row.bind(17, record.durationUs)
        row.bind(18, record.ttfbUs)
        let flags = (record.hasErrors ? 1 : 0) | (record.connectionKept ? 2 : 0) | (record.isUnconfirmed ? 4 : 0)
        row.bind(20, Int64(flags))
        row.bind(21, record.signal == 0 ? nil : Int64(record.signal))
        try insert(row, late: 19, completedUs: record.completedUs)
    }

    /// One row of `error`: an error or message of a worker.
    func insertMessage(_ record: borrowing LogRecordView) throws(DatabaseError) {
        let row = statements.error
        row.bind(2, record.requestID == 0 ? nil : Int64(clamping: record.requestID))
        row.bind(3, Int64(record.worker))
        row.bind(4, Int64(record.level.rawValue))
        try bind(row, 5, record.client, client)
        if let number = try message.number(of: record.message) {
            row.bind(6, number)
        } else {
            row.bindText(6, record.message)
        }
        try insert(row, late: 7, completedUs: record.completedUs)
    }

    /// One row of `error`: a number of requests or messages that have no row, counted by a worker.
    func insertGap(_ record: borrowing LogRecordView) throws(DatabaseError) {
        var parts: [String] = []
        if record.shedCount > 0 { parts.append("\(record.shedCount) requests were refused with 503 without a row") }
        if record.droppedCount > 0 { parts.append("\(record.droppedCount) requests were served without a row") }
        if record.lostCount > 0 { parts.append("\(record.lostCount) messages found no room") }
        let text = "The log was full: " + parts.joined(separator: ", ")
        try note(.warning, text, worker: record.worker, completedUs: record.completedUs)
    }

    /// One row of `error` that the log says of itself; its text is in the row, because it hardly ever comes again.
    func note(
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
            row.bindText(8, "killed")
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
        statements.access.takeWrittenPages()
    }

    private func bind(
        _ row: BoundStatement, _ parameter: Int32, _ text: RawSpan, _ dictionary: TextDictionary
    ) throws(DatabaseError) {
        if text.isEmpty {
            row.bindNull(parameter)
        } else if let number = try dictionary.number(of: text) {
            row.bind(parameter, number)
        } else {
            row.bindText(parameter, text)
        }
    }

    /// Gives the row its key and stores it. Behind an earlier epoch a key can be taken already: then the next free one.
    private func insert(_ row: BoundStatement, late: Int32, completedUs: Int64) throws(DatabaseError) {
        var isStored = false
        while !isStored {
            let key = keys.next(completedUs: completedUs, nowUs: nowUs)
            row.bind(1, key.id)
            row.bind(late, key.lateUs)
            isStored = try row.insert()
        }
    }
}
