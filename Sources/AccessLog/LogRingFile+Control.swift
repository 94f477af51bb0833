// The words of a ring file that belong to the master and the writer, and what everybody may read.
internal import LinuxSyscalls

extension LogRingFile {
    /// Unmaps the words of all slots, so that a stray store of a handler cannot reach another worker's. In the worker,
    /// after ``worker(slot:generation:processID:)``; of this object only the ``path`` and ``source`` are of use then.
    public func forgetOthers() {
        control.unmap()
    }

    // MARK: The master

    /// Gives a slot to a worker that will be forked. The slot is idle, or its last worker's death was recorded, or it
    /// is retired and completed.
    /// - Parameter generation: which life of the slot, rising from 1.
    public func assign(slot: Int, generation: UInt64, startUs: Int64) {
        control.store(UInt64(bitPattern: startUs), to: .assignedUs, slot: slot)
        control.store(generation, to: .generation, slot: slot)
        control.store(LogSlotState.assigned.rawValue, to: .slotState, slot: slot)
    }

    /// Records how a worker ended, before the next one is assigned.
    /// - Parameters:
    ///   - generation: as it was assigned.
    ///   - atUs: when it ended, microseconds since 1970 UTC.
    public func recordDeath(slot: Int, generation: UInt64, processID: Int32, end: LogWorkerEnd, atUs: Int64) {
        let death = DeathRecord(
            generation: generation, processID: processID, end: end,
            startUs: Int64(bitPattern: control.load(.assignedUs, slot: slot)), endUs: atUs)
        death.store { control.store($0, to: $1, slot: slot) }
        control.store(LogSlotState.ended.rawValue, to: .slotState, slot: slot)
    }

    /// Says that no worker will follow in this slot: the writer completes it. After
    /// ``recordDeath(slot:generation:processID:end:atUs:)``.
    public func retire(slot: Int) {
        control.store(LogSlotState.retired.rawValue, to: .slotState, slot: slot)
    }

    /// Whether a slot may be assigned: it was never used, or is retired and the writer has completed it.
    public func isFree(slot: Int) -> Bool {
        let status = status(ofSlot: slot)
        return status.state == .idle || status.state == .retired && isCompleted(slot: slot)
    }

    /// Whether a retired slot's last worker was completed and committed by the writer.
    public func isCompleted(slot: Int) -> Bool {
        control.load(.retiredDone, slot: slot) == control.load(.generation, slot: slot)
    }

    // MARK: The writer

    /// Generation of a slot that is retired and not yet completed; nil for any other.
    public func retiredGeneration(slot: Int) -> UInt64? {
        guard control.load(.slotState, slot: slot) == LogSlotState.retired.rawValue, !isCompleted(slot: slot)
        else { return nil }
        return control.load(.generation, slot: slot)
    }

    /// Says whether the writer sleeps. Before it sleeps: set it, then look once more at ``LogRingReader/hasMore`` of
    /// every ring, so no wake-up is lost.
    public func setWriterSleeping(_ sleeping: Bool) {
        control.setWriterSleeping(sleeping)
    }

    // MARK: Everybody

    /// What a slot's words say now.
    public func status(ofSlot slot: Int) -> LogSlotStatus {
        LogSlotStatus(slot: slot) { control.load($0, slot: slot) }
    }

    /// The requests in flight in a slot, oldest first.
    public func entries(ofSlot slot: Int) -> [LiveRequest] {
        EntrySnapshot.read(self, slot: slot, running: status(ofSlot: slot).runningRequestID)
    }
}
