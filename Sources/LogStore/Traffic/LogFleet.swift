// One log or several, asked as one.
import GRDB
import Schema

/// The logs that a report is about: one, or those of several machines.
public struct LogFleet {
    /// The logs.
    let readers: [LogReader]

    /// Makes a fleet of open logs.
    public init(_ readers: [LogReader]) {
        self.readers = readers
    }

    /// Answers a question about the requests of all logs together.
    ///
    /// - Throws: ``LogReadError``.
    public func traffic(_ question: TrafficQuestion) throws -> Traffic {
        var traffic = Traffic()
        for reader in readers {
            try reader.read { database in
                let span = question.selection.span
                let rows = try Row.fetchCursor(
                    database, sql: SQL.overviewScan,
                    arguments: ["since_id": span.sinceID, "until_id": span.untilID])
                while let row = try rows.next() {
                    traffic.total.counts.add(
                        status: row[1] ?? 0, outcome: row[2], bytesIn: row[4], bytesOut: row[5], durationUs: row[3])
                    traffic.total.latency.add(row[3])
                    traffic.cost.rows += 1
                }
            }
        }
        return traffic
    }
}
