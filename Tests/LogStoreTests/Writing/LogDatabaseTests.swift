// Opening the database: what is made, what is refused, and that a refusal changes nothing.
import AccessLog
import Foundation
import GRDB
import Schema
import SystemPackage
import Testing

@testable import LogStore

@Suite struct LogDatabaseTests {
    @Test func makesDirectoryAndFileWithTheirSettings() throws {
        let fixture = try LogFixture()
        let path = fixture.folder.appending("a/b/new.db")
        let database = try LogDatabase(path)
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: path.string, configuration: configuration)
        try reader.inDatabase { (reader: Database) throws in
            for (pragma, value) in [
                ("page_size", "8192"), ("auto_vacuum", "2"), ("journal_mode", "wal"), ("user_version", "4"),
                ("application_id", "1112036435"),
            ] {
                #expect(try String.fetchOne(reader, sql: "PRAGMA \(pragma)") == value, "\(pragma)")
            }
            #expect(try Int.fetchOne(reader, sql: "SELECT count(*) FROM requests") == 0)
        }
        try reader.close()
        database.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        #expect((attributes[.posixPermissions] as? Int ?? 0) & 0o007 == 0, "addresses of clients are not for everybody")
        #expect(!FileManager.default.fileExists(atPath: path.string + "-wal"), "a clean close leaves no companion")
    }

    @Test func opensWhatItMade() throws {
        let fixture = try LogFixture()
        for turn in 1...3 {
            let database = try LogDatabase(fixture.database)
            try database.transaction { tables throws(DatabaseError) in try tables.note(.error, "turn \(turn)") }
            database.close()
        }
        #expect(try fixture.number("SELECT count(*) FROM error") == 3)
    }

    private func content(_ path: FilePath) -> Data? {
        try? Data(contentsOf: URL(filePath: path.string))
    }

    enum BadFile: CaseIterable {
        case text, short, foreign, newer, damaged, directory

        var reason: LogStoreError.Reason {
            switch self {
            case .text, .short: .notADatabase
            case .foreign: .foreignDatabase
            case .newer: .newerSchema
            case .damaged: .damaged
            case .directory: .cannotCreate
            }
        }

        func make(_ path: FilePath) throws {
            switch self {
            case .text:
                try Data(String(repeating: "10.0.0.1 - - GET / 200\n", count: 100).utf8).write(
                    to: URL(filePath: path.string))
            case .short:
                try Data("SQLite".utf8).write(to: URL(filePath: path.string))
            case .foreign:
                let queue = try DatabaseQueue(path: path.string)
                try queue.inDatabase { try $0.execute(sql: "CREATE TABLE mail (id); PRAGMA application_id = 7") }
                try queue.close()
            case .newer:
                try LogDatabase(path).close()
                let queue = try DatabaseQueue(path: path.string)
                try queue.inDatabase { try $0.execute(sql: "PRAGMA user_version = 5; PRAGMA wal_checkpoint") }
                try queue.close()
            case .damaged:
                try LogDatabase(path).close()
                var data = try Data(contentsOf: URL(filePath: path.string))
                // Behind the header of the file: the schema's root page.
                for index in 100..<8_000 { data[index] = 0xa5 }
                try data.write(to: URL(filePath: path.string))
            case .directory:
                try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
            }
        }
    }

    @Test(arguments: BadFile.allCases) func refusesAndChangesNothing(_ bad: BadFile) throws {
        let fixture = try LogFixture()
        try bad.make(fixture.database)
        let before = content(fixture.database)
        let error = #expect(throws: LogStoreError.self) { try LogDatabase(fixture.database) }
        #expect(error?.reason == bad.reason)
        #expect(error?.description.contains(fixture.database.string) == true)
        #expect((64...78).contains(error?.exitStatus ?? 0))
        #expect(content(fixture.database) == before)

        // A process that must not open SQLite says the same, except of damage behind the header.
        if bad == .damaged {
            try LogDatabaseCheck.verify(fixture.database)
        } else {
            let early = #expect(throws: LogStoreError.self) { try LogDatabaseCheck.verify(fixture.database) }
            #expect(early?.reason == error?.reason)
        }
        #expect(content(fixture.database) == before)
    }

    @Test func checkAcceptsWhatTheWriterMakes() throws {
        let fixture = try LogFixture()
        let path = fixture.folder.appending("x/access.db")
        try LogDatabaseCheck.verify(path)
        #expect(!FileManager.default.fileExists(atPath: path.string), "the check makes the directory only")
        let database = try LogDatabase(path)
        try LogDatabaseCheck.verify(path)
        database.close()
        try LogDatabaseCheck.verify(path)
        let empty = fixture.folder.appending("empty.db")
        try Data().write(to: URL(filePath: empty.string))
        try LogDatabaseCheck.verify(empty)
        try LogDatabase(empty).close()
    }

    @Test func refusesADirectoryThatCannotBe() throws {
        let fixture = try LogFixture()
        try Data().write(to: URL(filePath: fixture.folder.appending("file").string))
        let path = fixture.folder.appending("file/access.db")
        #expect(throws: LogStoreError.self) { try LogDatabaseCheck.verify(path) }
        #expect(throws: LogStoreError.self) { try LogDatabase(path) }
    }

    @Test(arguments: [
        (Errno.permissionDenied, LogStoreError.Reason.notPermitted, Int32(77)),
        (.readOnlyFileSystem, .notPermitted, 77),
        (.noSpace, .diskFull, 74), (.ioError, .inputOutput, 74), (.notDirectory, .cannotCreate, 73),
    ])
    func namesTheCause(_ cause: Errno, _ reason: LogStoreError.Reason, _ status: Int32) {
        let error = LogStoreError("open", "/x/access.db", cause)
        #expect(error.reason == reason)
        #expect(error.exitStatus == status)
        #expect(error.description.hasPrefix("cannot open /x/access.db: "))
    }

    @Test func migratesForwardEachStepWholeOrNotAtAll() throws {
        let fixture = try LogFixture()
        try LogDatabase(fixture.database).close()
        let good = "CREATE TABLE extra (id INTEGER); PRAGMA user_version = 5;"
        let bad = "CREATE TABLE more (id INTEGER); PRAGMA user_version = 6; INSERT INTO nowhere VALUES (1);"
        let error = #expect(throws: LogStoreError.self) {
            try LogDatabase(fixture.database, migrations: LogDatabase.migrations + [good, bad])
        }
        #expect(error?.reason == .inputOutput)
        #expect(try fixture.number("PRAGMA user_version") == 5)
        #expect(try fixture.number("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == 1)
        #expect(try fixture.number("SELECT count(*) FROM sqlite_schema WHERE name = 'more'") == 0)
        #expect(throws: LogStoreError.self) { try LogDatabase(fixture.database) }
    }

    @Test func aDatabaseOfSchema1KeepsItsRowsAndGetsTheNewTables() throws {
        let fixture = try LogFixture()
        let old = try DatabaseQueue(path: fixture.database.string)
        try old.write { database in
            try database.execute(sql: LogDatabase.migrations[0])
            try database.execute(
                sql: SQL.insertError, arguments: [1 << 40, nil, nil, 3, nil, "of schema 1", 0])
        }
        try old.close()
        #expect(try fixture.number("PRAGMA user_version") == 1)
        // Its reports are there, but for the one that it has no table for.
        let reader = try LogReader(path: fixture.database)
        #expect(try reader.report(.errors, span: .all, limit: nil)["rows"]["message"] == ["of schema 1"])
        let error = #expect(throws: LogReadError.self) { try reader.report(.crashes, span: .all, limit: nil) }
        #expect(error?.description.contains("schema 1") == true)

        try LogDatabase(fixture.database).close()
        #expect(try fixture.number("PRAGMA user_version") == DatabaseFormat.schemaVersion)
        #expect(try fixture.number("SELECT count(*) FROM errors WHERE message = 'of schema 1'") == 1)
        #expect(try fixture.number("SELECT count(*) FROM crashes") == 0)
    }

    @Test(arguments: [false, true]) func aDatabaseOfSchema3KeepsTextsAndTheFormOfItsRows(hasRows: Bool) throws {
        let fixture = try LogFixture()
        let old = try DatabaseQueue(path: fixture.database.string)
        try old.write { database in
            for migration in LogDatabase.migrations[..<3] { try database.execute(sql: migration) }
            for text in ["/zero", "/one"] {
                try database.execute(sql: "INSERT INTO path (value) VALUES (?)", arguments: [text])
            }
            if hasRows {
                try database.execute(
                    sql: """
                        INSERT INTO access (id, request_id, worker, connection, method, status, outcome, path, bytes_in,
                            bytes_out, duration_us, late_us, flags)
                        VALUES (1 << 40, 5, 1, 1, 'GET', 200, 0, 2, 1, 1, 1, 0, 2)
                        """)
            }
        }
        try old.close()
        let (copier, _) = try fixture.makeCopier()
        for target in ["/one", "/two"] { try fixture.request(target: Array(target.utf8)) }
        try fixture.drainAll(copier)
        copier.close()
        let rows = try fixture.rows("SELECT path, method, status, worker FROM requests ORDER BY id").map {
            [$0[0] as String, $0[1], "\($0[2] as Int)", "\($0[3] as Int)"]
        }
        #expect(rows.suffix(2) == [["/one", "GET", "200", "0"], ["/two", "GET", "200", "0"]])
        #expect(rows.count == (hasRows ? 3 : 2) && rows.first?.first == "/one")
        let texts = try fixture.rows("SELECT id || ' ' || value FROM path ORDER BY id").map { $0[0] as String }
        #expect(texts == ["1 /zero", "2 /one", "3 /two"])
        #expect(try fixture.number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_path%'") == 0)
        let packed = "SELECT count(*) FROM pragma_table_info('access') WHERE name = 'facts'"
        #expect(try fixture.number(packed) == (hasRows ? 0 : 1))
        // And once more, as after the next start.
        try LogDatabase(fixture.database).close()
        #expect(try fixture.number("SELECT count(*) FROM access") == Int64(rows.count))
    }

    @Test func aDatabaseThatWasMovedIsNoticed() throws {
        let fixture = try LogFixture()
        let database = try LogDatabase(fixture.database)
        #expect(!database.isReplaced)
        try FileManager.default.moveItem(atPath: fixture.database.string, toPath: fixture.database.string + ".old")
        #expect(database.isReplaced)
        database.close()
    }
}
