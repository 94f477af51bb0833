// Copies records from rings into rows: the body of one transaction, and what follows when it was committed.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls

/// One batch.
///
/// ``copy(_:into:)`` runs inside the transaction and stores the positions with the rows; ``release(_:)`` runs after
/// COMMIT has returned and gives the room in the rings back. A writer killed between the two finds the positions in the
/// database.
struct LogDrain {
    /// Rows of one transaction.
    static let rowLimit = 5_000
    /// Time that rows may be added to one transaction, in nanoseconds: 20 ms, so that readers of the database and the
    /// next signal never wait long.
    static let timeLimitNs: Int64 = 20_000_000

    /// Rows between two looks at the clock.
    private static let clockInterval = 128

    /// A ring that has a record to give.
    private struct Cursor {
        let reader: LogRingReader
        let source: RingSource
        var completedUs: Int64
    }

    /// Copies what waits, oldest first over all rings, up to the limits. Answers the number of records.
    func copy(_ sources: [RingSource], into tables: inout LogTables) throws(DatabaseError) -> Int {
        let deadline = Clock.monotonicNs() + Self.timeLimitNs
        var cursors: [Cursor] = []
        for source in sources {
            for ring in source.rings where ring.reader.load() {
                cursors.append(
                    Cursor(reader: ring.reader, source: source, completedUs: ring.reader.completedUs))
            }
        }
        var count = 0
        var nextClock = Self.clockInterval
        while !cursors.isEmpty, count < Self.rowLimit {
            let oldest = Self.oldest(cursors)
            let reader = cursors[oldest].reader
            let source = cursors[oldest].source
            var failure: DatabaseError?
            count += reader.drain(
                limit: min(Self.clockInterval, Self.rowLimit - count), before: Self.bound(cursors, without: oldest)
            ) { record in
                do throws(DatabaseError) {
                    try Self.insert(record, of: source, into: &tables)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            if reader.load() {
                cursors[oldest].completedUs = reader.completedUs
            } else {
                cursors.remove(at: oldest)
            }
            if count >= nextClock {
                if Clock.monotonicNs() > deadline { break }
                nextClock = count + Self.clockInterval
            }
        }
        try tables.flush()
        try storePositions(sources, into: &tables)
        return count
    }

    /// After COMMIT has returned: gives the room of what was copied back to the workers.
    func release(_ sources: [RingSource]) {
        for source in sources {
            for index in source.rings.indices {
                let reader = source.rings[index].reader
                source.rings[index].reportedDamage = reader.damagedCount
                if reader.position == source.rings[index].committed { continue }
                reader.storeTail(reader.position)
                source.rings[index].committed = reader.position
            }
        }
    }

    private func storePositions(_ sources: [RingSource], into tables: inout LogTables) throws(DatabaseError) {
        for source in sources {
            for ring in source.rings {
                let damaged = ring.reader.damagedCount - ring.reportedDamage
                if damaged > 0 {
                    try tables.note(
                        .error,
                        "Slot \(ring.reader.slot) of \(source.file.path) held damaged records in \(damaged) places; "
                            + "what was published there until now is lost")
                }
                if ring.reader.position != ring.committed {
                    try tables.storePosition(source: source.id, slot: ring.reader.slot, ring.reader.position)
                }
            }
        }
    }

    /// The cursor whose record was completed first. A few rings: looking at all is cheaper than keeping a heap.
    private static func oldest(_ cursors: [Cursor]) -> Int {
        var oldest = 0
        for index in cursors.indices.dropFirst() where cursors[index].completedUs < cursors[oldest].completedUs {
            oldest = index
        }
        return oldest
    }

    /// When the first record of the other cursors was completed: until then one cursor is the oldest.
    private static func bound(_ cursors: [Cursor], without index: Int) -> Int64 {
        var bound = Int64.max
        for other in cursors.indices where other != index { bound = min(bound, cursors[other].completedUs) }
        return bound
    }

    private static func insert(
        _ record: borrowing LogRecordView, of source: RingSource, into tables: inout LogTables
    ) throws(DatabaseError) {
        switch record.kind {
        case .request:
            try tables.insertRequest(record)
        case .error, .message:
            try tables.insertMessage(record)
        case .gap:
            try tables.insertGap(record)
        case .crash:
            guard let crash = record.crash else { return }
            var life = life(record, of: source.id)
            life.generation = Int64(clamping: crash.generation)
            try tables.insertCrash(crash, life, frames: source.frames.text(of: crash))
        case .workerStarted:
            try tables.workerStarted(life(record, of: source.id))
        case .workerEnded:
            try tables.workerEnded(
                life(record, of: source.id), record.end, endedUs: record.completedUs, requests: record.requests)
        }
    }

    private static func life(_ record: borrowing LogRecordView, of source: Int64) -> LogTables.ProcessLife {
        LogTables.ProcessLife(
            source: source, role: .worker, slot: record.worker, generation: Int64(clamping: record.generation),
            processID: record.processID, startedUs: record.startUs)
    }
}
