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
        // The requests are the same with and without drops.
        var (random, dropping) = (FixedGenerator(state: seed), FixedGenerator(state: seed + 1_000))
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
            if drops, Int.random(in: 0..<8, using: &dropping) == 0 {
                database.close()
                (database, source) = try open()
            }
        }
        database.close()
    }

    @Test(arguments: [
        (1_000_000, 250_000, false), (20_000_000, 300, true), (300_000_000, 250_000, true), (1_000, 90, true),
    ])
    func summaries_sayWhatTheRowsSay(everyUs: Int64, rowLimit: Int, drops: Bool) throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        for round in 0..<2 {
            try store(
                fixture, count: 500, everyUs: everyUs, fromUs: Self.eveningUs + Int64(round * 500) * everyUs,
                rowLimit: rowLimit, drops: drops, seed: UInt64(round + 1))
            try fixture.expectExact(UInt64(round))
        }
        #expect(try fixture.number("SELECT sum(requests) FROM minutes") == 1_000)
        #expect(try fixture.number("SELECT sum(requests) FROM hours") == 1_000)
        #expect(try fixture.number("SELECT sum(requests) FROM days") == 1_000)
        #expect(
            try fixture.rows("SELECT count(*) FROM hours GROUP BY time HAVING count(*) > 1").isEmpty, "each hour once")
    }

    @Test func previewsOfTheOpenHour_shortenTheScan_andLeaveNoTrace() throws {
        let (plain, previewed) = (try LogFixture(ringBytes: 1 << 18), try LogFixture(ringBytes: 1 << 18))
        try store(plain, count: 700, everyUs: 20_000_000, rowLimit: 250_000, drops: false)
        // A preview after each 20 rows, and nothing is stored for good before its time.
        try store(previewed, count: 700, everyUs: 20_000_000, rowLimit: 2_560, drops: true)
        try previewed.expectExact()
        // Whatever the previews cut, hours that are over are as if there had been none.
        let open = try plain.number("SELECT max(id) / 3600000000 / 256 * 3600 + 1577836800 FROM access")
        for table in ["SELECT * FROM rollup WHERE id >> 40 = 1", "SELECT * FROM top WHERE id >> 44 = 1"] {
            let sql = table + " AND (id >> \(table.contains("top") ? 4 : 0)) & 1099511627775 < \(open)"
            let (rows, expected) = (try previewed.rows(sql), try plain.rows(sql))
            #expect(rows == expected && expected.count >= 3, "\(table)")
        }
        let unsummed = "SELECT count(*) FROM access WHERE id >= (SELECT value FROM meta WHERE key = 'summed_hour')"
        #expect(try plain.number(unsummed) > 40 && previewed.number(unsummed) < 40)
        let paths = try previewed.list(.path, tiers: [.hour])
        #expect(try paths.requests == 700 - previewed.number(unsummed) && paths.lines.count > 32)
    }
}

/// What happens to summaries beside the rows' coming.
@Suite struct SummaryKeepingTests {
    private static let dayUs: Int64 = 86_400_000_000

    private func fill(_ fixture: LogFixture, _ copier: LogCopier, _ count: Int, fromUs: Int64, everyUs: Int64) throws {
        for index in 0..<count {
            try fixture.request(
                index % 3, target: Array("/p\(index % 300)".utf8), startUs: fromUs + Int64(index) * everyUs,
                durationUs: Int64(index % 977), status: index % 10 == 0 ? 404 : 200)
            if index % 100 == 99 { try fixture.drainAll(copier) }
        }
        try fixture.drainAll(copier)
    }

    @Test(arguments: [1, 2]) func rowsOfAnEarlierSchema_areSummedUpInSteps_andReadAtAnyMoment(_ version: Int) throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let old = try DatabaseQueue(path: fixture.database.string)
        let first = FixtureLog.noonUs - 2 * Self.dayUs
        try old.writeWithoutTransaction { database in
            for migration in LogDatabase.migrations[..<version] { try database.execute(sql: migration) }
            try database.execute(sql: "INSERT INTO client VALUES (1, '192.0.2.1'), (2, '192.0.2.2')")
            try database.execute(sql: "INSERT INTO path VALUES (1, '/one'), (2, '/two')")
        }
        try old.write { database in
            for index in 0..<25_000 as Range<Int64> {
                var row = Access(path: index % 3 == 0 ? 1 : 2, client: index % 5 == 0 ? "inline" : 1 + index % 2)
                row.at = Double(first - FixtureLog.noonUs) / 1e6 + Double(index) * 10
                row.durationUs = index
                try row.insert(database)
            }
        }
        try old.close()
        let (copier, _) = try fixture.makeCopier()
        try fixture.expectExact(1)
        #expect(try fixture.number("SELECT count(*) FROM rollup") == 0, "the start did not wait for it")
        var (steps, hasMore) = (0, true)
        while hasMore {
            #expect(try copier.maintain { hasMore = try $1.sumOlderRows() })
            steps += 1
            try fixture.expectExact(UInt64(steps))
            // Rows that come meanwhile, also those of the past, are counted once.
            try fill(fixture, copier, 50, fromUs: FixtureLog.noonUs + Int64(steps) * 60_000_000, everyUs: 1_000)
            try fixture.expectExact(UInt64(steps))
        }
        #expect(steps > 2)
        #expect(try fixture.number("SELECT sum(requests) FROM rollup WHERE id >= 2 << 40") >= 25_000)
        let list = try fixture.list(.path)
        #expect(list.lines.first { $0.key == .number(2) }?.counts.requests == 16_666)
        #expect(list.lines.first { $0.key == .number(1) }?.latency?.count == 8_334)
        copier.close()
    }

    @Test func aClockThatIsSetBack_leavesSummariesExact() throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let now = Clock.realtimeUs()
        let (copier, _) = try fixture.makeCopier()
        try fill(fixture, copier, 300, fromUs: now - 1_000_000, everyUs: 1_000)
        copier.close()
        // As if the clock had been 20 minutes ahead: rows and summaries are of a time that comes again.
        let stranger = try fixture.stranger()
        let shift = (1_200_000_000 as Int64) << 8
        try stranger.inDatabase { database in
            try database.execute(sql: "UPDATE access SET id = id + \(shift) WHERE id > (SELECT min(id) FROM access)")
            try database.execute(sql: "DELETE FROM rollup; DELETE FROM top")
            try database.execute(sql: "UPDATE meta SET value = 0 WHERE key LIKE 'summed_%'")
        }
        try stranger.close()
        for round in 0..<3 {
            let (copier, _) = try fixture.makeCopier()
            try fill(fixture, copier, 120, fromUs: Clock.realtimeUs(), everyUs: 10)
            try fixture.expectExact(UInt64(round))
            copier.close()
        }
        #expect(try fixture.number("SELECT value FROM meta WHERE key = 'epoch'") == 1)
        #expect(try fixture.number("SELECT sum(requests) FROM days") == 660)
    }

    @Test func lists_holdTheBusiestKeys_andLoseNoRequest() throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let (copier, _) = try fixture.makeCopier()
        // Three days and a bit: the last one is still in memory.
        try fill(fixture, copier, 3_400, fromUs: FixtureLog.noonUs + Self.dayUs / 2, everyUs: Self.dayUs / 1_000)
        copier.close()
        let days = try fixture.list(.path, tiers: [.day])
        #expect(days.requests == 3_000 && days.lines.count <= 3 * 300)
        #expect(days.others.requests <= 3 * 44 * 4, "300 paths, and 256 lines are kept")
        for field in TierField.allCases where field != .notFound {
            #expect(try fixture.list(field, tiers: [.day]).requests == 3_000, "\(field)")
        }
        #expect(try fixture.list(.notFound, tiers: [.day]).requests == 300)
        let statuses = try fixture.list(.status, tiers: [.day])
        #expect(Set(statuses.lines.map(\.key)) == [.number(200), .number(404)])
        #expect(try fixture.list(.method, tiers: [.day]).lines.map(\.key) == [.text(Array("GET".utf8))])
        #expect(try fixture.list(.outcome, tiers: [.day]).lines.map(\.key) == [.number(0)])
        #expect(Set(try fixture.list(.worker, tiers: [.day]).lines.map(\.key)) == [.number(0), .number(1), .number(2)])
        #expect(try fixture.list(.referer, tiers: [.day]).lines.map(\.key) == [.none])
        // A report has the keys that were asked for, and behind them what is in no line.
        var question = TrafficQuestion(Selection(span: .all))
        question.fields = [.path]
        question.keyLimit = 2
        let keys = try LogFleet([LogReader(path: fixture.database)]).traffic(question).lists[.path]?.map(\.key)
        #expect(keys?.count == 3 && keys?.last == .others && keys?.first != .others)
    }

    @Test func summariesOutliveTheRows_andGoAtTheirOwnAge() throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let (copier, _) = try fixture.makeCopier()
        let now = Clock.realtimeUs()
        try fill(fixture, copier, 1_000, fromUs: now - 100 * Self.dayUs, everyUs: 80_000_000)
        try fill(fixture, copier, 100, fromUs: now - 3_600_000_000, everyUs: 1_000)
        var pruning = Pruning(PruneGoal(maximumBytes: 1), removesTexts: true, freesAllPages: true)
        while !pruning.isDone { #expect(try copier.maintain { try pruning.step($0, &$1) }) }
        #expect(try fixture.number("SELECT count(*) FROM access") <= 1)
        for view in ["minutes", "hours", "days"] {
            #expect(try fixture.number("SELECT sum(requests) FROM \(view)") == 1_100, "\(view)")
        }
        // Lists of clients went with the rows of their time.
        #expect(try fixture.number("SELECT count(*) FROM top WHERE id & 15 = 1 AND id >> 44 = 2") <= 1)
        #expect(try fixture.number("SELECT count(*) FROM top WHERE id & 15 = 0 AND id >> 44 = 2") >= 2)
        var goal = PruneGoal(beforeUs: 0)
        goal.minutesBeforeUs = now - 60 * Self.dayUs
        goal.hoursBeforeUs = now - 60 * Self.dayUs
        pruning = Pruning(goal, removesTexts: true, freesAllPages: true)
        while !pruning.isDone { #expect(try copier.maintain { try pruning.step($0, &$1) }) }
        #expect(try fixture.number("SELECT sum(requests) FROM minutes") == 100)
        #expect(try fixture.number("SELECT sum(requests) FROM hours") == 100)
        #expect(try fixture.number("SELECT sum(requests) FROM days") == 1_100)
        // Where minutes and hours are gone, days must answer.
        let reader = try LogReader(path: fixture.database)
        try reader.read { database in
            let tiers = try #require(try TierReader(database))
            #expect(tiers.coverage.minutes.lowerBound > 0 && tiers.coverage.days.lowerBound == 0)
            #expect(try LogFixture.composed(database, 0..<Int64.max).counts.requests == 1_100)
        }
        // The texts of their paths are there as long as days name them.
        #expect(try fixture.number("SELECT count(*) FROM path") >= 256)
        copier.close()
    }

    @Test func aDamagedSummary_isNoReasonToStop() throws {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let (first, _) = try fixture.makeCopier()
        try fill(fixture, first, 200, fromUs: FixtureLog.noonUs, everyUs: 30_000_000)
        first.close()
        let stranger = try fixture.stranger()
        try stranger.inDatabase { database in
            try database.execute(
                sql: "UPDATE rollup SET latency = x'ff', clients = x'07'; UPDATE top SET lines = x'ffff'")
            try database.execute(sql: "UPDATE meta SET value = 0 WHERE key LIKE 'summed_%'")
        }
        try stranger.close()
        let (second, _) = try fixture.makeCopier()
        try fill(fixture, second, 200, fromUs: FixtureLog.noonUs + 40 * 60_000_000, everyUs: 30_000_000)
        second.close()
        #expect(try fixture.number("SELECT count(*) FROM access") == 400)
        _ = try fixture.list(.path)
    }
}
