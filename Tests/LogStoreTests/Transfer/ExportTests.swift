// What leaves the log is what is in it, and a shipment that is killed anywhere delivers each row once.
import Foundation
import GRDB
import LinuxSyscalls
import LogLines
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite(.keepingEvidence) struct ExportTests {
    @Test(arguments: [ExportFormat.combined, .ndjson])
    func whatIsExported_canBeImported(format: ExportFormat) throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            try log.insert(Path(id: 1, value: "/a \"b\"\\\u{1b}"), Path(id: 2, value: "/ä"))
            try log.insert(
                Access(path: 1, query: "x=\u{1}"), Access(at: 1, method: nil, status: nil, outcome: 1, path: nil),
                Access(at: 2, host: "h", path: 2, referer: "r\u{7f}", agent: "a\tb", durationUs: 1_250, firstByteUs: 7))
            let exporter = LogExporter(try log.reader(), format: format, source: "web1")
            let path = directory.appending("out")
            #expect(try exporter.run(exporter.range(.all), to: OutputFile(path)) == 3)
            let fixture = ImportFixture(directory)
            #expect(try fixture.run(path.string).requests == 3)
            let names =
                "time, client, method, path, query, status, bytes_out, referer, agent"
                + (format == .ndjson ? ", outcome, host, duration_ms, ttfb_ms, bytes_in, protocol" : "")
            let sql = "SELECT \(names) FROM requests ORDER BY id"
            let stored = try DatabaseQueue(path: fixture.database.string).read { try Row.fetchAll($0, sql: sql) }
            let original = try log.queue.read { try Row.fetchAll($0, sql: sql) }
            if format == .combined {
                // Whole seconds; a request without a method has neither path nor protocol.
                #expect(stored.map { $0["path"] as String? } == original.map { $0["path"] as String? })
                #expect(stored.map { $0["agent"] as String? } == original.map { $0["agent"] as String? })
            } else {
                #expect(stored == original)
            }
        }
    }

    @Test func csvAndSpans() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            try log.insert((0..<10).map { Access(at: Double($0), path: "=1+\($0)") })
            let exporter = LogExporter(try log.reader(), format: .csv, source: "s")
            var text: [UInt8] = []
            let span = TimeSpan(
                sinceUs: FixtureLog.noonUs + 2_000_000, untilUs: FixtureLog.noonUs + 4_000_000)
            let count = try exporter.run(exporter.range(span)) { bytes in
                text += bytes
                return true
            }
            #expect(count == 2)
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 3 && lines[0].hasPrefix("id,time,request_id,") && lines[0].hasSuffix(",source"))
            #expect(lines[1].contains("\"'=1+2\"") && lines[1].hasSuffix(",s"))
            #expect(try exporter.run(exporter.range(.all)) { _ in false } == nil, "nobody reads")
        }
    }

    /// Every place between two steps where a run can end, and rows that come in between.
    @Test(arguments: 0..<4) func aShipmentThatIsKilled_isMadeAgain(stepsDone: Int) throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            let cursor = directory.appending("cursor")
            let outbox = directory.appending("outbox")
            try File.makeDirectories(outbox, permissions: .ownerReadWriteExecute)
            func shipment() throws -> LogShipment {
                try LogShipment(try log.reader(), format: .ndjson, source: "web-1", cursor: cursor)
            }
            try log.insert((0..<10).map { Access(at: Double($0)) })
            #expect(try shipment().run(to: .directory(outbox)).rows == 10)
            try log.insert((10..<20).map { Access(at: Double($0)) })
            try {
                let killed = try shipment()
                let target = ShipmentTarget.directory(outbox)
                if stepsDone > 0 { _ = try #require(try killed.plan(to: target)) }
                if stepsDone > 1, let range = try killed.plan(to: target) {
                    _ = try killed.deliver(range, to: target)
                }
                if stepsDone > 2 { try killed.settle() }
            }()
            let before = try directory.names(in: "outbox").map { try directory.read("outbox/\($0)") }
            try log.insert((20..<30).map { Access(at: Double($0)) })
            for _ in 0..<3 { _ = try shipment().run(to: .directory(outbox)) }
            let files = try directory.names(in: "outbox").map { try directory.read("outbox/\($0)") }
            #expect(before.allSatisfy { files.contains($0) }, "what was named once stays as it is")
            let lines = files.flatMap { $0.split(separator: 10) }
            #expect(lines.count == 30 && Set(lines).count == 30)
            #expect(try shipment().run(to: .directory(outbox)) == ShipmentResult(rows: 0, path: nil, isWhole: true))
        }
    }

    @Test func aReaderThatGoesAway_getsTheShipmentAgain() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            try log.insert((0..<10).map { Access(at: Double($0)) })
            let cursor = directory.appending("cursor")
            func ship(_ isRead: Bool) throws -> ShipmentResult {
                try LogShipment(try log.reader(), format: .csv, source: "s", cursor: cursor).run(
                    to: .stream { _ in isRead })
            }
            #expect(try ship(false).isWhole == false)
            #expect(try ship(true).rows == 10)
            #expect(try ship(true).rows == 0)
        }
    }

    @Test func oneShipmentAtATime_andNoOtherFile() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            let cursor = directory.appending("cursor")
            let first = try LogShipment(try log.reader(), format: .csv, source: "s", cursor: cursor)
            #expect {
                _ = try LogShipment(try log.reader(), format: .csv, source: "s", cursor: cursor)
            } throws: { error in
                "\(error)".contains("another export")
            }
            withExtendedLifetime(first) {}
            try directory.write("#!/bin/sh\n", to: "script")
            #expect {
                _ = try ExportCursor(reading: directory.appending("script"))
            } throws: { error in
                "\(error)".contains("no cursor")
            }
        }
    }

    @Test func imports_areShippedWhateverTheirTime() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            let (cursor, output) = (directory.appending("cursor"), directory.appending("out"))
            func ship() throws -> Int {
                try LogShipment(
                    try LogReader(path: fixture.database), format: .ndjson, source: "s", cursor: cursor
                ).run(to: .file(output)).rows
            }
            _ = try fixture.run(ImportFixture.lines(5_000..<5_100), "new")
            #expect(try ship() == 100)
            // Older than all that was shipped; then some of the same second.
            _ = try fixture.run(ImportFixture.lines(0..<50), "old")
            #expect(try ship() == 50)
            _ = try fixture.run(ImportFixture.lines(5_050..<5_150), "other")
            #expect(try ship() == 100)
            #expect(try ship() == 0)
        }
    }

    @Test func keysThatBeginAgain_areFollowed() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            let cursor = directory.appending("cursor")
            func ship() throws -> Int {
                try LogShipment(try log.reader(), format: .csv, source: "s", cursor: cursor)
                    .run(to: .stream { _ in true }).rows
            }
            try log.insert((0..<10).map { Access(at: Double($0) * 3_600) })
            #expect(try ship() == 10)
            // The clock went back by an hour and a half: one row of before lies behind the new ones.
            let start = Access(at: 7.5 * 3_600)
            try log.insert([start, Access(at: 7.6 * 3_600)])
            try log.queue.write { database in
                try database.execute(
                    sql: "INSERT INTO meta VALUES ('epoch', 1), ('epoch_id', ?), ('last_id', ?)",
                    arguments: [start.id, Access(at: 7.6 * 3_600).id])
            }
            #expect(try ship() == 4, "two that are new, and two of before behind the first of them")
            #expect(try ship() == 0)
        }
    }

    @Test func keysThatBeganAgainTwice_loseNoRow() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            let cursor = directory.appending("cursor")
            func ship() throws -> Int {
                try LogShipment(try log.reader(), format: .csv, source: "s", cursor: cursor)
                    .run(to: .stream { _ in true }).rows
            }
            try log.insert(Access(at: 36_000))
            #expect(try ship() == 1)
            // The second epoch began at 5, the third at 7; where the second did is not known any more.
            try log.insert([5, 6, 7, 8].map { Access(at: $0 * 3_600) })
            try log.queue.write { database in
                try database.execute(
                    sql: "INSERT INTO meta VALUES ('epoch', 2), ('epoch_id', ?), ('last_id', ?)",
                    arguments: [Access(at: 7 * 3_600).id, Access(at: 8 * 3_600).id])
            }
            #expect(try ship() == 5, "four that are new; one more leaves again")
            #expect(try ship() == 0)
        }
    }

    @Test func aCursor_isOfOneLog() throws {
        try withTemporaryDirectory { directory in
            let logs = [try FixtureLog(), try FixtureLog()]
            for log in logs { try log.insert(Access(at: 0)) }
            func ship(_ log: FixtureLog) throws -> Int {
                try LogShipment(
                    try log.reader(), format: .csv, source: "s", cursor: directory.appending("cursor")
                ).run(to: .stream { _ in true }).rows
            }
            #expect(try ship(logs[0]) == 1)
            #expect { _ = try ship(logs[1]) } throws: { "\($0)".contains("is of another log") }
            #expect(try ship(logs[0]) == 0)
        }
    }

    /// What was interrupted may be delivered already: under another name it would arrive twice.
    @Test func aShipmentThatIsMadeAgain_keepsItsName() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            let target = ShipmentTarget.directory(directory.path)
            func shipment(_ format: ExportFormat) throws -> LogShipment {
                try LogShipment(try log.reader(), format: format, source: ".s", cursor: directory.appending("cursor"))
            }
            try log.insert(Access(at: 0))
            try {
                let killed = try shipment(.csv)
                let range = try #require(try killed.plan(to: target))
                #expect(try killed.deliver(range, to: target).path == directory.appending("_s-0-0-0.csv"))
            }()
            #expect { _ = try shipment(.ndjson).run(to: target) } throws: { "\($0)".contains("as _s-0-0-0.csv") }
            #expect(try shipment(.csv).run(to: target).rows == 1)
            try log.insert(Access(at: 1))
            #expect(try shipment(.ndjson).run(to: target).rows == 1)
        }
    }

    @Test func twoLogsOfOneSource_loseNoFile() throws {
        try withTemporaryDirectory { directory in
            let logs = [try FixtureLog(), try FixtureLog()]
            func ship(_ number: Int, _ source: String) throws -> ShipmentResult {
                try LogShipment(
                    try logs[number].reader(), format: .csv, source: source, cursor: directory.appending("\(number)")
                ).run(to: .directory(directory.path))
            }
            for log in logs { try log.insert(Access(at: 0)) }
            #expect(try ship(0, "s").rows == 1)
            #expect { _ = try ship(1, "s") } throws: { "\($0)".contains("--source") }
            #expect(try ship(1, "t").rows == 1)
        }
    }

    @Test func withoutRows_thereIsNoFile() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            try log.insert(Access(at: 0))
            try File.makeDirectories(directory.appending("outbox"), permissions: .ownerReadWriteExecute)
            var filter = RequestFilter()
            try filter.add(.status, "5xx")
            let failed = filter
            func ship() throws -> ShipmentResult {
                try LogShipment(
                    try log.reader(), format: .csv, source: "s", filter: failed, cursor: directory.appending("cursor")
                ).run(to: .directory(directory.appending("outbox")))
            }
            #expect(try ship() == ShipmentResult(rows: 0, path: nil, isWhole: true))
            #expect(try directory.names(in: "outbox") == [])
            try log.insert(Access(at: 1, status: 500))
            #expect(try ship().rows == 1)
        }
    }

    /// The program is killed at any moment of a run; at the end each row is in the outbox once.
    @Test func killedByRandomSignals_shipsEachRowOnce() throws {
        try withTemporaryDirectory { directory in
            let fixture = ImportFixture(directory)
            try File.makeDirectories(directory.appending("outbox"), permissions: .ownerReadWriteExecute)
            let arguments = [
                "export", "--db", fixture.database.string, "--format", "ndjson", "--source", "s", "--since-cursor",
                directory.appending("cursor").string, "-o", directory.appending("outbox").string,
            ]
            let clock = ContinuousClock()
            let pause = try EventPoll(capacity: 1)
            // How long a run takes here and now, so that the moments lie all over it, and some behind it.
            var longest: Duration = .milliseconds(20)
            var (rows, killed) = (0, 0)
            for trial in 0..<100 {
                if trial % 5 == 0 {
                    _ = try fixture.run(ImportFixture.lines(rows..<rows + 200), "log-\(trial)")
                    rows += 200
                }
                let start = clock.now
                let running = try RunningProgram("httpstats", arguments)
                if trial % 10 == 9 {
                    #expect(try running.waitForEnd() == .exited(status: 0))
                    longest = clock.now - start
                } else {
                    _ = try pause.wait(timeoutMs: CInt(longest / .milliseconds(1) * .random(in: 0...1.2)))
                    if try running.collect() == nil { killed += 1 }
                    running.killAll()
                }
            }
            #expect(try RunningProgram.run("httpstats", arguments).end == .exited(status: 0))
            #expect(killed > 20, "of 90")
            let files = try directory.names(in: "outbox").filter { !$0.hasPrefix(".") }
            let lines = try files.flatMap { try directory.read("outbox/\($0)").split(separator: 10) }
            #expect(lines.count == rows && Set(lines).count == rows, "\(files)")
        }
    }
}
