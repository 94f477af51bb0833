// Asks whether single requests meet the conditions of a filter, and whether what belongs to a request does.
internal import GRDB
internal import Schema

/// The conditions of a filter, put to one request after the other.
///
/// Messages, crashes and processes are no requests. One that belongs to a request meets the conditions when the request
/// does. One that belongs to none meets only conditions on the worker, which it has as well.
struct RequestProbe {
    /// What is asked of the worker when no condition is about anything else.
    private let workers: RequestTestSet?

    private var matcher: RequestMatcher
    private let request: ScanCursor
    private let keys: RowCursor
    private var verdicts: [Int64: Bool] = [:]

    /// How many verdicts on requests with messages are remembered.
    private static let memory = 100_000

    init(_ database: Database, _ filter: RequestFilter) throws {
        workers = filter.workers
        matcher = try RequestMatcher(filter, database)
        request = try ScanCursor(database, ScanPlan([], filter: filter, database))
        keys = try RowCursor(database, sql: SQL.requestsWithMessages, arguments: [0])
    }

    /// Whether the request with a key meets the conditions.
    mutating func accepts(key: Int64) throws -> Bool {
        request.restart(key...key)
        return try request.next() && matcher.accepts(request)
    }

    /// Whether something meets the conditions that belongs to the request with a number and to a worker.
    mutating func accepts(number: Int64?, worker: Int64?) throws -> Bool {
        if let workers { return workers.accepts(worker) }
        guard let number else { return false }
        if let verdict = verdicts[number] { return verdict }
        if verdicts.count >= Self.memory { verdicts = [:] }
        keys.restart(number)
        var verdict = false
        while !verdict, try keys.next() { verdict = try accepts(key: keys.integer(0)) }
        verdicts[number] = verdict
        return verdict
    }
}

extension RequestFilter {
    /// The conditions on the worker when there are no others; `nil`: there are none, or others too.
    var workers: RequestTestSet? {
        let isAboutWorkers =
            conditions.allSatisfy { $0.property == .worker } && minimumUs == nil && maximumUs == nil
            && expressions.isEmpty
        return isAboutWorkers ? RequestTestSet(self, .worker) : nil
    }
}
