// One log or several, asked as one.
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// The logs that a report is about: one, or those of several machines.
public struct LogFleet {
    /// The logs.
    let readers: [LogReader]

    /// Makes a fleet of open logs.
    public init(_ readers: [LogReader]) {
        self.readers = readers
    }

    /// The greatest number of steps of a timeline.
    public static let stepLimit: Int64 = 10_000

    /// Answers a question about the requests of all logs together.
    ///
    /// - Throws: ``LogReadError``; of the kind `query` when the timeline has more than ``stepLimit`` steps, or a
    ///   condition in SQL is at fault.
    public func traffic(_ question: TrafficQuestion) throws -> Traffic {
        var traffic = Traffic()
        var steps: [Int64: TrafficSummary] = [:]
        var lists = TrafficLists(question, isSingle: readers.count == 1)
        var clients: DistinctSketch?
        for reader in readers {
            let (counted, cost, added) = try reader.read { database in
                let reading = try TrafficReading(question, database)
                let scan = try SpanScan(question, reading.stretches, database)
                var cost = ReadCost()
                var counted = try scan.run(database) { Processors.available() > 1 ? reader.companion : nil }
                cost.rows = counted.rows
                for stretch in reading.stretches {
                    cost.add(ReadPart(tier: .rows, keys: stretch.keys), sql: scan.plan.sql)
                }
                cost.add(newest: try Int64.fetchOne(database, sql: SQL.newest))
                if question.needsClients, reading.isSummed || readers.count > 1 {
                    counted.clients = try counted.clientSketch(database)
                }
                let tierLists = try reading.add(to: &counted, &cost)
                var added = lists
                try added.add(counted, consume tierLists, database)
                return (counted, cost, added)
            }
            lists = added
            traffic.cost.merge(cost)
            traffic.clientCount = Int64(counted.clientCount)
            if let sketch = counted.clients {
                clients = clients ?? DistinctSketch()
                clients?.merge(sketch)
            }
            if counted.oldestID < Int64.max {
                let oldestUs = DatabaseFormat.unixMicroseconds(ofID: counted.oldestID)
                traffic.oldestUs = min(traffic.oldestUs ?? Int64.max, oldestUs)
            }
            steps.merge(counted.steps) { own, other in
                var sum = own
                sum.merge(other)
                return sum
            }
        }
        (traffic.lists, traffic.pairs) = (lists.finish(), lists.finishPairs())
        for summary in steps.values { traffic.total.merge(summary) }
        if let clients {
            traffic.total.clients.merge(clients)
            traffic.clientCount = traffic.total.clients.count
        }
        if question.stepSeconds > 0 { traffic.steps = try Self.timeline(steps, question) }
        return traffic
    }

    /// Refuses a timeline that would not fit memory: a step takes 20 KB.
    static func checkSteps(_ count: Int64, stepUs: Int64) throws {
        if count > stepLimit {
            throw LogReadError(
                .query,
                "more than \(stepLimit) steps of \(stepUs / 1_000_000) s; ask for longer steps or a shorter span")
        }
    }

    /// The steps of the span in their order, empty ones among them. A bound that the span does not have is that of the
    /// requests.
    private static func timeline(
        _ steps: [Int64: TrafficSummary], _ question: TrafficQuestion
    ) throws -> [TrafficStep] {
        let stepUs = question.stepSeconds * 1_000_000
        let span = question.selection.span
        let first = span.sinceUs.map { floor($0, stepUs) } ?? steps.keys.min()
        let last = span.untilUs.map { floor($0 - 1, stepUs) } ?? steps.keys.max()
        guard let first, let last, first <= last else { return [] }
        try checkSteps(last.subtractingReportingOverflow(first).partialValue, stepUs: stepUs)
        return (first...last).map { TrafficStep(startUs: $0 * stepUs, summary: steps[$0] ?? TrafficSummary()) }
    }

    /// The number of the step that a moment lies in.
    static func floor(_ us: Int64, _ stepUs: Int64) -> Int64 {
        us / stepUs - (us % stepUs < 0 ? 1 : 0)
    }
}
