// How the work was spread over the workers.
import GRDB
import Schema

/// Lives of a slot that touch a span.
struct WorkerLives {
    var lives: Int64 = 0
    /// That began in the span in the place of an earlier one.
    var restarts: Int64 = 0
    /// That ended in it by a crash, a signal or the time limit.
    var deaths: Int64 = 0
    /// Of the process that runs.
    var pid: Int64?
}

/// Requests and time by worker.
struct WorkerBalance {
    let lines: [TrafficLine]
    let lives: [Int64: WorkerLives]
    let seconds: Double

    /// The panels: how even the whole is, and a row for each worker.
    var panels: [ReportPanel] {
        var workers: [Int64: TrafficCounts] = [:]
        for line in lines {
            guard case .text(let digits) = line.key, let slot = Int64(String(decoding: digits, as: UTF8.self)) else {
                continue
            }
            workers[slot, default: TrafficCounts()].merge(line.counts)
        }
        for slot in lives.keys where workers[slot] == nil { workers[slot] = TrafficCounts() }
        let total = workers.values.reduce(0) { $0 + $1.requests }
        let rows = workers.sorted { $0.key < $1.key }.map { slot, counts in
            row(slot, counts, total: total)
        }
        let most = workers.values.map(\.requests).max() ?? 0
        let least = workers.values.map(\.requests).min() ?? 0
        let busy = workers.values.map(\.durationUs)
        let whole: [ReportValue] = [
            .integer(Int64(workers.count)), .integer(total),
            workers.isEmpty ? .null : .real(Double(total) / Double(workers.count)),
            most == 0 ? .null : .real(100 * Double(least) / Double(most)),
            (busy.max() ?? 0) == 0 ? .null : .real(100 * Double(busy.min() ?? 0) / Double(busy.max() ?? 1)),
            .integer(lives.values.reduce(0) { $0 + $1.restarts }),
            .integer(lives.values.reduce(0) { $0 + $1.deaths }),
        ]
        return [
            ReportPanel(
                "totals",
                columns: [
                    "workers", "requests", "requests_per_worker", "least_to_most_requests_percent",
                    "least_to_most_time_percent", "restarts", "deaths",
                ], rows: [whole], isRecord: true),
            ReportPanel(
                "workers",
                columns: [
                    "worker", "pid", "requests", "requests_percent", "busy_s", "busy_percent", "duration_mean_ms",
                    "duration_max_ms", "status_5xx", "failed", "lives", "restarts", "deaths",
                ], rows: rows),
        ]
    }

    private func row(_ slot: Int64, _ counts: TrafficCounts, total: Int64) -> [ReportValue] {
        let lives = lives[slot] ?? WorkerLives()
        let busySeconds = Double(counts.durationUs) / 1e6
        return [
            .integer(slot), lives.pid.map { .integer($0) } ?? .null, .integer(counts.requests),
            total == 0 ? .null : .real(100 * Double(counts.requests) / Double(total)), .real(busySeconds),
            seconds > 0 ? .real(100 * busySeconds / seconds) : .null,
            counts.durationMeanUs.map { .real($0 / 1000) } ?? .null,
            counts.requests == 0 ? .null : .real(Double(counts.durationMaxUs) / 1000), .integer(counts.status5xx),
            .integer(counts.failed), .integer(lives.lives), .integer(lives.restarts), .integer(lives.deaths),
        ]
    }
}

extension LogFleet {
    /// The report `balance`.
    ///
    /// - Parameter selection: The requests.
    /// - Returns: How even the work is, and of each worker its requests, the sum of their durations, and its restarts.
    /// - Throws: ``LogReadError``.
    public func balance(_ selection: Selection) throws -> Report {
        let nowUs = WallClock.nowUs()
        var question = TrafficQuestion(selection)
        question.fields = [.worker]
        question.keyLimit = nil
        question.needsClients = false
        let traffic = try traffic(question)
        var lives: [Int64: WorkerLives] = [:]
        for reader in readers {
            let found = try reader.read { try Self.lives($0, selection.span) }
            lives.merge(found) { own, other in
                WorkerLives(
                    lives: own.lives + other.lives, restarts: own.restarts + other.restarts,
                    deaths: own.deaths + other.deaths)
            }
        }
        let balance = WorkerBalance(
            lines: traffic.lists[.worker] ?? [], lives: lives, seconds: selection.span.secondsPast(nowUs: nowUs) ?? 0)
        return Report(
            "balance", span: selection.span, nowUs: nowUs, panels: balance.panels, cost: traffic.cost,
            matches: Int(traffic.total.counts.requests) + lives.count)
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
