// How the work was spread over the workers.
internal import GRDB
internal import Schema

/// Lives of a slot that touch a span.
struct WorkerLives: Equatable {
    var lives: Int64 = 0
    /// That began in the span in the place of an earlier one.
    var restarts: Int64 = 0
    /// That ended in it by a crash, a signal or the time limit.
    var deaths: Int64 = 0
    /// Of the process that runs.
    var pid: Int64?
}

/// A worker: its log, its slot, and what it did.
struct WorkerShare {
    let log: String
    let slot: Int64
    var counts = TrafficCounts()
    var lives = WorkerLives()

    /// The workers of one log: those that served requests, and those that only lived.
    ///
    /// - Parameters:
    ///   - lines: Requests by worker. Imported ones, which no worker of this server answered, are left out.
    ///   - lives: The lives of each slot.
    static func all(_ log: String, _ lines: [TrafficLine], _ lives: [Int64: WorkerLives]) -> [WorkerShare] {
        var shares = lives.mapValues { _ in TrafficCounts() }
        for line in lines where line.key.digits >= 0 { shares[line.key.digits, default: TrafficCounts()] = line.counts }
        return shares.sorted { $0.key < $1.key }.map { slot, counts in
            WorkerShare(log: log, slot: slot, counts: counts, lives: lives[slot] ?? WorkerLives())
        }
    }
}

/// Requests and time by worker.
struct WorkerBalance {
    /// The workers of each log; slots of several logs have nothing in common.
    let workers: [WorkerShare]

    /// Whether they are of several logs, so that each row says of which.
    let hasLogs: Bool

    /// The length of the span; 0: it is not known.
    let seconds: Double

    /// The panels: how even the whole is, and a row for each worker.
    var panels: [ReportPanel] { [totals, list] }

    private var requests: Int64 { workers.reduce(0) { $0 + $1.counts.requests } }

    private var totals: ReportPanel {
        func leastToMost(_ numbers: [Int64]) -> ReportValue { .percent(numbers.min() ?? 0, of: numbers.max() ?? 0) }
        let row: [ReportValue] = [
            .integer(Int64(workers.count)), .integer(requests),
            workers.isEmpty ? .null : .real(Double(requests) / Double(workers.count)),
            leastToMost(workers.map(\.counts.requests)), leastToMost(workers.map(\.counts.durationUs)),
            .integer(workers.reduce(0) { $0 + $1.lives.restarts }),
            .integer(workers.reduce(0) { $0 + $1.lives.deaths }),
        ]
        return ReportPanel(
            "totals",
            columns: [
                "workers", "requests", "requests_per_worker", "least_to_most_requests_percent",
                "least_to_most_time_percent", "restarts", "deaths",
            ], rows: [row], isRecord: true)
    }

    private var list: ReportPanel {
        ReportPanel(
            "workers",
            columns: (hasLogs ? ["log"] : []) + [
                "worker", "pid", "requests", "requests_percent", "busy_s", "busy_percent", "duration_mean_ms",
                "duration_max_ms", "status_5xx", "failed", "lives", "restarts", "deaths",
            ],
            rows: workers.map { worker in (hasLogs ? [.text(worker.log)] : []) + row(worker) }, key: "worker")
    }

    private func row(_ worker: WorkerShare) -> [ReportValue] {
        let (counts, lives) = (worker.counts, worker.lives)
        let busySeconds = Double(counts.durationUs) / 1e6
        return [
            .integer(worker.slot), lives.pid.map { .integer($0) } ?? .null, .integer(counts.requests),
            .percent(counts.requests, of: requests), .real(busySeconds),
            seconds > 0 ? .real(100 * busySeconds / seconds) : .null, .milliseconds(counts.durationMeanUs),
            counts.requests == 0 ? .null : .milliseconds(counts.durationMaxUs), .integer(counts.status5xx),
            .integer(counts.failed), .integer(lives.lives), .integer(lives.restarts), .integer(lives.deaths),
        ]
    }
}

extension LogFleet {
    /// The report `balance`: how even the work is, and of each worker its requests, the sum of their durations, and its
    /// restarts.
    func balance(_ selection: Selection, _ draft: inout ReportDraft) throws {
        var question = TrafficQuestion(selection)
        question.fields = [.worker]
        question.keyLimit = nil
        question.needsClients = false
        let wanted = RequestTestSet(selection.filter, .worker)
        var workers: [WorkerShare] = []
        for (name, reader) in zip(names, readers) {
            let traffic = try LogFleet([reader]).traffic(question)
            draft.cost.merge(traffic.cost)
            let lives = try reader.read { try Self.lives($0, selection.span) }
            workers += WorkerShare.all(
                name, traffic.lists[.worker] ?? [], lives.filter { wanted?.accepts($0.key) ?? true })
        }
        draft.cost.add(sql: SQL.workerLives)
        draft.matches = workers.count
        draft.panels =
            WorkerBalance(
                workers: workers, hasLogs: readers.count > 1,
                seconds: selection.span.secondsPast(nowUs: draft.generatedAtUs) ?? 0
            ).panels
    }

    private static func lives(_ database: Database, _ span: TimeSpan) throws -> [Int64: WorkerLives] {
        var lives: [Int64: WorkerLives] = [:]
        let rows = try Row.fetchCursor(
            database, sql: SQL.workerLives,
            arguments: ["since_us": span.sinceUs ?? 0, "until_us": span.untilUs ?? Int64.max])
        while let row = try rows.next() {
            lives[row[0]] = WorkerLives(lives: row[1], restarts: row[2] ?? 0, deaths: row[3] ?? 0, pid: row[4])
        }
        return lives
    }
}
