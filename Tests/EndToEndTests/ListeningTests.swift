// Where the daemon listens: several addresses at once, IPv6, and Unix sockets from their start to their end.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ListeningTests {
        @Test func severalBinds_areAllServedAndAnnounced() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let program = try start(
                    in: directory, ["-b", "127.0.0.1:0", "-b", "[::1]:0", "-b", "::1", "-b", "unix:\(path)"])
                let line = try announcement(of: program)
                let ports = line.matches(of: #/port (\d+) \(http:\/\/(127\.0\.0\.1|\[::1\]):(\d+)\//#).map {
                    (UInt16($0.1), UInt16($0.3), String($0.2))
                }
                #expect(ports.count == 3 && line.contains(", unix:\(path), access log "), "\(line)")
                for (said, port, host) in ports {
                    let port = try #require(port)
                    #expect(said == port && port != 0)
                    let address: SocketAddress? =
                        host == "[::1]" ? .ipv6(high: 0, low: 1, port: port, scope: 0) : nil
                    #expect(try HTTPClient(port: port, address: address).request("GET", "/").text == "home")
                }
                #expect(try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").text == "home")
                try program.send(.terminate)
                #expect(try program.waitForEnd() == .exited(status: 0))
                let clients = try Daemon.query(
                    "SELECT client, count(*) FROM requests GROUP BY client ORDER BY client",
                    directory.appending("access.db"))
                #expect(clients == [["127.0.0.1", "1"], ["::1", "2"], ["unix:", "1"]])
                #expect(try !directory.names().contains("web.socket"))
            }
        }

        @Test(arguments: [Signal.terminate, .quit]) func unixSocket_goesWithItsServer(signal: Signal) throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let program = try start(in: directory, ["-b", "unix:\(path)", "--socket-mode", "600"])
                #expect(try announcement(of: program).hasPrefix("Serving HTTP on unix:\(path), access log"))
                #expect(try mode(path) == "600")
                // A second one keeps off, and leaves the first alone.
                let arguments = ["-d", directory.appending("site").string, "-b", "unix:\(path)"]
                let second = try RunningProgram.run("basehttpd", arguments + ["--log-db", "none"])
                #expect(second.end == .exited(status: 69))
                #expect(second.standardError.contains("unix:\(path) is in use"), "\(second.standardError)")
                #expect(try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").status == 200)
                try program.send(signal)
                #expect(try program.waitForEnd() == .exited(status: 0))
                #expect(try !directory.names().contains("web.socket"))
            }
        }

        @Test(
            .enabled(if: CurrentProcess.effectiveUserID == 0, "only root gives files away"),
            arguments: [
                ("12345", "12345:0"), ("12345:23456", "12345:23456"), (":23456", "0:23456"), ("nobody:0", "65534:0"),
            ])
        func socketOwner_getsTheFile(owner: String, numbers: String) throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let program = try start(in: directory, ["-b", "unix:\(path)", "--socket-owner", owner])
                _ = try announcement(of: program)
                let seen = try RunningProgram.run("/usr/bin/stat", ["-c", "%u:%g %a", path]).standardOutput
                #expect(seen == "\(numbers) 660\n")
                #expect(try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").text == "home")
                try program.send(.terminate)
                #expect(try program.waitForEnd() == .exited(status: 0))
                #expect(try !directory.names().contains("web.socket"))
            }
        }

        @Test func socketOfAKilledServer_isTakenOver() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let first = try start(in: directory, ["-b", "unix:\(path)"])
                _ = try announcement(of: first)
                first.killAll()
                #expect(try directory.names().contains("web.socket"))
                let second = try start(in: directory, ["-b", "unix:\(path)"])
                _ = try announcement(of: second)
                #expect(try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").text == "home")
                // Another's file in its place is left to the other.
                try File.remove(FilePath(path))
                try directory.write("another's", to: "web.socket")
                try second.send(.terminate)
                #expect(try second.waitForEnd() == .exited(status: 0))
                #expect(try directory.read("web.socket") == Array("another's".utf8))
            }
        }

        @Test func workersEnd_leavesTheSocketToTheOthers() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let program = try start(in: directory, ["-b", "unix:\(path)"])
                _ = try announcement(of: program)
                let worker = try #require(try program.awaitWorkers(2).first { $0.name == "basehttpd-w0" })
                try Signal.terminate.send(to: worker.id)
                #expect(eventually { program.processes(named: "basehttpd-w0").contains { $0.id != worker.id } })
                #expect(try HTTPClient(port: 0, address: .unix(path)).request("GET", "/").status == 200)
            }
        }

        @Test func scriptsOnAUnixSocket_learnOfNoAddress() throws {
            try withSite { directory in
                try directory.installScript(
                    "#!/bin/sh\necho 'Content-Type: text/plain'\necho\nenv\n", at: "site/cgi-bin/environment")
                let path = directory.appending("web.socket").string
                let program = try start(in: directory, ["-b", "unix:\(path)", "--cgi"])
                _ = try announcement(of: program)
                let answer = try HTTPClient(port: 0, address: .unix(path)).request("GET", "/cgi-bin/environment")
                let lines = answer.text.split(separator: "\n").map(String.init)
                #expect(lines.contains("REMOTE_ADDR=unix:") && lines.contains("SERVER_PORT=80"), "\(answer.text)")
                #expect(!lines.contains { $0.hasPrefix("SERVER_ADDR=") || $0.hasPrefix("REMOTE_PORT=") })
            }
        }

        @Test(.needs("curl")) func curl_fetchesThroughAUnixSocket() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let name = "basehttp-test-\(try Random.bits64())"
                let program = try start(in: directory, ["-b", "unix:\(path)", "-b", "unix:@\(name)"])
                #expect(try announcement(of: program).contains("unix:@\(name)"))
                for option in [["--unix-socket", path], ["--abstract-unix-socket", name]] {
                    let finished = try RunningProgram.run(
                        InstalledProgram.path(of: "curl"),
                        ["-qsS", "--max-time", "20"] + option + ["http://localhost/", "http://localhost/"])
                    #expect(finished.standardOutput == "homehome", "\(finished)")
                }
            }
        }

        @Test(.needs("nginx")) func nginx_proxiesThroughAUnixSocket() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let program = try start(in: directory, ["-b", "unix:\(path)"])
                _ = try announcement(of: program)
                let nginx = try Nginx(in: directory, servers: ["unix:\(path)"])
                let client = try nginx.connect()
                for _ in 0..<3 { #expect(try client.request("GET", "/").text == "home") }
            }
        }

        @Test(arguments: [
            (["-b", "127.0.0.1:80000"], 64, "a port is a number"), (["-b", "unix:relative"], 64, "absolute path"),
            (["8000", "-b", "127.0.0.1", "-b", "0.0.0.0"], 64, "0.0.0.0:8000 is taken by 127.0.0.1:8000"),
            (["-b", "unix:/no/such/place/s"], 73, "no such directory"), (["--backlog", "0"], 64, "backlog"),
            (["-b", "unix:/" + String(repeating: "x", count: 98)], 73, "at most 98 bytes"),
            (["--socket-mode", "8"], 64, "socket-mode must be"),
            (["--socket-owner", "no such user"], 67, "there is no user 'no such user'; name one of"),
            (["--socket-owner", ":4294967295"], 67, "there is no group '4294967295'"),
            (["--socket-owner", "0:"], 67, "it must be USER, USER:GROUP or :GROUP"),
            (["--check", "--socket-owner", ":"], 67, "it must be USER, USER:GROUP or :GROUP"),
        ])
        func badListening_isOneClearLine(options: [String], status: Int32, text: String) throws {
            let finished = try RunningProgram.run("basehttpd", ["--log-db", "none"] + options)
            #expect(finished.end == .exited(status: status), "\(finished)")
            let lines = finished.standardError.split(separator: "\n")
            #expect(lines.count == 1 && lines.first?.contains(text) == true, "\(lines)")
        }

        private func start(in directory: TemporaryDirectory, _ options: [String]) throws -> RunningProgram {
            try RunningProgram(
                "basehttpd",
                [
                    "0", "--directory", directory.appending("site").string, "--log-db",
                    directory.appending("access.db").string, "--workers", "2",
                ] + options)
        }

        private func announcement(of program: RunningProgram) throws -> String {
            try program.waitForLine { $0.hasPrefix("Serving HTTP on ") ? String($0) : nil }
        }

        private func mode(_ path: String) throws -> String {
            try RunningProgram.run("/usr/bin/stat", ["-c", "%a", path]).standardOutput.split(separator: "\n")
                .map(String.init).first ?? ""
        }

        private func withSite(_ body: (TemporaryDirectory) throws -> Void) throws {
            try withTemporaryDirectory { directory in
                try directory.write("home", to: "site/index.html")
                try body(directory)
            }
        }
    }
}
