// What the supervisor tells the shared log mapping: who lives in which slot. It knows neither rings nor SQL.
public import LinuxSyscalls

/// The slots that workers occupy, as the master sees them.
///
/// All calls come from the master.
public protocol SlotRegistry {
    /// A worker was started in the slot. It runs already, so it may have looked at the slot before this call.
    func assign(slot: Int, generation: UInt32, processID: Int32)
    /// The worker of the slot ended. No other process runs in the slot at this moment.
    ///
    /// `isOverdue`: for a request that had passed its limits.
    func recordDeath(slot: Int, generation: UInt32, end: ProcessEnd, isOverdue: Bool)
    /// No worker follows in the slot: the log writer completes what the last one left.
    func retire(slot: Int)
    /// Whether the log writer has completed a slot that was retired.
    func isCompleted(slot: Int) -> Bool
    /// How far the worker of a slot is; told after every change.
    func setLife(slot: Int, _ life: SlotLife)
    /// What came of one event was told, and done: the moment to wake who looks at it. Not earlier, since that costs a
    /// dead worker's replacement time on a busy machine.
    func flush()
    /// How many bytes of memory the worker of a slot holds.
    func setResident(slot: Int, bytes: Int64)
    /// The limits of the request that runs in a slot.
    func requestDeadlines(slot: Int) -> RequestDeadlines
    /// The request whose handler runs in a slot; asked for when its worker has ended.
    func runningRequest(slot: Int) -> RunningRequest?
    /// The requests that workers refuse from now on, and no others.
    func refuse(_ quarantines: [Quarantine])
}

/// How far the worker of a slot is.
public enum SlotLife: Sendable {
    /// There is none.
    case none
    /// It was started and is not ready.
    case starting
    /// It serves.
    case ready
    /// It was told to end.
    case stopping
}

// What a registry does not keep is not there.
extension SlotRegistry {
    /// Tells nobody.
    public func setLife(slot: Int, _ life: SlotLife) {}
    /// Nobody is to be woken.
    public func flush() {}
    /// Tells nobody.
    public func setResident(slot: Int, bytes: Int64) {}
    /// No limits.
    public func requestDeadlines(slot: Int) -> RequestDeadlines { RequestDeadlines() }
    /// None that is known.
    public func runningRequest(slot: Int) -> RunningRequest? { nil }
    /// Tells nobody.
    public func refuse(_ quarantines: [Quarantine]) {}
}
