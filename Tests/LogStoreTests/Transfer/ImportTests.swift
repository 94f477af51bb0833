// Logs of other servers come in once, whatever their files are called and whenever the import is killed.
import Foundation
import GRDB
import LinuxSyscalls
import LogLines
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite(.keepingEvidence) struct ImportTests {
    @Test func aFile_isImportedOnce_underAnyName() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let text = ImportFixture.lines(0..<1_000)
            let count = try fixture.run(text, "access.log")
            #expect(count.requests == 1_000)
            for name in ["access.log", "access.log.1"] {
                let again = try fixture.run(text, name)
                #expect(again.requests == 0 && again.lines == 0 && again.knownLines == 1_000, "\(name)")
            }
            #expect(try fixture.number("SELECT count(*) FROM access") == 1_000)
            #expect(try fixture.number("SELECT count(*) FROM access WHERE request_id = id") == 1_000)
        }
    }

    @Test(arguments: ["gzip", "zstd", "bzip2", "xz"])
    func compressedFiles_areReadAndKnown(program: String) throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let path = try directory.write(ImportFixture.lines(0..<500), to: "access.log").string
            let compressed = try RunningProgram.run(InstalledProgram.path(of: program), ["-k", path])
            #expect(compressed.end == .exited(status: 0))
            let suffix = ["gzip": "gz", "zstd": "zst", "bzip2": "bz2", "xz": "xz"][program] ?? ""
            #expect(try fixture.run("\(path).\(suffix)").requests == 500)
            #expect(try fixture.run(path).knownLines == 500)
            #expect(try fixture.number("SELECT count(*) FROM access") == 500)
        }
    }

    /// Nobody adds to a compressed file, so its last line needs no end; other systems end lines by CR and LF.
    @Test func lastLinesAndReturns() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let lines = (0..<3).map { ImportFixture.line($0, "/").replacing(" \"-\" \"curl\"\n", with: "") }
            let path = try directory.write(lines.joined(separator: "\r\n"), to: "a").string
            let plain = try fixture.run(path)
            #expect(plain.requests == 2 && plain.hasUnfinishedLine && plain.badLines == 0)
            #expect(try RunningProgram.run("/usr/bin/gzip", [path]).end == .exited(status: 0))
            let compressed = try fixture.run(path + ".gz")
            #expect(compressed.requests == 1 && compressed.knownLines == 2 && !compressed.hasUnfinishedLine)
            #expect(try fixture.number("SELECT count(*) FROM requests WHERE bytes_out = 12") == 3)
        }
    }

    @Test func standardInput_isKnownByItsBytes_andLeavesNoProcess() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let path = try directory.write(ImportFixture.lines(0..<30_000), to: "a").string
            #expect(try RunningProgram.run("/usr/bin/gzip", ["-k", path]).end == .exited(status: 0))
            let program = RunningProgram.productsDirectory.appending("httpstats")
            let importing = "'\(program)' import --db '\(fixture.database)' --format csv"
            // What was decompressed in vain is collected before the next file: this one waits for its input.
            let script = """
                mkfifo '\(path).fifo'
                \(importing) '\(path).gz' - <'\(path).fifo' >'\(path).csv' 2>'\(path).err' &
                exec 9>'\(path).fifo'
                until grep -q 'taken for' '\(path).err'; do :; done
                until children=$(cat /proc/$!/task/$!/children); [ -z "$children" ]; do :; done
                cat '\(path)' >&9
                exec 9>&-
                wait $!
                cat '\(path).csv'
                """
            let finished = try RunningProgram.run("/bin/sh", ["-ec", script])
            #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
            let rows = finished.standardOutput.split(separator: "\n")
            #expect(rows.count == 3 && rows[1].hasSuffix(",30000,30000,0,0,0,0"), "\(rows)")
            #expect(rows.last == "\"standard input\",combined,0,0,30000,0,0,0")
        }
    }

    @Test func aFileThatGrew_keepsItsFormat() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let text = ImportFixture.lines(0..<10)
            let format = #"%h %l %u %t "%r" %>s %O "%{Cookie}i" "%{User-Agent}i""#
            #expect(try fixture.run(text, "a", format: format).requests == 10)
            let grown = try fixture.run(text + ImportFixture.lines(10..<20), "a")
            #expect(grown.requests == 10 && grown.format == format && !grown.isGuessed)
        }
    }

    @Test func aCutCompressedFile_isAnError_andGoesOnLater() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let path = try directory.write(ImportFixture.lines(0..<120_000), to: "access.log").string
            #expect(try RunningProgram.run("/usr/bin/gzip", ["-k", path]).end == .exited(status: 0))
            let whole = try directory.read("access.log.gz")
            try directory.write(Array(whole.dropLast(1_000)), to: "cut.gz")
            #expect { try fixture.run(directory.appending("cut.gz").string) } throws: { "\($0)".contains("damaged") }
            let stored = try fixture.number("SELECT count(*) FROM access")
            #expect(stored == 100_000, "the transactions before the damage")
            #expect(try fixture.run("\(path).gz").requests == 120_000 - stored)
        }
    }

    @Test func aFileThatGrew_isReadFromWhereItEnded() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            var text = ImportFixture.lines(0..<100)
            #expect(try fixture.run(text, "a").requests == 100)
            text += ImportFixture.lines(100..<130)
            let grown = try fixture.run(text + "10.0.0.1 - - [01/Mar", "a.1")
            #expect(grown.requests == 30 && grown.knownLines == 100 && grown.hasUnfinishedLine)
            #expect(try fixture.run(text, "a").lines == 0)
            // An older copy, of any length.
            for count in [1, 2, 3, 64, 65, 99, 129] {
                let copy = try fixture.run(ImportFixture.lines(0..<count), "old")
                #expect(copy.lines == 0 && copy.knownLines == count, "\(count) lines")
            }
            #expect(try fixture.number("SELECT count(*) FROM access") == 130)
            #expect(try fixture.number("SELECT count(DISTINCT request_id) FROM access") == 130)
        }
    }

    @Test func filesPutTogether_areKnownByTheirParts() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let parts = [ImportFixture.lines(0..<70), ImportFixture.lines(70..<150), ImportFixture.lines(150..<200)]
            _ = try fixture.run(parts[1], "b")
            _ = try fixture.run(parts[0], "a")
            let all = try fixture.run(parts.joined(), "all")
            #expect(all.knownLines == 150 && all.requests == 50)
            #expect(try fixture.run(parts.joined(), "all").lines == 0)
        }
    }

    @Test func logsThatBeginAlike_areDifferentLogs() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let common = ImportFixture.lines(0..<3)
            _ = try fixture.run(common + ImportFixture.lines(10..<20), "one")
            let other = try fixture.run(common + ImportFixture.lines(30..<40), "two")
            #expect(other.requests == 13 && other.knownLines == 0)
            #expect(try fixture.run(common + ImportFixture.lines(30..<40), "two").lines == 0)
            // So many lines are alike by copying only.
            _ = try fixture.run(ImportFixture.lines(100..<180), "three")
            let copied = try fixture.run(ImportFixture.lines(100..<170) + ImportFixture.lines(200..<210), "four")
            #expect(copied.knownLines == 64 && copied.requests == 16)
            #expect(try fixture.run(common + ImportFixture.lines(10..<20), "one").lines == 0)
        }
    }

    @Test func times_makeKeys_inAnyOrder() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            // Seconds that come back, each of them with more rows than a microsecond has keys.
            let seconds = (0..<1_200).map { [5, 3, 4, 5][$0 % 4] }
            let first = seconds.enumerated().map { ImportFixture.line($1, "/a\($0)") }.joined()
            let count = try fixture.run(first, "a")
            #expect(count.requests == 1_200)
            // Other rows of the same seconds.
            let second = seconds.enumerated().map { ImportFixture.line($1, "/b\($0)") }.joined()
            #expect(try fixture.run(second, "b").requests == 1_200)
            for (second, count) in [(3, 600), (4, 600), (5, 1_200)] {
                let time = "2026-03-01T12:00:0\(second).000Z"
                #expect(try fixture.number("SELECT count(*) FROM requests WHERE time = '\(time)'") == count)
                let key = DatabaseFormat.firstID(atUnixMicroseconds: ImportFixture.noonUs + Int64(second) * 1_000_000)
                let range = "id >= \(key) AND id < \(key + 1_000_000 << 8)"
                #expect(try fixture.number("SELECT count(*) FROM access WHERE \(range)") == count)
            }
            #expect(try fixture.number("SELECT max(late_us) FROM access") < 10)
            #expect(try fixture.number("SELECT max(((id >> 8) - late_us) % 1000000) FROM access") == 0)
            let sql =
                "SELECT count(*) FROM imports JOIN access ON access.id BETWEEN first_id AND last_id "
                + "AND worker = -1 AND connection = imports.id"
            #expect(try fixture.number(sql) == 2_400)
        }
    }

    @Test func linesThatCannotBeStored_areCountedAndShown() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let early = #"h - - [31/Dec/2019:23:59:59 +0000] "GET / HTTP/1.1" 200 1 "-" "-""# + "\n"
            let future = #"h - - [31/Dec/2099:23:59:59 +0000] "GET / HTTP/1.1" 200 1 "-" "-""# + "\n"
            let long = String(repeating: "x", count: LogContent.lineLimit + 10) + "\n"
            let text =
                ImportFixture.lines(0..<5) + early + "\u{1b}[31mbad\n" + future + "\n" + long
                + ImportFixture.lines(5..<7)
            let count = try fixture.run(text, "a")
            #expect(count.requests == 7 && count.earlyLines == 1 && count.futureLines == 1 && count.badLines == 3)
            #expect(count.badExamples[0].number == 7 && count.badExamples[0].description.contains("\\x1B[31mbad"))
            #expect(try fixture.run(text, "a").lines == 0)
        }
    }

    @Test func aWrongFormat_marksNothing() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let text = "\n" + ImportFixture.lines(0..<5)
            #expect { try fixture.run(text, "a", format: "caddy") } throws: { "\($0)".contains("no line of") }
            #expect { try fixture.run("what\never\n", "b") } throws: { "\($0)".contains("cannot guess") }
            let count = try fixture.run(text, "a")
            #expect(count.requests == 5)
        }
    }

    @Test func aRunningWriter_keepsTheImportOut() throws {
        try withTemporaryDirectory { directory in
            var fixture = ImportFixture(directory)
            fixture.isLocked = true
            let lock = try LogDatabaseLock(beside: fixture.database)
            let isLocked = lock.tryLock()
            #expect(isLocked)
            let log = fixture
            #expect { try log.run(ImportFixture.lines(0..<1), "a") } throws: { "\($0)".contains("--db FILE") }
        }
    }

    /// The program is killed while it imports; what it stored is whole, and the next run does the rest.
    @Test(arguments: [1, 2, 3]) func killed_itGoesOn(trial: Int) throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let path = try directory.write(ImportFixture.lines(0..<75_000), to: "access.log").string
            let running = try RunningProgram(
                "httpstats", ["import", "--db", fixture.database.string, path])
            let isStoring = TestSupport.eventually {
                let wal = try? File.status(at: FilePath(fixture.database.string + "-wal"))
                return (wal?.size ?? 0) > Int64(trial) * 1_000_000
            }
            #expect(isStoring)
            running.killAll()
            let stored = (try? fixture.number("SELECT count(*) FROM access")) ?? 0
            let rest = try fixture.run(path)
            #expect(rest.knownLines == stored && rest.requests == 75_000 - stored, "\(stored) were stored")
            #expect(try fixture.number("SELECT count(DISTINCT path) FROM requests") == 75_000)
        }
    }
}

/// A database in a folder, and logs to import.
struct ImportFixture {
    /// 2026-03-01T12:00:00Z.
    static let noonUs: Int64 = 1_772_366_400_000_000

    let directory: TemporaryDirectory
    /// Whether another writer is meant to be there.
    var isLocked = false
    var database: FilePath { directory.appending("access.db") }

    init(_ directory: TemporaryDirectory) {
        self.directory = directory
    }

    /// A line of a second after noon.
    static func line(_ second: Int, _ path: String) -> String {
        let time = String(format: "%02d:%02d:%02d", 12 + second / 3_600, second / 60 % 60, second % 60)
        return
            "10.0.0.\(second % 250) - - [01/Mar/2026:\(time) +0000] \"GET \(path)?q HTTP/1.1\" 200 12 \"-\" \"curl\"\n"
    }

    /// Lines with paths of their own, ten a second.
    static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { line($0 / 10, "/\($0)") }.joined()
    }

    func run(_ path: String, format: String? = nil) throws -> ImportCount {
        let format = try format.map { try LogFormat($0) }
        var importer: LogImporter?
        // A program that another test starts at the same moment has the lock of the last import until it runs.
        try eventually("the lock is free") {
            do {
                importer = try LogImporter(database, format: format)
            } catch let error as LogStoreError where error.reason == .otherWriter && !isLocked {
                return false
            }
            return true
        }
        return try #require(importer).run(path)
    }

    func run(_ text: String, _ name: String, format: String? = nil) throws -> ImportCount {
        try run(directory.write(text, to: name).string, format: format)
    }

    func number(_ sql: String) throws -> Int64 {
        let queue = try DatabaseQueue(path: database.string)
        defer { try? queue.close() }
        return try #require(try queue.read { try Int64.fetchOne($0, sql: sql) })
    }
}
