// A log writer on a thread of the test.
import Foundation
import LinuxSyscalls
import Synchronization
import Testing

@testable import LogStore

/// A writer that runs on a thread of its own until it is told to stop.
final class RunningWriter: @unchecked Sendable {
    let doorbell: EventDescriptor
    private let stopBell: EventDescriptor
    private let state = Mutex<(ready: Bool, ended: Bool, error: LogStoreError?)>((false, false, nil))
    let said = Mutex<[String]>([])

    init(_ fixture: LogFixture, _ configure: (inout LogWriterConfiguration) -> Void = { _ in }) throws {
        doorbell = try EventDescriptor()
        stopBell = try EventDescriptor()
        var configuration = fixture.configuration
        configure(&configuration)
        configuration.report = { line in self.said.withLock { $0.append(line) } }
        let loop = try LogWriterLoop(
            configuration, ring: fixture.ring, doorbell: doorbell.rawValue, stops: [stopBell.rawValue])
        nonisolated(unsafe) let sent = loop
        Thread.detachNewThread {
            do throws(LogStoreError) {
                try unsafe sent.run(isStop: { true }, ready: { self.state.withLock { $0.ready = true } })
            } catch {
                self.state.withLock { $0.error = error }
            }
            self.state.withLock { $0.ended = true }
        }
    }

    var isReady: Bool { state.withLock { $0.ready } }
    var isEnded: Bool { state.withLock { $0.ended } }
    var error: LogStoreError? { state.withLock { $0.error } }

    func ready() throws -> RunningWriter {
        eventually("ready") { isReady || isEnded }
        try #require(isReady, "\(error.map(\.description) ?? "")")
        return self
    }

    func stop() throws {
        stopBell.signal()
        eventually("the writer ends") { isEnded }
        if let error { throw error }
    }
}
