// Answers that are shared: a question is asked of the log once a second at most, however many look at its answer.

/// Answers by their question.
struct AnswerCache<Answer> {
    private struct Entry {
        var answer: Result<Answer, any Error>
        /// When it was made, and how long that took.
        var madeNs: Int64
        var costNs: Int64
        /// When it was last looked at, and when by a page that keeps itself fresh.
        var usedNs: Int64
        var watchedNs: Int64
    }

    private var entries: [String: Entry] = [:]
    /// Before this moment no page that keeps itself fresh gets a new answer.
    private var nextRefreshNs = Int64.min

    /// How many answers are kept.
    static var limit: Int { 32 }

    /// How long an answer is fresh, and how long a page counts as watched that does not ask again.
    private static var freshNs: Int64 { 1_000_000_000 }
    private static var watchedNs: Int64 { 5_000_000_000 }

    /// No answers.
    init() {}

    /// How many answers are kept now.
    var count: Int { entries.count }

    /// The answer to a question, if need be by asking.
    ///
    /// An answer is good for a second, and for four times as long as it took: so questions take a fifth of a processor
    /// and of the log's attention, however slow they are. Of pages that keep themselves fresh one gets a new answer at
    /// a time, the one that has waited longest.
    ///
    /// - Parameters:
    ///   - question: What is asked.
    ///   - isWatched: Whether a page asks that keeps itself fresh.
    ///   - clock: A clock that only rises, in nanoseconds.
    ///   - make: Asks the log. What it throws is an answer too.
    mutating func answer(
        _ question: String, isWatched: Bool, clock: () -> Int64, make: () throws -> Answer
    ) throws -> Answer {
        let nowNs = clock()
        if var entry = entries[question] {
            entry.usedNs = nowNs
            if isWatched { entry.watchedNs = nowNs }
            entries[question] = entry
            let isFresh = nowNs - entry.madeNs < max(Self.freshNs, 4 * entry.costNs)
            if isFresh || isWatched && !isItsTurn(entry, nowNs) { return try entry.answer.get() }
        }
        let answer = Result { try make() }
        let madeNs = clock()
        entries[question] = Entry(
            answer: answer, madeNs: madeNs, costNs: madeNs - nowNs, usedNs: madeNs,
            watchedNs: isWatched ? madeNs : entries[question]?.watchedNs ?? .min)
        nextRefreshNs = madeNs + max(Self.freshNs, 4 * (madeNs - nowNs))
        if entries.count > Self.limit, let oldest = entries.min(by: { $0.value.usedNs < $1.value.usedNs }) {
            entries[oldest.key] = nil
        }
        return try answer.get()
    }

    private func isItsTurn(_ entry: Entry, _ nowNs: Int64) -> Bool {
        guard nowNs >= nextRefreshNs else { return false }
        return !entries.values.contains { other in
            other.madeNs < entry.madeNs && other.watchedNs != .min && nowNs - other.watchedNs < Self.watchedNs
        }
    }
}
