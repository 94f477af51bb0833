// A database that is damaged is set aside, the log goes on in a new one, and what the rings hold is in it.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct DamagedDatabaseTests {
    /// Overwrites the first page of a table or index, behind the back of SQLite.
    private func overwrite(_ name: String, of fixture: LogFixture) throws {
        let page = try fixture.number("SELECT rootpage FROM sqlite_schema WHERE name = '\(name)'")
        let file = try FileHandle(forWritingTo: URL(filePath: fixture.database.string))
        try file.seek(toOffset: UInt64(page - 1) * 8_192)
        try file.write(contentsOf: Data(repeating: 0x5a, count: 8_192))
        try file.close()
    }

    private func damagedFiles(_ fixture: LogFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.folder.string)
            .filter { $0.hasPrefix("access.db-damaged-") }.sorted()
    }

    private func expectSetAside(_ fixture: LogFixture, requests: [UInt64]) throws {
        try fixture.expectEachOnce(requests)
        let damaged = try damagedFiles(fixture)
        #expect(damaged.first?.wholeMatch(of: /access\.db-damaged-\d{8}T\d{6}Z/) != nil, "\(damaged)")
        let rows = try fixture.rows("SELECT message FROM errors WHERE level = 'critical'").map { $0[0] as String }
        #expect(rows.count == 1 && rows[0].contains(damaged[0]), "\(rows)")
    }

    @Test func damagedWhileItIsWritten() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (copier, _) = try fixture.makeCopier()
        for _ in 0..<10 { try fixture.request() }
        try fixture.drainAll(copier)
        let stranger = try fixture.stranger()
        try stranger.inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try overwrite("path", of: fixture)
        // Any commit of another has the writer read its pages anew.
        try stranger.inDatabase { try $0.execute(sql: "PRAGMA user_version = \(DatabaseFormat.schemaVersion)") }
        try stranger.close()
        var published: [UInt64] = []
        for number in 0..<50 {
            published.append(try #require(try fixture.request(target: Array("/new-\(number)".utf8))))
        }
        for _ in 0..<4 where copier.hasMore { _ = try copier.copy() }
        #expect(!copier.isFailing && !copier.hasMore)
        copier.close()
        try expectSetAside(fixture, requests: published)
    }

    @Test func damagedAtTheStart() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (first, _) = try fixture.makeCopier()
        for _ in 0..<10 { try fixture.request() }
        try fixture.drainAll(first)
        first.close()
        try overwrite("access", of: fixture)
        let next = try #require(try fixture.request())
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        try expectSetAside(fixture, requests: [next])
    }

    @Test func cutShortWithItsWriteAheadLogLeftBehind() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let (first, _) = try fixture.makeCopier()
        for _ in 0..<10 { try fixture.request() }
        try fixture.drainAll(first)
        first.close()
        let file = try FileHandle(forUpdating: URL(filePath: fixture.database.string))
        try file.truncate(atOffset: 8_192 * 3)
        try file.close()
        let garbage = Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try garbage.write(to: URL(filePath: fixture.database.string + "-wal"))
        let next = try #require(try fixture.request())
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        try expectSetAside(fixture, requests: [next])
    }

    @Test func garbageInTheWriteAheadLogIsNoDamage() throws {
        let fixture = try LogFixture()
        let (first, _) = try fixture.makeCopier()
        try fixture.request()
        try fixture.drainAll(first)
        first.close()
        try Data(repeating: 0x33, count: 100_000).write(to: URL(filePath: fixture.database.string + "-wal"))
        let (copier, _) = try fixture.makeCopier()
        try fixture.request()
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce([1, 2])
        #expect(try damagedFiles(fixture).isEmpty)
    }

    @Test func aWriteAheadLogWithoutItsDatabaseIsKept() throws {
        let fixture = try LogFixture()
        let orphan = Data(repeating: 0x44, count: 5_000)
        try Data().write(to: URL(filePath: fixture.database.string))
        try orphan.write(to: URL(filePath: fixture.database.string + "-wal"))
        let (copier, _) = try fixture.makeCopier()
        try fixture.request()
        try fixture.drainAll(copier)
        copier.close()
        try fixture.expectEachOnce([1])
        let kept = try #require(try damagedFiles(fixture).first)
        #expect(kept.hasSuffix("-wal"))
        #expect(try Data(contentsOf: URL(filePath: fixture.folder.appending(kept).string)) == orphan)
    }

    @Test func aDatabaseOfAnotherProgramIsNeverSetAside() throws {
        let fixture = try LogFixture()
        let stranger = try fixture.stranger()
        try stranger.inDatabase { try $0.execute(sql: "CREATE TABLE theirs (a); PRAGMA application_id = 7") }
        try stranger.close()
        try overwrite("theirs", of: fixture)
        #expect(throws: LogStoreError.self) { _ = try LogCopier(fixture.configuration) }
        #expect(try damagedFiles(fixture).isEmpty)
    }

    @Test func aSecondOneInTheSameSecondGetsANameOfItsOwn() throws {
        let fixture = try LogFixture()
        for _ in 0..<3 {
            try Data("x".utf8).write(to: URL(filePath: fixture.database.string))
            _ = try DamagedDatabase.setAside(fixture.database)
        }
        #expect(try damagedFiles(fixture).count == 3)
    }

    @Test func aSymbolicLinkIsFollowedToItsFile_alsoToOneThatIsNotThereYet() throws {
        let fixture = try LogFixture()
        let link = fixture.folder.appending("link.db")
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "access.db")
        #expect(LogStoreLocation.resolved(link) == fixture.database)
        #expect(LogStoreLocation.resolved(fixture.database) == fixture.database)
        let loop = fixture.folder.appending("loop.db")
        try FileManager.default.createSymbolicLink(atPath: loop.string, withDestinationPath: "loop.db")
        #expect(throws: LogStoreError.self) { try LogDatabaseCheck.verify(LogStoreLocation.resolved(loop)) }
    }
}
