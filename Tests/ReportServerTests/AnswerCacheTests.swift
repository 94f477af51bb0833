// One question a second: however many look on, however many pages there are, and however slow the log is.
import Testing

@testable import ReportServer

@Suite struct AnswerCacheTests {
    /// A log that counts its questions on a clock that the test sets.
    private final class Log {
        var nowNs = 0 as Int64
        var costNs = 0 as Int64
        var asked: [String] = []
        var cache = AnswerCache<Int>()

        @discardableResult
        func ask(_ question: String, isWatched: Bool = true) throws -> Int {
            try cache.answer(question, isWatched: isWatched, clock: { nowNs }) {
                nowNs += costNs
                asked.append(question)
                return asked.count
            }
        }
    }

    private struct Failure: Error {}

    @Test func manyViewersOfAPage_shareOneQuestionASecond() throws {
        let log = Log()
        for tick in 0..<1_000 {
            log.nowNs = Int64(tick) * 10_000_000
            for _ in 0..<50 { try log.ask("/") }
        }
        #expect(log.asked.count == 10)
    }

    @Test func manyWatchedPages_takeTurns() throws {
        let log = Log()
        let pages = (0..<20).map { "/?page=\($0)" }
        for page in pages { try log.ask(page, isWatched: false) }
        log.asked = []
        for tick in 1...400 {
            log.nowNs = Int64(tick) * 100_000_000
            for page in pages { try log.ask(page) }
        }
        #expect((39...41).contains(log.asked.count), "\(log.asked.count)")
        #expect(Set(log.asked).count == 20, "each page has its turn")
    }

    @Test func pageThatIsWatchedNoMore_holdsNobodyUp() throws {
        let log = Log()
        try log.ask("/gone")
        log.nowNs = 100_000_000
        try log.ask("/here", isWatched: false)
        log.asked = []
        for tick in 1...100 {
            log.nowNs = Int64(tick) * 200_000_000
            try log.ask("/here")
        }
        #expect(log.asked.count >= 14, "\(log.asked)")
    }

    @Test func slowAnswers_areKeptLonger() throws {
        let log = Log()
        log.costNs = 3_000_000_000
        while log.nowNs < 300_000_000_000 {
            try log.ask("/")
            log.nowNs += 100_000_000
        }
        #expect((18...21).contains(log.asked.count), "a fifth of the time: \(log.asked.count)")
    }

    @Test func newQuestions_areAnsweredAtOnce_andBounded() throws {
        let log = Log()
        for page in 0..<200 {
            log.nowNs += 1
            #expect(try log.ask("/?\(page)", isWatched: false) == page + 1)
        }
        #expect(log.cache.count == AnswerCache<Int>.limit)
        #expect(try log.ask("/?199", isWatched: false) == 200)
    }

    @Test func failures_areAnswersToo() {
        let log = Log()
        for _ in 0..<5 {
            #expect(throws: Failure.self) {
                _ = try log.cache.answer("/", isWatched: true, clock: { log.nowNs }) {
                    log.asked.append("/")
                    throw Failure()
                }
            }
        }
        #expect(log.asked.count == 1)
    }
}
