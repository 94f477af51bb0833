// What workers and log writer give up: user, root directory, capabilities, files, system calls; read from the kernel.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ConfinementTests {
        @Test func children_haveNoRightsToGiveAway() throws {
            try withDaemon { daemon, _ in
                let children = try daemon.program.awaitWorkers(2) + daemon.logWriters
                #expect(children.count == 3)
                for child in children {
                    let status = try ProcessStatus(child.id)
                    #expect(status["NoNewPrivs"] == "1", "\(child.name)")
                    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                        #expect(status[set] == "0000000000000000", "\(child.name): \(set)")
                    }
                    if CurrentProcess.effectiveUserID == 0 { #expect(status["CapBnd"] == "0000000000000000") }
                    if SystemCallFilter.isAvailable { #expect(status["Seccomp"] == "2", "\(child.name)") }
                }
                try daemon.stop()
            }
        }

        @Test(.needsRoot, arguments: [("nobody", "65534", "65534"), ("1234:5678", "1234", "5678")])
        func user_isTakenOnByWorkersAndLogWriter(user: String, userID: String, groupID: String) throws {
            try withOpenTree { directory in
                let daemon = try Daemon(in: directory, ["--user", user])
                for child in try daemon.program.awaitWorkers(2) + daemon.logWriters {
                    let status = try ProcessStatus(child.id)
                    // Real, effective, saved and file system id: there is no way back.
                    #expect(status["Uid"] == Array(repeating: userID, count: 4).joined(separator: "\t"))
                    #expect(status["Gid"] == Array(repeating: groupID, count: 4).joined(separator: "\t"))
                    #expect(status["Groups"] == groupID, "none of root's groups are left")
                }
                #expect(try ProcessStatus(daemon.program.processID)["Uid"]?.hasPrefix("0\t0") == true)
                #expect(try daemon.connect().request("GET", "/").status == 200)
                // A large body passes through a temporary file.
                #expect(try post(1_000_000, to: daemon).status == 501)
                // Its successor gives the same up.
                let worker = try #require(daemon.workers.first)
                try Signal.kill.send(to: worker.id)
                #expect(eventually { !daemon.workers.contains { $0.id == worker.id } && daemon.workers.count == 2 })
                for child in daemon.workers { #expect(try ProcessStatus(child.id)["Uid"]?.hasPrefix(userID) == true) }
                #expect(try daemon.connect().request("GET", "/").status == 200)
                #expect(!daemon.program.standardError.contains("run as root"))
                try daemon.stop()
                #expect(try daemon.count("SELECT count(*) FROM requests") == 3)
            }
        }

        @Test(.needsRoot) func user_losesItsMasterAsOthersDo() throws {
            try withOpenTree { directory in
                let daemon = try Daemon(in: directory, ["--user", "nobody"])
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try Signal.kill.send(to: daemon.program.processID)
                // The signal of the parent's death is cleared by a change of user: it must have been set afterwards.
                #expect(eventually { daemon.program.processes.isEmpty })
            }
        }

        @Test(.needsRoot) func user_withoutRightToTheLog() throws {
            try withOpenTree { directory in
                let first = try Daemon(in: directory)
                #expect(try first.connect().request("GET", "/").status == 200)
                try first.stop()
                // The log is root's now: one line names the file and the user.
                let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: 0)
                let finished = try RunningProgram.run("basehttpd", arguments + ["--user", "nobody"])
                #expect(finished.end == .exited(status: 77), "\(finished.standardError)")
                #expect(finished.standardError.split(separator: "\n").count == 1, "\(finished.standardError)")
                #expect(finished.standardError.contains("log") && finished.standardError.contains("nobody"))
            }
        }

        @Test(.needsRoot) func chroot_servesFromItsOwnRoot() throws {
            try withOpenTree(page: "site/www/index.html") { directory in
                try File.makeDirectories(directory.appending("site/tmp"), permissions: .ownerReadWriteExecute)
                try File.changeOwner(of: directory.appending("site/tmp"), user: 65534, group: 65534)
                let daemon = try Daemon(
                    in: directory,
                    ["--user", "nobody", "--chroot", directory.appending("site").string, "--directory", "/www"])
                let answer = try daemon.connect().request("GET", "/")
                #expect(answer.status == 200 && answer.body == [120])
                #expect(try post(1_000_000, to: daemon).status == 501)
                let worker = try #require(daemon.workers.first)
                let root = try RunningProgram.run("/bin/readlink", ["/proc/\(worker.id)/root"])
                #expect(root.standardOutput == directory.appending("site").string + "\n")
                try daemon.stop()
                #expect(try daemon.count("SELECT count(*) FROM requests") == 2)
            }
        }

        @Test(.needsRoot) func chroot_refusesALogInIt() throws {
            try withOpenTree { directory in
                for options in [[], ["--check"]] {
                    let finished = try RunningProgram.run(
                        "basehttpd",
                        Daemon.arguments(in: directory, database: "site/log/access.db", port: 0)
                            + ["--chroot", directory.appending("site").string, "--directory", "."] + options)
                    #expect(finished.end == .exited(status: 64), "\(finished.standardError)")
                    #expect(finished.standardError.contains("site/log/access.db"))
                    #expect(try directory.names(in: "site") == ["index.html"])
                }
            }
        }

        @Test func umaskAndLimits_areSet() throws {
            try withDaemon(["--umask", "037", "--rlimit", "nofile=200:300", "--rlimit", "core=0"]) { daemon, _ in
                let worker = try #require(daemon.workers.first)
                #expect(try ProcessStatus(worker.id)["Umask"] == "0037")
                let limits = try text("/proc/\(worker.id)/limits").split(separator: "\n").map {
                    $0.split(separator: " ").joined(separator: " ")
                }
                #expect(limits.contains { $0.hasPrefix("Max open files 200 300") }, "\(limits)")
                #expect(limits.contains { $0.hasPrefix("Max core file size 0 0") }, "\(limits)")
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.stop()
            }
        }

        @Test func sandbox_canBeOff() throws {
            try withDaemon(["--sandbox", "off"]) { daemon, _ in
                let status = try ProcessStatus(try #require(daemon.workers.first).id)
                #expect(status["NoNewPrivs"] == "1" && status["Seccomp"] == "0")
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.stop()
            }
        }

        /// What a mistake is answered with: the exit status and a word of the line.
        private static let mistakes: [(options: [String], status: Int32, word: String)] = [
            (["--user", "no-such-user"], 67, "no-such-user"), (["--user", "77777"], 67, "77777:GROUP"),
            (["--user", "0", "--group", "no-such-group"], 67, "no-such-group"), (["--group", "0"], 64, "user"),
            (["--user", "4294967295:0"], 67, "4294967295"), (["--user", ""], 64, "user"),
            (["--rlimit", "nofile"], 64, "NAME=SOFT"), (["--rlimit", "files=1"], 64, "nofile"),
            (["--rlimit", "nofile=2:1"], 64, "nofile=2:1"), (["--rlimit", "core=1:2:3"], 64, "core=1:2:3"),
            (["--rlimit", "as=99999999999G"], 64, "as=99999999999G"), (["--umask", "8"], 64, "octal"),
            (["--umask", "1000"], 64, "octal"), (["--sandbox", "on"], 64, "require"),
            (["--temporary-directory", "/no/such"], 73, "/no/such"), (["--pid-file", "/no/such/file"], 73, "/no/such"),
            (["--chroot", "/no/such"], 66, "/no/such"),
        ]

        @Test(arguments: mistakes.indices)
        func mistake_isOneLineAndAStatus(index: Int) throws {
            let mistake = Self.mistakes[index]
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let finished = try RunningProgram.run(
                    "basehttpd",
                    Daemon.arguments(in: directory, database: "access.db", port: 0) + ["--check"] + mistake.options)
                #expect(finished.end == .exited(status: mistake.status), "\(mistake): \(finished.standardError)")
                #expect(finished.standardError.split(separator: "\n").count == 1 && finished.standardOutput.isEmpty)
                #expect(finished.standardError.contains(mistake.word), "\(mistake): \(finished.standardError)")
                #expect(try directory.names() == ["site"], "a check makes nothing")
            }
        }

        @Test func check_saysWhatWouldRunAndMakesNothing() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: 8123)
                let finished = try RunningProgram.run("basehttpd", arguments + ["--check", "--rlimit", "core=0"])
                #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
                let lines = finished.standardOutput.split(separator: "\n")
                #expect(lines.first == "basehttpd: the configuration is valid")
                for value in ["127.0.0.1 port 8123", "workers", "log/access.db", "core=0", "sandbox"] {
                    #expect(lines.contains { $0.contains(value) }, "\(value): \(lines)")
                }
                #expect(try directory.names() == ["site"])
            }
        }

        private func post(_ count: Int, to daemon: Daemon) throws -> HTTPAnswer {
            let client = try daemon.connect()
            let body = String(repeating: "x", count: count)
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n" + body)
            return try client.receive()
        }

        private func text(_ path: String) throws -> String {
            let file = try File.open(FilePath(path), .readOnly)
            return String(decoding: try DescriptorIO.read(from: file.rawValue, atMost: 16_384), as: UTF8.self)
        }

        /// A directory that every user may enter: those above a test's own are, beneath the system's.
        private func withOpenTree(
            page: String = "site/index.html", _ body: (TemporaryDirectory) throws -> Void
        ) throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: page)
                let opened = try RunningProgram.run("/bin/chmod", ["-R", "a+rX", directory.path.string])
                #expect(opened.end == .exited(status: 0))
                try body(directory)
            }
        }
    }
}

/// The fields of `/proc/PID/status` (proc_pid_status(5)).
struct ProcessStatus {
    private let fields: [String: String]

    init(_ processID: Int32) throws {
        let file = try File.open(FilePath("/proc/\(processID)/status"), .readOnly)
        let text = String(decoding: try DescriptorIO.read(from: file.rawValue, atMost: 16_384), as: UTF8.self)
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            let value = parts[1].drop(while: blanks).reversed().drop(while: blanks).reversed()
            fields[String(parts[0])] = String(value)
        }
        self.fields = fields
    }

    subscript(name: String) -> String? { fields[name] }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test for whoever cannot become another user.
    static var needsRoot: Self { .enabled(if: CurrentProcess.effectiveUserID == 0, "only root can change the user") }
}
