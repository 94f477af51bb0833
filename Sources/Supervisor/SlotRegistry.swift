// What the supervisor tells the shared log mapping: who lives in which slot. It knows neither rings nor SQL.
public import LinuxSyscalls

/// The slots that workers occupy, as the master sees them.
///
/// All calls come from the master.
public protocol SlotRegistry {
    /// A worker was started in the slot. It runs already, so it may have looked at the slot before this call.
    func assign(slot: Int, generation: UInt32, processID: Int32)
    /// The worker of the slot ended. No other process runs in the slot at this moment.
    func recordDeath(slot: Int, generation: UInt32, end: ProcessEnd)
    /// No worker follows in the slot: the log writer completes what the last one left.
    func retire(slot: Int)
    /// Whether the log writer has completed a slot that was retired.
    func isCompleted(slot: Int) -> Bool
}
