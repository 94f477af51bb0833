// The words of a ring file that belong to the master and the writer, and what everybody may read.
public import LinuxSyscalls

extension LogRingFile {
    /// Unmaps the words of all slots, so that a stray store of a handler cannot reach another worker's. In the worker,
    /// after ``worker(slot:generation:processID:)``; of this object only the ``path`` and ``source`` are of use then.
    public func forgetOthers() {
        control.unmap()
    }

    // MARK: The master

    /// Does what a worker does first, in a slot that nobody has used, where it changes nothing: so the types that the
    /// run-time library makes at their first use are there for all workers. Before any child is forked.
    public func rehearse() throws(LogRingError) {
        let memory = try MappedSlot(self, slot: 0, writable: true)
        Completion(memory, slot: 0).run(below: 0)
        _ = LogProducer(memory, slot: 0, generation: 0, processID: 0)
    }

    /// Gives a slot to a worker that will be forked. The slot is idle, or its last worker's death was recorded, or it
    /// is retired and completed.
    /// - Parameter generation: which life of the slot, rising from 1.
    public func assign(slot: Int, generation: UInt64, startUs: Int64) {
        control.store(UInt64(bitPattern: startUs), to: .assignedUs, slot: slot)
        control.store(generation, to: .generation, slot: slot)
        control.store(LogSlotState.assigned.rawValue, to: .slotState, slot: slot)
    }

    /// Records how a worker ended, before the next one is assigned. When several have ended before they took the slot
    /// over, the master does it for the last of them.
    /// - Parameters:
    ///   - generation: as it was assigned.
    ///   - atUs: when it ended, microseconds since 1970 UTC.
    public func recordDeath(slot: Int, generation: UInt64, processID: Int32, end: LogWorkerEnd, atUs: Int64) {
        let death = DeathRecord(
            generation: generation, processID: processID, end: end,
            startUs: Int64(bitPattern: control.load(.assignedUs, slot: slot)), endUs: atUs)
        death.store { control.store($0, to: $1, slot: slot) }
        if generation &- control.load(.workerGeneration, slot: slot) >= DeathRecord.untoldLimit {
            takeOver(slot: slot, for: death)
        }
        control.store(LogSlotState.ended.rawValue, to: .slotState, slot: slot)
    }

    /// Does what the dead worker did not come to: ends what the ones before it left. So any number may die before they
    /// get that far, whether or not the log writer is there.
    private func takeOver(slot: Int, for death: DeathRecord) {
        // Without memory for it the next death tries again.
        let producer = try? worker(slot: slot, generation: death.generation, processID: death.processID)
        producer?.completePredecessor(startUs: death.startUs)
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

    /// Says how far the worker of a slot is.
    public func setLife(slot: Int, _ life: LogWorkerLife) {
        control.store(life.rawValue, to: .life, slot: slot)
    }

    /// Says how many bytes of memory the worker of a slot holds.
    public func setResident(slot: Int, bytes: UInt64) {
        control.store(bytes, to: .residentBytes, slot: slot)
    }

    /// The limits of the request that runs in a slot, nanoseconds of the monotonic clock, 0 for none. A worker that has
    /// not taken the slot over yet has none, whatever its predecessor left.
    public func deadlines(slot: Int) -> (softNs: Int64, hardNs: Int64) {
        guard isTakenOver(slot: slot) else { return (0, 0) }
        return (
            Int64(bitPattern: control.load(.softDeadline, slot: slot)),
            Int64(bitPattern: control.load(.hardDeadline, slot: slot))
        )
    }

    /// The request whose handler ran when the worker of a slot ended; nil when none did.
    public func runningRequest(slot: Int) -> LogRunningRequest? {
        guard isTakenOver(slot: slot), control.load(.running, slot: slot) != 0 else { return nil }
        return entries(ofSlot: slot).first(where: \.isRunning).map(LogRunningRequest.init)
    }

    private func isTakenOver(slot: Int) -> Bool {
        control.load(.workerGeneration, slot: slot) == control.load(.generation, slot: slot)
    }

    /// Has the workers refuse these requests until a moment of the monotonic clock, and no others.
    public func refuse(_ requests: [(fingerprint: UInt64, untilNs: Int64)]) {
        control.setRefused(requests)
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

    /// The program and the libraries of the tree, for the names of a crash's frames.
    public func modules() -> [LoadedModule] {
        let bytes = try? File.read(
            descriptor.rawValue, at: Int64(layout.modulesOffset), count: FileLayout.modulesBytes)
        return ModuleTable.modules(in: bytes ?? [])
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
