// What the workers do now: read from the shared memory beside the database, so it works when the server hangs or is
// dead.
import AccessLog
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
        for path in ringFiles(database) {
            guard let ring = try open(path) else { continue }
            let now = Moment(ring)
            for slot in 0..<ring.slotCount {
                let status = ring.status(ofSlot: slot)
                guard status.generation > 0 else { continue }
                let live = ring.entries(ofSlot: slot).filter { !$0.isTorn && $0.state != .free }
                workers.append(now.worker(status, requestsInFlight: live.count))
                requests += live.map { now.request($0, processID: status.processID) }
            }
        }
        return Report(
            name: "ps", span: .all, generatedAtUs: WallClock.nowUs(),
            panels: [
                ReportPanel("workers", columns: Moment.workerColumns, rows: workers, key: "pid"),
                ReportPanel("requests", columns: Moment.requestColumns, rows: requests, key: "request_id"),
            ], rowsRead: workers.count + requests.count, newestUs: nil, tier: .live)
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

/// One look at one ring file: what ages count from, and whether its server lives.
private struct Moment {
    let isDead: Bool
    let isOfEarlierBoot: Bool
    let monotonicNs = Clock.monotonicNs()

    init(_ ring: LogRingFile) {
        isOfEarlierBoot = ring.isOfEarlierBoot
        isDead = isOfEarlierBoot || ring.takeIfDead()
    }

    static let workerColumns = [
        "slot", "pid", "state", "generation", "requests", "in_flight", "connections", "bytes_out", "heartbeat_age_ms",
        "shed", "dropped", "waiting_bytes",
    ]

    func worker(_ status: LogSlotStatus, requestsInFlight: Int) -> [ReportValue] {
        let state: ReportValue =
            switch status.state {
            case _ where isDead: .text("dead")
            case .ended: .text("ended")
            case .retired: .text("retired")
            case .idle: .text("free")
            case .assigned: .text(status.runningRequestID == nil ? "waiting" : "handling")
            }
        return [
            .integer(Int64(status.slot)), .integer(Int64(status.processID)), state, number(status.generation),
            number(status.requests), .integer(Int64(requestsInFlight)), number(status.connections),
            number(status.bytesOut), age(sinceNs: status.heartbeatNs), number(status.shed), number(status.dropped),
            number(status.backlogBytes),
        ]
    }

    static let requestColumns = [
        "slot", "pid", "age_ms", "state", "client", "status", "request_id", "host", "method", "path",
    ]

    func request(_ request: LiveRequest, processID: Int32) -> [ReportValue] {
        let state = request.isRunning ? "handling" : request.state == .answering ? "answering" : "begun"
        return [
            .integer(Int64(request.slot)), .integer(Int64(processID)), age(sinceNs: request.startMonotonicNs),
            .text(state),
            .text(request.client), request.status == 0 ? .null : .integer(Int64(request.status)),
            .text(Escaping.hex(request.requestID, digits: 16).map { $0 | 0x20 }), .text(request.host),
            .text(request.method), .text(request.target),
        ]
    }

    private func number(_ value: UInt64) -> ReportValue {
        .integer(Int64(clamping: value))
    }

    /// How long ago in milliseconds; NULL for what never was, or was before the machine started.
    private func age(sinceNs: Int64) -> ReportValue {
        sinceNs == 0 || isOfEarlierBoot ? .null : .real(Double(max(0, monotonicNs - sinceNs)) / 1e6)
    }
}
