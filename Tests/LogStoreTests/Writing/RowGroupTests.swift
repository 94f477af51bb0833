// Requests go into the database in groups: whatever stands at a group's edge is stored as if it were alone.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import Schema
import SystemPackage
import TestSupport
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

    /// What a row says in both forms of the table, under the names of the columns that both have.
    private static let everything = """
        SELECT id, request_id, worker, connection, method, status, outcome, protocol, host, path, query, client,
            referer, agent, bytes_in, bytes_out, duration_us, ttfb_us, late_us, flags, signal
        FROM access ORDER BY id
        """

    /// Gives a row drawn by lot; answers what it says.
    private func give(_ rows: RowGroup, startUs: Int64, _ dice: inout SeededGenerator) -> [String] {
        func draw<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &dice)] }
        func text(_ value: Int) -> String { value == 0 ? "" : "\(value)" }
        let (status, outcome) = (draw([0, 100, 200, 404, 599, 999]), draw(Array(0...5)))
        let version = draw([0, 9, 10, 11, 20, 30])
        let (flags, worker, signal) = (draw(Array(0...7)), draw([-1, 0, 1, 7, 2_047, 2_048]), draw([0, 0, 6, 11, 64]))
        let hostile = ["\"\\\u{1f}\n]é,", "a[,1]"]
        let method = draw(MethodNumbers.names + ["get", "PROPFIND", "0", "GETT", "X", ""] + hostile)
        let (durationUs, lateUs, tree) = (draw(Array(0...5_000)) * 999, draw([0, 1_000, 2_000]), draw([UInt64(0), 1]))
        let ttfbUs = draw([nil, durationUs / 2])
        let usual = RequestID.usual(startUs: startUs, slot: worker, tree: tree)
        let id = DatabaseFormat.firstID(atUnixMicroseconds: startUs + Int64(durationUs + lateUs)) + 5
        let facts = AccessFacts(
            status: Int64(status), outcome: Int64(outcome), protocolNumber: Int64(version),
            flags: Int64(flags) | Int64(tree) << 3, worker: Int64(worker), signal: Int64(signal))
        #expect(facts.status == status && facts.outcome == outcome && facts.worker == worker)
        #expect(facts.protocolNumber == version)
        rows.set(.id, id)
        rows.set(.facts, facts.word)
        rows.set(.connection, 9)
        rows.setReceived(method: Array(method.utf8).span.raw, bytes: 1)
        for column in [AccessColumn.host, .path, .query, .client, .referer, .agent] { rows.setNull(column) }
        rows.set(.bytesOut, 2)
        rows.set(.durationUs, Int64(durationUs))
        // The number of an imported request is its key.
        let givenID = usual == nil && worker != -1 ? Int64(77) : nil
        rows.endRow(
            RequestRest(
                sendingUs: ttfbUs.map { Int64(durationUs - $0) }, lateUs: Int64(lateUs), givenID: givenID))
        let number = usual.map(Int64.init) ?? givenID ?? id
        return [
            "\(id)", "\(number)", "\(worker)", "9", method, text(status), "\(outcome)", text(version), "", "", "", "",
            "", "", "1", "2", "\(durationUs)", ttfbUs.map { "\($0)" } ?? "", "\(lateUs)", "\(flags)", text(signal),
        ]
    }

    @Test(arguments: [true, false]) func bothFormsOfTheTableSayTheSame(isPacked: Bool) throws {
        let queue = try DatabaseQueue()
        try queue.inDatabase { database in
            try database.execute(sql: SQL.schema1 + (isPacked ? SQL.access4 : ""))
            let rows = RowGroup(database)
            var dice = SeededGenerator(seed: 4)
            var expected: [[String]] = []
            for index in 0..<160 {
                let startUs = RequestID.epochUs + 200_000_000_000_000 + Int64(index) * 10_000_000
                expected.append(give(rows, startUs: startUs, &dice))
                guard rows.isFull else { continue }
                if index % 32 == 15 {
                    #expect(try rows.insertAll())
                } else {
                    for row in 0..<rows.count { #expect(try rows.insert(row)) }
                }
                rows.removeAll()
            }
            let found: [[String]] = try Row.fetchAll(database, sql: Self.everything).map { row in
                row.databaseValues.map { value -> String in
                    value.isNull ? "" : String.fromDatabaseValue(value) ?? "\(value)"
                }
            }
            #expect(found == expected)
        }
    }

    @Test func longTextsOfMoreThanOneArenaStayWhole() throws {
        let fixture = try LogFixture(ringBytes: 1 << 22)
        var expected: [String] = []
        for index in 0..<40 {
            let query = "\(index)" + String(repeating: "x", count: 65_000 + index)
            try fixture.request(target: Array("/?\(query)".utf8))
            expected.append(query)
        }
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        #expect(40 * 65_000 > RowGroup.arenaBytes)
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
        #expect(7 * 65_535 + RequestRest.maximumBytes(method: 65_535) <= RowGroup.arenaBytes)
        #expect(LogContent.lineLimit + RequestRest.maximumBytes(method: LogContent.lineLimit) <= RowGroup.arenaBytes)
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
                    INSERT INTO access (id, facts, connection, received, bytes_out, duration_us, rest)
                    VALUES (?, 1 << 20, 0, 0, 0, 0, '[0,0,0]')
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
