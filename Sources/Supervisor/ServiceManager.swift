// Tells systemd how the server is: ready, stopping, alive. Without libsystemd, and without systemd nothing happens.
public import LinuxSyscalls
internal import SystemPackage

/// The service manager that started this process.
///
/// NOTIFY_SOCKET names its socket; WATCHDOG_USEC says how often it wants to hear of a server that is well, unless
/// WATCHDOG_PID names another process.
public final class ServiceManager {
    private let socket: String
    /// Half of what systemd grants, nanoseconds; nil when it does not watch.
    private let watchdogNs: Int64?
    private let log: (String) -> Void
    private var watchdogDueNs = Int64.max
    private var status = ""
    private var toldStatus = ""
    private var statusDueNs = Int64.min
    private var isStopping = false
    private var isRetired = false
    private var hasFailed = false

    /// Time between two lines of status, in nanoseconds: a storm of deaths is not a storm of messages.
    private static let statusIntervalNs: Int64 = 1_000_000_000

    /// nil when nobody wants to be told.
    public init?(
        environment: (String) -> String? = CurrentProcess.environment,
        processID: Int32 = CurrentProcess.processID, log: @escaping (String) -> Void
    ) {
        guard let name = environment("NOTIFY_SOCKET"), name.hasPrefix("/") || name.hasPrefix("@") else { return nil }
        socket = name
        self.log = log
        let isMeant = environment("WATCHDOG_PID").map { $0 == String(processID) } ?? true
        let intervalUs = environment("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        // Up to a year: more does not fit into nanoseconds.
        watchdogNs = isMeant && (1...31_536_000_000_000).contains(intervalUs) ? max(1, intervalUs * 500) : nil
    }

    /// When ``turn(nowNs:)`` has something to do without an event.
    var nextDueNs: Int64? {
        let due = min(watchdogDueNs, status == toldStatus || isRetired ? .max : statusDueNs)
        return due == .max ? nil : due
    }

    /// The server serves, or has ended a reload.
    public func ready() {
        tell([.ready, .status(status)])
        toldStatus = status
        if let watchdogNs { watchdogDueNs = Clock.monotonicNs() + watchdogNs }
    }

    /// A reload begins; ``ready()`` ends it.
    public func reloading() {
        tell([.reloading(monotonicUs: Clock.monotonicNs() / 1_000)])
    }

    /// The server stops; told once.
    public func stopping() {
        if isStopping { return }
        isStopping = true
        tell([.stopping])
    }

    /// Another master takes over: nothing is told from here on.
    public func handOver(to processID: Int32) {
        tell([.mainProcess(processID)])
        isRetired = true
        watchdogDueNs = .max
    }

    /// How many workers there are, and how many took another's place.
    func report(workers: Int, replaced: Int) {
        let doing = isStopping ? "Stopping" : "Serving"
        status = "\(doing): \(workers) workers, \(replaced) replaced"
    }

    /// Tells what is due. Called from the master's loop alone: a master that hangs is silent.
    func turn(nowNs: Int64) {
        if status != toldStatus, nowNs >= statusDueNs {
            toldStatus = status
            statusDueNs = nowNs + Self.statusIntervalNs
            tell([.status(status)])
        }
        if let watchdogNs, nowNs >= watchdogDueNs {
            watchdogDueNs = nowNs + watchdogNs
            tell([.watchdog])
        }
    }

    private func tell(_ notices: [ServiceNotice]) {
        if isRetired { return }
        do throws(Errno) {
            try Datagram.send(ServiceNotice.text(notices), to: socket)
            hasFailed = false
        } catch {
            if !hasFailed { log("\(socket): the service manager cannot be told: \(error)") }
            hasFailed = true
        }
    }
}
