// What a handler that was taken over can still do: files beneath the served directory, and nothing else.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.enabled(if: LandlockRuleset.version > 0 && SystemCallFilter.isAvailable, "this kernel has no sandbox"))
    struct SandboxTests {
        /// Numbers of errors: EPERM by the filter of system calls, EACCES by Landlock.
        private let refusedCall = "errno 1"
        private let refusedFile = "errno 13"
        /// Without them a worker may read what `/proc/self` names, and makes rules of its own for that.
        private let backtraces = ["SWIFT_BACKTRACE": "enable=yes"]

        @Test func serveOnly_leavesTheServedFilesAndNothingElse() throws {
            try expect(sandbox: "serve-only", ["SWIFT_BACKTRACE": "enable=yes"]) { directory in
                let served = directory.appending("site/index.html")
                // Signals are scoped since Linux 6.12.
                let isScoped = LandlockRuleset.version >= 6
                return [
                    ("read?\(served)", "done"), ("list?\(directory.appending("site"))", "done"),
                    ("write?\(served)", refusedFile), ("remove?\(served)", refusedFile),
                    ("read?\(directory.appending("secret"))", refusedFile), ("list?\(directory.path)", refusedFile),
                    ("read?/etc/passwd", refusedFile), ("write?\(directory.appending("new"))", refusedFile),
                    ("read?\(directory.appending("access.db"))", refusedFile),
                    ("spool?\(directory.appending("temporary"))", "done"), ("socket", refusedCall),
                    ("root?/", refusedCall), ("signal-master", isScoped ? refusedCall : "done"),
                    // Programs are run for a backtrace only.
                    ("run?/bin/true", refusedFile),
                ]
            }
        }

        @Test func serveOnly_withoutBacktracesStartsNothing() throws {
            try expect(sandbox: "serve-only", ["SWIFT_BACKTRACE": "enable=no"]) { _ in
                [("run?/bin/true", refusedCall), ("read?/proc/version", refusedFile)]
            }
        }

        @Test func handlers_mayDoWhatWasNamed() throws {
            try expect(sandbox: "handlers") { directory in
                [
                    ("write?\(directory.appending("data/new"))", "done"),
                    ("remove?\(directory.appending("data/new"))", "done"),
                    ("read?\(directory.appending("secret"))", refusedFile), ("socket", "done"),
                    ("root?/", refusedCall),
                ]
            }
        }

        @Test func programs_areStartedButKeepNoMachine() throws {
            try expect(sandbox: "programs") { directory in
                [
                    ("run?/bin/true", "done"), ("read?\(directory.appending("secret"))", "done"), ("socket", "done"),
                    // No capability is left, whoever runs it.
                    ("root?/", refusedCall),
                ]
            }
        }

        @Test func serveOnly_leavesTheCrashPath() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let daemon = try Daemon(
                    fixtureIn: directory,
                    environment: [
                        "FIXTURE_SANDBOX": "serve-only", "FIXTURE_DIRECTORY": directory.appending("site").string,
                    ])
                _ = try? daemon.connect().request("GET", "/trap")
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                // Swift's backtracer runs, with all that it opens, where the toolchain is installed.
                let isPrinted = eventually {
                    let errors = daemon.program.standardError
                    return errors.contains("... done") && errors.contains("MisbehavingHandler.trap")
                }
                #expect(isPrinted, "\(daemon.program.standardError)")
                let row = "SELECT outcome, signal FROM requests WHERE path = '/trap'"
                #expect(eventually { ["SIGILL", "SIGTRAP"].contains((try? daemon.query(row))?.first?.last) })
                try daemon.stop()
            }
        }

        @Test func theRulesForWorkersAreHeldByTheMasterAlone() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let daemon = try Daemon(in: directory, environment: backtraces)
                func open(_ processID: Int32) throws -> String {
                    try RunningProgram.run("/bin/ls", ["-l", "/proc/\(processID)/fd"]).standardOutput
                }
                #expect(try open(daemon.masterID).contains("landlock-ruleset"))
                for child in try daemon.program.awaitWorkers(2) + daemon.logWriters {
                    #expect(try !open(child.id).contains("landlock-ruleset"), "\(child.name)")
                }
                try daemon.stop()
            }
        }

        @Test func aDirectoryInThePlaceOfTheServedOneIsServedByTheNextWorker() throws {
            try withTemporaryDirectory { directory in
                try directory.write("first", to: "site/index.html")
                // Not the usual one, beneath which this test lies.
                let temporary = directory.appending("temporary")
                try File.makeDirectories(temporary, permissions: .ownerReadWriteExecute)
                let daemon = try Daemon(
                    in: directory, ["--workers", "1", "--temporary-directory", temporary.string],
                    environment: backtraces)
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try File.rename(directory.appending("site"), to: directory.appending("former"))
                try directory.write("next", to: "site/index.html")
                try Signal.kill.send(to: #require(daemon.workers.first).id)
                #expect(
                    eventually {
                        (try? daemon.connect().request("GET", "/"))?.body.elementsEqual("next".utf8) == true
                    })
                try daemon.stop()
            }
        }

        /// Has the handler of the fixture try deeds, in order, and compares what comes of each.
        private func expect(
            sandbox: String, _ environment: [String: String] = [:],
            _ deeds: (TemporaryDirectory) -> [(deed: String, outcome: String)]
        ) throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                try directory.write("x", to: "secret")
                for name in ["data", "temporary"] {
                    try File.makeDirectories(directory.appending(name), permissions: .ownerReadWriteExecute)
                }
                let settings = [
                    "FIXTURE_SANDBOX": sandbox, "FIXTURE_DIRECTORY": directory.appending("site").string,
                    "FIXTURE_WRITABLE": directory.appending("data").string,
                    "FIXTURE_TEMPORARY": directory.appending("temporary").string,
                ]
                let daemon = try Daemon(fixtureIn: directory, environment: settings.merging(environment) { $1 })
                for (deed, expected) in deeds(directory) {
                    let answer = try daemon.connect().request("GET", "/attempt/\(deed)")
                    let outcome = String(decoding: answer.body, as: UTF8.self)
                    #expect(outcome == expected, "\(sandbox): \(deed)")
                }
                try daemon.stop()
            }
        }
    }
}
