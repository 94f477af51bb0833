// What the tests of the writing half share: a temporary folder with a database and a ring, and a worker to fill it.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

/// A folder with one process tree's ring file beside a database that need not exist yet. Removed when the test lets go
/// of it.
final class LogFixture {
    let folder: FilePath
    let database: FilePath
    let ring: LogRingFile
    private var producers: [Int: LogProducer] = [:]
    private var nextRequest: UInt64 = 1

    init(slots: Int = 4, ringBytes: Int = 1 << 16) throws {
        folder = try Self.makeFolder()
        database = folder.appending("access.db")
        ring = try LogRingFile.create(database: database, slotCount: slots, entriesPerSlot: 8, ringBytes: ringBytes)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder.string)
    }

    static func makeFolder() throws -> FilePath {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("logstore-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return FilePath(folder.path)
    }

    var configuration: LogWriterConfiguration {
        var configuration = LogWriterConfiguration(database: database)
        configuration.gatherMs = 1
        configuration.settlingMs = 0
        return configuration
    }

    /// The worker of a slot in its first life.
    func producer(_ slot: Int) throws -> LogProducer {
        if let producer = producers[slot] { return producer }
        ring.assign(slot: slot, generation: 1, startUs: Clock.realtimeUs())
        let producer = try ring.worker(slot: slot, generation: 1, processID: Int32(1000 + slot))
        producer.completePredecessor(startUs: Clock.realtimeUs())
        producers[slot] = producer
        return producer
    }

    func forgetProducers() {
        producers = [:]
    }

    /// Publishes one request; answers its number, nil when the ring is full.
    @discardableResult
    func request(
        _ slot: Int = 0, target: [UInt8] = Array("/a?b=c".utf8), agent: [UInt8] = Array("curl".utf8),
        client: String = "127.0.0.1", startUs: Int64 = Clock.realtimeUs(), durationUs: Int64 = 5, status: UInt16 = 200
    ) throws -> UInt64? {
        guard let ticket = try begin(slot, target: target, agent: agent, startUs: startUs) else { return nil }
        let producer = try producer(slot)
        let texts = Texts(client: Array(client.utf8), target: target, agent: agent)
        let answer = LogAnswer(
            status: status, bytesIn: 100, bytesOut: 200, durationUs: durationUs, ttfbUs: 3, connectionKept: true,
            hasErrors: false)
        texts.lend { producer.finish(ticket, texts: $0, answer: answer) }
        producer.confirm(ticket, durationUs: durationUs, ttfbUs: 3, bytesOut: 200)
        producer.settle()
        return nextRequest - 1
    }

    /// Begins a request and leaves it so.
    func begin(
        _ slot: Int = 0, target: [UInt8] = Array("/a?b=c".utf8), agent: [UInt8] = Array("curl".utf8),
        startUs: Int64 = Clock.realtimeUs()
    ) throws -> LogTicket? {
        let producer = try producer(slot)
        let start = LogStart(
            requestID: nextRequest, connection: 7, protocolNumber: 11, startUs: startUs,
            startMonotonicNs: Clock.monotonicNs())
        let texts = Texts(target: target, agent: agent)
        guard let ticket = texts.lend({ producer.begin(start, texts: $0) }) else { return nil }
        nextRequest += 1
        return ticket
    }

    /// Rows that a query answers, read by a connection of their own.
    func rows(_ sql: String) throws -> [Row] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: database.string, configuration: configuration)
        defer { try? queue.close() }
        return try queue.inDatabase { try Row.fetchAll($0, sql: sql) }
    }

    func number(_ sql: String) throws -> Int64 {
        try #require(try rows(sql).first?[0] as Int64?)
    }

    /// Another program with the database open for writing.
    func stranger() throws -> DatabaseQueue {
        try DatabaseQueue(path: database.string)
    }

    /// Copies everything that waits.
    func drainAll(_ copier: LogCopier) throws {
        while copier.hasMore {
            _ = try copier.copy()
            try #require(!copier.isFailing, "\(copier.lastError.map(\.description) ?? "")")
        }
    }

    /// A writer in its own right, as after a start.
    func makeCopier() throws -> (LogCopier, RingKeeper) {
        let copier = try LogCopier(configuration)
        return (copier, try RingKeeper(copier, own: ring, database: database))
    }

    /// The numbers of the requests that were published must be in the database, each once.
    func expectEachOnce(_ published: [UInt64], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let stored = try rows("SELECT request_id FROM access ORDER BY request_id").map { UInt64($0[0] as Int64) }
        #expect(stored == published.sorted(), sourceLocation: sourceLocation)
    }
}

/// The texts of a request, lent out for a call.
struct Texts {
    var client = Array("127.0.0.1".utf8)
    var method = Array("GET".utf8)
    var target: [UInt8]
    var host = Array("localhost:8000".utf8)
    var referer: [UInt8] = []
    var agent: [UInt8]

    func lend<Result>(_ body: (borrowing LogTexts) -> Result) -> Result {
        body(
            LogTexts(
                client: client.span.raw, method: method.span.raw, target: target.span.raw,
                host: host.span.raw, referer: referer.span.raw, agent: agent.span.raw))
    }
}

/// Waits until something is so, and else fails.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) rethrows {
    if try TestSupport.eventually(condition) { return }
    Issue.record("not in time: \(what)", sourceLocation: sourceLocation)
}
