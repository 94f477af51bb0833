// The log writer's end of a ring: records in order, the tail that gives their room back, and the last rites of a slot.

/// The one reader of a slot's ring.
///
/// ```
/// while reader.load() {
///     reader.drain(limit: 100, before: .max) { insert($0) }  // true: inserted
/// }
/// store reader.position in the database, COMMIT
/// reader.storeTail(position as committed)
/// ```
public final class LogRingReader {
    private let memory: MappedSlot
    private var core: ReaderCore<MappedSlot>

    init(_ memory: MappedSlot, slot: Int, storedPosition: UInt64?) {
        self.memory = memory
        self.slot = slot
        core = ReaderCore(memory, slot: slot, storedPosition: storedPosition)
    }

    /// Number of the slot.
    public let slot: Int

    /// Byte count up to which records were consumed; to be stored in the transaction that holds them. Below 2⁶³.
    public var position: UInt64 { core.position }

    /// Records, or stretches of a ring, that were skipped because they were damaged.
    public var damagedCount: Int { core.damagedCount }

    /// Whether records wait behind ``position``.
    public var hasMore: Bool { core.hasMore }

    /// Makes the record at ``position`` the current one; does nothing when it is already.
    /// - Returns: false when no record waits. What is damaged is counted and skipped up to the head.
    public func load() -> Bool { core.load() }

    /// Hands the current record to `body` and passes over it, and so on with the records behind it, until `body` says
    /// false: that record stays the current one. To be called after ``load()`` said true; `body` must not use this
    /// reader.
    /// - Parameters:
    ///   - limit: how many records at most; at least 1.
    ///   - boundUs: stop before a record that was completed then or later, microseconds since 1970 UTC. Not asked of
    ///     the current one.
    /// - Returns: how many were passed over.
    public func drain(limit: Int, before boundUs: Int64, _ body: (borrowing LogRecordView) -> Bool) -> Int {
        core.drain(limit: limit, before: boundUs, body)
    }

    /// When the current record's matter ended, microseconds since 1970 UTC: the key for merging rings.
    public var completedUs: Int64 { core.completedUs }

    /// Goes back to a position: after a COMMIT that failed, to the one that the database holds, or the tail.
    public func rewind(storedPosition: UInt64?) { core.rewind(storedPosition: storedPosition) }

    /// Gives room back to the worker. Only after the COMMIT of everything before `position` returned.
    public func storeTail(_ position: UInt64) { memory.store(position, to: .tail) }

    /// Ends the requests that a worker left unfinished, as its next worker would have: for a slot that is retired or
    /// whose tree is dead. Drain before and after. Harmless when it is killed and called again.
    public func complete() {
        Completion(memory, slot: slot).run(below: .max)
    }

    /// Tells the master that the retired slot is completed and its records are committed.
    public func setRetiredDone(generation: UInt64) { memory.store(generation, to: .retiredDone) }
}
