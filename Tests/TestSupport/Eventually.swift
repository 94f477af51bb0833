// Waiting for a condition instead of for time.
internal import LinuxSyscalls
internal import SystemPackage

/// Asks until the answer is true or the time is up, every few milliseconds; answers the last answer.
///
/// - Parameter timeoutMs: how long to ask, in milliseconds; generous, because it costs nothing when the condition comes
///   true.
public func eventually(timeoutMs: Int = 10_000, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Clock.monotonicNs() + Int64(timeoutMs) * 1_000_000
    while true {
        if try condition() { return true }
        if Clock.monotonicNs() >= end { return false }
        pause(milliseconds: 5)
    }
}

/// Lets other threads and processes run for a moment.
func pause(milliseconds: Int32) {
    _ = try? EventPoll(capacity: 1).wait(timeoutMs: milliseconds)
}
