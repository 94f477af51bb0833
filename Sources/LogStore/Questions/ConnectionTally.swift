// How connections were used: requests on each, kept alive or not, and how they ended.

/// The connections of a span, from its requests in the order of their keys.
///
/// A connection has a number within the life of its worker, so a request belongs to the life that had begun before it.
/// Connections that sent no request are not in the log, nor are those of requests that were imported.
struct ConnectionTally {
    /// What a connection did.
    private struct Use {
        var requests: Int64
        var newestID: Int64
    }

    private struct Identity: Hashable {
        let worker: Int64
        let life: Int
        let number: Int64
    }

    /// The requests on a connection, in classes.
    static let classes: [(name: String, range: ClosedRange<Int64>)] = [
        ("1", 1...1), ("2-5", 2...5), ("6-20", 6...20), ("21-100", 21...100), ("over 100", 101...Int64.max),
    ]

    /// How many connections are followed at a time before those that were silent for an hour are let go.
    static let openLimit = 200_000

    private static let silence: Int64 = 3_600_000_000 << 8

    /// The beginnings of the lives of each slot, in microseconds since 1970 UTC, rising.
    private var starts: [Int64: [Int64]] = [:]
    private var open: [Identity: Use] = [:]
    private var sweepAt = openLimit

    private(set) var requests: Int64 = 0
    private(set) var connections: Int64 = 0
    private(set) var keptAlive: Int64 = 0
    private(set) var aborted: Int64 = 0
    private(set) var timeout: Int64 = 0
    private(set) var requestTimeout: Int64 = 0
    private(set) var byClass = [(connections: Int64, requests: Int64)](repeating: (0, 0), count: classes.count)
    private(set) var maximum: Int64 = 0
    /// The requests of a connection, as a sketch holds durations.
    private(set) var sketch = LatencySketch()

    /// Begins a log, whose workers' lives began at `starts`.
    mutating func begin(starts: [Int64: [Int64]]) {
        self.starts = starts
    }

    /// Adds a request.
    ///
    /// - Parameters:
    ///   - beganUs: When it began, in microseconds since 1970 UTC.
    ///   - status: 0: none.
    ///   - outcome: As the column numbers it.
    ///   - isKeptAlive: Whether the connection stayed open behind it.
    mutating func add(
        id: Int64, worker: Int64, connection: Int64, beganUs: Int64, status: Int64, outcome: Int64, isKeptAlive: Bool
    ) {
        requests += 1
        if isKeptAlive { keptAlive += 1 }
        if outcome == 1 { aborted += 1 }
        if outcome == 2 { timeout += 1 }
        if status == 408 { requestTimeout += 1 }
        let identity = Identity(worker: worker, life: life(of: worker, at: beganUs), number: connection)
        if let use = open[identity] {
            open[identity] = Use(requests: use.requests + 1, newestID: id)
        } else {
            open[identity] = Use(requests: 1, newestID: id)
            if open.count >= sweepAt { sweep(before: id - Self.silence) }
        }
    }

    /// Ends a log: counts the connections that are still followed.
    mutating func finish() {
        open.values.forEach { count($0) }
        open = [:]
    }

    private mutating func sweep(before id: Int64) {
        for (identity, use) in open where use.newestID < id {
            count(use)
            open[identity] = nil
        }
        // So that a sweep is paid for by as many additions.
        sweepAt = max(Self.openLimit, 2 * open.count)
    }

    private mutating func count(_ use: Use) {
        connections += 1
        maximum = max(maximum, use.requests)
        sketch.add(use.requests)
        for (index, one) in Self.classes.enumerated() where one.range.contains(use.requests) {
            byClass[index].connections += 1
            byClass[index].requests += use.requests
        }
    }

    /// How many lives of a slot had begun at a moment.
    private func life(of worker: Int64, at us: Int64) -> Int {
        guard let starts = starts[worker] else { return 0 }
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= us { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The panels: the whole as a record, and the classes.
    var panels: [ReportPanel] {
        let whole: [ReportValue] = [
            .integer(requests), .integer(connections),
            connections == 0 ? .null : .real(Double(requests) / Double(connections)),
            sketch.percentile(0.5).map { .integer($0) } ?? .null,
            sketch.percentile(0.95).map { .integer($0) } ?? .null, .integer(maximum),
            .percent(keptAlive, of: requests), .percent(requests - connections, of: requests), .integer(aborted),
            .percent(aborted, of: requests), .integer(timeout), .integer(requestTimeout),
        ]
        let rows = Self.classes.indices.filter { byClass[$0].connections > 0 }.map { index -> [ReportValue] in
            [
                .text(Self.classes[index].name), .integer(byClass[index].connections),
                .percent(byClass[index].connections, of: connections), .integer(byClass[index].requests),
                .percent(byClass[index].requests, of: requests),
            ]
        }
        return [
            ReportPanel(
                "totals",
                columns: [
                    "requests", "connections", "requests_per_connection", "p50_requests", "p95_requests",
                    "max_requests", "kept_alive_percent", "reused_percent", "aborted", "aborted_percent", "timeout",
                    "status_408",
                ], rows: [whole], isRecord: true),
            ReportPanel(
                "by_requests",
                columns: [
                    "requests_on_connection", "connections", "connections_percent", "requests", "requests_percent",
                ], rows: rows),
        ]
    }
}
