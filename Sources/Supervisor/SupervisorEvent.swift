// What the policy is told and what it answers: the whole vocabulary between decision and system calls.
public import LinuxSyscalls

/// Something that happened to the tree.
public enum SupervisorEvent: Equatable, Sendable {
    /// The supervisor runs; nothing has been started yet.
    case started
    /// A child said that it does its work from now on.
    case childReady(ChildRole)
    /// A child ended and was collected. The process id, which is in use by nobody now, is for diagnostics.
    case childEnded(ChildRole, ProcessEnd, processID: Int32)
    /// A child that the policy had asked for could not be made.
    case forkFailed(ChildRole, ForkError)
    /// A worker was not started, because the log writer still works on what the last one left in the slot.
    case slotNotCompleted(slot: Int)
    /// The master was sent a signal.
    case signal(SupervisorSignal)
    /// Another tree has taken over the sockets.
    case handedOver
    /// The moment named by ``SupervisorPolicy/nextDeadlineNs`` has come.
    case timer
}

/// Something the loop has to do.
///
/// Actions are done in the order in which they are answered.
public enum SupervisorAction: Equatable, Sendable {
    /// Start a child. Its generation counts the children of its role from 1. With `needsCompletedSlot` only if the log
    /// writer is done with the slot; else the loop answers ``SupervisorEvent/slotNotCompleted(slot:)``.
    case spawn(ChildRole, generation: UInt32, needsCompletedSlot: Bool)
    /// Send a signal to a child, if it still runs.
    case signal(ChildRole, Signal)
    /// Note in a slot how its worker ended; before any other worker starts there.
    case recordDeath(slot: Int, generation: UInt32, ProcessEnd)
    /// Hand a slot to the log writer: no worker follows in it.
    case retireSlot(Int)
    /// The server serves: the first worker is ready. At most once.
    case announceReady
    /// Print a line of diagnostics.
    case warn(String)
    /// Every child is gone: leave with this status. The last action of all.
    case exit(status: Int32)
}
