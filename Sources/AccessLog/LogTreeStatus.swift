// One look at a whole tree while it runs, hangs or is dead: by copies of its ring file, stopping nobody.
internal import LinuxSyscalls

/// The slots that were ever used and the requests in flight, at one moment.
public struct LogTreeStatus: Sendable {
    /// When the tree began, microseconds since 1970 UTC.
    public let createdUs: Int64
    /// No process of the tree is left: the values are those it left.
    public let isDead: Bool
    /// The machine was started anew since, so nothing says how long ago anything was.
    public let isOfEarlierBoot: Bool
    /// When it was looked at, nanoseconds of the monotonic clock.
    public let takenNs: Int64
    /// The slots that were used, in their order.
    public let slots: [LogSlotStatus]
    /// Their requests in flight, slot by slot, the oldest of each first.
    public let requests: [LiveRequest]

    /// A look, from its parts.
    package init(
        createdUs: Int64, isDead: Bool, isOfEarlierBoot: Bool, takenNs: Int64, slots: [LogSlotStatus],
        requests: [LiveRequest]
    ) {
        self.createdUs = createdUs
        self.isDead = isDead
        self.isOfEarlierBoot = isOfEarlierBoot
        self.takenNs = takenNs
        self.slots = slots
        self.requests = requests
    }

    /// What the worker of a slot does.
    public func activity(of slot: LogSlotStatus) -> LogWorkerActivity {
        if isDead { return .dead }
        switch (slot.state, slot.life) {
        case (.idle, _): return .free
        case (.ended, _): return .ended
        case (.retired, _): return .retired
        case (.assigned, .stopping): return .stopping
        case (.assigned, .starting): return .starting
        case (.assigned, .none), (.assigned, .ready): return slot.runningRequestID == nil ? .waiting : .handling
        }
    }

    /// Nanoseconds from a moment of the monotonic clock until the look; nil for a moment that never was, and for one
    /// before the machine was started.
    public func ageNs(sinceNs: Int64) -> Int64? {
        sinceNs == 0 || isOfEarlierBoot ? nil : max(0, takenNs - sinceNs)
    }
}

extension LogRingFile {
    /// Looks at the whole tree. Reads the file and no mapping, so a worker may call it after ``forgetOthers()`` too.
    public func treeStatus() -> LogTreeStatus {
        let isDead = isOfEarlierBoot || takeIfDead()
        let slots = (0..<slotCount).compactMap(copiedStatus).filter { $0.generation > 0 }
        let requests = slots.flatMap { EntrySnapshot.read(self, slot: $0.slot, running: $0.runningRequestID) }
        return LogTreeStatus(
            createdUs: createdUs, isDead: isDead, isOfEarlierBoot: isOfEarlierBoot, takenNs: Clock.monotonicNs(),
            slots: slots, requests: requests.filter { !$0.isTorn && $0.state != .free })
    }

    private func copiedStatus(ofSlot slot: Int) -> LogSlotStatus? {
        guard let page = copyOfPage(slot) else { return nil }
        return LogSlotStatus(slot: slot) { word in
            (0..<8).reduce(0) { $0 | UInt64(page[word.index * 8 + $1]) << UInt64(8 * $1) }
        }
    }

    private func copyOfPage(_ slot: Int) -> [UInt8]? {
        let count = FileLayout.pageBytes
        guard
            let page = try? File.read(descriptorNumber, at: Int64(layout.controlOffset(slot)), count: count),
            page.count == count
        else { return nil }
        return page
    }
}

extension LogSlotStatus {
    /// A slot of which little needs to be said.
    package init(
        slot: Int, state: LogSlotState, life: LogWorkerLife, processID: Int32, generation: UInt64, startUs: Int64,
        requests: UInt64, bytesOut: UInt64, connections: UInt64
    ) {
        self.init(slot: slot) { word in
            switch word {
            case .slotState: state.rawValue
            case .life: life.rawValue
            case .workerProcessID: UInt64(UInt32(bitPattern: processID))
            case .workerGeneration: generation
            case .workerStartUs: UInt64(bitPattern: startUs)
            case .requests: requests
            case .bytesOut: bytesOut
            case .connections: connections
            default: 0
            }
        }
    }

    /// From the words of a control page, or of a copy of one.
    init(slot: Int, load: (ControlWord) -> UInt64) {
        let before = (load(.workerGeneration), load(.workerProcessID))
        let running = load(.running)
        // In this order: the tail can pass a head that was read before, not one that was read after it.
        let tail = load(.tail)
        let backlog = Int64(bitPattern: load(.head) &- tail)
        self.slot = slot
        state = LogSlotState(rawValue: load(.slotState)) ?? .idle
        life = LogWorkerLife(rawValue: load(.life)) ?? .none
        generation = before.0
        processID = Int32(truncatingIfNeeded: before.1)
        startUs = Int64(bitPattern: load(.workerStartUs))
        residentBytes = load(.residentBytes)
        heartbeatNs = Int64(bitPattern: load(.heartbeat))
        runningRequestID = running == 0 ? nil : running
        requests = load(.requests)
        bytesOut = load(.bytesOut)
        shed = load(.shed)
        dropped = load(.dropped)
        lostErrors = load(.lostErrors)
        waits = load(.waits)
        waitedUs = load(.waitedUs)
        connections = load(.connections)
        backlogBytes = UInt64(max(0, backlog))
        isTorn = before != (load(.workerGeneration), load(.workerProcessID))
    }
}
