// Answers that are shared: a question is asked of the log once a second at most, however many look at its answer.

/// Answers by their question. It asks nobody: it tells when a question is due, and is told what came of it.
struct AnswerCache<Answer> {
    /// What is known of a question.
    enum Look {
        /// This answer will do.
        case answered(Result<Answer, any Error>)
        /// It should be asked now; the last answer, if there is one, is old.
        case due(old: Result<Answer, any Error>?)
        /// It is being asked, or would be if not so many others were. Perhaps the last answer will do meanwhile.
        case open(last: Result<Answer, any Error>?, sinceNs: Int64?)
    }

    private struct Entry {
        /// The last answer, when it was made, and how long that took.
        var answer: Result<Answer, any Error>?
        var madeNs = Int64.min
        var costNs: Int64 = 0
        /// Since when it is being asked again.
        var askedNs: Int64?
        /// When it was last looked at, and when by a page that keeps itself fresh.
        var usedNs = Int64.min
        var watchedNs: Int64?
    }

    private var entries: [String: Entry] = [:]
    /// Before this moment no page that keeps itself fresh gets a new answer.
    private var nextRefreshNs = Int64.min

    /// How many answers are kept, and how many questions are asked at a time.
    static var limit: Int { 32 }
    static var openLimit: Int { 4 }

    /// How long an answer is fresh, and how long a page counts as watched that does not ask again.
    private static var freshNs: Int64 { 1_000_000_000 }
    private static var watchedNs: Int64 { 5_000_000_000 }

    /// No answers.
    init() {}

    /// How many answers are kept now.
    var count: Int { entries.count }

    /// What is known of a question.
    ///
    /// An answer is good for a second, and for four times as long as it took: so a page takes a fifth of a processor,
    /// however slow it is. Pages that keep themselves fresh share that fifth: of three of them, each answer is good for
    /// three times as long. A slow page among them therefore slows itself, and no other.
    ///
    /// - Parameters:
    ///   - isWatched: Whether a page asks that keeps itself fresh. It can do with an old answer for a while.
    ///   - nowNs: A clock that only rises, in nanoseconds.
    mutating func look(_ question: String, isWatched: Bool, nowNs: Int64) -> Look {
        var entry = entries[question] ?? Entry()
        entry.usedNs = nowNs
        if isWatched { entry.watchedNs = nowNs }
        if entries[question] != nil { entries[question] = entry }
        let ageNs = entry.answer == nil ? Int64.max : nowNs - entry.madeNs
        let freshNs = max(Self.freshNs, 4 * entry.costNs)
        if entry.askedNs == nil {
            let sharers = isWatched ? Int64(watchedCount(nowNs)) : 1
            if let answer = entry.answer, ageNs < sharers * freshNs || isWatched && nowNs < nextRefreshNs {
                return .answered(answer)
            }
            let openCount = entries.values.count { $0.askedNs != nil }
            if openCount < Self.openLimit { return .due(old: entry.answer) }
        }
        return .open(last: isWatched || ageNs < 2 * freshNs ? entry.answer : nil, sinceNs: entry.askedNs)
    }

    /// A question is being asked.
    mutating func begin(_ question: String, isWatched: Bool, nowNs: Int64) {
        var entry = entries[question] ?? Entry()
        entry.askedNs = nowNs
        entry.usedNs = nowNs
        if isWatched {
            entry.watchedNs = nowNs
            nextRefreshNs = nowNs + Self.freshNs
        }
        entries[question] = entry
        let idle = entries.filter { $0.value.askedNs == nil }
        if entries.count > Self.limit, let oldest = idle.min(by: { $0.value.usedNs < $1.value.usedNs }) {
            entries[oldest.key] = nil
        }
    }

    /// This came of a question; what was thrown is an answer too.
    mutating func finish(_ question: String, _ answer: Result<Answer, any Error>, nowNs: Int64) {
        guard let askedNs = entries[question]?.askedNs else { return }
        entries[question]?.answer = answer
        entries[question]?.madeNs = nowNs
        entries[question]?.costNs = nowNs - askedNs
        entries[question]?.askedNs = nil
    }

    private func watchedCount(_ nowNs: Int64) -> Int {
        entries.values.count { entry in entry.watchedNs.map { nowNs - $0 < Self.watchedNs } ?? false }
    }
}
