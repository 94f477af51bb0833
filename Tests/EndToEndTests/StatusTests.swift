// What a running server says of itself: the status page over HTTP, and top on a real terminal.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct StatusTests {
        @Test func statusPage_isServedWhereItWasAskedFor() throws {
            try withDaemon(["--status-path", "/server-status"]) { daemon, _ in
                let client = try daemon.connect()
                #expect(try client.request("GET", "/").status == 200)
                let expected = try daemon.program.awaitWorkers(2)
                let answer = try client.request("GET", "/server-status?format=json")
                #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
                let value = try JSONSerialization.jsonObject(with: Data(answer.body))
                let status = try #require(value as? [String: Any])
                let workers = try #require(status["workers"] as? [[String: Any]])
                #expect(
                    Set(workers.compactMap { ($0["pid"] as? Int).map { Int32($0) } })
                        == Set(expected.map(\.id)))
                // The request that asks is in flight itself.
                let requests = try #require(status["requests"] as? [[String: Any]])
                #expect(requests.map { $0["path"] as? String } == ["/server-status?format=json"])
                let page = try client.request("GET", "/server-status?refresh=7")
                #expect(page["Content-Type"] == "text/html; charset=utf-8" && page["Refresh"] == "7")
                #expect(page.text.contains("<title>Server status</title>"))
                let accepted = try client.request("GET", "/server-status", headers: ["Accept: application/json"])
                #expect(accepted.text.first == "{")
                // Other methods and paths are the handler's.
                #expect(try client.request("OPTIONS", "/server-status").status == 204)
                #expect(try daemon.connect().request("GET", "/server-status/").status == 404)
            }
            try withDaemon { daemon, _ in
                let client = try daemon.connect()
                #expect(try client.request("GET", "/server-status").status == 404)
            }
        }

        /// Runs top on a terminal of 100 columns and 20 rows, waits for a text, sends a key, and prints what came.
        private static let terminal = """
            import fcntl, os, pty, select, struct, sys, termios, time
            wanted, keys, command = sys.argv[1], sys.argv[2], sys.argv[3:]
            process, screen = pty.fork()
            if process == 0:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 100, 0, 0))
                os.environ["TERM"] = "xterm"
                os.execv(command[0], command)
            before = termios.tcgetattr(screen)
            seen, end, sent = b"", time.time() + \(patienceMs / 1_000), False
            while time.time() < end:
                if select.select([screen], [], [], 0.1)[0]:
                    try:
                        some = os.read(screen, 65536)
                    except OSError:
                        break
                    seen += some
                if not sent and wanted.encode() in seen:
                    sent = True
                    if keys == "TERM":
                        os.kill(process, 15)
                    else:
                        os.write(screen, keys.encode())
            after = termios.tcgetattr(screen)
            sys.stdout.buffer.write(seen)
            print("\\nEND", os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), before[3] == after[3])
            """

        @Test(.needs("python3"), arguments: [("q", "END 0 True"), ("\u{3}", "END 130 True"), ("TERM", "END 143 True")])
        func top_takesTheTerminalAndGivesItBack(_ key: String, _ end: String) throws {
            try withDaemon { daemon, _ in
                _ = try daemon.program.awaitWorkers(2)
                let program = RunningProgram.productsDirectory.appending("httpstats").string
                let finished = try RunningProgram.run(
                    InstalledProgram.path(of: "python3"),
                    ["-c", Self.terminal, "q quit", key, program, "top", "--db", daemon.database.string])
                let output = finished.standardOutput
                #expect(output.contains("\u{1B}[?1049h") && output.contains("\u{1B}[?1049l"), "\(output)")
                #expect(output.contains("2 workers") && output.contains("waiting"))
                #expect(output.split(separator: "\n").last.map { String($0) } == end, "\(output)")
            }
        }

        @Test func top_withoutATerminalSaysWhatToUse() throws {
            try withDaemon { daemon, _ in
                let finished = try RunningProgram.run("httpstats", ["top", "--db", daemon.database.string])
                #expect(finished.end == .exited(status: 2) && finished.standardError.contains("ps"))
            }
        }
    }
}
