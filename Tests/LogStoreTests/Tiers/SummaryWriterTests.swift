// The summaries that the writer keeps say what the rows say: at any moment, after any kill, at any clock.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import Schema
import SystemPackage
import Testing

@testable import LogStore

@Suite struct SummaryWriterTests {
    /// 2026-03-01T22:30:00Z: two hours are in another day than the rest.
    private static let eveningUs = FixtureLog.noonUs + 37_800_000_000

    /// Stores requests of random kinds, some minutes apart, and drops the writer now and then without closing it.
    private func store(
        _ fixture: LogFixture, count: Int, everyUs: Int64, fromUs: Int64 = eveningUs, rowLimit: Int, drops: Bool,
        seed: UInt64 = 1
    ) throws {
        var random = FixedGenerator(state: seed)
        func open() throws -> (LogDatabase, RingSource) {
            let database = try LogDatabase(fixture.database, summaryRowLimit: rowLimit)
            return (database, try RingSource(fixture.ring, kind: .own, database: database))
        }
        var (database, source) = try open()
        let drain = LogDrain()
        var timeUs = fromUs
        for index in 0..<count {
            timeUs += Int64.random(in: 0...2 * everyUs, using: &random)
            let statuses: [UInt16] = [200, 200, 200, 304, 404, 404, 500, 101]
            try fixture.request(
                index % 3, target: Array("/p\(Int.random(in: 0..<40, using: &random))".utf8),
                agent: Array("agent \(index % 7)".utf8), startUs: timeUs,
                durationUs: Int64(100 / Double.random(in: 0.001..<1, using: &random)),
                status: statuses.randomElement(using: &random) ?? 200)
            guard index % 20 == 19 || index == count - 1 else { continue }
            for source in [source] where source.rings.count > 0 {
                try database.transaction { tables throws(DatabaseError) in
                    _ = try drain.copy([source], into: &tables)
                }
                drain.release([source])
            }
            if drops, Int.random(in: 0..<8, using: &random) == 0 {
                database.close()
                (database, source) = try open()
            }
        }
        database.close()
    }

    @Test(arguments: [(1_000_000, 250_000, false), (20_000_000, 300, true), (300_000_000, 250_000, true), (1_000, 90, true)])
    func summaries_sayWhatTheRowsSay(everyUs: Int64, rowLimit: Int, drops: Bool) throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        for round in 0..<4 {
            try store(
                fixture, count: 500, everyUs: everyUs, fromUs: Self.eveningUs + Int64(round * 500) * everyUs,
                rowLimit: rowLimit, drops: drops, seed: UInt64(round + 1))
            try fixture.expectExact(UInt64(round))
        }
        #expect(try fixture.number("SELECT sum(requests) FROM minutes") == 2_000)
        #expect(try fixture.number("SELECT sum(requests) FROM hours") == 2_000)
        #expect(try fixture.number("SELECT sum(requests) FROM days") == 2_000)
        #expect(
            try fixture.rows("SELECT count(*) FROM hours GROUP BY time HAVING count(*) > 1").isEmpty, "each hour once")
    }
}
