// What the workers do now: read from the shared memory beside the database, so it works when the server hangs or is
// dead.
public import AccessLog
import Foundation
import LinuxSyscalls
public import SystemPackage

/// The report `ps`.
public enum LiveReport {
    /// Reads the ring files beside a database; the database itself is not opened and need not be there.
    ///
    /// - Parameter database: The database file.
    /// - Returns: A panel of workers and one of the requests that they have begun; empty when no server has, or had,
    ///   the log open.
    /// - Throws: ``LogReadError`` when a ring file cannot be read.
    public static func report(database: FilePath) throws -> Report {
        var workers: [[ReportValue]] = []
        var requests: [[ReportValue]] = []
        for tree in try trees(database: database) {
            workers += tree.slots.map { LiveRows.worker($0, in: tree) }
            requests += tree.requests.map { LiveRows.request($0, in: tree) }
        }
        return Report(
            name: "ps", span: .all, generatedAtUs: WallClock.nowUs(),
            panels: [
                ReportPanel("workers", columns: LiveRows.workerColumns, rows: workers, key: "pid"),
                ReportPanel("requests", columns: LiveRows.requestColumns, rows: requests, key: "request_id"),
            ], rowsRead: workers.count + requests.count, newestUs: nil, tier: .live)
    }

    /// A look at every tree that has, or had, the log open.
    ///
    /// - Throws: ``LogReadError`` when a ring file cannot be read.
    public static func trees(database: FilePath) throws -> [LogTreeStatus] {
        try ringFiles(database).compactMap { try open($0)?.treeStatus() }
    }

    /// The ring files lie beside the name that the server was given, which may be a symbolic link.
    private static func ringFiles(_ database: FilePath) -> [FilePath] {
        let files = LogRingFile.files(besides: database)
        if !files.isEmpty { return files }
        return LogRingFile.files(
            besides: FilePath(URL(fileURLWithPath: database.string).resolvingSymlinksInPath().path))
    }

    /// Opens a ring file; `nil` when it has gone meanwhile, as the writer removes those that it has salvaged.
    private static func open(_ path: FilePath) throws -> LogRingFile? {
        do {
            return try LogRingFile.open(path, writable: false)
        } catch {
            switch error {
            case .system(_, _, .noSuchFileOrDirectory): return nil
            case .otherVersion: throw LogReadError(.newer, error.description)
            case .damaged: throw LogReadError(.damaged, error.description)
            case .system, .badSizes: throw LogReadError(.unreadable, error.description)
            }
        }
    }
}

/// The rows of `ps`.
enum LiveRows {
    static let workerColumns = [
        "slot", "pid", "state", "age_ms", "generation", "requests", "in_flight", "connections", "bytes_out",
        "resident_bytes", "heartbeat_age_ms", "shed", "dropped", "waiting_bytes",
    ]

    static func worker(_ slot: LogSlotStatus, in tree: LogTreeStatus) -> [ReportValue] {
        let inFlight = tree.requests.count { $0.slot == slot.slot }
        return [
            .integer(Int64(slot.slot)), .integer(Int64(slot.processID)), .text(tree.activity(of: slot).rawValue),
            tree.isDead ? .null : milliseconds((WallClock.nowUs() - slot.startUs) * 1_000), number(slot.generation),
            number(slot.requests), .integer(Int64(inFlight)), number(slot.connections), number(slot.bytesOut),
            slot.residentBytes == 0 ? .null : number(slot.residentBytes),
            milliseconds(tree.ageNs(sinceNs: slot.heartbeatNs)), number(slot.shed), number(slot.dropped),
            number(slot.backlogBytes),
        ]
    }

    static let requestColumns = [
        "slot", "pid", "age_ms", "state", "client", "status", "request_id", "host", "method", "path",
    ]

    static func request(_ request: LiveRequest, in tree: LogTreeStatus) -> [ReportValue] {
        let worker = tree.slots.first { $0.slot == request.slot }
        return [
            .integer(Int64(request.slot)), .integer(Int64(worker?.processID ?? 0)),
            milliseconds(tree.ageNs(sinceNs: request.startMonotonicNs)), .text(request.activity.rawValue),
            .text(request.client), request.status == 0 ? .null : .integer(Int64(request.status)),
            .text(request.requestIDText), .text(request.host), .text(request.method), .text(request.target),
        ]
    }

    private static func number(_ value: UInt64) -> ReportValue {
        .integer(Int64(clamping: value))
    }

    /// How long ago; NULL for what never was, or was before the machine started.
    private static func milliseconds(_ ns: Int64?) -> ReportValue {
        ns.map { .real(Double($0) / 1e6) } ?? .null
    }
}
