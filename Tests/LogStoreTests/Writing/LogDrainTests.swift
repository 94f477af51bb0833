// Rings to rows, exactly once: a writer that is dropped at any point loses nothing and stores nothing twice.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct LogDrainTests {
    @Test func aRequestBecomesARow() throws {
        let fixture = try LogFixture()
        let start = Clock.realtimeUs() - 1_000_000
        try fixture.request(
            1, target: Array("/p%20q?x=1&y='".utf8), agent: Array("agent".utf8), startUs: start, durationUs: 1_500,
            status: 404)
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        let row = try #require(try fixture.rows("SELECT * FROM requests").first)
        #expect(row["request_id"] == "0000000000000001")
        #expect(row["worker"] == 1)
        #expect(row["client"] == "127.0.0.1")
        #expect(row["method"] == "GET")
        #expect(row["host"] == "localhost:8000")
        #expect(row["path"] == "/p%20q")
        #expect(row["query"] == "x=1&y='")
        #expect(row["status"] == 404)
        #expect(row["outcome"] == "ok")
        #expect(row["duration_ms"] == 1.5)
        #expect(row["ttfb_ms"] == 0.003)
        #expect(row["bytes_in"] == 100)
        #expect(row["bytes_out"] == 200)
        #expect(row["referer"] == nil as String?)
        #expect(row["agent"] == "agent")
        #expect(row["protocol"] == "HTTP/1.1")
        #expect(
            try fixture.number("SELECT id FROM access") == DatabaseFormat.firstID(atUnixMicroseconds: start + 1_500))
        #expect(try fixture.number("SELECT flags FROM access") == 2)
        copier.close()
    }

    @Test func messagesBecomeErrors() throws {
        let fixture = try LogFixture()
        let message = Array("it \u{1b}[31mfailed".utf8)
        let client = Array("::1".utf8)
        try fixture.producer(0).appendError(
            level: .critical, requestID: 77, timeUs: 1_800_000_000_000_000, client: client.span.raw,
            message: message.span.raw)
        try fixture.producer(0).appendMessage(
            requestID: 0, timeUs: 1_800_000_000_000_000, client: client.span.raw, message: message.span.raw)
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        let rows = try fixture.rows("SELECT * FROM errors ORDER BY id")
        #expect(rows.map { $0["level"] as String } == ["critical", "info"])
        #expect(rows.map { $0["request_id"] as String? } == ["000000000000004d", nil])
        #expect(
            rows.allSatisfy { $0["message"] == "it \u{1b}[31mfailed" && $0["client"] == "::1" && $0["worker"] == 0 })
        #expect(try fixture.number("SELECT count(*) FROM message") == 1)
        copier.close()
    }

    /// Where a writer is dropped.
    enum Death: CaseIterable {
        case inTransaction, afterCommit, afterRelease
    }

    @Test(arguments: Death.allCases) func aWriterThatDiesLosesAndDoublesNothing(_ death: Death) throws {
        struct Killed: Error {}
        let fixture = try LogFixture()
        var published: [UInt64] = []
        for round in 0..<20 {
            for slot in 0..<3 {
                for _ in 0..<(round % 4 * 7) {
                    if let number = try fixture.request(slot) { published.append(number) }
                }
            }
            let database = try LogDatabase(fixture.database)
            let source = try RingSource(fixture.ring, kind: .own, database: database)
            let drain = LogDrain()
            do {
                try database.transaction { tables throws(DatabaseError) in
                    _ = try drain.copy([source], into: &tables)
                    if death == .inTransaction { throw DatabaseError(resultCode: .SQLITE_IOERR) }
                }
                if death == .afterRelease { drain.release([source]) }
            } catch {
                #expect(death == .inTransaction)
            }
            // Closing changes no row: what a kill would leave uncommitted is uncommitted here.
            database.close()
        }
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        try #require(!published.isEmpty)
        try fixture.expectEachOnce(published)
    }

    @Test func aWriterThatDiesGivesNoRoomBackBeforeTheCommit() throws {
        let fixture = try LogFixture(ringBytes: 4_096)
        var published: [UInt64] = []
        while let number = try fixture.request() { published.append(number) }
        let database = try LogDatabase(fixture.database)
        let source = try RingSource(fixture.ring, kind: .own, database: database)
        try database.transaction { tables throws(DatabaseError) in
            _ = try LogDrain().copy([source], into: &tables)
        }
        #expect(try fixture.request() == nil, "COMMIT alone gives no room back")
        database.close()
        // The next writer finds the position in the database, stores the tail, and copies nothing again.
        let (copier, _) = try fixture.makeCopier()
        published.append(try #require(try fixture.request()))
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce(published)
    }

    @Test func afterAFailureTheSameWriterGoesOn() throws {
        let fixture = try LogFixture()
        try LogDatabase(fixture.database).close()
        let (copier, _) = try fixture.makeCopier()
        let stranger = try fixture.stranger()
        var published: [UInt64] = []
        try stranger.inDatabase {
            try $0.execute(
                sql:
                    """
                    CREATE TRIGGER t BEFORE INSERT ON access WHEN new.request_id = 30
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """
            )
        }
        for index in 0..<60 {
            published.append(try #require(try fixture.request(index % 3, target: Array("/\(index % 10)".utf8))))
        }
        for _ in 0..<3 {
            #expect(try copier.copy() == 0)
            #expect(copier.isFailing)
        }
        #expect(try fixture.number("SELECT count(*) FROM access") == 0)
        #expect(try fixture.number("SELECT count(*) FROM path") == 0)
        #expect(try fixture.number("SELECT count(*) FROM ring_position") == 0)
        try stranger.inDatabase { try $0.execute(sql: "DROP TRIGGER t") }
        try stranger.close()
        #expect(try copier.copy() > 0)
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce(published)
        // Numbers of dictionaries that were given in the failed transactions name nothing else now.
        #expect(
            try fixture.number(
                """
                SELECT count(*) FROM access JOIN requests USING (id)
                WHERE requests.path = '/' || ((access.request_id - 1) % 10)
                """
            )
                == 60)
        #expect(
            try fixture.number(
                "SELECT count(*) FROM errors WHERE message LIKE 'The log could not be written for %(3 attempts)%'") == 1
        )
    }

    @Test func aFailureBehindTheLastRowGivesNoRoomBack() throws {
        let fixture = try LogFixture(ringBytes: 4_096)
        try LogDatabase(fixture.database).close()
        let (copier, _) = try fixture.makeCopier()
        let stranger = try fixture.stranger()
        try stranger.inDatabase {
            try $0.execute(
                sql: "CREATE TRIGGER t BEFORE INSERT ON error BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        var published: [UInt64] = []
        while let number = try fixture.request() { published.append(number) }
        // A note of the log is the last thing of a transaction.
        copier.say(.warning, "a note")
        #expect(try copier.copy() == 0)
        #expect(copier.isFailing)
        #expect(try fixture.request() == nil, "nothing was committed, so nothing is free")
        try stranger.inDatabase { try $0.execute(sql: "DROP TRIGGER t") }
        try stranger.close()
        _ = try copier.copy()
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce(published)
        #expect(try fixture.number("SELECT count(*) FROM error WHERE message = 'a note'") == 1)
    }

    @Test func ringsAreMergedByTime() throws {
        let fixture = try LogFixture()
        let base = Clock.realtimeUs() - 10_000_000
        let (copier, _) = try fixture.makeCopier()
        // The workers' starts are records of now: out of the way first.
        for slot in 0..<3 { _ = try fixture.producer(slot) }
        try fixture.drainAll(copier)
        for index in 0..<90 {
            try fixture.request((index * 7) % 3, startUs: base + Int64(index) * 1_000, durationUs: 0)
        }
        try fixture.drainAll(copier)
        #expect(
            try fixture.rows("SELECT request_id FROM access ORDER BY id").map { $0[0] as Int64 }
                == (1...90).map { Int64($0) })
        #expect(try fixture.number("SELECT max(late_us) FROM access") == 0)
        // A ring that comes late gets later keys, and says how much later.
        try fixture.request(0, startUs: base, durationUs: 0)
        try fixture.drainAll(copier)
        copier.close()
        let last = try #require(
            try fixture.rows("SELECT request_id, late_us FROM access ORDER BY id DESC LIMIT 1").first)
        #expect(last[0] == 91)
        #expect(last[1] == 89_000)
    }

    @Test func keysRiseAcrossWritersAndClocks() throws {
        let fixture = try LogFixture()
        for startUs in [Clock.realtimeUs(), Clock.realtimeUs() - 3_600_000_000, 0, Clock.realtimeUs() + 3_600_000_000] {
            try fixture.request(startUs: startUs)
            let (copier, _) = try fixture.makeCopier()
            try fixture.drainAll(copier)
            copier.close()
        }
        #expect(try fixture.rows("SELECT request_id FROM access ORDER BY id").map { $0[0] as Int64 } == [1, 2, 3, 4])
        #expect(try fixture.rows("SELECT * FROM meta WHERE key IN ('epoch', 'last_id')").isEmpty)
    }

    @Test func keysBeginAgainBehindAClockThatWasSetBack() throws {
        let fixture = try LogFixture()
        try LogDatabase(fixture.database).close()
        let stranger = try fixture.stranger()
        let future = DatabaseFormat.firstID(atUnixMicroseconds: Clock.realtimeUs() + 3_600_000_000)
        try stranger.inDatabase {
            try $0.execute(
                sql: "INSERT INTO error (id, level, message, late_us) VALUES (?, 3, 'of the future', 0)",
                arguments: [future])
        }
        try stranger.close()
        for _ in 0..<2 {
            try fixture.request()
            let (copier, _) = try fixture.makeCopier()
            try fixture.drainAll(copier)
            copier.close()
        }
        #expect(try fixture.number("SELECT value FROM meta WHERE key = 'epoch'") == 1)
        #expect(try fixture.number("SELECT count(*) FROM errors WHERE message LIKE 'The clock is 35__ s behind%'") == 1)
        #expect(try fixture.number("SELECT count(*) FROM access WHERE id < \(future)") == 2)
        #expect(try fixture.rows("SELECT request_id FROM access ORDER BY id").map { $0[0] as Int64 } == [1, 2])
        let greatest = try fixture.number("SELECT max(id) FROM access")
        #expect(try fixture.number("SELECT value FROM meta WHERE key = 'last_id'") == greatest)
    }

    @Test func aKeyThatIsTakenIsPassedOver() throws {
        let fixture = try LogFixture()
        let database = try LogDatabase(fixture.database)
        let moment = Clock.realtimeUs() - 1_000_000
        let stranger = try fixture.stranger()
        try stranger.inDatabase {
            for tie in 0..<3 {
                try $0.execute(
                    sql: "INSERT INTO error (id, level, message, late_us) VALUES (?, 3, 'old', 0)",
                    arguments: [DatabaseFormat.firstID(atUnixMicroseconds: moment) + Int64(tie)])
            }
        }
        try stranger.close()
        try database.transaction { tables throws(DatabaseError) in try tables.note(.error, "new", completedUs: moment) }
        database.close()
        #expect(
            try fixture.number("SELECT id FROM error WHERE message = 'new'")
                == DatabaseFormat.firstID(atUnixMicroseconds: moment) + 3)
    }

    @Test func bytesStayAsTheyCame() throws {
        let fixture = try LogFixture()
        let path: [UInt8] = [0x2f, 0xff, 0xfe, 0xc0, 0x80, 0x01, 0x1b, 0x7f, 0x27, 0x22, 0x3b, 0xf0, 0x9f]
        let query: [UInt8] = [0x3d, 0xed, 0xa0, 0x80, 0x0a, 0x0d, 0x00, 0x41]
        let agent: [UInt8] = [0x00, 0x41, 0x00, 0xff]
        try fixture.request(target: path + [0x3f] + query, agent: agent)
        try fixture.request(target: path + [0x3f], agent: agent)
        try fixture.request(target: path, agent: [])
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        let rows = try fixture.rows(
            """
            SELECT CAST((SELECT value FROM path p WHERE p.id = path) AS BLOB), typeof(query), CAST(query AS BLOB),
                CAST((SELECT value FROM agent p WHERE p.id = agent) AS BLOB)
            FROM access ORDER BY request_id
            """)
        #expect(rows.map { $0[0] as Data } == [Data(path), Data(path), Data(path)])
        #expect(rows.map { $0[1] as String } == ["text", "text", "null"])
        #expect(rows[0][2] as Data == Data(query))
        #expect(rows[0][3] as Data == Data(agent))
        #expect(rows[2][3] as Data? == nil)
        #expect(try fixture.number("SELECT count(*) FROM path") == 1)
        #expect(try fixture.number("SELECT count(*) FROM agent") == 1)
    }

    @Test func pastTheBoundTextsLieInTheRows() throws {
        let fixture = try LogFixture()
        let database = try LogDatabase(fixture.database, dictionaryLimit: 2)
        let source = try RingSource(fixture.ring, kind: .own, database: database)
        for index in 0..<6 { try fixture.request(target: Array("/\(index % 3)".utf8)) }
        try fixture.request(target: Array("123".utf8))
        try database.transaction { tables throws(DatabaseError) in _ = try LogDrain().copy([source], into: &tables) }
        database.close()
        #expect(try fixture.number("SELECT count(*) FROM path") == 2)
        #expect(
            try fixture.rows("SELECT path FROM requests ORDER BY id").map { $0[0] as String }
                == ["/0", "/1", "/2", "/0", "/1", "/2", "123"])
        #expect(try fixture.number("SELECT count(*) FROM access WHERE typeof(path) = 'text'") == 3)
    }

    @Test func aPositionBeyondTheHeadHidesNothingNew() throws {
        let fixture = try LogFixture()
        try fixture.request()
        try LogDatabase(fixture.database).close()
        let stranger = try fixture.stranger()
        try stranger.inDatabase {
            try $0.execute(
                sql: "INSERT INTO ring_position VALUES (?, 0, 1000000)",
                arguments: [Int64(bitPattern: fixture.ring.source)])
        }
        try stranger.close()
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        #expect(try fixture.number("SELECT count(*) FROM access") == 0, "it counts as copied")
        let next = try #require(try fixture.request())
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce([next])
    }

    @Test func gapsBecomeErrors() throws {
        let fixture = try LogFixture()
        let producer = try fixture.producer(2)
        producer.countShed()
        producer.countShed()
        producer.countDropped()
        producer.countWait(us: 1_500_000)
        producer.countWait(us: 500_000)
        #expect(producer.tellGap(timeUs: Clock.realtimeUs()))
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        let row = try #require(try fixture.rows("SELECT * FROM errors").first)
        let message: String = row["message"]
        #expect(message.contains("2 requests were refused with 503 without a row"))
        #expect(message.contains("1 requests were served without a row"))
        #expect(message.contains("2 requests waited for room, 2000 ms in all"))
        #expect(row["worker"] == 2)
        #expect(row["level"] == "warning")
    }

    @Test func aReaderSeesWholeBatchesMeanwhile() throws {
        let fixture = try LogFixture()
        let (copier, _) = try fixture.makeCopier()
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: fixture.database.string, configuration: configuration)
        for round in 1...5 {
            for _ in 0..<40 { try fixture.request() }
            try fixture.drainAll(copier)
            #expect(try reader.inDatabase { try Int.fetchOne($0, sql: "SELECT count(*) FROM access") } == 40 * round)
        }
        try reader.close()
        copier.close()
    }
}
