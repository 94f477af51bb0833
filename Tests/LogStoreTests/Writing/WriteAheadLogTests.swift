// The -wal stays bounded while two other processes read without pause, one always before the other has ended.
//
// No single query of theirs lasts as long as commits pause for them, 1 s: behind longer ones the -wal grows, and a row
// says so.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite(.serialized) struct WriteAheadLogTests {
    /// 300 MB of rows, written as fast as the writer can.
    private static let rows = 100_000

    /// 64 MiB from which on commits pause, 32 MiB until the next look at it, and the largest batch.
    private static let boundBytes: Int64 = (64 + 32 + 32) << 20

    @Test func staysBoundedBehindTwoProcessesThatReadWithoutPause() throws {
        let fixture = try LogFixture(ringBytes: 16 << 20)
        let writer = try RunningWriter(fixture).ready()
        try fixture.request()
        writer.doorbell.signal()
        try eventually("the first row") { try fixture.number("SELECT count(*) FROM access") == 1 }
        let httpstats = RunningProgram.productsDirectory.appending("httpstats")
        let loop = """
            sql="SELECT sum(length(query)) FROM (SELECT query FROM access LIMIT 8000)"
            while "$0" query "$sql" --db "$1"; do :; done
            """
        let readers = try (0..<2).map { _ in
            try RunningProgram("/bin/sh", ["-c", loop, httpstats.string, fixture.database.string])
        }
        defer { for reader in readers { reader.killAll() } }
        let wal = FilePath("\(fixture.database)-wal")
        let filler = [UInt8](repeating: 65, count: 3_000)
        var largest: Int64 = 0
        var written = 1
        let started = Clock.monotonicNs()
        while written < Self.rows {
            if try fixture.request(target: Array("/?\(written)".utf8) + filler) != nil {
                written += 1
            } else {
                // The ring is full: the writer is at work, or pauses.
                _ = eventually(timeoutMs: 10) { false }
            }
            if written % 100 == 0 {
                try fixture.producer(0).wakeWriterIfSleeping(doorbell: writer.doorbell.rawValue)
                largest = max(largest, (try? File.status(at: wal).size) ?? 0)
            }
        }
        try writer.stop()
        let elapsedMs = (Clock.monotonicNs() - started) / 1_000_000
        let reads = readers.map { $0.standardOutput.split(separator: "\n").count }
        print(
            "\(written) rows in \(elapsedMs) ms behind \(reads) lines read: the -wal had \(largest >> 20) MiB at most")
        #expect(largest < Self.boundBytes)
        #expect(largest > 32 << 20, "else the limit was not put to the test")
        #expect(reads.allSatisfy { $0 > 2 }, "\(readers.map(\.standardError))")
        #expect(try fixture.number("SELECT count(*) FROM access") == Int64(written))
    }
}
