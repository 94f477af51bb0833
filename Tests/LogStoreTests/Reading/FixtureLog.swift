// An access log in a temporary folder, made of the real schema and views and of rows that a test writes by hand.
import Foundation
import GRDB
import LinuxSyscalls
import Schema
import SystemPackage

@testable public import LogStore

/// A log for one test; its folder goes with it.
final class FixtureLog {
    /// 2026-03-01T12:00:00Z, when the fixtures' requests happen.
    static let noonUs: Int64 = 1_772_366_400_000_000

    let folder: FilePath
    let queue: DatabaseQueue

    var path: FilePath { folder.appending("access.db") }

    init(schemaVersion: Int32 = DatabaseFormat.schemaVersion, applicationID: Int32 = DatabaseFormat.applicationID)
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("LogStoreTests-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = FilePath(folder.path)
        queue = try DatabaseQueue(path: folder.appendingPathComponent("access.db").path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: SQL.schema1)
            try database.execute(sql: SQL.views1)
            if schemaVersion > 1 { try database.execute(sql: SQL.schema2 + SQL.views2) }
            if schemaVersion > 2 {
                try database.execute(sql: SQL.schema3 + SQL.views3 + SQL.schema3Import)
            }
            if schemaVersion > 3 { try database.execute(sql: LogDatabase.migrations[3] + SQL.access4) }
            try database.execute(sql: "PRAGMA journal_mode = wal")
            try database.execute(sql: "PRAGMA synchronous = off")
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(schemaVersion)")
        }
    }

    deinit {
        // A folder that stays behind is only untidy.
        try? queue.close()
        try? FileManager.default.removeItem(atPath: folder.string)
    }

    func insert(_ rows: (any PersistableRecord)...) throws {
        try insert(rows)
    }

    func insert(_ rows: [any PersistableRecord]) throws {
        try queue.write { try Self.insert(rows, into: $0) }
    }

    /// Inserts rows in the form that the tables have.
    static func insert(_ rows: [any PersistableRecord], into database: Database) throws {
        let isPacked = try AccessForm(database).isPacked
        for row in rows {
            if isPacked, let access = row as? Access {
                try PackedAccess(access: access).insert(database)
            } else {
                try row.insert(database)
            }
        }
    }

    /// Leaves the log as a stopped server does: nobody has it open, and everything is in the one file.
    func close() throws {
        try queue.close()
    }

    /// The names of the files in the folder.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted() }
    }

    func reader() throws -> LogReader {
        try LogReader(path: path)
    }
}

/// A row of `access`; only what a test is about has to be said.
struct Access: PersistableRecord {
    static let databaseTableName = "access"

    /// Seconds after noon; they make the key.
    var at: Double = 0
    var tie: Int64 = 0
    var requestID: Int64 = 1
    var worker = 0
    var method: String? = "GET"
    var status: Int? = 200
    var outcome = 0
    var httpVersion: Int? = 11
    var host: (any DatabaseValueConvertible)?
    var path: (any DatabaseValueConvertible)? = "/"
    var query: String?
    var client: (any DatabaseValueConvertible)? = "127.0.0.1"
    var referer: (any DatabaseValueConvertible)?
    var agent: (any DatabaseValueConvertible)?
    var bytesIn: Int64 = 100
    var bytesOut: Int64 = 1000
    var durationUs: Int64 = 500
    var firstByteUs: Int64?
    var lateUs: Int64 = 0
    var flags = 0
    var signal: Int?

    var id: Int64 { DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs + Int64(at * 1e6)) + tie }

    func encode(to container: inout PersistenceContainer) {
        container["id"] = id
        container["request_id"] = requestID
        container["worker"] = worker
        container["connection"] = 1
        container["method"] = method
        container["status"] = status
        container["outcome"] = outcome
        container["protocol"] = httpVersion
        container["host"] = host
        container["path"] = path
        container["query"] = query
        container["client"] = client
        container["referer"] = referer
        container["agent"] = agent
        container["bytes_in"] = bytesIn
        container["bytes_out"] = bytesOut
        container["duration_us"] = durationUs
        container["ttfb_us"] = firstByteUs
        container["late_us"] = lateUs
        container["flags"] = flags
        container["signal"] = signal
    }
}

/// The same for a table of schema 4.
private struct PackedAccess: PersistableRecord {
    static let databaseTableName = "access"

    let access: Access

    func encode(to container: inout PersistenceContainer) {
        let facts = AccessFacts(
            status: Int64(access.status ?? 0), outcome: Int64(access.outcome),
            protocolNumber: Int64(access.httpVersion ?? 0), flags: Int64(access.flags), worker: Int64(access.worker),
            signal: Int64(access.signal ?? 0))
        container["id"] = access.id
        container["facts"] = facts.word
        container["connection"] = 1
        container["host"] = access.host
        container["path"] = access.path
        container["query"] = access.query
        container["client"] = access.client
        container["referer"] = access.referer
        container["agent"] = access.agent
        let method = Array((access.method ?? "").utf8)
        let unknown = method.isEmpty ? MethodNumbers.none : MethodNumbers.other
        let number = MethodNumbers.number(of: method.span.raw) ?? unknown
        container["received"] = access.bytesIn << 4 | number
        container["bytes_out"] = access.bytesOut
        container["duration_us"] = access.durationUs
        let rest = RequestRest(
            sendingUs: access.firstByteUs.map { access.durationUs - $0 }, lateUs: access.lateUs,
            givenID: access.requestID)
        let text = rest.json(method: number == MethodNumbers.other ? method : [])
        container["rest"] = String(decoding: text, as: UTF8.self)
    }
}

/// A row of `error`.
struct Message: PersistableRecord {
    static let databaseTableName = "error"
    var at: Double = 0
    var requestID: Int64?
    var worker: Int?
    var level = 3
    var message: any DatabaseValueConvertible = "it broke"

    func encode(to container: inout PersistenceContainer) {
        container["id"] = DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs + Int64(at * 1e6))
        container["request_id"] = requestID
        container["worker"] = worker
        container["level"] = level
        container["message"] = message
        container["late_us"] = 0
    }
}

/// A row of `worker_run`; times are seconds after noon.
struct WorkerRun: PersistableRecord {
    static let databaseTableName = "worker_run"
    var role = "worker"
    var slot = 0
    var generation = 1
    var pid = 100
    var started: Double = 0
    var ended: Double?
    var reason: String?
    var signal: Int?
    var requests = 0

    func encode(to container: inout PersistenceContainer) {
        container["source"] = 1
        container["role"] = role
        container["slot"] = slot
        container["generation"] = generation
        container["pid"] = pid
        container["started_us"] = FixtureLog.noonUs + Int64(started * 1e6)
        container["ended_us"] = ended.map { FixtureLog.noonUs + Int64($0 * 1e6) }
        container["reason"] = reason
        container["signal"] = signal
        container["requests"] = requests
    }
}

/// A path in its dictionary.
struct Path: Encodable, PersistableRecord {
    static let databaseTableName = "path"
    let id: Int64
    let value: String
}

/// A client in its dictionary.
struct Client: Encodable, PersistableRecord {
    static let databaseTableName = "client"
    let id: Int64
    let value: String
}

/// A message in its dictionary.
struct MessageText: Encodable, PersistableRecord {
    static let databaseTableName = "message"
    let id: Int64
    let value: String
}

/// What a test expects in a row, without the noise of cases.
extension ReportValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral,
    ExpressibleByFloatLiteral
{
    /// For expectations.
    public init(stringLiteral value: String) { self = .text(Array(value.utf8)) }
    /// For expectations.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// For expectations.
    public init(floatLiteral value: Double) { self = .real(value) }
    /// For expectations.
    public init(nilLiteral: ()) { self = .null }
}

extension ReportPanel {
    /// The values of a column.
    subscript(_ column: String) -> [ReportValue] {
        guard let index = columns.firstIndex(where: { $0.name == column }) else { return [] }
        return rows.map { $0[index] }
    }
}

extension Report {
    /// The panel of a name.
    subscript(_ panel: String) -> ReportPanel {
        panels.first { $0.name == panel } ?? ReportPanel("missing", columns: [])
    }
}
