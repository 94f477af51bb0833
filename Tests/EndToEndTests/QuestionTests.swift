// Questions to the log of a running server: their answers, and the exit statuses that scripts rely on.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct QuestionTests {
        private func ask(_ daemon: Daemon, _ arguments: [String]) throws -> (status: Int32?, output: String) {
            let finished = try RunningProgram.run("httpstats", arguments + ["--db", daemon.database.string])
            guard case .exited(let status) = finished.end else { return (nil, finished.standardError) }
            return (status, finished.standardOutput + finished.standardError)
        }

        @Test func questions_areAnsweredWhileTheServerRuns() throws {
            try withDaemon { daemon, _ in
                for _ in 0..<3 { _ = try daemon.connect().request("GET", "/index.html") }
                _ = try daemon.connect().request("GET", "/Index.htm")
                #expect(daemon.eventuallyCounts(4, "SELECT count(*) FROM requests"))
                for (arguments, status, expected) in [
                    (["check", "requests=4", "4xx = 1", "p99<10s", "age<1h"], 0, "requests=4"),
                    (["check", "requests=4", "4xx=0"], 1, "failed"),
                    (["check", "p99<1ms", "--path", "/none"], 3, "no data"), (["check", "p99<1%"], 2, "unit"),
                    (["check"], 2, "condition"),
                    (["notfound", "--format", "json"], 0, "\"redirect_to\":\"/index.html\""),
                    (["errors"], 0, "File not found"), (["errors", "--status", "200"], 3, "no rows"),
                    (["compare", "--last", "1h"], 0, "requests_per_second"),
                    (["compare", "--against", "soon"], 2, "soon"),
                    (
                        [
                            "compare", "--against", "2026-01-02T00:00..2026-01-02T01:00", "--tz", "+02:00", "--format",
                            "json",
                        ], 0, "\"since\":\"2026-01-01T22:00:00.000Z\""
                    ),
                    (["why", "--exact"], 0, "/index.html"), (["explain", "why", "--against", "yesterday"], 0, "plans"),
                    (["explain", "check"], 2, "conditions"), (["explain", "check", "p99<1s"], 0, "statements"),
                    (["explain", "paths", "--against", "6h"], 2, "--against"), (["explain", "nothing"], 2, "nothing"),
                    (["paths", "--by", "path,status"], 0, "path         status"),
                    (["paths", "--by", "path,path"], 2, "different"), (["paths", "--by", "a,b"], 2, "fields"),
                    (["workers", "--status", "5xx"], 2, "--worker"), (["workers", "--worker", "0"], 0, "worker"),
                    (["crashes", "--path", "/index.html"], 3, "no rows"), (["timeline", "--by", "path"], 2, "--by"),
                    (["export", "--source", "a", "--source", "b"], 2, "--source"),
                    (["why"], 0, "/index.html"), (["why", "--of", "weather"], 2, "weather"),
                    (["connections"], 0, "requests_per_connection"), (["balance"], 0, "least_to_most"),
                    (["paths", "--templates"], 0, "/index.html"),
                    (["agents", "--by", "agent_class"], 0, "agent_class"),
                    (["request", "no-id"], 2, "no-id"), (["request", "1"], 3, "0000000000000001"),
                ] as [([String], Int32, String)] {
                    let answer = try ask(daemon, arguments)
                    #expect(answer.status == status, "\(arguments): \(answer.output)")
                    #expect(answer.output.contains(expected), "\(arguments): \(answer.output)")
                }
            }
        }

        @Test func request_isFoundByTheIDThatTheLogShows() throws {
            try withDaemon { daemon, _ in
                _ = try daemon.connect().request("GET", "/missing?a=1")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let found = try ask(daemon, ["query", "SELECT request_id FROM requests", "--format", "csv"])
                let id = String(found.output.split(whereSeparator: \.isNewline).last ?? "")
                let answer = try ask(daemon, ["request", "Request-Id: \(id)", "--format", "json"])
                #expect(answer.status == 0)
                for part in [
                    "\"path\":\"/missing\"", "\"query\":\"a=1\"", "\"request_id\":\"\(id)\"", "File not found",
                    "\"worker\":{",
                ] { #expect(answer.output.contains(part), "\(part): \(answer.output)") }
            }
        }
    }
}
