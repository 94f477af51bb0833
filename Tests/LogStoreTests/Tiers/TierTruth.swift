// What summaries must say: the same counters and sketches, made from the rows.
import Foundation
import GRDB
import LinuxSyscalls
import Testing

@testable import LogStore

extension LogFixture {
    /// Asks the rows and the summaries in one state of the log.
    func withReader<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try LogReader(path: database).read(body)
    }

    /// The summary of a range of keys, from rows.
    static func truth(_ database: Database, _ keys: Range<Int64>) throws -> TrafficSummary {
        var summary = TrafficSummary()
        let sql = """
            SELECT status, outcome, bytes_in, bytes_out, duration_us,
                CASE typeof(client) WHEN 'integer' THEN (SELECT value FROM client AS c WHERE c.id = access.client)
                    ELSE client END
            FROM access WHERE id >= ? AND id < ?
            """
        let rows = try Row.fetchCursor(database, sql: sql, arguments: [keys.lowerBound, keys.upperBound])
        while let row = try rows.next() {
            summary.counts.add(
                status: row[0] ?? 0, outcome: row[1], bytesIn: row[2], bytesOut: row[3], durationUs: row[4])
            summary.latency.add(row[4])
            summary.clients.add(Array((row[5] as String).utf8).span.raw)
        }
        return summary
    }

    /// The summary of a range of keys, put together as a plan says.
    static func composed(_ database: Database, _ keys: Range<Int64>) throws -> TrafficSummary {
        let reader = try #require(try TierReader(database))
        var summary = TrafficSummary()
        for part in TierPlan(keys, reader.coverage).parts {
            if part.tier == nil {
                summary.merge(try truth(database, part.keys))
            } else {
                try reader.forEachSummary(part) { summary.merge($1) }
            }
        }
        return summary
    }

    /// Summaries and rows must say the same of the whole log, and of many spans of it.
    func expectExact(_ seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var random = FixedGenerator(state: seed)
        try withReader { database in
            let bounds = try Row.fetchOne(
                database, sql: "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM access")
            let (first, last): (Int64, Int64) = (bounds?[0] ?? 0, bounds?[1] ?? 0)
            var ranges = [0..<Int64.max, first..<last, first..<last + 1]
            for _ in 0..<4 {
                let unit = [1, Tier.minute.keyCount, Tier.hour.keyCount][Int.random(in: 0..<3, using: &random)]
                let one = Int64.random(in: first...last + 1, using: &random) / unit * unit
                let other = Int64.random(in: first...last + 1, using: &random) / unit * unit
                ranges.append(min(one, other)..<max(one, other))
            }
            for keys in ranges {
                let (truth, found) = (try Self.truth(database, keys), try Self.composed(database, keys))
                #expect(found.counts == truth.counts, "\(keys)", sourceLocation: sourceLocation)
                #expect(found.latency == truth.latency, "\(keys)", sourceLocation: sourceLocation)
                #expect(found.clients == truth.clients, "\(keys)", sourceLocation: sourceLocation)
            }
        }
    }

    /// The list of a field over all hours and days, rows excluded.
    func list(_ field: TierField, tiers: [Tier] = [.hour, .day]) throws -> TierList {
        try withReader { database in
            let reader = try #require(try TierReader(database))
            let plan = TierPlan(0..<Int64.max, reader.coverage, tiers: tiers)
            return try reader.lists([field], plan.parts).lists[field]?.list ?? TierList()
        }
    }
}

extension TierList {
    /// Requests of all lines and others.
    var requests: Int64 { lines.reduce(others.requests) { $0 + $1.counts.requests } }
}
