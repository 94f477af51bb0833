// Old rows are removed in short steps, in the order of time, with the texts that only they named.
import AccessLog
import GRDB
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct PruningTests {
    private static let dayUs: Int64 = 86_400_000_000

    /// Requests, messages and a worker's life, some days old each; `name` is in path, query and message.
    private func store(_ fixture: LogFixture, _ copier: LogCopier, daysAgo: Int64, _ name: String, count: Int) throws {
        let timeUs = Clock.realtimeUs() - daysAgo * Self.dayUs
        for index in 0..<count {
            try fixture.request(target: Array("/\(name)-\(index % 50)?\(name)".utf8), startUs: timeUs)
            if index % 100 == 99 { try fixture.drainAll(copier) }
        }
        let (client, text) = (Array("192.0.2.1".utf8), Array("message \(name)".utf8))
        try fixture.producer(0).appendMessage(
            requestID: 0, timeUs: timeUs, client: client.span.raw, message: text.span.raw)
        try fixture.drainAll(copier)
    }

    /// Runs to the end; answers the longest step in microseconds.
    @discardableResult
    private func run(
        _ pruning: inout Pruning, _ copier: LogCopier, between: () throws -> Void = {}
    ) throws -> Int64 {
        var longestUs: Int64 = 0
        while !pruning.isDone {
            let start = Clock.monotonicNs()
            var next = pruning
            #expect(try copier.maintain { try next.step($0, &$1) })
            pruning = next
            longestUs = max(longestUs, (Clock.monotonicNs() - start) / 1_000)
            try between()
        }
        return longestUs
    }

    private func counts(_ fixture: LogFixture) throws -> [Int64] {
        try ["access", "error", "path", "message"].map { try fixture.number("SELECT count(*) FROM \($0)") }
    }

    @Test func byAge_removesCrashes() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        try store(fixture, copier, daysAgo: 40, "old", count: 1)
        try store(fixture, copier, daysAgo: 20, "new", count: 1)
        let isStored = try copier.maintain { database, _ in
            for (daysAgo, count) in [(40 as Int64, 700 as Int64), (20, 3)] {
                let first = DatabaseFormat.firstID(atUnixMicroseconds: Clock.realtimeUs() - daysAgo * Self.dayUs)
                for index in 0..<count {
                    try database.execute(
                        sql: """
                            INSERT INTO crash VALUES (?, ?, 0, ?, 9, NULL, 'fault', 11, 1, NULL, 'nothing', '', 0)
                            """, arguments: [first + index, daysAgo, index])
                }
            }
        }
        #expect(isStored)
        var pruning = Pruning(
            PruneGoal(beforeUs: Clock.realtimeUs() - 30 * Self.dayUs), removesTexts: false, freesAllPages: true)
        try run(&pruning, copier)
        #expect(try fixture.number("SELECT count(*) FROM crash") == 3)
    }

    @Test func byAge_removesRowsAndTheTextsThatOnlyTheyNamed() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        try store(fixture, copier, daysAgo: 40, "old", count: 1_200)
        try store(fixture, copier, daysAgo: 20, "new", count: 300)
        #expect(try counts(fixture) == [1_500, 2, 100, 2])
        var pruning = Pruning(
            PruneGoal(beforeUs: Clock.realtimeUs() - 30 * Self.dayUs), removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        // The summary of their day still names the paths.
        #expect(pruning.count.requests == 1_200 && pruning.count.messages == 1 && pruning.count.texts == 1)
        #expect(try counts(fixture) == [300, 1, 100, 1])
        #expect(try fixture.number("SELECT sum(requests) FROM days") == 1_500)
        // Without it they go as well.
        #expect(try copier.maintain { database, _ in try database.execute(sql: "DELETE FROM top") })
        pruning = Pruning(pruning.goal, removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        #expect(pruning.count.texts == 50)
        #expect(try counts(fixture) == [300, 1, 50, 1])
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE path LIKE '/new-%' AND query = 'new'") == 300)
        #expect(try fixture.number("SELECT value FROM meta WHERE key = 'pruned_requests'") == 1_200)
        // What comes now is stored with texts of its own, also those that were removed.
        try store(fixture, copier, daysAgo: 0, "old", count: 100)
        copier.close()
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE path LIKE '/old-%' AND query = 'old'") == 100)
        #expect(try fixture.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1)
    }

    @Test func bySize_removesTheOldest_andTheFileShrinks() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        let filler = String(repeating: "q", count: 900)
        for day in 1...8 { try store(fixture, copier, daysAgo: Int64(9 - day), "\(filler)\(day)", count: 600) }
        copier.checkpointIfWritten()
        let before = try File.status(at: fixture.database).size
        #expect(before > 5 << 20)
        var pruning = Pruning(PruneGoal(maximumBytes: 6 << 20), removesTexts: true, freesAllPages: true)
        let longestUs = try run(&pruning, copier)
        print("pruning \(pruning.count): longest step \(longestUs) µs")
        copier.close()
        let after = try File.status(at: fixture.database).size
        #expect(after <= 3 << 20 && after > 2 << 20, "half of the limit is the share of the -wal")
        #expect(pruning.count.freedBytes > 0 && pruning.count.requests > 2_000)
        let left = try fixture.number("SELECT count(*) FROM access")
        #expect(left == 4_800 - pruning.count.requests && left > 500)
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE query LIKE '%8'") == 600, "the newest are left")
        #expect(longestUs < 500_000)
    }

    @Test func theNewestRowStays() throws {
        let fixture = try LogFixture()
        let (copier, _) = try fixture.makeCopier()
        for _ in 0..<10 { try fixture.request() }
        try fixture.drainAll(copier)
        let last = try fixture.number("SELECT max(id) FROM access")
        var pruning = Pruning(PruneGoal(maximumBytes: 1), removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        #expect(try fixture.number("SELECT min(id) FROM access") == last)
        try fixture.request()
        try fixture.drainAll(copier)
        copier.close()
        #expect(try fixture.number("SELECT count(*) FROM access WHERE id >= \(last)") == 2)
    }

    @Test func rowsThatAreStoredMeanwhileKeepTheirTexts_whateverStepTheyComeBetween() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        try store(fixture, copier, daysAgo: 40, "old", count: 2_000)
        try store(fixture, copier, daysAgo: 20, "new", count: 100)
        var pruning = Pruning(
            PruneGoal(beforeUs: Clock.realtimeUs() - 30 * Self.dayUs), removesTexts: true, freesAllPages: true)
        var round = 0
        // The texts come from the old rows: known in memory, named by no row when they are about to be removed.
        try run(&pruning, copier) {
            for index in 0..<3 {
                try fixture.request(target: Array("/old-\((round * 3 + index) % 50)?again".utf8))
            }
            round += 1
            try fixture.drainAll(copier)
        }
        copier.close()
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE path IS NULL OR host IS NULL") == 0)
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE query = 'again'") == Int64(round * 3))
        #expect(
            try fixture.number("SELECT count(*) FROM requests WHERE query = 'again' AND path NOT LIKE '/old-%'") == 0)
    }

    @Test func aRunThatIsKilledAfterAnyStepIsDoneByTheNext() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (first, _) = try fixture.makeCopier()
        try store(fixture, first, daysAgo: 40, "old", count: 3_000)
        try store(fixture, first, daysAgo: 20, "new", count: 100)
        first.close()
        let goal = PruneGoal(beforeUs: Clock.realtimeUs() - 30 * Self.dayUs)
        for steps in 0..<6 {
            let (copier, _) = try fixture.makeCopier()
            var pruning = Pruning(goal, removesTexts: true, freesAllPages: true)
            for _ in 0..<steps { _ = try copier.maintain { try pruning.step($0, &$1) } }
            copier.close()
        }
        let (copier, _) = try fixture.makeCopier()
        var pruning = Pruning(goal, removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        copier.close()
        #expect(try counts(fixture) == [100, 1, 100, 1], "the summary of their day still names the paths")
        #expect(try fixture.number("SELECT value FROM meta WHERE key = 'pruned_requests'") == 3_000)
    }

    @Test func whileKeysRunBehindAnEarlierEpochTextsStay() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (first, _) = try fixture.makeCopier()
        try store(fixture, first, daysAgo: 40, "old", count: 100)
        first.close()
        let stranger = try fixture.stranger()
        // As if the clock had been a day ahead when the newest was written.
        let ahead = DatabaseFormat.firstID(atUnixMicroseconds: Clock.realtimeUs() + Self.dayUs)
        try stranger.inDatabase {
            try $0.execute(sql: "UPDATE access SET id = ? WHERE id = (SELECT max(id) FROM access)", arguments: [ahead])
        }
        try stranger.close()
        let (copier, _) = try fixture.makeCopier()
        try fixture.request()
        try fixture.drainAll(copier)
        var pruning = Pruning(
            PruneGoal(beforeUs: Clock.realtimeUs() - 30 * Self.dayUs), removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        copier.close()
        #expect(pruning.count.requests == 99 && pruning.count.texts == 0)
        #expect(try fixture.number("SELECT count(*) FROM requests WHERE path IS NULL") == 0)
    }

    @Test func aDictionaryThatWasFullHasRoomAgain() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        try store(fixture, copier, daysAgo: 40, "old", count: 50)
        var pruning = Pruning(
            PruneGoal(beforeUs: Clock.realtimeUs()), removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        #expect(try copier.maintain { database, _ in try database.execute(sql: "DELETE FROM top") })
        pruning = Pruning(pruning.goal, removesTexts: true, freesAllPages: true)
        try run(&pruning, copier)
        copier.close()
        // The newest row names one text, and the greatest number stays: it may be the same.
        let kept = try fixture.number("SELECT count(*) FROM path")
        #expect(kept <= 2)
        let database = try LogDatabase(fixture.database, dictionaryLimit: 10)
        try database.maintain { database, _ throws in
            var dictionary = TextDictionary(database, table: "path", limit: 10)
            for number in kept..<10 {
                let text = Array("/more-\(number)".utf8)
                #expect(try dictionary.number(of: text.span.raw) == 50 + number - kept + 1)
            }
            let text = Array("/too-many".utf8)
            #expect(try dictionary.number(of: text.span.raw) == nil)
        }
        database.close()
    }

    @Test func textsAreLookedForOnceADay_andOnlyWhenRowsWereRemoved() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        var configuration = fixture.configuration
        configuration.retentionSeconds = 30 * 86_400
        func nextRun() throws -> Pruning {
            var retention = Retention(configuration)
            let due = retention.due(nowNs: Clock.monotonicNs(), copier.database)
            var pruning = try #require(due)
            let next = retention.due(nowNs: Clock.monotonicNs(), copier.database)
            #expect(next == nil, "a minute later")
            try run(&pruning, copier)
            return pruning
        }
        try store(fixture, copier, daysAgo: 40, "old", count: 100)
        try store(fixture, copier, daysAgo: 1, "new", count: 100)
        let rows = try nextRun()
        #expect(!rows.removesTexts && rows.count.requests == 100 && rows.count.texts == 0)
        let texts = try nextRun()
        #expect(texts.removesTexts && texts.count.texts == 1, "the text of the message")
        #expect(try !nextRun().removesTexts)
        let stranger = try fixture.stranger()
        try stranger.inDatabase { try $0.execute(sql: "UPDATE meta SET value = 0 WHERE key = 'texts_pruned_us'") }
        #expect(try !nextRun().removesTexts, "nothing was removed since")
        try stranger.inDatabase { try $0.execute(sql: "UPDATE meta SET value = 1 WHERE key = 'texts_pruned_rows'") }
        try stranger.close()
        #expect(try nextRun().removesTexts)
        var unlimited = Retention(fixture.configuration)
        let none = unlimited.due(nowNs: Clock.monotonicNs(), copier.database)
        #expect(none == nil)
        copier.close()
    }
}
