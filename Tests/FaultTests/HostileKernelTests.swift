// A kernel that answers with errors, and one that gives numbers of processes again at once.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct HostileKernelTests {
        /// Numbers come again after a dozen children, so whoever trusts a number kills or counts the wrong process.
        @Test(
            .timeLimit(.minutes(3)), .needs("unshare"),
            .enabled(
                if: FaultMeans.limitsNumbersApart, "needs Linux 6.14 and the right to make a namespace of processes"))
        func numbersOfProcessesComeAgain() throws {
            // The first 300 numbers are given out once only.
            let kernel = "/proc/sys/kernel"
            let script = "echo 312 > \(kernel)/pid_max && echo 300 > \(kernel)/ns_last_pid && exec \"$@\""
            let wrapper = try [
                InstalledProgram.path(of: "unshare"), "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                InstalledProgram.path(of: "sh"), "-c", script, "sh",
            ]
            try withFaultRun(workers: 2, under: wrapper, hasOwnNumbers: true) { run in
                let load = run.load(connections: 8)
                var kills = 0
                while kills < FaultScale.pick(150, long: 3_000) {
                    if try run.killWorker() != nil { kills += 1 }
                    run.pass(milliseconds: 10)
                }
                run.awaitAllWorkers()
                let ledger = try run.finish(load)
                #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0)
                let verdict = try run.verify()
                let numbers = "SELECT count(DISTINCT pid) FROM workers WHERE role = 'worker'"
                #expect(try run.daemon.count(numbers) < verdict.deaths / 2, "numbers did come again")
            }
        }

        /// What strace has the kernel answer, counted in each process: from the first such call in steps, or from the
        /// first to the last. The log writer makes 20 calls of fdatasync and 60 of pwrite64 before it is ready.
        static let injections = [
            "accept4:error=ECONNABORTED:when=1+2", "accept4:error=EMFILE:when=1+3", "epoll_wait:error=EINTR:when=2+5",
            "sendto:error=EAGAIN:when=4+9", "sendto:error=ECONNRESET:when=9+23", "recvfrom:error=ECONNRESET:when=9+23",
            "fdatasync:error=EIO:when=24..30", "pwrite64:error=ENOSPC:when=130..150",
            "pwrite64:error=EIO:when=140..170+3",
        ]

        @Test(
            .timeLimit(.minutes(3)), .needs("strace"), .enabled(if: FaultMeans.traces, "needs the right to trace"),
            arguments: injections)
        func aCallThatFailsNowAndThenLosesNoRow(_ injection: String) throws {
            try withTemporaryDirectory { place in
                // Each commit waits for the disk, so that waiting can fail.
                let trace = Trace(of: injection, in: place)
                try withFaultRun(workers: 2, ["--log-sync", "full"], under: trace.wrapper()) { run in
                    let load = run.load(connections: 8)
                    run.pass(milliseconds: FaultScale.pick(1_000, long: 10_000))
                    // A busy machine makes fewer calls in that time, and at a stop that fails some rows have to wait.
                    if let faultCount = trace.faultCount {
                        run.waitUntil("the last fault") { ((try? trace.injected()) ?? 0) >= faultCount }
                    }
                    let ledger = try run.finish(load)
                    #expect(ledger.count(.answered) > 0)
                    try run.verify()
                    let injected = try trace.injected()
                    #expect(injected > 0, "the fault was never there")
                    let answered = ledger.count(.answered)
                    print("\(injection): \(injected) times, \(answered) answered, \(ledger.lostConnections) lost")
                }
            }
        }

        /// Each log writer dies when it makes such a call for the so-manieth time. It makes 115 calls of fcntl, and
        /// with a new database 100 of pwrite64, before it is ready; four or five of fcntl for a batch: before and
        /// behind its commit and between a commit and the word in the mapping that says so.
        @Test(
            .timeLimit(.minutes(3)), .needs("strace"), .enabled(if: FaultMeans.traces, "needs the right to trace"),
            arguments: [
                "fcntl:signal=KILL:when=150", "fcntl:signal=KILL:when=151", "fcntl:signal=KILL:when=152",
                "fcntl:signal=KILL:when=153", "fcntl:signal=KILL:when=154", "pwrite64:signal=KILL:when=130",
            ])
        func aLogWriterKilledAtACertainCallWritesEachRowOnce(_ injection: String) throws {
            try withTemporaryDirectory { place in
                let trace = Trace(of: injection, in: place)
                try withFixtureRun(workers: 2, under: trace.wrapper()) { run in
                    run.killedElsewhere = { try trace.killed() }
                    let load = run.load(connections: 4)
                    run.pass(milliseconds: FaultScale.pick(1_500, long: 20_000))
                    try run.finish(load)
                    let verdict = try run.verify()
                    #expect(verdict.writerDeaths > 0 && verdict.deaths == 0)
                    print("\(injection): \(verdict.writerDeaths) log writers, \(verdict.answered) answered")
                }
            }
        }

        /// The same for workers, before an answer leaves and behind the first bytes of one.
        @Test(
            .timeLimit(.minutes(3)), .needs("strace"), .enabled(if: FaultMeans.traces, "needs the right to trace"),
            arguments: [
                "sendto:signal=KILL:when=40", "sendfile:signal=KILL:when=15", "recvfrom:signal=KILL:when=60",
            ])
        func aWorkerKilledAtACertainCallLeavesARowForEachRequest(_ injection: String) throws {
            try withTemporaryDirectory { place in
                let trace = Trace(of: injection, in: place)
                try withFaultRun(workers: 2, under: trace.wrapper()) { run in
                    run.killedElsewhere = { try trace.killed() }
                    let load = run.load(connections: 8)
                    run.pass(milliseconds: FaultScale.pick(1_500, long: 20_000))
                    let ledger = try run.finish(load)
                    #expect(ledger.count(.refused) == 0 && ledger.failedConnections == 0)
                    let verdict = try run.verify()
                    #expect(verdict.deaths > 0)
                    print("\(injection): \(verdict.deaths) workers, \(verdict.answered) answered")
                }
            }
        }
    }
}

/// strace around a program, and what it has written.
private struct Trace {
    let injection: String
    let place: TemporaryDirectory

    init(of injection: String, in place: TemporaryDirectory) {
        self.injection = injection
        self.place = place
    }

    /// The program stays a child of the test: strace is beside it.
    func wrapper() throws -> [String] {
        let call = injection.prefix { $0 != ":" }
        // A filter in the kernel spares the other calls the stop, but then signals are not delivered.
        let speed = injection.dropFirst(call.count).hasPrefix(":signal") ? [] : ["--seccomp-bpf"]
        return try [InstalledProgram.path(of: "strace"), "-D", "-f", "-q"] + speed + [
            "-o", place.appending("trace").string, "-e", "trace=\(call)", "-e", "inject=\(injection)",
        ]
    }

    /// How many calls fail of those that are counted from a first to a last; nil: there is no last.
    var faultCount: Int? {
        guard let when = injection.wholeMatch(of: /.*when=(\d+)\.\.(\d+)(?:\+(\d+))?/), let first = Int(when.1),
            let last = Int(when.2)
        else { return nil }
        return (last - first) / (when.3.flatMap { Int($0) } ?? 1) + 1
    }

    /// How many have failed so far.
    func injected() throws -> Int {
        try lines { $0.hasSuffix("(INJECTED)") }.count
    }

    func lines(where isMeant: (Substring) -> Bool) throws -> [Substring] {
        try String(decoding: place.read("trace"), as: UTF8.self).split(separator: "\n").filter(isMeant)
    }

    /// The numbers of the processes that ended by SIGKILL.
    func killed() throws -> [Int32] {
        try lines { $0.hasSuffix("+++ killed by SIGKILL +++") }.compactMap { line in
            line.split(separator: " ").first.flatMap { Int32($0) }
        }
    }
}
