// Removes old rows on somebody's word: by asking the writer, or with the writer's lock when none runs.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import Schema
public import SystemPackage

/// What `httpstats prune` does.
public final class LogPruner {
    /// How often to look at the answer, in milliseconds.
    private static let pollMs: CInt = 100

    private let database: FilePath
    private let pause: EventPoll

    /// Nothing is opened yet.
    ///
    /// - Parameter database: an access log, or a symbolic link to one.
    /// - Throws: ``LogReadError`` when the kernel refuses.
    public init(_ database: FilePath) throws {
        self.database = LogStoreLocation.resolved(database)
        pause = try EventPoll(capacity: 1)
    }

    /// Removes what the goal wants. Killed meanwhile, what was removed is removed; a writer that was asked goes on.
    ///
    /// - Parameters:
    ///   - timeoutSeconds: when to give up; a request to the writer is taken back then.
    ///   - progress: takes how much was removed so far, now and then.
    /// - Returns: what was removed.
    /// - Throws: ``LogStoreError``, ``LogReadError``.
    public func run(
        _ goal: PruneGoal, timeoutSeconds: Double? = nil, progress: (PruneCount) -> Void = { _ in }
    ) throws -> PruneCount {
        let deadlineNs = timeoutSeconds.map { Clock.monotonicNs() + Int64(min($0, 1e8) * 1e9) } ?? .max
        // Refuses what is not there and what is no log, and makes no file.
        _ = try LogReader(path: database)
        var request: FilePath?
        defer { if let request { try? File.remove(request) } }
        while true {
            let lock = try LogDatabaseLock(beside: database)
            if lock.tryLock() { return try runAlone(goal, deadlineNs, progress) }
            if request == nil { request = try ask(goal) }
            guard let path = request, let answer = PruneMessage.read(path) else {
                throw LogReadError(.timedOut, "the request to the log writer of \(database) was removed; ask again")
            }
            progress(answer.count)
            switch answer.state {
            case .done: return answer.count
            case .refused: throw LogReadError(.query, "the log writer of \(database) did not understand the request")
            case .wanted, .running: break
            }
            guard Clock.monotonicNs() < deadlineNs else {
                throw LogReadError(.timedOut, "the log writer of \(database) did not finish within --timeout")
            }
            _ = try? pause.wait(timeoutMs: Self.pollMs)
        }
    }

    private func ask(_ goal: PruneGoal) throws -> FilePath {
        let path = PruneMessage.path(database, try Random.bits64())
        do {
            try PruneMessage(state: .wanted, goal: goal).write(to: path)
        } catch {
            throw LogStoreError("ask the log writer by", path.string, error)
        }
        return path
    }

    /// With the lock held: a server that starts meanwhile waits for it, as it does for the writer of another.
    private func runAlone(_ goal: PruneGoal, _ deadlineNs: Int64, _ progress: (PruneCount) -> Void) throws -> PruneCount
    {
        let log = try LogDatabase(database)
        defer { log.close() }
        var pruning = Pruning(goal, removesTexts: true, freesAllPages: true)
        var pages = 0
        while !pruning.isDone {
            do {
                try log.maintain { try pruning.step($0, &$1) }
                pages += log.takeWrittenPages()
                if pages >= LogCopier.checkpointPages {
                    pages = 0
                    _ = try log.checkpoint()
                }
            } catch {
                throw LogStoreError("prune", database.string, error)
            }
            progress(pruning.count)
            if Clock.monotonicNs() >= deadlineNs {
                throw LogReadError(.timedOut, "pruning \(database) did not finish within --timeout; the rest is left")
            }
        }
        _ = try? log.checkpoint()
        return pruning.count
    }
}

extension Report {
    /// What was removed, or would be.
    public static func prune(_ count: PruneCount) -> Report {
        let values = [count.requests, count.messages, count.lives, count.texts, count.freedBytes]
        let panel = ReportPanel(
            "prune", columns: ["requests", "messages", "processes", "texts", "bytes_freed"],
            rows: [values.map { .integer($0) }], isRecord: true)
        return Report(
            name: "prune", span: .all, generatedAtUs: WallClock.nowUs(), panels: [panel],
            rowsRead: Int(count.requests + count.messages), newestUs: nil)
    }
}

extension LogReader {
    /// What a run of pruning would remove: rows before a moment exactly, those beyond a size by estimate.
    public func pruneEstimate(_ goal: PruneGoal) throws -> PruneCount {
        try read { database in
            var count = PruneCount()
            let beforeID = goal.beforeUs.map(DatabaseFormat.firstID(atUnixMicroseconds:)) ?? 0
            let arguments: StatementArguments = ["before_id": beforeID]
            let rows = try Row.fetchOne(database, sql: SQL.pruneEstimate, arguments: arguments)
            count.requests = rows?["requests"] ?? 0
            count.messages = rows?["messages"] ?? 0
            let size = try DatabaseSize(database)
            if let pageBytes = goal.pageBytes, size.usedBytes > pageBytes {
                let share = Double(size.usedBytes - pageBytes) / Double(size.usedBytes)
                count.requests = max(count.requests, Int64(share * (rows?["all_requests"] ?? 0.0)))
                count.messages = max(count.messages, Int64(share * (rows?["all_messages"] ?? 0.0)))
                count.freedBytes = size.usedBytes - pageBytes
            }
            return count
        }
    }
}
