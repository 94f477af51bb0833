// The pid file of the daemon: it refuses a second server, names the first, and survives a death without harm.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct PidFileTests {
        @Test func pidFile_refusesASecondServerAndIsGoneAtTheEnd() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let file = directory.appending("pid").string
                let daemon = try Daemon(in: directory, ["--pid-file", file])
                #expect(try directory.read("pid") == Array("\(daemon.program.processID)\n".utf8))
                let second = try RunningProgram.run(
                    "basehttpd",
                    Daemon.arguments(in: directory, database: "other.db", port: 0) + ["--pid-file", file])
                #expect(second.end == .exited(status: 75), "\(second.standardError)")
                #expect(second.standardError.split(separator: "\n").count == 1)
                #expect(second.standardError.contains("process \(daemon.program.processID)"))
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.stop()
                #expect(try directory.names() == ["log", "site"])
            }
        }

        @Test func pidFile_ofAKilledServerIsTakenOver() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let options = ["--pid-file", directory.appending("pid").string]
                let first = try Daemon(in: directory, options)
                try Signal.kill.send(to: first.program.processID)
                _ = try first.program.waitForEnd()
                #expect(try directory.names().contains("pid"))
                // Not before the children of the first are gone: its log writer holds the log.
                #expect(eventually { first.program.processes.isEmpty })
                let second = try Daemon(in: directory, options)
                #expect(try directory.read("pid") == Array("\(second.program.processID)\n".utf8))
                try second.stop()
            }
        }

        @Test func pidFile_goesToTheNewMasterAtAnUpgradeAndNotBefore() throws {
            try withTemporaryDirectory { directory in
                let server = try UpgradableServer(in: directory, ["--pid-file", directory.appending("pid").string])
                let old = server.master
                #expect(try directory.read("pid") == Array("\(old)\n".utf8))
                try server.install(.answers500)
                try server.requestUpgrade()
                #expect(eventually { server.lines(with: "goes on") == 1 })
                #expect(try directory.read("pid") == Array("\(old)\n".utf8), "a broken program has not touched it")

                try server.install(.good)
                try server.upgrade()
                let new = try #require(server.takeSuccessor())
                #expect(eventually { !UpgradableServer.lives(old) })
                #expect(try directory.read("pid") == Array("\(new)\n".utf8), "the old one leaves it alone")
                try server.stop()
                #expect(try !directory.names().contains("pid"))
            }
        }
    }
}
