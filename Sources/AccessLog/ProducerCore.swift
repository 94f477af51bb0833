// The worker's side of the log protocol. The orders of stores and why they are so: FileLayout.swift.

/// The state of one producer, over any memory.
struct ProducerCore<Memory: SlotMemory> {
    private let memory: Memory
    private let slot: Int
    let generation: UInt64
    private let processID: Int32
    /// What is published.
    private var head: UInt64 = 0
    /// Behind the last finished record; the head outside of finish … settle.
    private var end: UInt64 = 0
    /// Bytes that open entries may still need behind the head.
    private var reserved: UInt64 = 0
    /// The entries that were ever used, from the first on: so a start does not write to the room that all would take.
    private var open: [OpenEntry] = []
    /// The free ones among them are the first `freeCount` of as many.
    private var freeEntries: [Int] = []
    private var freeCount = 0
    /// Entries that were finished and not settled, in order: the first `batchCount` of as many, of which the first
    /// `confirmed` left whole.
    private var batch: [Int] = []
    private var batchCount = 0
    private var confirmed = 0
    private var published = false
    private var counts = ProducerCounts()
    /// Whether a counter of gaps rose since the last gap record.
    private(set) var hasGap = false

    init(_ memory: Memory, slot: Int, generation: UInt64, processID: Int32) {
        self.memory = memory
        self.slot = slot
        self.generation = generation
        self.processID = processID
        open.reserveCapacity(memory.entryCount)
        freeEntries.reserveCapacity(memory.entryCount)
        batch.reserveCapacity(memory.entryCount)
    }

    var textLimit: Int { memory.textLimit }
    var messageLimit: Int { memory.messageLimit }
    var isIdle: Bool { freeCount == open.count }

    /// Kept from requests so that errors fit when no request can begin.
    private var errorReserve: UInt64 { min(65_536, memory.ringBytes / 8) &+ lifeReserve }
    /// Kept from errors so that a worker's start, its end and gaps fit.
    private var lifeReserve: UInt64 { 512 }

    mutating func completePredecessor(startUs: Int64) {
        Completion(memory, slot: slot).run(below: generation)
        memory.store(UInt64(memory.entryCount), to: .unusedEntries)
        memory.store(UInt64(UInt32(bitPattern: processID)), to: .workerProcessID)
        memory.store(UInt64(bitPattern: startUs), to: .workerStartUs)
        // Before the generation, by which the master knows them for this worker's.
        memory.store(0, to: .running)
        setDeadlines(softNs: 0, hardNs: 0)
        memory.store(generation, to: .workerGeneration)
        memory.store(0, to: .requests)
        memory.store(0, to: .bytesOut)
        counts.shed = memory.load(.shed)
        counts.dropped = memory.load(.dropped)
        counts.lost = memory.load(.lostErrors)
        counts.waits = memory.load(.waits)
        counts.waitedUs = memory.load(.waitedUs)
        hasGap = GapRecord(memory, slot: slot).isDue
        head = memory.load(.head)
        end = head
        var fields = RecordFields(kind: .workerStarted, slot: slot, startUs: startUs)
        fields.requestID = generation
        fields.connection = UInt64(UInt32(bitPattern: processID))
        if !publish(fields, LogTexts.none, message: RawSpan(), keeping: 0) { countLost() }
    }

    mutating func begin(_ start: LogStart, texts: borrowing LogTexts) -> LogTicket? {
        let lengths = TextLengths(
            texts, message: RawSpan(), limit: textLimit, messageLimit: 0, room: .max)
        let size = UInt64(truncatingIfNeeded: lengths.recordBytes)
        guard room(keeping: errorReserve) >= size, freeCount > 0 || addEntry() else { return nil }
        freeCount &-= 1
        let entry = freeEntries[freeCount]
        open[entry].reserved = size
        reserved &+= size
        memory.store(.max, to: .end, of: entry)
        memory.store(start.requestID, to: .requestID, of: entry)
        // Whoever reads the entry meanwhile sees the id change before anything else does.
        memory.fence()
        memory.store(UInt64(bitPattern: start.startUs), to: .startUs, of: entry)
        memory.store(UInt64(bitPattern: start.startMonotonicNs), to: .startMonotonicNs, of: entry)
        memory.store(start.connection, to: .connection, of: entry)
        memory.store(0, to: .answerEnd, of: entry)
        memory.store(0, to: .statusAndBytes, of: entry)
        memory.store(UInt64(start.protocolNumber), to: .protocolNumber, of: entry)
        storeTexts(texts, lengths, entry)
        memory.store(LogEntryState.inFlight.rawValue, to: .state, of: entry)
        return LogTicket(entry: entry)
    }

    /// Takes one more entry into use; false when all are.
    private mutating func addEntry() -> Bool {
        let entry = open.count
        guard entry < memory.entryCount else { return false }
        memory.store(UInt64(memory.entryCount - entry - 1), to: .unusedEntries)
        open.append(OpenEntry())
        batch.append(0)
        freeEntries.append(0)
        freeEntries[0] = entry
        freeCount = 1
        return true
    }

    @inline(__always)
    private func storeTexts(_ texts: borrowing LogTexts, _ lengths: TextLengths, _ entry: Int) {
        var offset = EntryWord.textOffset
        var word: UInt64 = 0
        func put(_ text: RawSpan, _ count: Int, _ share: Int, _ shift: UInt64) {
            let count = min(count, share)
            memory.copy(text.extracting(first: count), toEntry: entry, at: offset)
            offset &+= count
            word |= UInt64(truncatingIfNeeded: count) &<< shift
        }
        put(texts.client, lengths.client, EntryWord.clientShare, 0)
        put(texts.method, lengths.method, EntryWord.methodShare, 16)
        put(texts.target, lengths.target, EntryWord.targetShare, 32)
        put(texts.host, lengths.host, EntryWord.hostShare, 48)
        memory.store(word, to: .lengths, of: entry)
    }

    mutating func setRunning(_ ticket: LogTicket?) {
        memory.store(ticket.map { memory.load(.requestID, of: $0.entry) } ?? 0, to: .running)
    }

    mutating func setStatus(_ status: UInt16, of ticket: LogTicket) {
        memory.store(UInt64(status), to: .statusAndBytes, of: ticket.entry)
    }

    mutating func setAnswer(_ ticket: LogTicket, status: UInt16, bytes: UInt64, end: UInt64) {
        memory.store(UInt64(status) | bytes &<< 16, to: .statusAndBytes, of: ticket.entry)
        memory.store(end, to: .answerEnd, of: ticket.entry)
    }

    /// Mutating, though it changes nothing of the producer's own: for a plain method the compiler copies the struct and
    /// counts each object in it, once a request.
    mutating func setDeadlines(softNs: Int64, hardNs: Int64) {
        memory.store(UInt64(bitPattern: hardNs), to: .hardDeadline)
        memory.store(UInt64(bitPattern: softNs), to: .softDeadline)
    }

    mutating func finish(_ ticket: LogTicket, texts: borrowing LogTexts, answer: LogAnswer) {
        let entry = ticket.entry
        write(entry, answer.isShed ? .shed : .ok, RecordFlag.unconfirmed, texts, answer)
        memory.store(LogEntryState.answering.rawValue, to: .state, of: entry)
        batch[batchCount] = entry
        batchCount &+= 1
    }

    /// Writes an entry's whole record behind the last one and notes its end.
    @inline(__always)
    private mutating func write(
        _ entry: Int, _ outcome: LogOutcome, _ flag: UInt8, _ texts: borrowing LogTexts, _ answer: LogAnswer
    ) {
        var fields = RecordFields(
            kind: .request, slot: slot, startUs: Int64(bitPattern: memory.load(.startUs, of: entry)))
        fields.requestID = memory.load(.requestID, of: entry)
        fields.connection = memory.load(.connection, of: entry)
        fields.protocolNumber = UInt8(truncatingIfNeeded: memory.load(.protocolNumber, of: entry))
        fields.status = answer.status
        fields.bytesIn = answer.bytesIn
        fields.bytesOut = answer.bytesOut
        fields.durationUs = answer.durationUs
        fields.ttfbUs = answer.ttfbUs ?? -1
        fields.outcome = outcome
        fields.flags =
            flag | (answer.hasErrors ? RecordFlag.hasErrors : 0)
            | (answer.connectionKept ? RecordFlag.connectionKept : 0)
        let reserved = open[entry].reserved
        let lengths = TextLengths(
            texts, message: RawSpan(), limit: textLimit, messageLimit: 0,
            room: Int(truncatingIfNeeded: reserved) &- RecordWord.count * 8)
        let start = end
        end = memory.write(fields, texts, message: RawSpan(), lengths: lengths, at: start)
        open[entry] = OpenEntry(reserved: reserved, recordStart: start, recordEnd: end, bytesOut: answer.bytesOut)
        memory.store(end, to: .end, of: entry)
    }

    mutating func confirm(_ ticket: LogTicket, durationUs: Int64, ttfbUs: Int64?, bytesOut: UInt64) {
        precondition(
            confirmed < batchCount && batch[confirmed] == ticket.entry,
            "requests are confirmed in the order in which they were finished")
        let start = open[ticket.entry].recordStart
        func place(_ word: RecordWord) -> UInt64 { start &+ UInt64(word.rawValue * 8) }
        memory.setRingWord(UInt64(bitPattern: durationUs), at: place(.durationUs))
        memory.setRingWord(UInt64(bitPattern: ttfbUs ?? -1), at: place(.ttfbUs))
        memory.setRingWord(bytesOut, at: place(.bytesOut))
        let outcome = memory.ringWord(at: place(.outcome))
        memory.setRingWord(outcome & ~(UInt64(RecordFlag.unconfirmed) << 8), at: place(.outcome))
        open[ticket.entry].bytesOut = bytesOut
        confirmed &+= 1
    }

    mutating func settle() {
        if confirmed > 0 {
            setHead(open[batch[confirmed &- 1]].recordEnd)
            for index in 0..<confirmed { free(batch[index]) }
        }
        if confirmed < batchCount {
            // The last one first: load-bearing, see FileLayout.swift.
            for index in (confirmed..<batchCount).reversed() {
                memory.store(LogEntryState.inFlight.rawValue, to: .state, of: batch[index])
                memory.store(.max, to: .end, of: batch[index])
            }
            // The room behind the head is about to be written anew.
            memory.fence()
        }
        end = head
        batchCount = 0
        confirmed = 0
        storeCounts()
    }

    mutating func finishAborted(
        _ ticket: LogTicket, _ outcome: LogOutcome, texts: borrowing LogTexts, answer: LogAnswer
    ) {
        precondition(batchCount == 0, "settle what was finished before a request is aborted")
        write(ticket.entry, outcome, 0, texts, answer)
        setHead(end)
        free(ticket.entry)
        storeCounts()
    }

    mutating func append(
        _ kind: LogRecordKind, level: LogLevel, requestID: UInt64, timeUs: Int64, client: RawSpan, message: RawSpan
    ) -> Bool {
        var fields = RecordFields(kind: kind, slot: slot, startUs: timeUs)
        fields.requestID = requestID
        fields.level = level.rawValue
        let texts = LogTexts(
            client: client, method: RawSpan(), target: RawSpan(), host: RawSpan(), referer: RawSpan(),
            agent: RawSpan())
        guard publish(fields, texts, message: message, keeping: lifeReserve) else {
            countLost()
            return false
        }
        return true
    }

    mutating func countShed() {
        counts.shed &+= 1
        hasGap = true
        memory.store(counts.shed, to: .shed)
    }

    mutating func countDropped() {
        counts.dropped &+= 1
        hasGap = true
        memory.store(counts.dropped, to: .dropped)
    }

    mutating func countWait(us: Int64) {
        counts.waits &+= 1
        counts.waitedUs &+= UInt64(max(0, us))
        hasGap = true
        memory.store(counts.waits, to: .waits)
        memory.store(counts.waitedUs, to: .waitedUs)
    }

    private mutating func countLost() {
        counts.lost &+= 1
        hasGap = true
        memory.store(counts.lost, to: .lostErrors)
    }

    /// Whether anything was published since the last call.
    mutating func takePublished() -> Bool {
        defer { published = false }
        return published
    }

    /// Bytes that are neither taken, nor reserved by open entries, nor to be kept.
    @inline(__always)
    private func room(keeping kept: UInt64) -> UInt64 {
        let taken = (head &- memory.load(.tail)) &+ reserved &+ kept
        return taken > memory.ringBytes ? 0 : memory.ringBytes &- taken
    }

    /// Writes and publishes a record that no entry stands for. False when there is no room, or when finished records
    /// lie unpublished.
    private mutating func publish(
        _ fields: RecordFields, _ texts: borrowing LogTexts, message: RawSpan, keeping kept: UInt64
    ) -> Bool {
        let lengths = TextLengths(
            texts, message: message, limit: textLimit, messageLimit: messageLimit, room: .max)
        guard batchCount == 0, room(keeping: kept) >= UInt64(lengths.recordBytes) else { return false }
        end = memory.write(fields, texts, message: message, lengths: lengths, at: end)
        setHead(end)
        return true
    }

    @inline(__always)
    private mutating func setHead(_ position: UInt64) {
        memory.store(position, to: .head)
        head = position
        published = true
    }

    @inline(__always)
    private mutating func free(_ entry: Int) {
        memory.store(LogEntryState.free.rawValue, to: .state, of: entry)
        reserved &-= open[entry].reserved
        counts.requests &+= 1
        counts.bytesOut &+= open[entry].bytesOut
        freeEntries[freeCount] = entry
        freeCount &+= 1
    }

    private func storeCounts() {
        memory.store(counts.requests, to: .requests)
        memory.store(counts.bytesOut, to: .bytesOut)
    }

    /// Tells the gap if a request could begin again: then it is over. False when it is not, or there is none.
    mutating func tellGap(timeUs: Int64) -> Bool {
        guard batchCount == 0,
            let end = GapRecord(memory, slot: slot).write(
                timeUs: timeUs, room: room(keeping: errorReserve))
        else { return false }
        self.end = end
        setHead(end)
        hasGap = false
        return true
    }
}

extension LogTexts {
    /// No texts at all.
    static var none: LogTexts {
        @_lifetime(immortal)
        get {
            LogTexts(
                client: RawSpan(), method: RawSpan(), target: RawSpan(), host: RawSpan(), referer: RawSpan(),
                agent: RawSpan())
        }
    }
}

// Outside of the generic type: the first use of one that is nested in it searches the conformances of the whole
// program, a quarter of a millisecond of each worker's start.

/// What this process keeps of an entry for itself.
private struct OpenEntry {
    var reserved: UInt64 = 0
    var recordStart: UInt64 = 0
    var recordEnd: UInt64 = 0
    var bytesOut: UInt64 = 0
}

private struct ProducerCounts {
    var requests: UInt64 = 0
    var bytesOut: UInt64 = 0
    var shed: UInt64 = 0
    var dropped: UInt64 = 0
    var lost: UInt64 = 0
    var waits: UInt64 = 0
    var waitedUs: UInt64 = 0
}
