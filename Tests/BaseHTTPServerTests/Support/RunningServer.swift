// A real server in a thread of the test, with or without a ring for its rows.
import AccessLog
import Foundation
import LinuxSyscalls
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

/// A server that counts the turns of its loop and can be watched from the test's thread.
class ObservedServer: HTTPServer {
    final var observer = Observer()

    override func serviceActions() { observer.turned() }

    override func handleError(_ request: Connection, error: any Error) {
        observer.note("error: \(error)")
        super.handleError(request, error: error)
    }
}

/// What a server and its handlers did, for the test's thread to read.
final class Observer: Sendable {
    private let turnCount = Atomic(0)

    var turns: Int { turnCount.load(ordering: .relaxed) }

    func turned() {
        turnCount.add(1, ordering: .relaxed)
    }

    private let lines = Mutex<[String]>([])

    func note(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var notes: [String] { lines.withLock { $0 } }
}

/// A server on a port of its own.
final class RunningServer: Sendable {
    private struct State {
        var port: UInt16?
        var stopper: Stopper?
        var failure: String?
        var isOver = false
    }

    let observer = Observer()
    private let state = Mutex(State())

    /// Runs `body` with the server that `make` makes in its own thread, then stops it and waits for its end.
    static func run<Result>(
        _ make: @escaping @Sendable () throws -> ObservedServer,
        configure: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in },
        run: @escaping @Sendable (HTTPServer) throws -> Void = { try $0.serveForever() },
        _ body: (RunningServer) throws -> Result
    ) throws -> Result {
        let running = RunningServer()
        let thread = Thread {
            do {
                let server = try make()
                configure(&server.configuration)
                server.observer = running.observer
                running.state.withLock { state in
                    state.port = UInt16(server.serverPort)
                    state.stopper = server.stopper
                }
                try run(server)
            } catch {
                running.state.withLock { $0.failure = "\(error)" }
            }
            running.state.withLock { $0.isOver = true }
        }
        thread.stackSize = 8 << 20
        thread.start()
        defer {
            running.stop()
            #expect(eventually { running.isOver }, "the server does not end")
        }
        try #require(eventually { running.state.withLock { $0.port != nil || $0.isOver } })
        if let failure = running.state.withLock({ $0.failure }) { throw ServerFailed(reason: failure) }
        return try body(running)
    }

    /// As above, with a handler class.
    static func run<Result>(
        _ handler: BaseHTTPRequestHandler.Type,
        configure: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in },
        _ body: (RunningServer) throws -> Result
    ) throws -> Result {
        try run({ try ObservedServer(host: "127.0.0.1", port: 0, handler: handler) }, configure: configure, body)
    }

    var port: UInt16 { state.withLock { $0.port } ?? 0 }
    var isOver: Bool { state.withLock { $0.isOver } }

    func stop() {
        state.withLock { $0.stopper }?.stop()
    }

    func client(timeoutMs: Int = patienceMs) throws -> HTTPClient {
        try HTTPClient(port: port, timeoutMs: timeoutMs)
    }
}

struct ServerFailed: Error {
    let reason: String
}

/// What a gap record tells.
struct Gap: Equatable {
    var shed: UInt64 = 0
    var dropped: UInt64 = 0
    var lost: UInt64 = 0
    var waits: UInt64 = 0
    var waitedUs: Int64 = 0

    static func + (one: Gap, other: Gap) -> Gap {
        Gap(
            shed: one.shed + other.shed, dropped: one.dropped + other.dropped, lost: one.lost + other.lost,
            waits: one.waits + other.waits, waitedUs: one.waitedUs + other.waitedUs)
    }
}

/// A record of the log, copied.
struct Row: Equatable {
    var kind: LogRecordKind
    var requestID: UInt64
    var startUs: Int64
    var status: Int
    var outcome: LogOutcome
    var method: String
    var path: String
    var query: String
    var host: String
    var client: String
    var referer: String
    var agent: String
    var message: String
    var bytesIn: UInt64
    var bytesOut: UInt64
    var isKept: Bool
    var hasErrors: Bool
    var isUnconfirmed: Bool
    var gap: Gap?
}

/// A server that logs into a ring, and the ring's other end.
final class LoggedServer {
    let server: RunningServer
    private let reader: LogRingReader
    private let path: FilePath
    private(set) var rows: [Row] = []

    private init(_ server: RunningServer, _ reader: LogRingReader, _ path: FilePath) {
        self.server = server
        self.reader = reader
        self.path = path
    }

    static func run<Result>(
        _ handler: BaseHTTPRequestHandler.Type, entries: Int = 64, ringBytes: Int = 1 << 20,
        configure: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in },
        _ body: (LoggedServer) throws -> Result
    ) throws -> Result {
        try withTemporaryDirectory { directory in
            let database = directory.appending("access.db")
            return try RunningServer.run(
                {
                    let ring = try LogRingFile.create(
                        database: database, slotCount: 1, entriesPerSlot: entries, ringBytes: ringBytes)
                    ring.assign(slot: 0, generation: 1, startUs: Clock.realtimeUs())
                    let producer = try ring.worker(slot: 0, generation: 1, processID: 1)
                    producer.completePredecessor(startUs: Clock.realtimeUs())
                    let listeners = try Binding.listen(
                        ["127.0.0.1"], port: 0, BindingOptions(backlog: 128, reuseAddress: true))
                    return try ObservedServer(
                        listeners: listeners, name: "test", handler: handler,
                        sink: AccessLogSink(producer: producer, doorbell: -1), sharesListeners: true)
                }, configure: configure
            ) { running in
                let path = try #require(LogRingFile.files(besides: database).first)
                let ring = try LogRingFile.open(path, writable: true)
                let logged = LoggedServer(running, try ring.reader(slot: 0, storedPosition: nil), path)
                return try body(logged)
            }
        }
    }

    /// Rows of requests that have ended.
    var requests: [Row] { rows.filter { $0.kind == .request } }
    var errors: [Row] { rows.filter { $0.kind == .error } }
    /// All that gap records tell together.
    var gap: Gap { rows.compactMap(\.gap).reduce(Gap(), +) }

    /// Waits until so many requests have ended.
    func waitForRequests(_ count: Int) throws {
        let came = eventually {
            drain()
            return requests.count >= count
        }
        try #require(came, "\(requests.count) of \(count) rows came: \(rows)")
    }

    /// Whether the ring file has a text anywhere in it.
    func fileHolds(_ text: String) throws -> Bool {
        let file = try File.open(path, .readOnly)
        let bytes = try File.read(file.rawValue, at: 0, count: Int(try File.status(of: file.rawValue).size))
        let pattern = Array(text.utf8)
        return bytes.indices.contains { bytes[$0] == pattern[0] && bytes[$0...].starts(with: pattern) }
    }

    /// Reads what is published, and gives its room back unless `keep`.
    func drain(keep: Bool = false) {
        while reader.load() {
            _ = reader.drain(limit: .max, before: .max) {
                rows.append(LoggedServer.row($0))
                return true
            }
        }
        if !keep { reader.storeTail(reader.position) }
    }

    private static func row(_ record: borrowing LogRecordView) -> Row {
        func text(_ span: RawSpan) -> String { String(decoding: span.copied, as: UTF8.self) }
        return Row(
            kind: record.kind, requestID: record.requestID, startUs: record.startUs, status: record.status,
            outcome: record.outcome,
            method: text(record.method), path: text(record.path), query: text(record.query), host: text(record.host),
            client: text(record.client), referer: text(record.referer), agent: text(record.agent),
            message: text(record.message), bytesIn: record.bytesIn, bytesOut: record.bytesOut,
            isKept: record.connectionKept, hasErrors: record.hasErrors, isUnconfirmed: record.isUnconfirmed,
            gap: record.kind != .gap
                ? nil
                : Gap(
                    shed: record.shedCount, dropped: record.droppedCount, lost: record.lostCount,
                    waits: record.waitCount, waitedUs: record.waitedUs))
    }
}
