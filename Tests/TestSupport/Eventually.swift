// Waiting for a condition instead of for time.
internal import LinuxSyscalls
internal import SystemPackage

/// How long a test waits for something that has to come, in milliseconds.
///
/// Generous, because it costs nothing when it comes: all tests run at a time, beside whatever else the machine does.
public let patienceMs = 60_000

/// Asks until the answer is true, every few milliseconds, and when the time is up once more; answers the last answer.
///
/// So an answer that takes long to find is no older than the time that was granted.
///
/// - Parameter timeoutMs: how long to ask, in milliseconds.
public func eventually(timeoutMs: Int = patienceMs, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Clock.monotonicNs() + Int64(timeoutMs) * 1_000_000
    while Clock.monotonicNs() < end {
        if try condition() { return true }
        pause(milliseconds: 5)
    }
    return try condition()
}

/// Lets other threads and processes run for a moment.
func pause(milliseconds: Int32) {
    _ = try? EventPoll(capacity: 1).wait(timeoutMs: milliseconds)
}
