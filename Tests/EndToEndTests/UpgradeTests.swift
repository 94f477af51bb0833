// Upgrades under load with real programs: no request fails, whether the new program is good or broken.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct UpgradeTests {
        /// How many upgrades the long form makes: BASEHTTP_UPGRADES=100.
        static let upgrades = CurrentProcess.environment("BASEHTTP_UPGRADES").flatMap { Int($0) } ?? 6

        @Test(.timeLimit(.minutes(60)))
        func upgradesUnderLoadLoseNoRequest() throws {
            try withTemporaryDirectory { directory in
                let server = try UpgradableServer(in: directory)
                let broken: [UpgradableServer.Program] = [
                    .answers500, .exitsAtOnce, .neverReady, .missing, .neverAnswers,
                ]
                let load = Load(server)
                var done = 0
                var late = 0
                var slowestMs = 0
                var step = Step.idle
                var watcher = WriterWatch()
                let ledger = try load.run(every: 20) {
                    try watcher.look(server.database)
                    switch step {
                    case .idle:
                        if done == Self.upgrades { return false }
                        // One in five is broken, of another kind each time.
                        let kind = done % 5 == 2 ? broken[done / 5 % broken.count] : .good
                        try server.install(kind)
                        step = .waiting(kind, sinceNs: Clock.monotonicNs(), goneOn: server.lines(with: "goes on"))
                        try server.requestUpgrade()
                    case .waiting(let kind, let sinceNs, let goneOn):
                        let ms = Int((Clock.monotonicNs() - sinceNs) / 1_000_000)
                        if ms > patienceMs { throw TestFailure("upgrade \(done) to \(kind) hangs", server.program) }
                        if kind == .good {
                            // On a busy machine one may be late: the old server goes on, and it is asked again.
                            if server.lines(with: "goes on") > goneOn { (late, step) = (late + 1, .idle) }
                            guard server.lines(with: "takes over") > server.masters.count - 1 else { return true }
                            let old = server.master
                            #expect(server.takeSuccessor() != nil)
                            step = .ending(old)
                        } else {
                            guard server.lines(with: "goes on") > goneOn else { return true }
                            slowestMs = max(slowestMs, ms)
                            step = .idle
                            done += 1
                        }
                    case .ending(let old):
                        if UpgradableServer.lives(old) { return true }
                        step = .idle
                        done += 1
                    }
                    return true
                }
                print(
                    "upgrades: \(done), \(late) more came too late, \(ledger.count(.answered)) answered, the slowest",
                    "roll-back after \(slowestMs) ms, \(watcher.held) of \(watcher.looks) looks saw a writer")
                #expect(watcher.held > 0)
                #expect(slowestMs <= 5_000)
                #expect(late <= max(2, Self.upgrades / 10))
                #expect(done == Self.upgrades)
                load.check(ledger)
                try server.stop()
                try load.check(ledger, server.database)
                try checkNumbers(in: server.database)
                #expect(try directory.names(in: "log").allSatisfy { !$0.contains("-ring") })
            }
        }

        /// Two trees served at once: each number is one of either, and of one request.
        private func checkNumbers(in database: FilePath) throws {
            let numbers = try Daemon.query(
                "SELECT count(*) - count(DISTINCT request_id), sum(json_extract(rest, '$[2]') IS NOT NULL), "
                    + "count(DISTINCT request_id & 1) FROM access", database)
            #expect(numbers == [["0", "0", "2"]])
        }

        @Test(arguments: UpgradableServer.Program.allCases.filter { $0 != .good })
        func aBrokenProgramIsRolledBack(_ kind: UpgradableServer.Program) throws {
            try withTemporaryDirectory { directory in
                let server = try UpgradableServer(in: directory)
                let client = try HTTPClient(port: server.port)
                #expect(try client.request("GET", "/").status == 200)
                try server.install(kind)
                try server.requestUpgrade()
                #expect(eventually { server.lines(with: "goes on") == 1 }, "\(server.program.standardError)")
                let new = server.takeSuccessor()
                #expect((new == nil) == (kind == .missing))
                #expect(eventually { RunningProcess.all().allSatisfy { $0.group != new } }, "all of it is gone")
                #expect(try client.request("GET", "/?after").status == 200, "on the same connection")
                let rings = { try directory.names(in: "log").count { $0.contains("-ring") } }
                #expect(try eventually { try rings() == 1 }, "what the new tree logged is stored")
                try server.install(.good)
                // A later one is welcome.
                try server.upgrade()
                #expect(server.takeSuccessor() != nil)
                try server.stop()
                #expect(
                    try Daemon.query("SELECT count(*) FROM requests WHERE query = 'after'", server.database) == [["1"]])
            }
        }

        @Test func aSecondRequestIsRefusedAndAStopComesFirst() throws {
            try withTemporaryDirectory { directory in
                let server = try UpgradableServer(in: directory)
                try server.install(.neverReady)
                try server.requestUpgrade()
                #expect(eventually { server.lines(with: "was started") == 1 })
                try Signal.user2.send(to: server.master)
                #expect(eventually { server.lines(with: "is refused") == 1 })
                try server.program.send(.terminate)
                #expect(try server.program.waitForEnd() == .exited(status: 0))
                let new = try #require(server.takeSuccessor())
                #expect(eventually { RunningProcess.all().allSatisfy { $0.group != new } })
            }
        }

        @Test func theNewServerOutlivesTheOldOneWithItsOptions() throws {
            try withTemporaryDirectory { directory in
                let server = try UpgradableServer(in: directory, ["--workers", "3"])
                try server.upgrade()
                let old = server.master
                let new = try #require(server.takeSuccessor())
                #expect(try server.program.waitForEnd() == .exited(status: 0))
                #expect(!UpgradableServer.lives(old) && UpgradableServer.lives(new))
                let names = ["basehttpd", "basehttpd-log", "basehttpd-w0", "basehttpd-w1", "basehttpd-w2"]
                #expect(eventually { server.processes.map(\.name).sorted() == names })
                #expect(try HTTPClient(port: server.port).request("GET", "/").status == 200)
                #expect(try HTTPClient(port: server.port).request("GET", "/cgi-bin/health").text == "well\n")
                // Its children end with it.
                try Signal.kill.send(to: new)
                #expect(eventually { server.processes.isEmpty })
            }
        }

        @Test func theFileOfAUnixSocketIsTheSuccessors() throws {
            try withTemporaryDirectory { directory in
                let path = directory.appending("web.socket").string
                // The request that the old server makes comes without the header that this peer must send.
                let options = ["--bind", "unix:\(path)", "--proxy-protocol", "127.0.0.1"]
                let server = try UpgradableServer(in: directory, options)
                func isServed() throws -> Bool {
                    try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").status == 200
                }
                // Rolled back, the first goes on, its socket untouched.
                try server.install(.answers500)
                try server.requestUpgrade()
                #expect(eventually { server.lines(with: "goes on") == 1 }, "\(server.program.standardError)")
                #expect(try isServed())
                try server.install(.good)
                try server.upgrade()
                #expect(try server.program.waitForEnd() == .exited(status: 0))
                #expect(try isServed())
                while server.takeSuccessor() != nil {}
                try server.stop()
                #expect(try !directory.names().contains("web.socket"))
            }
        }

        @Test func theVariableAloneIsAnError() throws {
            let finished = try RunningProgram.run(
                "basehttpd", ["0", "--log-db", "none"], environment: ["BASEHTTP_UPGRADE": "1"])
            #expect(finished.end == .exited(status: 71) && finished.standardError.contains("unset it"))
        }

        private enum Step {
            case idle
            case waiting(UpgradableServer.Program, sinceNs: Int64, goneOn: Int)
            case ending(Int32)
        }

        /// Looks how many processes hold a log's lock.
        private struct WriterWatch {
            var looks = 0
            var held = 0

            mutating func look(_ database: FilePath) throws {
                let inode = try File.status(at: FilePath(database.string + "-lock")).inode
                let file = try File.open("/proc/locks", .readOnly)
                let text = try File.read(file.rawValue, at: 0, count: 65_536)
                let holders = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { line in
                    // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:12345 0 EOF; those who wait have an arrow in front.
                    let words = line.split(separator: " ")
                    return words.count > 5 && words[1] == "FLOCK" && words[3] == "WRITE"
                        && words[5].hasSuffix(":\(inode)")
                }
                // The list moves while it is read, so that a line may come twice.
                let processes = Set(holders.map { $0.split(separator: " ")[4] })
                looks += 1
                #expect(processes.count <= 1, "\(holders)")
                held += processes.count
            }
        }

        /// Keep-alive clients, which open a new connection where an answer says close.
        private struct Load {
            private var loader: LedgerLoader

            init(_ server: UpgradableServer) {
                let size = "<!doctype html><title>home</title>".utf8.count
                loader = LedgerLoader(
                    port: server.port, targets: [LedgerLoader.Target(path: "/", size: size)],
                    requests: 200_000 * UpgradeTests.upgrades)
                loader.connections = 16
                loader.timeLimitMs = 3_000_000
            }

            func run(every ms: Int, _ hook: () throws -> Bool) throws -> Ledger {
                try loader.run(every: ms, hook)
            }

            func check(_ ledger: Ledger) {
                #expect(ledger.count(.broken) == 0 && ledger.count(.refused) == 0, "\(ledger.refusals)")
                #expect(ledger.failedConnections == 0 && ledger.lostConnections == 0)
                #expect(ledger.count(.sent) <= 16, "only those that the end of the load cut off")
            }

            func check(_ ledger: Ledger, _ database: FilePath) throws {
                let answered = ledger.count(.answered)
                let sql = "SELECT count(*), count(DISTINCT query), max(outcome) FROM requests WHERE query LIKE 'n=%'"
                let rows = try Daemon.query(sql + " AND CAST(substr(query, 3) AS INTEGER) < \(answered)", database)
                #expect(Int(rows.first?[0] ?? "") == Int(rows.first?[1] ?? ""), "no row is doubled")
                let all = try Daemon.query(sql, database)
                let count = Int(all.first?[1] ?? "") ?? 0
                #expect(count >= answered && count <= answered + ledger.count(.sent), "\(count) rows of \(answered)")
            }
        }
    }
}
