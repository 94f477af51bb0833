// The requests of several logs leave as those of one, in their order, each with its source.
import GRDB
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite struct FleetExportTests {
    private func lines(
        _ logs: [(FixtureLog, String)], span: TimeSpan = .all, path: String? = nil
    ) throws -> [[Substring]] {
        var filter = RequestFilter()
        if let path { try filter.add(.path, path) }
        let exporter = FleetExporter(try logs.map { (try $0.0.reader(), $0.1) }, format: .csv, filter: filter)
        var text: [UInt8] = []
        let count = try exporter.run(span) { bytes in
            text += bytes
            return true
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst()
        #expect(lines.count == count)
        return lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }

    @Test func severalLogs_leaveInTheOrderOfTime_eachRowWithItsSource() throws {
        let (one, other, empty) = (try FixtureLog(), try FixtureLog(), try FixtureLog())
        // More than is read at once, some of one log alone, and keys that both have.
        try one.insert((0..<12_000).map { Access(at: Double($0), path: $0 % 2 == 0 ? "/even" : "/odd") })
        try other.insert((0..<6_000).map { Access(at: Double($0) * 1.5, requestID: 2, path: "/other") })
        let logs = [(one, "web1"), (other, "web2"), (empty, "web3")]
        let rows = try lines(logs)
        #expect(rows.count == 18_000)
        let keys = rows.compactMap { Int64($0[0]) }
        #expect(keys.count == rows.count && zip(keys, keys.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(rows.count { $0.last == "web2" } == 6_000 && rows.count { $0.last == "web1" } == 12_000)
        #expect(rows.allSatisfy { ($0.last == "web2") == $0.contains("/other") })
        #expect(try lines(logs, path: "/even").count == 6_000)
        // Nothing of what is read at first meets the condition.
        try one.insert(Access(at: 12_000, path: "/last"))
        #expect(try lines(logs, path: "/last").count == 1)
        let noonUs = FixtureLog.noonUs
        let span = TimeSpan(sinceUs: noonUs + 3_000_000, untilUs: noonUs + 6_000_000)
        #expect(try lines(logs, span: span).map { String($0.last ?? "") } == ["web1", "web2", "web1", "web2", "web1"])
        #expect(try lines([(empty, "web3")]).isEmpty)
    }

    @Test func export_thatNobodyReads_ends() throws {
        let log = try FixtureLog()
        try log.insert((0..<20_000).map { Access(at: Double($0)) })
        let exporter = FleetExporter([(try log.reader(), "s")], format: .ndjson, filter: RequestFilter())
        var writes = 0
        let rows = try exporter.run(.all) { _ in
            writes += 1
            return false
        }
        #expect(rows == nil && writes == 1)
    }

    @Test func file_isThereWhenItIsWhole() throws {
        try withTemporaryDirectory { directory in
            let log = try FixtureLog()
            try log.insert(Access(at: 1), Access(at: 2))
            let path = directory.appending("out.parquet")
            let exporter = FleetExporter([(try log.reader(), "s")], format: .parquet, filter: RequestFilter())
            #expect(try exporter.run(TimeSpan(untilUs: 1), to: OutputFile(path)) == 0)
            #expect(throws: Errno.noSuchFileOrDirectory) { try File.status(at: path) }
            #expect(try exporter.run(.all, to: OutputFile(path)) == 2)
            #expect(try File.status(at: path).size > 0)
        }
    }
}
