// Old rows are removed by command, with a server and without one.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct PruneTests {
        @Test func httpstatsPrune_withAServerAndWithout() throws {
            try withDaemon { daemon, directory in
                for _ in 0..<20 { _ = try daemon.connect().request("GET", "/index.html") }
                #expect(daemon.eventuallyCounts(20, "SELECT count(*) FROM requests"))
                let all = try prune(daemon, ["--max-size", "1G"])
                #expect(all == ["0", "0", "0", "0", "0"])
                let trial = try prune(daemon, ["--before", "2100-01-01", "--dry-run"])
                #expect(trial[0] == "20")
                #expect(try daemon.count("SELECT count(*) FROM requests") == 20)
                // All but the newest; the request is seen within a second.
                #expect(try prune(daemon, ["--before", "2100-01-01"])[0] == "19")
                #expect(try daemon.count("SELECT count(*) FROM requests") == 1)
                for _ in 0..<5 { _ = try daemon.connect().request("GET", "/index.html") }
                try daemon.stop()
                #expect(try prune(daemon, ["--before", "2100-01-01"])[0] == "5")
                #expect(try daemon.count("SELECT count(*) FROM requests") == 1)
                #expect(try directory.names(in: "log").allSatisfy { !$0.contains("-prune-") })
            }
        }

        @Test(arguments: [
            [], ["--older-than", "5"], ["--max-size", "12Q"], ["--older-than", "1d", "--before", "2026-01-01"],
            ["--max-size", "0"],
        ])
        func badUsage(options: [String]) throws {
            let finished = try RunningProgram.run("httpstats", ["prune", "--db", "/nowhere/access.db"] + options)
            #expect(finished.end == .exited(status: 2), "\(finished.standardError)")
        }

        @Test func noSuchLog() throws {
            let finished = try RunningProgram.run(
                "httpstats", ["prune", "--db", "/nowhere/access.db", "--older-than", "1d"])
            #expect(finished.end == .exited(status: 4), "\(finished.standardError)")
        }

        private func prune(_ daemon: Daemon, _ options: [String]) throws -> [String] {
            let finished = try RunningProgram.run(
                "httpstats", ["prune", "--db", daemon.database.string, "--format", "json"] + options)
            #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
            let numbers = ["requests", "messages", "processes", "texts", "bytes_freed"].map { name in
                finished.standardOutput.split(separator: "\"\(name)\":").last.map { rest in
                    String(rest.drop { $0 == " " }.prefix { $0.isNumber })
                } ?? ""
            }
            return numbers
        }
    }
}
