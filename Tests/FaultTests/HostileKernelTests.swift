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
            let call = injection.prefix { $0 != ":" }
            try withTemporaryDirectory { place in
                let trace = place.appending("trace")
                let wrapper = try [
                    InstalledProgram.path(of: "strace"), "-D", "-f", "--seccomp-bpf", "-qq", "-o", trace.string,
                    "-e", "trace=\(call)", "-e", "inject=\(injection)",
                ]
                // Each commit waits for the disk, so that waiting can fail.
                try withFaultRun(workers: 2, ["--log-sync", "full"], under: wrapper) { run in
                    let load = run.load(connections: 8)
                    run.pass(milliseconds: FaultScale.pick(1_000, long: 10_000))
                    let ledger = try run.finish(load)
                    #expect(ledger.count(.answered) > 0)
                    try run.verify()
                    let injected = try String(decoding: place.read("trace"), as: UTF8.self).split(separator: "\n")
                        .count { $0.hasSuffix("(INJECTED)") }
                    #expect(injected > 0, "the fault was never there")
                    let answered = ledger.count(.answered)
                    print("\(injection): \(injected) times, \(answered) answered, \(ledger.lostConnections) lost")
                }
            }
        }
    }
}
