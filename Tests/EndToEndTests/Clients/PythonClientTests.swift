// Python's http.client and a bare socket of it: several requests on one connection, and what its parser makes of ours.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.needs("python3")) struct PythonClientTests {
        /// `ask` sends a request on the one connection, which must stay open, and prints status and length.
        private static let prelude = """
            import http.client, socket, sys
            port, directory = int(sys.argv[1]), sys.argv[2]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.connect()
            kept = connection.sock

            def file(name):
                with open(directory + "/" + name, "rb") as opened:
                    return opened.read()

            def ask(method, target, body=None, headers={}, chunked=False):
                connection.request(method, target, body, headers, encode_chunked=chunked)
                answer = connection.getresponse()
                data = answer.read()
                assert connection.sock is kept, "another connection"
                print(method, target, answer.status, len(data))
                return answer, data

            """

        /// Runs a script behind the prelude, and returns the lines that it prints.
        private func run(_ script: String, _ daemon: Daemon, _ directory: TemporaryDirectory) throws -> [Substring] {
            let finished = try RunningProgram.run(
                InstalledProgram.path(of: "python3"),
                ["-c", Self.prelude + script, "\(daemon.port)", directory.path.string])
            #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
            return finished.standardOutput.split(separator: "\n")
        }

        /// The rows as the scripts print them, in the order of their ends.
        private func rows(_ daemon: Daemon) throws -> [String] {
            try daemon.query("SELECT method, path, status, outcome, protocol FROM requests ORDER BY id")
                .map { $0.joined(separator: " ") }
        }

        @Test func staysOnOneConnection() throws {
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }
            try withDaemon {
                try $0.write(bytes, to: "site/big.bin")
            } _: { daemon, directory in
                let script = """
                    page, data = ask("GET", "/")
                    assert data == file("site/index.html")
                    head, data = ask("HEAD", "/")
                    assert head.getheader("Content-Length") == page.getheader("Content-Length")
                    since = {"If-Modified-Since": page.getheader("Last-Modified")}
                    unchanged, data = ask("GET", "/", headers=since)
                    answer, data = ask("GET", "/big.bin")
                    assert data == file("site/big.bin")
                    ask("GET", "/")
                    """
                let lines = try run(script, daemon, directory)
                let size = "<!doctype html><title>home</title>".utf8.count
                #expect(
                    lines == [
                        "GET / 200 \(size)", "HEAD / 200 0", "GET / 304 0", "GET /big.bin 200 \(bytes.count)",
                        "GET / 200 \(size)",
                    ])
                try daemon.stop()
                let logged = lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") + " ok HTTP/1.1" }
                #expect(try rows(daemon) == logged)
            }
        }

        @Test func readsAPipeline() throws {
            try withDaemon {
                for number in 0..<20 { try $0.write("number \(number)", to: "site/\(number).txt") }
            } _: { daemon, directory in
                let script = """
                    requests = ["GET /%d.txt HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % number for number in range(20)]
                    kept.sendall("".join(requests).encode())
                    reader = kept.makefile("rb")
                    for number in range(20):
                        assert reader.readline() == b"HTTP/1.1 200 OK\\r\\n"
                        length = int(http.client.parse_headers(reader)["Content-Length"])
                        print(reader.read(length).decode())
                    kept.shutdown(socket.SHUT_WR)
                    assert reader.read() == b""
                    """
                #expect(try run(script, daemon, directory) == (0..<20).map { "number \($0)" })
                try daemon.stop()
                #expect(try rows(daemon) == (0..<20).map { "GET /\($0).txt 200 ok HTTP/1.1" })
            }
        }

        @Test func uploadsOnOneConnection() throws {
            try withFixture { daemon, directory in
                try directory.write([UInt8](repeating: 65, count: 1_000_000), to: "upload")
                let script = """
                    body = file("upload")
                    assert ask("POST", "/length", body)[1] == body
                    pieces = (body[at:at + 70000] for at in range(0, len(body), 70000))
                    chunked = {"Transfer-Encoding": "chunked"}
                    assert ask("POST", "/chunked", pieces, chunked, True)[1] == body
                    answer, data = ask("PUT", "/streamed", body)
                    assert data == body and answer.getheader("Transfer-Encoding") == "chunked"
                    ask("POST", "/empty", b"")
                    ask("GET", "/well")
                    """
                let lines = try run(script, daemon, directory)
                #expect(
                    lines == [
                        "POST /length 200 1000000", "POST /chunked 200 1000000", "PUT /streamed 200 1000000",
                        "POST /empty 200 0", "GET /well 200 4",
                    ])
                try daemon.stop()
                let logged = lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") + " ok HTTP/1.1" }
                #expect(try rows(daemon) == logged)
            }
        }
    }
}
