// Says on a terminal that a report takes its time, from the first second on until there is something to show.
import Dispatch
import LogStore
import Synchronization

/// The line of progress of whatever the program reads now.
enum Waiting {
    private struct State {
        /// Of the wait that goes on; another one when it is over.
        var number = 0
        var line: ProgressLine?
    }

    private static let state = Mutex(State())

    /// Reading begins.
    ///
    /// - Parameter subject: What is read.
    static func begin(_ subject: String) {
        guard OutputStyle.isStandardErrorTerminal else { return }
        let number = state.withLock { $0.number }
        look(after: 1, number, subject, start: ContinuousClock.now)
    }

    /// There is something to show, or nothing to wait for; no line is left.
    static func end() {
        state.withLock { state in
            state.number += 1
            state.line?.end()
            state.line = nil
        }
    }

    private static func look(
        after seconds: Double, _ number: Int, _ subject: String, start: ContinuousClock.Instant
    ) {
        // @Sendable is load-bearing: see HTTPStats.main().
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { @Sendable in
            let goesOn = state.withLock { state in
                guard state.number == number else { return false }
                let line = state.line ?? ProgressLine()
                state.line = line
                let passed = Int((ContinuousClock.now - start) / .seconds(1))
                line.show("reading \(subject) for \(passed) s; Ctrl-C ends it")
                return true
            }
            if goesOn { look(after: 0.2, number, subject, start: start) }
        }
    }
}
