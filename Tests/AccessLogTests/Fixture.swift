// What the tests of ring files share: a temporary folder, requests, records as plain values.
import AccessLog
import Foundation
import LinuxSyscalls
import SystemPackage

/// A folder of its own for one test, removed with its files when the test lets go of it.
final class TemporaryFolder {
    let path: FilePath

    init() throws {
        let name = "accesslog-" + String(try Random.bits64(), radix: 36)
        path = FilePath(CurrentProcess.environment("TMPDIR") ?? "/tmp").appending(name)
        try File.makeDirectories(path, permissions: .ownerReadWriteExecute)
    }

    var database: FilePath { path.appending("access.db") }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }
}

/// The texts of a request, owned.
struct Texts {
    var client = "192.0.2.7"
    var method = "GET"
    var target = "/a/b?c=d"
    var host = "example.org"
    var referer = "http://example.org/"
    var agent = "test/1"

    /// Hands the texts to a call.
    func with<Result>(_ body: (borrowing LogTexts) throws -> Result) rethrows -> Result {
        let client = Array(self.client.utf8)
        let method = Array(self.method.utf8)
        let target = Array(self.target.utf8)
        let host = Array(self.host.utf8)
        let referer = Array(self.referer.utf8)
        let agent = Array(self.agent.utf8)
        return try body(
            LogTexts(
                client: client.span.raw, method: method.span.raw, target: target.span.raw, host: host.span.raw,
                referer: referer.span.raw, agent: agent.span.raw))
    }
}

/// One ring file with one worker and its reader, in one process.
final class Fixture {
    let folder: TemporaryFolder
    let file: LogRingFile
    let producer: LogProducer
    let reader: LogRingReader

    init(entries: Int = 8, ringBytes: Int = 4096) throws {
        folder = try TemporaryFolder()
        file = try LogRingFile.create(
            database: folder.database, slotCount: 2, entriesPerSlot: entries, ringBytes: ringBytes)
        file.assign(slot: 0, generation: 1, startUs: 1)
        producer = try file.worker(slot: 0, generation: 1, processID: 42)
        reader = try file.reader(slot: 0, storedPosition: nil)
        producer.completePredecessor(startUs: 1)
        _ = drain()
    }

    static let answer = LogAnswer(
        status: 200, bytesIn: 321, bytesOut: 654, durationUs: 7, ttfbUs: 5, connectionKept: true, hasErrors: false)

    func begin(_ id: UInt64, _ texts: Texts = Texts()) -> LogTicket? {
        texts.with {
            producer.begin(
                LogStart(requestID: id, connection: 9, protocolNumber: 11, startUs: 1_000, startMonotonicNs: 5),
                texts: $0)
        }
    }

    func finish(_ ticket: LogTicket, _ texts: Texts = Texts()) {
        texts.with { producer.finish(ticket, texts: $0, answer: Self.answer) }
    }

    /// A request from begin to settle; false when it could not begin.
    func serve(_ id: UInt64, _ texts: Texts = Texts()) -> Bool {
        guard let ticket = begin(id, texts) else { return false }
        finish(ticket, texts)
        producer.confirm(ticket, durationUs: 70, ttfbUs: 50, bytesOut: 660)
        producer.settle()
        return true
    }

    func say(_ message: String, requestID: UInt64 = 0) -> Bool {
        producer.appendError(
            requestID: requestID, timeUs: 2_000, client: Array("c".utf8).span.raw,
            message: Array(message.utf8).span.raw)
    }

    /// Everything that waits, given back to the worker.
    func drain() -> [Row] {
        let rows = Row.all(reader)
        reader.storeTail(reader.position)
        return rows
    }
}

/// A record, copied.
struct Row: Equatable {
    var kind: LogRecordKind
    var position: UInt64
    var requestID: UInt64
    var worker: Int
    var connection: UInt64
    var status: Int
    var outcome: LogOutcome
    var protocolNumber: Int
    var level: LogLevel
    var signal: Int
    var flags: [Bool]
    var startUs: Int64
    var completedUs: Int64
    var durationUs: Int64
    var ttfbUs: Int64?
    var bytesIn: UInt64
    var bytesOut: UInt64
    var texts: [String]
    var hasQuery: Bool
    var end: LogWorkerEnd

    init(_ record: borrowing LogRecordView) {
        kind = record.kind
        position = record.position
        requestID = record.requestID
        worker = record.worker
        connection = record.connection
        status = record.status
        outcome = record.outcome
        protocolNumber = record.protocolNumber
        level = record.level
        signal = record.signal
        flags = [record.hasErrors, record.connectionKept, record.isUnconfirmed]
        startUs = record.startUs
        completedUs = record.completedUs
        durationUs = record.durationUs
        ttfbUs = record.ttfbUs
        bytesIn = record.bytesIn
        bytesOut = record.bytesOut
        texts = [
            Self.text(record.client), Self.text(record.method), Self.text(record.path), Self.text(record.query),
            Self.text(record.host), Self.text(record.referer), Self.text(record.agent), Self.text(record.message),
        ]
        hasQuery = record.hasQuery
        end = record.end
    }

    static func text(_ bytes: RawSpan) -> String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    static func all(_ reader: LogRingReader) -> [Row] {
        var rows: [Row] = []
        while reader.load() {
            _ = reader.drain(limit: 3, before: .max) {
                rows.append(Row($0))
                return true
            }
        }
        return rows
    }
}
