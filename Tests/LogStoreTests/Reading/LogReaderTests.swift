// Opening and refusing: what cannot be read is told apart, and reading leaves no trace.
import Foundation
import GRDB
import LogStore
import SystemPackage
import Testing

@Suite struct LogReaderTests {
    private func kind(_ body: () throws -> Void) -> LogReadError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LogReadError)?.kind
        }
    }

    private func write(_ bytes: Data, _ log: FixtureLog) throws -> FilePath {
        let path = log.folder.appending("other.db")
        try bytes.write(to: URL(fileURLWithPath: path.string))
        return path
    }

    @Test func missingFile_isUnreadable_andIsNotMade() throws {
        let log = try FixtureLog()
        try log.close()
        let path = log.folder.appending("none.db")
        #expect(kind { _ = try LogReader(path: path) } == .unreadable)
        #expect(try log.files == ["access.db"])
    }

    @Test func directory_isUnreadable() throws {
        let log = try FixtureLog()
        #expect(kind { _ = try LogReader(path: log.folder) } == .unreadable)
    }

    @Test func textFile_isDamaged() throws {
        let log = try FixtureLog()
        let path = try write(Data(repeating: 65, count: 10_000), log)
        #expect(kind { _ = try LogReader(path: path) } == .damaged)
    }

    @Test func emptyFile_isNoLog() throws {
        let log = try FixtureLog()
        let path = try write(Data(), log)
        #expect(kind { _ = try LogReader(path: path) } == .unreadable)
    }

    @Test func overwrittenPages_areDamaged() throws {
        let log = try FixtureLog()
        try log.insert((0..<2000).map { Access(at: Double($0), path: "/\($0)") })
        try log.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: log.path.string))
        bytes.replaceSubrange(bytes.count / 2..<bytes.count, with: Data(repeating: 0xAA, count: bytes.count / 2))
        let path = try write(bytes, log)
        #expect(kind { _ = try LogReader(path: path).report(.overview, span: .all, limit: 1) } == .damaged)
    }

    @Test func newerSchema_isRefused_andOtherDatabasesToo() throws {
        #expect(kind { _ = try FixtureLog(schemaVersion: DatabaseFormat.schemaVersion + 1).reader() } == .newer)
        #expect(kind { _ = try FixtureLog(schemaVersion: 0).reader() } == .unreadable)
        #expect(kind { _ = try FixtureLog(applicationID: 7).reader() } == .unreadable)
    }

    @Test func readingAStoppedLog_createsNoFile() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        try log.close()
        let reader = try log.reader()
        #expect(try reader.report(.status, span: .all, limit: nil).rowsRead == 1)
        #expect(try log.files == ["access.db"])
    }

    @Test func writerThatStartsMeanwhile_isSeen() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        try log.close()
        let reader = try log.reader()
        #expect(try reader.report(.status, span: .all, limit: nil).rowsRead == 1)
        let writer = try DatabaseQueue(path: log.path.string)
        try writer.write { try FixtureLog.insert([Access(at: 1)], into: $0) }
        #expect(try reader.report(.status, span: .all, limit: nil).rowsRead == 2)
        try writer.close()
    }

    @Test func aDirectory_isNamedAsOne() throws {
        let log = try FixtureLog()
        let folder = log.path.removingLastComponent()
        let error = #expect(throws: LogReadError.self) { _ = try LogReader(path: folder) }
        #expect(error?.kind == .unreadable)
        #expect(error?.description.contains("is a directory; --db names the database file in it") == true)
    }

    @Test func namesWithURISyntax_areNames() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        try log.close()
        let path = log.folder.appending("a?mode=rwc#50%25 ü.db")
        try FileManager.default.copyItem(atPath: log.path.string, toPath: path.string)
        #expect(try LogReader(path: path).report(.status, span: .all, limit: nil).rowsRead == 1)
    }

    @Test func symbolicLink_leadsToTheLog() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        let link = log.folder.appending("link.db")
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "access.db")
        #expect(try LogReader(path: link).report(.status, span: .all, limit: nil).rowsRead == 1)
    }

    @Test(arguments: [
        "DELETE FROM access", "SELECT 1; SELECT 2", "", "nonsense", "SELECT nothing FROM requests",
        "PRAGMA journal_mode = delete", "CREATE TEMP TABLE t (a)",
    ])
    func query_refusesWhatIsNotOneReadingStatement(_ sql: String) throws {
        let log = try FixtureLog()
        try log.insert(Access())
        let reader = try log.reader()
        #expect(kind { try reader.query(sql, begin: { _ in }, row: { _ in true }) } == .query)
        #expect(try reader.report(.status, span: .all, limit: nil).rowsRead == 1)
    }

    @Test func query_stopsWhenTheRowsAreEnough() throws {
        let log = try FixtureLog()
        for index in 0..<5 { try log.insert(Access(at: Double(index))) }
        var rows = 0
        try log.reader().query("SELECT id FROM requests", begin: { _ in }) { _ in
            rows += 1
            return rows < 2
        }
        #expect(rows == 2)
    }

    @Test func text_comesByteForByte() throws {
        let log = try FixtureLog()
        try log.queue.write { try $0.execute(sql: "INSERT INTO path VALUES (1, CAST(x'2FFF0041' AS TEXT))") }
        try log.insert(Access(path: 1))
        let rows = try log.reader().report(.paths, span: .all, limit: nil)["rows"]
        #expect(rows["path"] == [.text([0x2F, 0xFF, 0x00, 0x41])])
    }
}
