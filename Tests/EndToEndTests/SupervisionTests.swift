// The master looks after its workers: it replaces, reloads, refuses what kills them, and answers while none can.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct SupervisionTests {
        @Test func whileNoWorkerStartsClientsGet503AndAfterwardsService() throws {
            try withTemporaryDirectory { directory in
                try directory.write("all", to: "broken")
                let port = try freePort()
                let file = directory.appending("broken")
                let daemon = try Daemon(fixtureIn: directory, port: port, ["workers=2", "broken=\(file)"])
                let began = Clock.monotonicNs()
                #expect(eventually { (try? daemon.connect().request("GET", "/early").status) == 503 })
                print("503 after \((Clock.monotonicNs() - began) / 1_000_000) ms")
                let answer = try daemon.connect().request("POST", "/x?y")
                #expect(answer.status == 503 && answer["Retry-After"] == "5" && answer["Connection"] == "close")
                let refused = "SELECT count(*) FROM requests WHERE status = 503 AND outcome = 'shed' AND path = '/x'"
                #expect(daemon.eventuallyCounts(1, refused))
                #expect(!daemon.program.standardError.contains("serving"), "it has not begun to serve")

                let mended = Clock.monotonicNs()
                try File.remove(file)
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                print("service \((Clock.monotonicNs() - mended) / 1_000_000) ms after the cause was mended")
                #expect(eventually { daemon.program.processes(named: "basehttpd-503").isEmpty })
                #expect(eventually { daemon.workers.count == 2 })
                // Runs of workers that never got ready, and of the responder, are rows as well.
                let runs = try daemon.count("SELECT count(*) FROM worker_run WHERE ended_us IS NOT NULL")
                #expect((3...20).contains(runs), "\(runs) ended")
                try daemon.stop()
            }
        }

        @Test func aRequestThatEndsWorkersIsRefused() throws {
            try withFixture { daemon, _ in
                for _ in 0..<3 {
                    #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                    #expect(try daemon.connect().request("GET", "/trap").status == 500)
                }
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                let answer = try daemon.connect().request("GET", "/trap?other=query")
                #expect(answer.status == 503)
                #expect(answer["Retry-After"].flatMap { Int($0) }.map { (1...60).contains($0) } == true)
                #expect(try daemon.connect().request("GET", "/trapeze").status == 200, "nothing else is")
                let rows =
                    "SELECT count(*) FROM request_errors WHERE path = '/trap' AND outcome = 'shed' AND status = 503"
                #expect(daemon.eventuallyCounts(1, rows))
                #expect(daemon.program.standardError.contains("GET /trap was running when 3 workers ended"))
            }
        }

        @Test func aWorkerIsReplacedAfterItsRequests() throws {
            try withFixture(["max-requests=50"]) { (daemon: Daemon, _: TemporaryDirectory) throws in
                let lives = "SELECT count(*) FROM worker_run WHERE role = 'worker'"
                // How many requests pass while a replacement starts depends on the machine.
                let isReplaced = try eventually {
                    for _ in 0..<50 { #expect(try daemon.connect().request("GET", "/").status == 200) }
                    return try daemon.count(lives) >= 4
                }
                #expect(isReplaced)
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE outcome <> 'ok'") == 0)
            }
        }

        @Test func aWorkerIsReplacedWhenItHoldsTooMuchMemory() throws {
            try withFixture(["max-memory=\(96 << 20)"]) { (daemon: Daemon, _: TemporaryDirectory) throws in
                let first = daemon.workers.map(\.id)
                for _ in 0..<2 { #expect(try daemon.connect().request("GET", "/grow").status == 200) }
                #expect(eventually { daemon.workers.count == 1 && daemon.workers.map(\.id) != first })
                #expect(daemon.program.standardError.contains("MiB of memory"))
                #expect(try daemon.connect().request("GET", "/").status == 200)
            }
        }

        @Test func aHangUpReadsTheFileAnewAndABadOneChangesNothing() throws {
            try withTemporaryDirectory { directory in
                try directory.write("one", to: "site/index.html")
                try directory.write("two", to: "other/index.html")
                let file = directory.appending("server.yaml")
                try directory.write("directory: \(directory.appending("site"))\nworkers: 2", to: "server.yaml")
                let program = try RunningProgram(
                    "basehttpd",
                    ["0", "--config", file.string, "--log-db", directory.appending("access.db").string])
                let port = try program.waitForLine { line in
                    line.split(separator: " ").firstIndex(of: "port").flatMap { index in
                        UInt16(line.split(separator: " ")[index + 1])
                    }
                }
                let text = { try HTTPClient(port: port).request("GET", "/").text }
                #expect(try text() == "one")
                let workers = { program.processes.filter { $0.name.hasPrefix("basehttpd-w") }.map(\.id).sorted() }
                #expect(eventually { workers().count == 2 })
                let before = workers()

                try directory.write("workers: none", to: "server.yaml")
                try program.send(.hangUp)
                _ = try program.waitForLine(of: \.standardError) {
                    $0.contains("goes on with the configuration") ? true : nil
                }
                #expect(program.standardError.contains("workers must be a number from 1 to 255, or auto"))
                #expect(workers() == before)
                #expect(try text() == "one")

                try directory.write(
                    "directory: \(directory.appending("other"))\nworkers: 3\nlog-sync: full", to: "server.yaml")
                try program.send(.hangUp)
                _ = try program.waitForLine(of: \.standardError) {
                    $0.contains("every worker has the new") ? true : nil
                }
                #expect(eventually { workers().count == 3 && Set(workers()).isDisjoint(with: before) })
                #expect(try text() == "two")
                #expect(program.standardError.contains("until a restart these stay as they are: durability of the log"))
                program.killAll()
            }
        }

        @Test func reloadsUnderLoadLoseNoRequest() throws {
            try withDaemon { daemon, _ in
                let target = LedgerLoader.Target(path: "/index.html", size: 34)
                var loader = LedgerLoader(port: daemon.port, targets: [target], requests: 20_000)
                loader.connections = 16
                var reloads = 0
                let ledger = try loader.run(every: 200) {
                    try daemon.program.send(.hangUp)
                    reloads += 1
                    return true
                }
                print(
                    "\(reloads) reloads: \(ledger.count(.answered)) answered, \(ledger.count(.broken)) broken, "
                        + "\(ledger.lostConnections) connections ended by the server")
                #expect(reloads > 2)
                #expect(ledger.count(.answered) == 20_000, "\(ledger.refusals)")
                try daemon.stop()
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE outcome = 'ok'") >= 20_000)
            }
        }

        @Test func windowChangeDrainsTheWorkersUntilOneIsAskedFor() throws {
            try withDaemon { daemon, _ in
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.program.send(.windowChange)
                #expect(eventually { daemon.workers.isEmpty })
                let waiting = try daemon.connect()
                try waiting.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try daemon.program.send(.terminalInput)
                #expect(try waiting.receive().status == 200, "it waited in the queue of the socket")
                #expect(eventually { daemon.workers.count == 2 })
                try daemon.stop()
            }
        }

        private func freePort() throws -> UInt16 {
            try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1).localAddress().port
        }
    }
}
