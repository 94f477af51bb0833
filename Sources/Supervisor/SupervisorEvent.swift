// What the policy is told and what it answers: the whole vocabulary between decision and system calls.
public import LinuxSyscalls

/// Something that happened to the tree.
public enum SupervisorEvent: Equatable, Sendable {
    /// The supervisor runs; nothing has been started yet.
    case started
    /// A child said that it does its work from now on.
    case childReady(ChildRole)
    /// A worker said that it has served enough requests.
    case workerAskedForReplacement(slot: Int)
    /// A child ended and was collected. The process id, which is in use by nobody now, is for diagnostics; the request
    /// is the one whose handler ran.
    case childEnded(ChildRole, ProcessEnd, processID: Int32, request: RunningRequest? = nil)
    /// A child that the policy had asked for could not be made.
    case forkFailed(ChildRole, ForkError)
    /// A worker was not started, because the log writer still works on what the last one left in the slot.
    case slotNotCompleted(slot: Int)
    /// The master was sent a signal.
    case signal(SupervisorSignal)
    /// There is a new configuration: its number is the next one, counted from 0 for the first.
    case reloaded(workers: Int, SupervisorLimits)
    /// The new configuration cannot be; the loop has said why.
    case reloadRefused
    /// The time limits of the requests that run in the workers, by slot. Told before anything else that a turn of the
    /// loop has to tell.
    case requestsSeen([RequestDeadlines])
    /// Bytes of memory of the workers by slot, and whether the control group has run short of memory since the last
    /// time.
    case memoryMeasured(residentBytes: [Int64], isUnderPressure: Bool)
    /// Another tree has taken over the sockets.
    case handedOver
    /// The moment named by ``SupervisorPolicy/nextDeadlineNs`` has come.
    case timer
}

/// Something the loop has to do.
///
/// Actions are done in the order in which they are answered.
public enum SupervisorAction: Equatable, Sendable {
    /// Start a child with the configuration of this number. Its generation counts the children of its role from 1. With
    /// `needsCompletedSlot` only if the log writer is done with the slot; else the loop answers
    /// ``SupervisorEvent/slotNotCompleted(slot:)``.
    case spawn(ChildRole, generation: UInt32, needsCompletedSlot: Bool, configuration: UInt32 = 0)
    /// Send a signal to a child, if it still runs.
    case signal(ChildRole, Signal)
    /// Note in a slot how its worker ended, and whether for a request that was overdue; before any other worker starts
    /// there.
    case recordDeath(slot: Int, generation: UInt32, ProcessEnd, isOverdue: Bool = false)
    /// Hand a slot to the log writer: no worker follows in it.
    case retireSlot(Int)
    /// The server serves: the first worker is ready. At most once.
    case announceReady
    /// Read the configuration anew; the answer is ``SupervisorEvent/reloaded(workers:_:)`` or
    /// ``SupervisorEvent/reloadRefused``.
    case reload
    /// Measure memory; the answer is ``SupervisorEvent/memoryMeasured(residentBytes:isUnderPressure:)``.
    case measureMemory
    /// Have the workers refuse these requests, and no others.
    case refuse([Quarantine])
    /// Print a line of diagnostics.
    case warn(String)
    /// Every child is gone: leave with this status. The last action of all.
    case exit(status: Int32)
}
