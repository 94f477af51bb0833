// A load that runs while the test does something to the server.
internal import Foundation
internal import Synchronization

/// A load in a thread of its own.
public final class BackgroundLoad: Sendable {
    private let isOver = Atomic(false)
    private let result = Mutex<Result<Ledger, any Error>?>(nil)

    /// Starts the load.
    public init(_ loader: LedgerLoader) {
        var loader = loader
        loader.isOver = { [self] in isOver.load(ordering: .relaxed) }
        Thread.detachNewThread { [self, loader] in
            let ledger = Result { try loader.run() }
            result.withLock { $0 = ledger }
        }
    }

    /// Whether it has neither ended nor failed.
    public var isRunning: Bool { result.withLock { $0 == nil } }

    /// Has it send nothing more, and waits for the answers to what it has sent; then answers the ledger.
    public func finish(timeoutMs: Int = patienceMs) throws -> Ledger {
        isOver.store(true, ordering: .relaxed)
        _ = eventually(timeoutMs: timeoutMs) { !isRunning }
        guard let result = result.withLock({ $0 }) else { throw TestFailure("the load did not end") }
        return try result.get()
    }
}
