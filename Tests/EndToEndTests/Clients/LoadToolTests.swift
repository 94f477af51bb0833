// ab and wrk: as many rows as the tools count requests, no error on either side.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct LoadToolTests {
        @Test(.needs("ab"), arguments: [true, false])
        func abFindsNoFault(keepsAlive: Bool) throws {
            try withDaemon { daemon, _ in
                let options = ["-q", "-n", "2000", "-c", "20"] + (keepsAlive ? ["-k"] : [])
                let said = try run("ab", options + ["http://127.0.0.1:\(daemon.port)/index.html"])
                #expect(number(behind: "Complete requests:", in: said) == 2000, "\(said)")
                #expect(number(behind: "Failed requests:", in: said) == 0, "\(said)")
                #expect(number(behind: "Non-2xx responses:", in: said) == nil, "\(said)")
                #expect(number(behind: "Keep-Alive requests:", in: said) == (keepsAlive ? 2000 : nil), "\(said)")
                let bytes = try #require(number(behind: "Total transferred:", in: said))
                try daemon.stop()
                let sql = "SELECT status, outcome, protocol, count(*), sum(bytes_out) FROM requests GROUP BY 1, 2, 3"
                #expect(try daemon.query(sql) == [["200", "ok", "HTTP/1.0", "2000", "\(bytes)"]])
            }
        }

        /// wrk leaves when its time is up, with a request under way on each connection, and counts none of these. Such
        /// a request has a row: `ok` when its answer was sent before wrk closed, else `aborted`.
        @Test(.needs("wrk"), arguments: [true, false])
        func wrkFindsNoFault(keepsAlive: Bool) throws {
            try withDaemon { daemon, _ in
                let connections = 32
                let options =
                    ["-d", "1s", "-c", "\(connections)", "-t", "2"]
                    + (keepsAlive ? [] : ["-H", "Connection: close"])
                let said = try run("wrk", options + ["http://127.0.0.1:\(daemon.port)/index.html"])
                #expect(!said.contains("Socket errors") && !said.contains("Non-2xx"), "\(said)")
                let line = try #require(said.split(separator: "\n").first { $0.contains(" requests in ") })
                let counted = try #require(line.split(separator: " ").first.flatMap { Int($0) })
                try daemon.stop()
                let rows = try daemon.count("SELECT count(*) FROM requests")
                let wrong = "SELECT count(*) FROM requests WHERE outcome NOT IN ('ok', 'aborted') OR status <> 200"
                let aborted = try daemon.count("SELECT count(*) FROM requests WHERE outcome = 'aborted'")
                print("wrk: \(counted) counted, \(rows) rows, \(aborted) of them aborted")
                #expect(counted > 0 && (counted...counted + connections).contains(rows))
                #expect(try daemon.count(wrong) == 0)
                #expect(aborted <= rows - counted, "what wrk counted is ok")
            }
        }

        /// Runs a tool to its end and returns what it said.
        private func run(_ name: String, _ arguments: [String]) throws -> String {
            let finished = try RunningProgram.run(InstalledProgram.path(of: name), arguments)
            #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
            return finished.standardOutput
        }

        /// The number behind a label at the start of a line; nil without such a line.
        private func number(behind label: String, in text: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix(label) }
                .flatMap { $0.dropFirst(label.count).split(separator: " ").first }.flatMap { Int($0) }
        }
    }
}
