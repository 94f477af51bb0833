// What a handler may wait for: a thread beside the worker's own, a lock.
internal import Foundation

/// Runs code elsewhere.
enum HelperThread {
    /// Runs `body` in another thread and waits for its end.
    static func run(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            body()
            done.signal()
        }
        done.wait()
    }

    /// Waits for a lock that nobody will give up.
    static func deadlock() {
        let lock = NSLock()
        lock.lock()
        lock.lock()
    }
}
