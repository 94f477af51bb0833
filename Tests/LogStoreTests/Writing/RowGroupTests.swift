// Requests go into the database in groups: whatever stands at a group's edge is stored as if it were alone.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct RowGroupTests {
    @Test(arguments: [1, 15, 16, 17, 31, 32, 100])
    func eachRowKeepsItsOwnValues(count: Int) throws {
        let fixture = try LogFixture()
        let (copier, _) = try fixture.makeCopier()
        // The workers' starts are records of now: out of the way first.
        for slot in 0..<2 { _ = try fixture.producer(slot) }
        try fixture.drainAll(copier)
        let moment = Clock.realtimeUs() - 1_000_000
        var expected: [[String?]] = []
        for index in 0..<count {
            // Values change and come again: a place of the group must not keep what the group before had there.
            let query = index % 3 == 0 ? nil : String(repeating: "q", count: index % 40)
            let agent = index % 5 == 0 ? nil : "agent \(index % 7)"
            let target = "/\(index % 4)" + (query.map { "?" + $0 } ?? "")
            let status = UInt16(200 + index % 6)
            try fixture.request(
                index % 2, target: Array(target.utf8), agent: Array((agent ?? "").utf8),
                startUs: moment + Int64(index), durationUs: 0, status: status)
            expected.append(["\(index + 1) \(index % 2) GET \(status) /\(index % 4)", query, agent])
        }
        try fixture.drainAll(copier)
        copier.close()
        let rows = try fixture.rows(
            """
            SELECT printf('%d %d %s %d %s', access.request_id, access.worker, access.method, access.status,
                requests.path), access.query, requests.agent
            FROM access JOIN requests USING (id) ORDER BY id
            """)
        #expect(rows.map { [$0[0] as String?, $0[1], $0[2]] } == expected)
    }

    @Test func longTextsOfMoreThanOneArenaStayWhole() throws {
        let fixture = try LogFixture(ringBytes: 1 << 21)
        var expected: [String] = []
        for index in 0..<30 {
            let query = "\(index)" + String(repeating: "x", count: 65_000 + index)
            try fixture.request(target: Array("/?\(query)".utf8))
            expected.append(query)
        }
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        #expect(30 * 65_000 > RowGroup.arenaBytes)
        #expect(try fixture.rows("SELECT query FROM access ORDER BY id").map { $0[0] as String } == expected)
    }

    @Test func aRecordOfLongestTextsFits() throws {
        let fixture = try LogFixture(ringBytes: 1 << 21)
        let database = try LogDatabase(fixture.database, dictionaryLimit: 0)
        let source = try RingSource(fixture.ring, kind: .own, database: database)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 65_535)
        for _ in 0..<3 { try fixture.request(target: text, agent: text) }
        try database.transaction { tables throws(DatabaseError) in _ = try LogDrain().copy([source], into: &tables) }
        database.close()
        #expect(
            try fixture.number("SELECT count(*) FROM access WHERE length(path) = 65535 AND length(agent) = 65535") == 3)
        #expect(7 * 65_535 <= RowGroup.arenaBytes)
    }

    @Test(arguments: [1, 8, 16, 20])
    func aRowThatFailsTakesTheWholeTransactionBack(number: Int) throws {
        let fixture = try LogFixture()
        try LogDatabase(fixture.database).close()
        let (copier, _) = try fixture.makeCopier()
        let stranger = try fixture.stranger()
        try stranger.inDatabase {
            try $0.execute(
                sql:
                    """
                    CREATE TRIGGER t BEFORE INSERT ON access WHEN new.request_id = \(number)
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """
            )
        }
        var published: [UInt64] = []
        for _ in 0..<40 { published.append(try #require(try fixture.request())) }
        #expect(try copier.copy() == 0)
        #expect(copier.isFailing)
        #expect(try fixture.number("SELECT count(*) FROM access") == 0)
        #expect(try fixture.number("SELECT count(*) FROM ring_position") == 0)
        try stranger.inDatabase { try $0.execute(sql: "DROP TRIGGER t") }
        try stranger.close()
        _ = try copier.copy()
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce(published)
    }

    @Test func kindsKeepTheirOrder() throws {
        let fixture = try LogFixture()
        let (copier, _) = try fixture.makeCopier()
        for slot in 0..<2 { _ = try fixture.producer(slot) }
        try fixture.drainAll(copier)
        let moment = Clock.realtimeUs() - 1_000_000
        let client = Array("::1".utf8)
        for index in 0..<60 {
            let timeUs = moment + Int64(index)
            if index % 7 == 3 {
                let message = Array("message \(index)".utf8)
                try fixture.producer(index % 2).appendError(
                    requestID: 0, timeUs: timeUs, client: client.span.raw, message: message.span.raw)
            } else {
                try fixture.request(index % 2, startUs: timeUs, durationUs: 0)
            }
        }
        try fixture.drainAll(copier)
        copier.close()
        let rows = try fixture.rows(
            """
            SELECT id >> 8, late_us, request_id IS NULL OR request_id = 0 FROM access
            UNION ALL SELECT id >> 8, late_us, 1 FROM error ORDER BY 1
            """)
        #expect(rows.map { $0[0] as Int64 } == (0..<60).map { rows[0][0] as Int64 + Int64($0) })
        #expect(rows.allSatisfy { $0[1] == 0 })
        #expect(rows.map { $0[2] as Bool } == (0..<60).map { $0 % 7 == 3 })
    }

    @Test func aKeyThatIsTakenInAGroupIsPassedOver() throws {
        let fixture = try LogFixture()
        let (copier, _) = try fixture.makeCopier()
        let moment = Clock.realtimeUs() - 1_000_000
        // A row that came behind the writer's back, with the key of the sixth request.
        let stranger = try fixture.stranger()
        try stranger.inDatabase {
            try $0.execute(
                sql:
                    """
                    INSERT INTO access (id, request_id, worker, connection, outcome, bytes_in, bytes_out, duration_us,
                        late_us, flags)
                    VALUES (?, 0, 0, 0, 0, 0, 0, 0, 0, 0)
                    """, arguments: [DatabaseFormat.firstID(atUnixMicroseconds: moment + 5)])
        }
        try stranger.close()
        for index in 0..<40 { try fixture.request(startUs: moment + Int64(index), durationUs: 0) }
        try fixture.drainAll(copier)
        copier.close()
        let rows = try fixture.rows(
            "SELECT request_id, (id >> 8) - late_us FROM access WHERE request_id > 0 ORDER BY id")
        #expect(rows.map { $0[0] as Int64 } == (1...40).map { Int64($0) })
        let first = DatabaseFormat.firstID(atUnixMicroseconds: moment) >> 8
        #expect(rows.map { $0[1] as Int64 } == (0..<40).map { first + Int64($0) })
    }
}
