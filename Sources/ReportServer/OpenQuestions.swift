// Asks the log beside the event loop, so that a slow question holds no other page up.
import Dispatch
internal import LinuxSyscalls
import Synchronization

/// Questions that are being asked, each on a thread of its own.
final class OpenQuestions<Answer: Sendable>: Sendable {
    /// What came of a question.
    struct Finished: Sendable {
        let question: String
        let answer: Result<Answer, any Error>
        /// When it was known, on the clock that only rises.
        let timeNs: Int64
    }

    private let finished = Mutex<[Finished]>([])

    /// Begins to ask, and waits for the answer for a moment.
    ///
    /// - Parameters:
    ///   - patienceMs: For how long; 0: not at all.
    ///   - ask: Asks the log.
    func ask(_ question: String, patienceMs: Int, _ ask: @escaping @Sendable () throws -> Answer) {
        let isAnswered = DispatchSemaphore(value: 0)
        // A serial queue of its own has a thread at once. A concurrent one shares its threads with the global queue:
        // they are as many as processors, so behind questions that compute others would wait.
        DispatchQueue(label: "question").async { @Sendable in
            let answer = Result { try ask() }
            let one = Finished(question: question, answer: answer, timeNs: Clock.monotonicNs())
            self.finished.withLock { $0.append(one) }
            isAnswered.signal()
        }
        if patienceMs > 0 { _ = isAnswered.wait(timeout: .now() + .milliseconds(patienceMs)) }
    }

    /// What was answered since the last call.
    func takeFinished() -> [Finished] {
        finished.withLock { finished in
            defer { finished = [] }
            return finished
        }
    }
}
