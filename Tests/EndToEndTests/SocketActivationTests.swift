// Sockets that are handed over as systemd does it: descriptors from 3 on, and the environment that tells of them.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct SocketActivationTests {
        @Test func inheritedSockets_areServedInPlaceOfTheBind() throws {
            try withSite { directory in
                let listeners = try [listen(), listen()]
                let program = try start(
                    in: directory, ["--bind", "192.0.2.1", "--cgi"], listeners.map { $0.socket.rawValue },
                    ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:admin"])
                let line = try program.waitForLine { $0.hasPrefix("Serving HTTP on ") ? String($0) : nil }
                for listener in listeners {
                    #expect(line.contains("http://127.0.0.1:\(listener.port)/"), "\(line)")
                    #expect(try HTTPClient(port: listener.port).request("GET", "/").text == "home")
                    // Nothing of it is left to scripts.
                    let script = try HTTPClient(port: listener.port).request("GET", "/cgi-bin/environment")
                    #expect(script.text.contains("SERVER_PORT=\(listener.port)"))
                    #expect(!script.text.contains("LISTEN_"), "\(script.text)")
                }
                for number in [3, 4] {
                    let information = try String(
                        decoding: bytes("/proc/\(program.processID)/fdinfo/\(number)"), as: UTF8.self)
                    let flags = information.split(separator: "\n").first { $0.hasPrefix("flags:") }
                    let value = Int(flags?.split(separator: "\t").last ?? "", radix: 8) ?? 0
                    #expect(value & 0o2_000_000 != 0, "close-on-exec: \(information)")
                    #expect(value & 0o4_000 != 0, "non-blocking: \(information)")
                }
            }
        }

        @Test func socketsOfAnotherProcess_areNotTaken() throws {
            try withSite { directory in
                let listener = try listen()
                let program = try RunningProgram(
                    "basehttpd", Daemon.arguments(in: directory, database: "log/access.db", port: 0) + ["--cgi"],
                    environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"], descriptors: [listener.socket.rawValue])
                let port = try program.waitForLine { Daemon.port(in: $0) }
                #expect(port != listener.port)
                let script = try HTTPClient(port: port).request("GET", "/cgi-bin/environment")
                #expect(script.status == 200 && !script.text.contains("LISTEN_"))
            }
        }

        @Test(arguments: [("1x", nil), ("9999", nil), ("1", "a:b")] as [(String, String?)])
        func wrongEnvironment_isOneClearLine(count: String, names: String?) throws {
            try withSite { directory in
                var environment = ["LISTEN_FDS": count]
                environment["LISTEN_FDNAMES"] = names
                let listener = try listen()
                try expectRefusal(in: directory, [listener.socket.rawValue], environment, naming: "LISTEN_FD")
                #expect(throws: Never.self) { try HTTPClient(port: listener.port) }
            }
        }

        @Test func descriptorThatDoesNotListen_isOneClearLine() throws {
            try withSite { directory in
                let pipe = try DescriptorIO.makePipe()
                let listener = try listen()
                try expectRefusal(
                    in: directory, [listener.socket.rawValue, pipe.write.rawValue],
                    ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:pipe"],
                    naming: "inherited descriptor 4 (pipe): it is no socket")
                let connected = try Socket(connectingTo: try listener.socket.localAddress())
                try expectRefusal(
                    in: directory, [connected.rawValue], ["LISTEN_FDS": "1"],
                    naming: "inherited descriptor 3: it does not listen")
                try expectRefusal(in: directory, [], ["LISTEN_FDS": "1"], naming: "descriptor 3: it is not open")
            }
        }

        @Test(.needs("systemd-socket-activate")) func systemdsOwnTool_handsOverAPath() throws {
            try withSite { directory in
                let path = directory.appending("web.socket").string
                let activator = try activate(in: directory, ["-l", path, "--fdname=web"])
                #expect(eventually { activator.standardError.contains("Listening on ") })
                // The first connection starts the server, which answers it.
                let client = try HTTPClient(port: 0, address: .unix(path))
                #expect(try client.request("GET", "/").text == "home")
                #expect(activator.standardOutput.contains("Serving HTTP on "))
                try activator.send(.quit)
                #expect(try activator.waitForEnd() == .exited(status: 0), "\(activator.standardError)")
                #expect(try directory.names().contains("web.socket"), "its name belongs to whoever bound it")
            }
        }

        /// A listener and its port; a class, because arrays hold only what can be copied.
        private final class Bound {
            let socket: ListeningSocket
            let port: UInt16

            init() throws {
                socket = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 8)
                port = try socket.localAddress().port
            }
        }

        private func listen() throws -> Bound { try Bound() }

        /// Starts the daemon as a service manager does: only the process itself knows its number for LISTEN_PID.
        private func start(
            in directory: TemporaryDirectory, _ options: [String], _ descriptors: [CInt],
            _ environment: [String: String]
        ) throws -> RunningProgram {
            let daemon = RunningProgram.productsDirectory.appending("basehttpd").string
            let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: 0)
            return try RunningProgram(
                "/bin/sh", ["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\"", daemon] + arguments + options,
                environment: environment, descriptors: descriptors)
        }

        private func activate(in directory: TemporaryDirectory, _ options: [String]) throws -> RunningProgram {
            let daemon = RunningProgram.productsDirectory.appending("basehttpd").string
            let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: 0)
            return try RunningProgram(
                InstalledProgram.path(of: "systemd-socket-activate"), options + [daemon] + arguments)
        }

        private func expectRefusal(
            in directory: TemporaryDirectory, _ descriptors: [CInt], _ environment: [String: String],
            naming text: String, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let program = try start(in: directory, [], descriptors, environment)
            #expect(try program.waitForEnd() == .exited(status: 78), sourceLocation: sourceLocation)
            let lines = program.standardError.split(separator: "\n")
            #expect(lines.count == 1 && lines.first?.contains(text) == true, "\(lines)", sourceLocation: sourceLocation)
            #expect(program.standardOutput.isEmpty, sourceLocation: sourceLocation)
        }

        private func withSite(_ body: (TemporaryDirectory) throws -> Void) throws {
            try withTemporaryDirectory { directory in
                try directory.write("home", to: "site/index.html")
                try directory.installScript(
                    "#!/bin/sh\necho 'Content-Type: text/plain'\necho\nenv\n", at: "site/cgi-bin/environment")
                try body(directory)
            }
        }

        private func bytes(_ path: String) throws -> [UInt8] {
            let file = try File.open(FilePath(path), .readOnly)
            return try File.read(file.rawValue, at: 0, count: 4096)
        }
    }
}
