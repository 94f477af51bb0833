// The access log of a tree: its ring file, its doorbell, and the writer's part.
internal import AccessLog
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import LogStore
internal import Logging
internal import Supervisor
internal import SystemPackage

/// The ring file that workers fill and the log writer empties; also what the supervisor tells about workers.
final class LogRing: SlotRegistry {
    let ring: LogRingFile
    let doorbell: EventDescriptor
    let database: FilePath
    private var processIDs: [Int: Int32] = [:]
    /// Whether the writer is to be woken.
    private var hasNews = false

    /// All rings together take at most so many bytes of disk, unless a size is given.
    private static let totalBytes = 512 << 20

    /// Checks the database's file and directory and makes the ring file; nil when there is to be no log.
    init?(_ configuration: PreforkConfiguration) throws(PreforkError) {
        guard let path = configuration.accessLog else { return nil }
        database = LogStoreLocation.resolved(FilePath(path))
        do throws(LogStoreError) {
            try LogDatabaseCheck.verify(database)
        } catch {
            throw PreforkError(error)
        }
        try Self.checkRings(beside: database)
        let slots = SupervisorConfiguration.slotCount(workers: configuration.workers)
        do throws(LogRingError) {
            ring = try LogRingFile.create(
                database: database, slotCount: slots,
                // A request a connection, and a turn's worth of pipelined ones whose answers wait to be sent.
                entriesPerSlot: configuration.server.connectionLimit + configuration.server.requestsPerTurn,
                ringBytes: Self.ringBytes(configuration.logRingBytes, slots: slots))
            try ring.rehearse()
        } catch {
            throw PreforkError(error)
        }
        do throws(Errno) {
            doorbell = try EventDescriptor()
        } catch {
            throw .supervision("\(error)")
        }
    }

    /// A ring file that this program cannot read holds rows that only another version can save: nothing starts over it.
    private static func checkRings(beside database: FilePath) throws(PreforkError) {
        for path in LogRingFile.files(besides: database) {
            do throws(LogRingError) {
                _ = try LogRingFile.open(path, writable: false)
            } catch {
                // One that has gone meanwhile was salvaged.
                if case .system(_, _, .noSuchFileOrDirectory) = error { continue }
                throw PreforkError(error)
            }
        }
    }

    static func ringBytes(_ wanted: Int?, slots: Int) -> Int {
        let size = max(65_536, min(wanted ?? min(16 << 20, totalBytes / slots), 1 << 32))
        let rounded = 1 << (Int.bitWidth - (size - 1).leadingZeroBitCount)
        // A size that was asked for is rounded up, one that follows from the total down.
        return wanted == nil && rounded > size ? rounded / 2 : rounded
    }

    /// What children keep.
    var descriptors: [CInt] { [ring.descriptorNumber, doorbell.rawValue] }

    /// The log writer's life.
    func write(
        _ context: ChildContext, _ configuration: PreforkConfiguration, _ sandbox: SandboxRules, succeedsWriter: Bool
    ) -> Int32 {
        var writer = LogWriterConfiguration(database: database)
        writer.durability = configuration.logSurvivesPowerLoss ? .power : .process
        writer.retentionSeconds = configuration.logRetentionSeconds.map(Int64.init)
        writer.minutesRetentionSeconds = configuration.logMinutesRetentionSeconds.map(Int64.init)
        writer.hoursRetentionSeconds = configuration.logHoursRetentionSeconds.map(Int64.init)
        writer.maximumBytes = configuration.logMaximumBytes.map(Int64.init)
        writer.succeedsWriter = succeedsWriter
        let logger = configuration.logger
        writer.report = { logger.warning("\($0)") }
        do throws(PreforkError) {
            try sandbox.enforceForLogWriter()
        } catch {
            logger.error("\(error)")
            return error.exitStatus
        }
        do throws(LogStoreError) {
            try LogWriter(writer).run(
                ring: ring, doorbell: doorbell, signals: context.signals, lifeline: context.lifeline
            ) { context.reportReady() }
            return 0
        } catch {
            logger.error("\(error)")
            return error.exitStatus
        }
    }

    /// A worker's end of the ring, with what its predecessor left completed.
    func sink(slot: Int, generation: UInt32, tree: UInt64) throws(LogRingError) -> AccessLogSink {
        let producer = try ring.worker(
            slot: slot, generation: UInt64(generation), processID: CurrentProcess.processID)
        ring.forgetOthers()
        // The master wakes the writer for it, when this worker is ready.
        producer.completePredecessor(startUs: Clock.realtimeUs())
        return AccessLogSink(
            producer: producer, doorbell: doorbell.rawValue, ring: ring,
            worker: AccessLogSink.Worker(slot: slot, tree: tree))
    }

    // MARK: SlotRegistry

    func assign(slot: Int, generation: UInt32, processID: Int32) {
        processIDs[slot] = processID
        ring.assign(slot: slot, generation: UInt64(generation), startUs: Clock.realtimeUs())
    }

    func recordDeath(slot: Int, generation: UInt32, end: ProcessEnd, isOverdue: Bool) {
        let logged: LogWorkerEnd =
            switch end {
            case .exited(let status): .exited(status: status)
            case .signalled(let signal) where isOverdue: .timedOut(signal: signal.rawValue)
            case .signalled(let signal): .signalled(signal.rawValue)
            }
        ring.recordDeath(
            slot: slot, generation: UInt64(generation), processID: processIDs[slot] ?? 0, end: logged,
            atUs: Clock.realtimeUs())
        hasNews = true
    }

    func retire(slot: Int) {
        ring.retire(slot: slot)
        hasNews = true
    }

    /// A writer that sleeps looks after retired slots when it is woken. How a worker ended shall be in the database at
    /// once, not when the next request wakes the writer: its replacement has said so in the ring when it is ready.
    func flush() {
        if hasNews { doorbell.signal() }
        hasNews = false
    }

    func isCompleted(slot: Int) -> Bool { ring.isCompleted(slot: slot) }

    func setLife(slot: Int, _ life: SlotLife) {
        let logged: LogWorkerLife =
            switch life {
            case .none: .none
            case .starting: .starting
            case .ready: .ready
            case .stopping: .stopping
            }
        ring.setLife(slot: slot, logged)
        if life == .ready { hasNews = true }
    }

    func setResident(slot: Int, bytes: Int64) {
        ring.setResident(slot: slot, bytes: UInt64(max(0, bytes)))
    }

    func requestDeadlines(slot: Int) -> RequestDeadlines {
        let deadlines = ring.deadlines(slot: slot)
        return RequestDeadlines(softNs: deadlines.softNs, hardNs: deadlines.hardNs)
    }

    func runningRequest(slot: Int) -> RunningRequest? {
        guard let request = ring.runningRequest(slot: slot) else { return nil }
        return RunningRequest(
            fingerprint: request.fingerprint, name: Self.printable(request.method + [UInt8(ascii: " ")] + request.path),
            ageNs: Clock.monotonicNs() - request.startMonotonicNs)
    }

    func refuse(_ quarantines: [Quarantine]) {
        ring.refuse(quarantines.map { ($0.fingerprint, $0.untilNs) })
    }

    /// What a client sent, fit for a terminal: anything but printable ASCII becomes `%XX`.
    private static func printable(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            if (32..<127).contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0" + digits : "%" + digits
        }.joined()
    }
}
