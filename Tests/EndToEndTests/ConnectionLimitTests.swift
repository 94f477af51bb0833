// Limits of connections: in total, of one client, and of descriptors.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ConnectionLimitTests {
        @Test func totalOfAllWorkers_isNeverExceeded() throws {
            try withDaemon(["--max-connections", "3"]) { daemon, directory in
                // Each waits for the rest of a head: none is idle, so none makes room.
                let clients = try (0..<8).map { _ in try daemon.connect() }
                for client in clients { try client.send("GET / HTTP/1.1\r\n") }
                #expect(eventually { sockets(of: daemon) == 3 }, "\(sockets(of: daemon)) connections")
                // All others wait, and are served as room is made.
                for client in clients { try client.send("Host: h\r\nConnection: close\r\n\r\n") }
                for client in clients { #expect(try client.receive().status == 200) }
            }
        }

        @Test func furtherConnectionsOfAClient_getA503() throws {
            try withDaemon(["--max-connections-per-client", "2", "--workers", "1"]) { daemon, _ in
                let first = try daemon.connect()
                #expect(try first.request("GET", "/").status == 200)
                let second = try daemon.connect()
                #expect(try second.request("GET", "/").status == 200)
                for _ in 0..<5 {
                    let refused = try daemon.connect()
                    try refused.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                    let answer = try refused.receive()
                    #expect(answer.status == 503 && answer["Retry-After"] == "10" && answer["Connection"] == "close")
                    #expect(try refused.isClosedByServer())
                }
                #expect(try first.request("GET", "/").status == 200, "the others are served on")
                second.shutdownWrite()
                #expect(try second.isClosedByServer())
                #expect(try daemon.connect().request("GET", "/").status == 200, "room again")
                // One row tells of all of them, after a while.
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM errors"))
                try daemon.stop()
                #expect(
                    try daemon.query("SELECT message FROM errors").map { $0[0].replacing("\"", with: "") } == [
                        "refused 5 connections of clients that had 2 in this worker; the last was 127.0.0.1"
                    ])
            }
        }

        @Test func clientsAreCountedBehindAProxy() throws {
            let options = ["--max-connections-per-client", "1", "--workers", "1", "--proxy-protocol", "127.0.0.1"]
            try withDaemon(options) { daemon, _ in
                func connect(_ address: String) throws -> (HTTPClient, Int) {
                    let client = try daemon.connect()
                    try client.send("PROXY TCP6 \(address) ::1 1 2\r\n")
                    return (client, try client.request("GET", "/").status)
                }
                let kept = try [connect("2001:db8::1"), connect("2001:db8:0:1::1"), connect("::ffff:192.0.2.1")]
                #expect(kept.map(\.1) == [200, 200, 200])
                // Another address of the same 64 bits; another IPv4 address.
                #expect(try connect("2001:db8::ffff").1 == 503)
                #expect(try connect("::ffff:192.0.2.2").1 == 200)
            }
        }

        @Test func descriptorsRunOut_withoutSpinningAndForAMoment() throws {
            try withTemporaryDirectory { directory in
                try directory.write("home", to: "site/index.html")
                let daemon = RunningProgram.productsDirectory.appending("basehttpd").string
                let arguments = Daemon.arguments(in: directory, database: "access.db", port: 0)
                let program = try RunningProgram(
                    "/bin/sh",
                    ["-c", "ulimit -n 28; exec \"$0\" \"$@\"", daemon] + arguments + ["--workers", "1"])
                let port = try program.waitForLine { Daemon.port(in: $0) }
                let worker = try #require(program.processes(named: "basehttpd-w0").first)
                var clients: [HTTPClient] = []
                for _ in 0..<40 {
                    let client = try HTTPClient(port: port)
                    try client.send("GET / HTTP/1.1\r\n")
                    clients.append(client)
                }
                #expect(eventually { descriptors(of: worker.id) == 28 }, "\(descriptors(of: worker.id))")
                // A second and a half of waiting costs at most a twentieth of it.
                let before = RunningProcess(worker.id)?.processorTicks ?? .max
                let end = Clock.monotonicNs() + 1_500_000_000
                #expect(eventually { Clock.monotonicNs() >= end })
                let spent = (RunningProcess(worker.id)?.processorTicks ?? .max) - before
                #expect(spent <= 8, "\(spent) hundredths of a second")
                // Who held one leaves; whoever waits is answered after the pause.
                let waiting = clients.removeLast()
                try waiting.send("Host: h\r\nConnection: close\r\n\r\n")
                let left = Clock.monotonicNs()
                clients.removeAll()
                #expect(try waiting.receive().text == "home")
                let tookMs = (Clock.monotonicNs() - left) / 1_000_000
                #expect(tookMs < 1_000, "\(tookMs) ms")
                #expect(try HTTPClient(port: port).request("GET", "/").status == 200)
                program.killAll()
            }
        }

        @Test(arguments: [["--max-connections", "1"], ["--max-connections-per-client", "0"]])
        func badLimit_isOneClearLine(options: [String]) throws {
            let finished = try RunningProgram.run("basehttpd", options + ["--workers", "2", "--log-db", "none"])
            #expect(finished.end == .exited(status: 64))
            #expect(finished.standardError.contains("\(options[0].dropFirst(2)) must be"), "\(finished)")
        }

        private func descriptors(of process: Int32) -> Int {
            (try? Directory(FilePath("/proc/\(process)/fd")).entries().count) ?? -1
        }

        /// Connected sockets of all workers.
        private func sockets(of daemon: Daemon) -> Int {
            daemon.workers.reduce(0) { $0 + connections(of: $1.id, port: daemon.port) }
        }

        /// Sockets among the descriptors of a process, but for the one that listens.
        private func connections(of process: Int32, port: UInt16) -> Int {
            let folder = "/proc/\(process)/fd"
            let names =
                (try? Directory(FilePath(folder)).entries().map { String(decoding: $0.name, as: UTF8.self) }) ?? []
            let kinds = names.compactMap { try? File.status(at: FilePath("\(folder)/\($0)")).kind }
            return kinds.filter { $0 == .socket }.count - 1
        }
    }
}
