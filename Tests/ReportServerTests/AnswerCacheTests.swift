// One question a second: however many look on, however many pages there are, and however slow the log is.
import Testing

@testable import ReportServer

@Suite struct AnswerCacheTests {
    /// A log that counts its questions, and answers each after a while, on a clock that the test sets.
    private final class Log {
        var nowNs = 0 as Int64 {
            didSet { finish() }
        }
        var costNs: [String: Int64] = [:]
        var asked: [String] = []
        private var open: [(question: String, endNs: Int64)] = []
        var cache = AnswerCache<Int>()

        /// Answers with the number of the question, which counts from 1; `nil`: it is open, and no answer will do.
        @discardableResult
        func ask(_ question: String, isWatched: Bool = true) -> Int? {
            var look = cache.look(question, isWatched: isWatched, nowNs: nowNs)
            if case .due = look {
                cache.begin(question, isWatched: isWatched, nowNs: nowNs)
                asked.append(question)
                open.append((question, nowNs + costNs[question, default: 0]))
                finish()
                look = cache.look(question, isWatched: isWatched, nowNs: nowNs)
            }
            switch look {
            case .answered(let answer), .open(let answer?, _): return try? answer.get()
            case .due, .open(nil, _): return nil
            }
        }

        private func finish() {
            for (question, endNs) in open where endNs <= nowNs {
                cache.finish(question, .success(asked.count), nowNs: endNs)
            }
            open.removeAll { $0.endNs <= nowNs }
        }

        func count(_ question: String) -> Int { asked.count { $0 == question } }
    }

    private struct Failure: Error {}

    @Test func manyViewersOfAPage_shareOneQuestionASecond() {
        let log = Log()
        for tick in 0..<1_000 {
            log.nowNs = Int64(tick) * 10_000_000
            for _ in 0..<50 { log.ask("/") }
        }
        #expect(log.asked.count == 10)
    }

    @Test func manyWatchedPages_takeTurns() {
        let log = Log()
        let pages = (0..<20).map { "/?page=\($0)" }
        for page in pages { log.ask(page, isWatched: false) }
        log.asked = []
        for tick in 1...400 {
            log.nowNs = Int64(tick) * 100_000_000
            for page in pages { log.ask(page) }
        }
        #expect((20...40).contains(log.asked.count), "\(log.asked.count)")
        #expect(Set(log.asked).count == 20, "each page has its turn")
    }

    @Test func pageThatIsWatchedNoMore_holdsNobodyUp() {
        let log = Log()
        log.ask("/gone")
        log.nowNs = 100_000_000
        log.ask("/here", isWatched: false)
        log.asked = []
        for tick in 1...100 {
            log.nowNs = Int64(tick) * 200_000_000
            log.ask("/here")
        }
        #expect(log.asked.count >= 14, "\(log.asked)")
    }

    @Test func slowAnswers_areKeptLonger() {
        let log = Log()
        log.costNs["/"] = 3_000_000_000
        while log.nowNs < 300_000_000_000 {
            log.ask("/")
            log.nowNs += 100_000_000
        }
        #expect((18...21).contains(log.asked.count), "a fifth of the time: \(log.asked.count)")
    }

    @Test func slowPage_slowsItselfAlone() {
        let log = Log()
        log.costNs["/slow"] = 6_000_000_000
        while log.nowNs < 300_000_000_000 {
            log.ask("/slow")
            log.ask("/quick")
            log.nowNs += 100_000_000
        }
        #expect((4...7).contains(log.count("/slow")), "a tenth of the time: \(log.count("/slow"))")
        #expect(log.count("/quick") > 100, "every other second: \(log.count("/quick"))")
    }

    @Test func answerOfBefore_doesWhileAnotherIsMade_forAWhile() {
        let log = Log()
        #expect(log.ask("/") == 1)
        log.costNs["/"] = 500_000_000
        log.nowNs = 1_100_000_000
        #expect(log.ask("/", isWatched: false) == 1 && log.asked.count == 2)
        log.nowNs = 1_600_000_000
        #expect(log.ask("/", isWatched: false) == 2)
        log.nowNs = 600_000_000_000
        #expect(log.ask("/", isWatched: false) == nil && log.asked.count == 3, "too old for a new reader")
        #expect(log.ask("/", isWatched: true) == 2, "who has it already keeps it")
    }

    @Test func fewQuestions_areAskedAtATime() {
        let log = Log()
        for page in 0..<10 { log.costNs["/\(page)"] = 1_000_000_000 }
        for page in 0..<10 { #expect(log.ask("/\(page)", isWatched: false) == nil) }
        #expect(log.asked.count == AnswerCache<Int>.openLimit)
        log.nowNs = 1_000_000_000
        #expect(log.ask("/0", isWatched: false) != nil && log.ask("/9", isWatched: false) == nil)
        #expect(log.asked.last == "/9")
    }

    @Test func newQuestions_areAskedAtOnce_andKeptInBounds() {
        let log = Log()
        for page in 0..<200 {
            log.nowNs += 1
            #expect(log.ask("/?\(page)", isWatched: false) == page + 1)
        }
        #expect(log.cache.count == AnswerCache<Int>.limit)
        #expect(log.ask("/?199", isWatched: false) == 200 && log.asked.count == 200)
    }

    @Test func failures_areAnswersToo() {
        var cache = AnswerCache<Int>()
        cache.begin("/", isWatched: true, nowNs: 0)
        cache.finish("/", .failure(Failure()), nowNs: 0)
        guard case .answered(.failure) = cache.look("/", isWatched: true, nowNs: 500_000_000) else {
            Issue.record("asked again")
            return
        }
    }
}
