// Ends what a dead worker left unfinished. One routine, for the slot's next worker, the master and the writer alike.
internal import LinuxSyscalls

/// Completes one slot. It may be killed between any two stores and run again, by anybody, any number of times.
///
/// 0. A gap record that was not published is forgotten.
/// 1. Head := the greatest end above it among `answering` entries: their answers may have left.
/// 2. Ends above the head are void now: they were taken back, or noted by a completion that died. They become 2⁶⁴−1,
///    all of them before step 3 moves the head, which could come to cover one.
/// 3. Each entry whose end is not above the head is done: freed. Any other gets its record behind the head, with what
///    became of it; the record's end is noted in the entry, *then* published, then the entry freed. Killed before the
///    note or the publication: written again at the same place. Killed after: the entry is seen to be done.
/// 4. The crash report of the last worker, and records of the ended workers. Twice does no harm: the database has one
///    row for a life.
/// 5. The gap that no record has told yet.
struct Completion<Memory: SlotMemory> {
    private let memory: Memory
    private let slot: Int
    /// Those that may be in use. A table is half a megabyte, which a worker that takes over had to read.
    private let entries: Range<Int>

    init(_ memory: Memory, slot: Int) {
        self.memory = memory
        self.slot = slot
        let unused = memory.load(.unusedEntries)
        // More than there are can only be damage.
        entries = 0..<(unused <= memory.entryCount ? memory.entryCount - Int(unused) : memory.entryCount)
    }

    /// Completes what generations below `next` left.
    func run(below next: UInt64) {
        let generation = memory.load(.workerGeneration)
        let death = DeathRecord(of: generation, load: memory.load)
        let crash = CrashReport(of: generation, load: memory.load)
        let gap = GapRecord(memory, slot: slot)
        gap.takeOver()
        publishAnswering()
        voidStaleEnds()
        var lastSeenUs = Int64(bitPattern: memory.load(.workerStartUs))
        for entry in entries where state(of: entry) != .free {
            lastSeenUs = max(lastSeenUs, lastSignOfLife(entry))
            complete(entry, death, crash)
        }
        if let crash, generation < next { record(crash) }
        recordEnds(from: generation, below: next, crash, lastSeenUs: max(lastSeenUs, crash?.timeUs ?? .min))
        let toldUs = death?.endUs ?? lastSeenUs
        if let end = gap.write(timeUs: toldUs, room: room(behind: memory.load(.head))) { memory.store(end, to: .head) }
    }

    private func publishAnswering() {
        let head = memory.load(.head)
        let room = self.room(behind: head)
        var newHead = head
        for entry in entries where state(of: entry) == .answering {
            let end = memory.load(.end, of: entry)
            // An end beyond the ring's room can only be damage; the request is then treated as unfinished.
            if end > newHead, end &- head <= room { newHead = end }
        }
        if newHead != head { memory.store(newHead, to: .head) }
    }

    private func voidStaleEnds() {
        let head = memory.load(.head)
        for entry in entries where state(of: entry) != .free {
            if memory.load(.end, of: entry) > head { memory.store(.max, to: .end, of: entry) }
        }
        // The room behind the head is about to be written anew.
        memory.fence()
    }

    private func complete(_ entry: Int, _ death: DeathRecord?, _ crash: CrashReport?) {
        let head = memory.load(.head)
        if memory.load(.end, of: entry) > head {
            guard let end = write(entry, death, crash, at: head) else {
                memory.store(memory.load(.lostErrors) &+ 1, to: .lostErrors)
                memory.store(LogEntryState.free.rawValue, to: .state, of: entry)
                return
            }
            memory.store(end, to: .end, of: entry)
            memory.store(end, to: .head)
        }
        memory.store(LogEntryState.free.rawValue, to: .state, of: entry)
    }

    /// Writes an unfinished request's record; nil when it does not fit, which only damage can bring about: its room was
    /// reserved.
    private func write(_ entry: Int, _ death: DeathRecord?, _ crash: CrashReport?, at head: UInt64) -> UInt64? {
        var fields = RecordFields(
            kind: .request, slot: slot, startUs: Int64(bitPattern: memory.load(.startUs, of: entry)))
        fields.requestID = memory.load(.requestID, of: entry)
        fields.connection = memory.load(.connection, of: entry)
        fields.protocolNumber = UInt8(truncatingIfNeeded: memory.load(.protocolNumber, of: entry))
        fields.status = UInt16(truncatingIfNeeded: memory.load(.statusAndBytes, of: entry))
        fields.flags = RecordFlag.unconfirmed
        setEnd(of: &fields, entry, death, crash)

        let lengths = memory.load(.lengths, of: entry)
        var offset = EntryWord.textOffset
        func take(_ shift: UInt64, _ share: Int) -> [UInt8] {
            let count = min(Int(lengths >> shift & 0xffff), share)
            defer { offset += count }
            return memory.text(ofEntry: entry, at: offset, count: count)
        }
        let client = take(0, EntryWord.clientShare)
        let method = take(16, EntryWord.methodShare)
        let target = take(32, EntryWord.targetShare)
        let host = take(48, EntryWord.hostShare)
        let texts = LogTexts(
            client: client.span.raw, method: method.span.raw, target: target.span.raw, host: host.span.raw,
            referer: RawSpan(), agent: RawSpan())
        let sizes = TextLengths(texts, message: RawSpan(), limit: memory.textLimit, messageLimit: 0, room: .max)
        guard UInt64(sizes.recordBytes) <= room(behind: head) else { return nil }
        return memory.write(fields, texts, message: RawSpan(), lengths: sizes, at: head)
    }

    /// What became of an unfinished request, and when.
    private func setEnd(of fields: inout RecordFields, _ entry: Int, _ death: DeathRecord?, _ crash: CrashReport?) {
        let wasRunning = memory.load(.running) == fields.requestID
        var endUs = death?.endUs ?? lastSignOfLife(entry)
        var hasFirstByte = false
        if state(of: entry) == .leaving {
            fields.outcome = .ok
            fields.bytesOut = memory.load(.statusAndBytes, of: entry) >> 16
            hasFirstByte = fields.bytesOut > 0
            endUs = crash?.timeUs ?? endUs
        } else if wasRunning, let crash, crash.requestID == fields.requestID {
            // The worker itself knows better than whoever saw it end.
            fields.outcome = crash.end.outcome(wasRunning: true)
            fields.signal = crash.end.signal
            fields.bytesOut = crash.bytesOut
            if crash.status != 0 { fields.status = crash.status }
            hasFirstByte = crash.clientGot == .error || crash.clientGot == .partOfError
            endUs = crash.timeUs
        } else {
            let end = death?.end ?? crash?.end ?? .lost
            fields.outcome = end.outcome(wasRunning: wasRunning)
            fields.signal = end.signal
        }
        fields.durationUs = max(0, endUs &- fields.startUs)
        if hasFirstByte { fields.ttfbUs = fields.durationUs }
    }

    /// The last heartbeat in the entry's own time: its two start times tell how the clocks stand to each other. µs
    /// since 1970 UTC.
    private func lastSignOfLife(_ entry: Int) -> Int64 {
        let startUs = Int64(bitPattern: memory.load(.startUs, of: entry))
        let startNs = Int64(bitPattern: memory.load(.startMonotonicNs, of: entry))
        let heartbeatNs = Int64(bitPattern: memory.load(.heartbeat))
        return heartbeatNs > startNs ? startUs &+ (heartbeatNs &- startNs) / 1_000 : startUs
    }

    private func record(_ crash: CrashReport) {
        var fields = RecordFields(kind: .crash, slot: slot, startUs: crash.timeUs)
        fields.requestID = crash.requestID
        fields.connection = memory.load(.workerProcessID)
        fields.signal = crash.end.signal
        // Frames are left out sooner than the records of the worker's end and of gaps.
        let spare = room(behind: memory.load(.head)) / 8 * 7
        append(fields, message: crash.bytes(limit: min(memory.messageLimit, Int(clamping: spare))))
    }

    private func recordEnds(
        from generation: UInt64, below next: UInt64, _ crash: CrashReport?, lastSeenUs: Int64
    ) {
        var known: [DeathRecord] = []
        known.reserveCapacity(Int(DeathRecord.kept) + 1)
        for remainder in 0..<DeathRecord.kept {
            guard let death = DeathRecord(of: memory.load(.death(remainder, 0)), load: memory.load),
                death.generation >= generation, death.generation < next
            else { continue }
            known.append(death)
        }
        if generation != 0, generation < next, !known.contains(where: { $0.generation == generation }) {
            let processID = Int32(truncatingIfNeeded: memory.load(.workerProcessID))
            known.append(
                DeathRecord(
                    generation: generation, processID: processID, end: crash?.end ?? .lost,
                    startUs: Int64(bitPattern: memory.load(.workerStartUs)), endUs: lastSeenUs))
        }
        for death in known.sorted(by: { $0.generation < $1.generation }) {
            record(death, requests: death.generation == generation ? memory.load(.requests) : 0)
        }
    }

    private func record(_ death: DeathRecord, requests: UInt64) {
        var fields = RecordFields(kind: .workerEnded, slot: slot, startUs: death.startUs)
        fields.requestID = death.generation
        fields.connection = UInt64(UInt32(bitPattern: death.processID))
        fields.level = WorkerEndCode.code(of: death.end)
        fields.signal = death.end.signal
        fields.status = death.end.status
        fields.bytesIn = requests
        fields.durationUs = max(0, death.endUs &- death.startUs)
        append(fields, message: [])
    }

    /// Writes and publishes a record that no entry stands for; one that finds no room is counted.
    private func append(_ fields: RecordFields, message: [UInt8]) {
        let texts = LogTexts.none
        let message = message.span.raw
        let sizes = TextLengths(texts, message: message, limit: 0, messageLimit: .max, room: .max)
        let head = memory.load(.head)
        guard UInt64(sizes.recordBytes) <= room(behind: head) else {
            memory.store(memory.load(.lostErrors) &+ 1, to: .lostErrors)
            return
        }
        memory.store(memory.write(fields, texts, message: message, lengths: sizes, at: head), to: .head)
    }

    private func state(of entry: Int) -> LogEntryState {
        // A state that no version writes is damage: nothing can be said about such an entry.
        LogEntryState(rawValue: memory.load(.state, of: entry)) ?? .free
    }

    private func room(behind head: UInt64) -> UInt64 {
        let taken = head &- memory.load(.tail)
        return taken > memory.ringBytes ? 0 : memory.ringBytes &- taken
    }
}
