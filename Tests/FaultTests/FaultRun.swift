// One server, a load, and what is done to it; at the end three witnesses are heard, and they must agree.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import AccessLog

/// A tree under faults.
///
/// The witnesses are the ledgers of the clients, the database, and the mapping of the tree. A fourth, the list of
/// what was killed here, must agree with the list of lives in the database.
final class FaultRun {
    let directory: TemporaryDirectory
    let targets: [LedgerLoader.Target]
    let workers: Int
    private(set) var daemon: Daemon
    var watcher: InvariantWatcher
    var dice = SeededGenerator(seed: FaultScale.seed)
    /// The tree counts its processes by other numbers than the test does, in a namespace of its own.
    private let hasOwnNumbers: Bool
    private let start: (_ port: UInt16) throws -> Daemon
    private var ring: LogRingFile
    private var ledgers: [Ledger] = []
    private var killedWorkers: [Int32] = []
    private var killedWriters = 0
    /// Processes that somebody else has killed, known once the tree was stopped.
    var killedElsewhere: () throws -> [Int32] = { [] }
    private var loads = 0
    /// Trees whose master was killed cannot tell how their last workers ended.
    private var lostMasters = 0

    init(
        in directory: TemporaryDirectory, workers: Int, targets: [LedgerLoader.Target], hasOwnNumbers: Bool = false,
        _ start: @escaping (_ port: UInt16) throws -> Daemon
    ) throws {
        self.directory = directory
        self.workers = workers
        self.targets = targets
        self.start = start
        self.hasOwnNumbers = hasOwnNumbers
        daemon = try start(0)
        ring = try FaultRun.ring(of: daemon)
        watcher = InvariantWatcher(daemon, ring, workers: workers, comparesNumbers: !hasOwnNumbers)
        awaitAllWorkers()
        watcher = InvariantWatcher(daemon, ring, workers: workers, comparesNumbers: !hasOwnNumbers)
    }

    private static func ring(of daemon: Daemon) throws -> LogRingFile {
        guard let path = LogRingFile.files(besides: daemon.database).last else {
            throw TestFailure("no ring file beside \(daemon.database)", daemon.program)
        }
        return try LogRingFile.open(path, writable: false)
    }

    // MARK: Load

    /// A load over all files, without an end of its own.
    func load(connections: Int = 32, requests: Int = FaultScale.pick(400_000, long: 4_000_000)) -> BackgroundLoad {
        var loader = LedgerLoader(port: daemon.port, targets: targets, requests: requests)
        loader.connections = connections
        loader.seed = FaultScale.seed &+ UInt64(loads)
        loader.tag = "load\(loads)"
        loader.timeLimitMs = FaultScale.pick(120_000, long: 3_600_000)
        loads += 1
        return BackgroundLoad(loader)
    }

    /// Ends a load and keeps its ledger for the hearing.
    @discardableResult
    func finish(_ load: BackgroundLoad) throws -> Ledger {
        let ledger = try load.finish()
        ledgers.append(ledger)
        return ledger
    }

    /// One request on a connection of its own, noted as the others are. True when it was answered.
    @discardableResult
    func probe() throws -> Bool {
        try finish(load(connections: 1, requests: 1)).count(.answered) == 1
    }

    // MARK: Faults

    /// Lets everything run for that long, and looks at it meanwhile.
    func pass(milliseconds: Int) {
        let end = Clock.monotonicNs() + Int64(milliseconds) * 1_000_000
        _ = eventually(timeoutMs: milliseconds) {
            watcher.look()
            return Clock.monotonicNs() >= end
        }
    }

    /// Begins a load, and waits until some of it is answered: on a busy machine that may take longer than what the test
    /// lets pass.
    func answeredLoad() -> BackgroundLoad {
        let before = ended
        let load = load()
        waitUntil("answers") { ended >= before + 100 }
        return load
    }

    /// How many requests the workers of now have ended.
    private var ended: UInt64 { (0..<ring.slotCount).reduce(0) { $0 + ring.status(ofSlot: $1).requests } }

    /// Waits until something is so, and looks at the invariants meanwhile.
    @discardableResult
    func waitUntil(_ what: String, _ condition: () -> Bool) -> Bool {
        let isSo = eventually {
            watcher.look()
            return condition()
        }
        if !isSo { Issue.record("not in time: \(what)") }
        return isSo
    }

    /// Waits until the tree is at its full strength, by its own list of children and by the mapping: all are ready.
    func awaitAllWorkers() {
        waitUntil("all \(workers) workers") { living("basehttpd-w").count == workers && isMapped }
    }

    private var isMapped: Bool {
        let mapped = serving.map(\.processID).sorted()
        if hasOwnNumbers { return mapped.count == workers && !mapped.contains(0) }
        return mapped == living("basehttpd-w").map(\.id).sorted()
    }

    /// Slots whose worker has told the master that it is ready.
    private var serving: [LogSlotStatus] {
        (0..<ring.slotCount).map(ring.status).filter { $0.state == .assigned && $0.life == .ready }
    }

    /// Children of the master whose name begins so.
    func living(_ name: String) -> [RunningProcess] {
        let children = RunningProcess(daemon.masterID)?.children ?? []
        return children.filter { $0.name.hasPrefix(name) && $0.state != "Z" }.sorted { $0.id < $1.id }
    }

    /// Kills a worker drawn by lot and answers its number; nil when none is ready.
    ///
    /// One that dies before has a fault at its start, as far as the master knows, so that the next one has to wait.
    @discardableResult
    func killWorker() throws -> Int32? {
        let ready = serving.map(\.processID)
        let victims = living("basehttpd-w").filter { hasOwnNumbers ? ready.count == workers : ready.contains($0.id) }
        guard let victim = victims.randomElement(using: &dice) else { return nil }
        return try kill(worker: victim) ? victim.id : nil
    }

    /// Kills a worker. False when it has ended before.
    @discardableResult
    func kill(worker victim: RunningProcess) throws -> Bool {
        guard try FaultRun.kill(victim.id) else { return false }
        // One that has ended and was not collected yet takes the signal as well.
        if killedWorkers.last != victim.id, !killedWorkers.suffix(workers).contains(victim.id) {
            killedWorkers.append(victim.id)
        }
        return true
    }

    /// Requests refused by a full log so far, by the mapping.
    var shed: UInt64 { (0..<ring.slotCount).reduce(0) { $0 + ring.status(ofSlot: $1).shed } }

    /// Lives of workers so far, by the mapping: those, too, that did not come to take their slot over.
    var generations: Int { (0..<ring.slotCount).reduce(0) { $0 + Int(ring.control.load(.generation, slot: $1)) } }

    func killWriter() throws {
        guard let victim = living("basehttpd-log").first, try FaultRun.kill(victim.id) else { return }
        killedWriters += 1
    }

    /// Kills the master; its children end by themselves. Answers how long that took, in nanoseconds.
    func killMaster() throws -> Int64 {
        watcher.isExcused = true
        lostMasters += 1
        let startNs = Clock.monotonicNs()
        _ = try FaultRun.kill(daemon.masterID)
        _ = try daemon.program.waitForEnd()
        waitUntil("children of a killed master end") { daemon.program.processes.isEmpty }
        return Clock.monotonicNs() - startNs
    }

    /// Kills every process of the tree at once.
    func killTree() throws {
        watcher.isExcused = true
        lostMasters += 1
        try Signal.kill.send(to: -daemon.program.processID)
        _ = try daemon.program.waitForEnd()
        waitUntil("all of the tree is gone") { daemon.program.processes.isEmpty }
    }

    private static func kill(_ process: Int32) throws -> Bool {
        do {
            try Signal.kill.send(to: process)
            return true
        } catch Errno.noSuchProcess {
            return false
        }
    }

    /// Starts the next tree on the same port and log. Answers how long it took to accept, in nanoseconds.
    @discardableResult
    func restart() throws -> Int64 {
        let startNs = Clock.monotonicNs()
        let findings = watcher.findings
        daemon = try start(daemon.port)
        let tookNs = Clock.monotonicNs() - startNs
        waitUntil("the dead tree is salvaged") { LogRingFile.files(besides: daemon.database).count == 1 }
        ring = try FaultRun.ring(of: daemon)
        watcher = InvariantWatcher(daemon, ring, workers: workers, comparesNumbers: !hasOwnNumbers)
        awaitAllWorkers()
        watcher = InvariantWatcher(daemon, ring, workers: workers, comparesNumbers: !hasOwnNumbers)
        #expect(findings.isEmpty, "\(findings)")
        return tookNs
    }

    // MARK: The hearing

    /// What the witnesses say once the load is over and the tree was stopped.
    struct Verdict {
        /// Rows by outcome.
        var outcomes: [String: Int] = [:]
        /// Requests that were answered whole.
        var answered = 0
        /// Lives of workers that a kill ended.
        var deaths = 0
        /// Log writers that were killed.
        var writerDeaths = 0
    }

    /// Stops the tree and has the witnesses compared; each disagreement fails the test.
    ///
    /// - Parameter strangers: a pattern of queries that are in no ledger.
    @discardableResult
    func verify(strangers: String = "") throws -> Verdict {
        awaitAllWorkers()
        waitUntil("the mapping is empty of requests and records") {
            (0..<ring.slotCount).allSatisfy {
                ring.entries(ofSlot: $0).isEmpty && ring.status(ofSlot: $0).backlogBytes == 0
            }
        }
        let slots = (0..<ring.slotCount).map(ring.status)
        #expect(slots.allSatisfy { $0.dropped == 0 && $0.lostErrors == 0 }, "the mapping counts losses")
        let refused = ledgers.reduce(0) { sum, ledger in sum + ledger.statuses.count { $0 == 503 } }
        let lives = generations
        let source = String(ring.source, radix: 16)
        try daemon.stop()
        #expect(daemon.program.processes.isEmpty)
        #expect(LogRingFile.files(besides: daemon.database).isEmpty, "the mapping is gone after a clean stop")
        // A worker without room in its log counts what it refuses; the responder, which has room, writes a row.
        let shedRows = try daemon.count("SELECT count(*) FROM requests WHERE outcome = 'shed' AND status = 503")
        if lostMasters == 0 { #expect(shed + UInt64(shedRows) == UInt64(refused), "the mapping counts 503s") }
        #expect(watcher.findings.isEmpty, "\(watcher.findings)")
        #expect(watcher.looks > 0)
        let rows = try daemon.count(
            "SELECT count(*) FROM workers WHERE role = 'worker' AND ltrim(source, '0') = '\(source)'")
        #expect(rows == lives, "lives of workers in the database and in the mapping")
        return try hear(strangers)
    }

    private func hear(_ strangers: String) throws -> Verdict {
        var verdict = Verdict()
        for ledger in ledgers {
            let audit = try LedgerAudit(ledger, daemon)
            for finding in audit.findings { Issue.record("\(ledger.tag): \(finding)") }
            verdict.outcomes.merge(audit.outcomes, uniquingKeysWith: +)
            verdict.answered += ledger.count(.answered)
        }
        let rows = verdict.outcomes.values.reduce(0, +)
        let others = "SELECT count(*) FROM requests WHERE coalesce(query, '') NOT GLOB '\(strangers)'"
        #expect(try daemon.count(others) == rows, "a ledger explains each row")
        try noteKilledElsewhere()
        verdict.deaths = try hearDeaths()
        verdict.writerDeaths = killedWriters
        return verdict
    }

    private func noteKilledElsewhere() throws {
        let killed = try killedElsewhere()
        if killed.isEmpty { return }
        let writers = Set(try daemon.query("SELECT pid FROM workers WHERE role = 'log'").compactMap { Int32($0[0]) })
        killedWriters += killed.count(where: writers.contains)
        killedWorkers += killed.filter { !writers.contains($0) }
    }

    /// Each kill is the end of a life with its signal, and no life ended that way without one.
    private func hearDeaths() throws -> Int {
        let sql = "SELECT pid, reason, signal FROM workers WHERE role = 'worker' AND reason <> 'exited'"
        let ends = try daemon.query(sql)
        let killed = ends.filter { $0[1] == "killed" && $0[2] == "SIGKILL" }.compactMap { Int32($0[0]) }
        let lost = Set(ends.filter { $0[1] == "lost" }.compactMap { Int32($0[0]) })
        if hasOwnNumbers {
            #expect(killed.count == killedWorkers.count && ends.count == killed.count)
        } else if lostMasters == 0 {
            #expect(killed.sorted() == killedWorkers.sorted(), "killed here and killed in the database")
            #expect(ends.count == killed.count, "\(ends.filter { $0[1] != "killed" }.prefix(5))")
        } else {
            let untold = Set(killedWorkers).subtracting(killed).subtracting(lost)
            #expect(untold.isEmpty && Set(killed).isSubset(of: killedWorkers), "untold: \(untold)")
        }
        let open = "SELECT count(*) FROM workers WHERE ended IS NULL"
        #expect(try daemon.count(open) == 0, "each life has an end")
        let writers = "SELECT count(*) FROM workers WHERE role = 'log' AND reason = 'lost'"
        #expect(try daemon.count(writers) <= killedWriters + lostMasters, "no log writer died by itself")
        return killed.count
    }
}

/// Runs `body` with a basehttpd of so many workers on a generated site; says the seed, and what the server said when
/// the test fails.
func withFaultRun(
    workers: Int = 4, _ options: [String] = [], under wrapper: [String] = [], environment: [String: String] = [:],
    hasOwnNumbers: Bool = false, _ body: (FaultRun) throws -> Void
) throws {
    print("seed \(FaultScale.seed)")
    try withTemporaryDirectory { directory in
        let targets = try ServedTree.make(in: directory, seed: FaultScale.seed)
        let options = ["--workers", "\(workers)"] + options
        let run = try FaultRun(
            in: directory, workers: workers, targets: targets, hasOwnNumbers: hasOwnNumbers
        ) { port in
            try Daemon(in: directory, port: port, options, under: wrapper, environment: environment)
        }
        try run.carryOut(body)
    }
}

/// The same with `handler-fixture`, whose rings are small.
func withFixtureRun(
    workers: Int, _ options: [String] = [], under wrapper: [String] = [], _ body: (FaultRun) throws -> Void
) throws {
    print("seed \(FaultScale.seed)")
    try withTemporaryDirectory { directory in
        let targets = [LedgerLoader.Target(path: "/", size: "well".utf8.count)]
        let run = try FaultRun(in: directory, workers: workers, targets: targets) { _ in
            try Daemon(fixtureIn: directory, ["workers=\(workers)"] + options, under: wrapper)
        }
        try run.carryOut(body)
    }
}

extension FaultRun {
    fileprivate func carryOut(_ body: (FaultRun) throws -> Void) throws {
        do {
            try body(self)
        } catch {
            print(TestFailure("\(error)", daemon.program))
            throw error
        }
        daemon.program.killAll()
    }
}
