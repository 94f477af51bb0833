// Nothing left of what the kernel gives: descriptors, processes, room on the disk, the lock of the database.
import GRDB
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct ShortageTests {
        /// A worker that can open nothing more waits instead of spinning, and goes on when it can.
        @Test(.timeLimit(.minutes(2)), .needs("prlimit"))
        func aWorkerWithoutDescriptorsRestsAndRecovers() throws {
            try withFaultRun(workers: 1) { run in
                let worker = try #require(run.living("basehttpd-w").first)
                let held = try (0..<16).map { _ in try run.daemon.connect() }
                for client in held { #expect(try client.request("GET", "/part-0/file-0.bin?held").status == 200) }
                let open = try #require(worker.descriptorCount)
                let limit = try limits(of: worker.id, "nofile")
                try setLimit(of: worker.id, "nofile", "\(open):\(limit)")
                // Those that wait are in the kernel's hands.
                let load = run.load(connections: 8, requests: 8)
                let before = RunningProcess(worker.id)?.processorTicks ?? 0
                run.pass(milliseconds: 2_000)
                let ticks = (RunningProcess(worker.id)?.processorTicks ?? 0) - before
                #expect(run.living("basehttpd-w").map(\.id) == [worker.id], "it lives")
                let startNs = Clock.monotonicNs()
                try setLimit(of: worker.id, "nofile", "\(limit):\(limit)")
                run.waitUntil("all are answered") { !load.isRunning }
                let backMs = (Clock.monotonicNs() - startNs) / 1_000_000
                let ledger = try run.finish(load)
                #expect(ledger.count(.answered) + ledger.count(.refused) == 8, "\(ledger.fates)")
                Figure.note(
                    "R15 no descriptors: 5 % of a processor at most, back within 100 ms",
                    "\(Double(ticks) / 2) %, back in \(backMs) ms", isMet: ticks <= 10 && backMs <= 100)
                #expect(ticks <= 60, "ticks in 2 s")
                for client in held { client.shutdownWrite() }
                try run.verify(strangers: "held")
            }
        }

        /// The same for the master, which then cannot make a child.
        @Test(.timeLimit(.minutes(2)), .needs("prlimit"))
        func aMasterWithoutDescriptorsLivesAndRecovers() throws {
            try withFaultRun(workers: 2) { run in
                let master = run.daemon.masterID
                let limit = try limits(of: master, "nofile")
                let load = run.load(connections: 8)
                try setLimit(of: master, "nofile", "4:\(limit)")
                try run.killWorker()
                run.pass(milliseconds: 1_000)
                #expect(run.living("basehttpd-w").count == 1)
                try setLimit(of: master, "nofile", "\(limit):\(limit)")
                run.awaitAllWorkers()
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0)
                try run.verify()
            }
        }

        /// The kernel refuses every fork, as it does at a limit of processes.
        @Test(
            .timeLimit(.minutes(2)), .needs("prlimit", "setpriv", "chown"),
            .enabled(if: FaultMeans.isRoot, "needs root, to run the server as a user of its own"))
        func aMasterThatCannotForkLivesAndRecovers() throws {
            // A limit of processes does not bind root. The user may enter all directories, as root may, and so may its
            // children without a sandbox.
            let user = ["--reuid=54321", "--regid=54321", "--clear-groups"]
            let capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            let wrapper = try [InstalledProgram.path(of: "setpriv")] + user
            // Nobody empties the rings meanwhile.
            let options = ["--sandbox", "off", "--log-ring-size", "128M"]
            try withFaultRun(workers: 4, options, under: wrapper + capabilities) { run in
                let master = run.daemon.masterID
                let limit = try limits(of: master, "nproc", under: wrapper)
                let load = run.load(connections: 8)
                try setLimit(of: master, "nproc", "1:\(limit)", under: wrapper)
                for _ in 0..<3 {
                    try run.killWorker()
                    run.pass(milliseconds: 100)
                }
                try run.killWriter()
                run.pass(milliseconds: FaultScale.pick(1_500, long: 30_000))
                #expect(run.living("basehttpd-w").count == 1, "nobody could be made")
                #expect(run.daemon.program.standardError.contains("could not be started"))
                try setLimit(of: master, "nproc", "\(limit):\(limit)", under: wrapper)
                let startNs = Clock.monotonicNs()
                run.awaitAllWorkers()
                let backMs = (Clock.monotonicNs() - startNs) / 1_000_000
                Figure.note("R12 no fork: full strength within 200 ms", "\(backMs) ms", isMet: backMs <= 200)
                #expect(backMs < 5_000)
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0, "the survivor serves")
                try run.verify()
            }
        }

        /// Sets a limit, as the user that the process belongs to: not every root may do it to others.
        private func setLimit(
            of process: Int32, _ resource: String, _ value: String, under wrapper: [String] = []
        ) throws {
            try call("prlimit", ["--pid", "\(process)", "--\(resource)=\(value)"], under: wrapper)
        }

        /// The hard limit.
        private func limits(of process: Int32, _ resource: String, under wrapper: [String] = []) throws -> String {
            let show = ["--output", "HARD", "--noheadings", "--raw"]
            return try call("prlimit", ["--pid", "\(process)", "--\(resource)"] + show, under: wrapper)
                .filter { !$0.isWhitespace }
        }

        /// A foreign program holds the database; requests wait in the rings.
        @Test(.timeLimit(.minutes(5)))
        func aLockedDatabaseCostsNoRow() throws {
            // A minute of full load, some 150 bytes a request.
            try withFaultRun(workers: 2, ["--log-ring-size", "128M"]) { run in
                var patient = Configuration()
                patient.busyMode = .timeout(5)
                let other = try DatabaseQueue(path: run.daemon.database.string, configuration: patient)
                let calm = run.load(connections: 4)
                run.pass(milliseconds: 1_000)
                try run.finish(calm)
                let load = run.load(connections: 4)
                try other.inDatabase { database in
                    try database.execute(sql: "BEGIN IMMEDIATE")
                    run.pass(milliseconds: FaultScale.pick(4_000, long: 60_000))
                    try database.execute(sql: "COMMIT")
                }
                let startNs = Clock.monotonicNs()
                let ledger = try run.finish(load)
                let sql = "SELECT count(*) FROM requests WHERE query GLOB '\(ledger.tag)=*'"
                let isBack = run.daemon.eventuallyCounts(ledger.count(.answered), sql)
                let backMs = (Clock.monotonicNs() - startNs) / 1_000_000
                #expect(isBack && ledger.count(.refused) == 0 && ledger.lostConnections == 0, "\(ledger.refusals)")
                try other.close()
                try run.verify()
                Figure.note(
                    "R11 database locked: 0 rows lost, all there within 1 s", "0 lost, \(backMs) ms",
                    isMet: backMs <= 1_000)
            }
        }

        /// A small ring and no room on the disk: what has no room in the log is answered 503 and counted, and the rest
        /// is written when there is room again.
        @Test(
            .timeLimit(.minutes(2)),
            .enabled(if: Mount.isPossible, "needs the right to mount a small file system"))
        func aFullDiskIsCountedAndRecovers() throws {
            try withTemporaryDirectory { directory in
                try directory.write("", to: "log/here")
                try Mount.mount(directory.appending("log"), "size=8m")
                defer { Mount.unmount(directory.appending("log")) }
                try directory.write("well", to: "site/index.html")
                let target = LedgerLoader.Target(path: "/", size: 4)
                let options = ["--workers", "1", "--log-ring-size", "64K"]
                let run = try FaultRun(in: directory, workers: 1, targets: [target]) { port in
                    try Daemon(in: directory, port: port, options)
                }
                #expect(try run.probe())
                try fill(directory)
                let load = run.load(connections: 4)
                // Waiting requests are shed after 5 s.
                run.waitUntil("the mapping counts what was refused") { run.shed > 0 }
                #expect(run.daemon.program.standardError.contains("No space"))
                try File.remove(directory.appending("log/filler"))
                let startNs = Clock.monotonicNs()
                run.waitUntil("served again") { (try? run.probe()) == true }
                let backMs = (Clock.monotonicNs() - startNs) / 1_000_000
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) > 0 && ledger.lostConnections == ledger.count(.broken))
                try run.verify()
                Figure.note(
                    "R11 no room on the disk: exact count, back within 1 s",
                    "\(ledger.count(.refused)) refused and counted, back in \(backMs) ms", isMet: backMs <= 1_000)
            }
        }

        /// Writes until nothing more goes in.
        private func fill(_ directory: TemporaryDirectory) throws {
            let filler = directory.appending("log/filler").string
            let finished = try RunningProgram.run(InstalledProgram.path(of: "cp"), ["/dev/zero", filler])
            #expect(finished.standardError.contains("No space"))
        }

        /// Runs a program of the machine and answers what it says.
        @discardableResult
        private func call(_ program: String, _ arguments: [String], under wrapper: [String] = []) throws -> String {
            let command = try wrapper + [InstalledProgram.path(of: program)] + arguments
            let finished = try RunningProgram.run(command[0], Array(command.dropFirst()))
            guard finished.end == .exited(status: 0) else { throw TestFailure(finished.standardError) }
            return finished.standardOutput
        }
    }
}
