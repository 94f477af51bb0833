// What systemd is told by a real server: ready, status, watchdog, stopping, and who is the main process.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ServiceManagerTests {
        @Test(arguments: [true, false])
        func tellsHowItIs(isAbstract: Bool) throws {
            try withTemporaryDirectory { directory in
                try directory.write("well", to: "site/index.html")
                let name = isAbstract ? "@basehttp-\(Clock.monotonicNs())" : directory.appending("notify").string
                let manager = try NotifySocket(name)
                let program = try RunningProgram(
                    "basehttpd", Daemon.arguments(in: directory, database: "log/access.db", port: 0),
                    environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"])
                _ = try manager.wait(for: "READY=1")
                #expect(!program.standardOutput.isEmpty, "it says where it serves before")
                for _ in 0..<3 { _ = try manager.wait(for: "WATCHDOG=1") }
                try Signal.kill.send(to: program.awaitWorkers(2)[0].id)
                _ = try manager.wait(for: "STATUS=Serving: 2 workers, 1 replaced")
                // A master that does not turn is silent.
                try Signal(rawValue: 19).send(to: program.processID)
                #expect(eventually { RunningProcess(program.processID)?.state == "T" })
                manager.skip()
                #expect(throws: TestFailure.self) { try manager.wait(for: "WATCHDOG=1", timeoutMs: 400) }
                try Signal(rawValue: 18).send(to: program.processID)
                _ = try manager.wait(for: "WATCHDOG=1")
                try program.send(.quit)
                _ = try manager.wait(for: "STOPPING=1")
                #expect(try program.waitForEnd() == .exited(status: 0))
            }
        }

        @Test func namesTheNewMasterOfAnUpgrade() throws {
            try withTemporaryDirectory { directory in
                let manager = try NotifySocket(directory.appending("notify").string)
                let server = try UpgradableServer(
                    in: directory,
                    environment: ["NOTIFY_SOCKET": directory.appending("notify").string, "WATCHDOG_USEC": "400000"])
                _ = try manager.wait(for: "READY=1")
                try server.install(.exitsAtOnce)
                try server.requestUpgrade()
                #expect(eventually { server.lines(with: "goes on") == 1 })
                _ = server.takeSuccessor()
                try server.install(.good)
                try server.upgrade()
                let line = try manager.wait(for: "MAINPID=")
                let new = try #require(server.takeSuccessor())
                #expect(line == "MAINPID=\(new)")
                #expect(manager.lines.count { $0.hasPrefix("MAINPID") } == 1, "the broken one never was")
                _ = try manager.wait(for: "READY=1")
                #expect(try server.program.waitForEnd() == .exited(status: 0))
                // Its variables named no process, so the watchdog is the new one's.
                for _ in 0..<2 { _ = try manager.wait(for: "WATCHDOG=1") }
                #expect(!manager.lines.contains("STOPPING=1"), "the service goes on")
                try server.stop()
                _ = try manager.wait(for: "STOPPING=1")
            }
        }
    }
}
