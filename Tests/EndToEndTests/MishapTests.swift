// Handlers that throw or trap: the server lives, and what happened is a row.
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct MishapTests {
        @Test func aHandlerThatThrowsGivesA500AndAnErrorRow() throws {
            try withFixture { daemon, _ in
                let answer = try daemon.connect().request("GET", "/throw")
                #expect(answer.status == 500)
                // The same worker goes on.
                #expect(try daemon.connect().request("GET", "/").status == 200)
                let ids = "SELECT count(*) FROM worker_run WHERE role = 'worker' AND ended_us IS NULL"
                #expect(eventually { (try? daemon.query(ids)) == [["1"]] })
                let linked = """
                    SELECT count(*) FROM request_errors
                    WHERE path = '/throw' AND status = 500 AND message LIKE '%Mishap%'
                    """
                #expect(eventually { (try? daemon.query(linked)) == [["1"]] })
            }
        }

        @Test func aThrowBehindTheFirstBytesCutsTheAnswerAndIsNotOk() throws {
            try withFixture { daemon, _ in
                #expect(throws: (any Error).self) { try daemon.connect().request("GET", "/late") }
                let outcome = "SELECT outcome FROM requests WHERE path = '/late'"
                #expect(eventually { (try? daemon.query(outcome)) == [["aborted"]] })
            }
        }

        @Test func aTrapIsARowThatNamesTheSignal() throws {
            try withFixture { daemon, _ in
                #expect(try daemon.connect().request("GET", "/trap").status == 500)
                // The next request finds a new worker.
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
                let row = "SELECT path, outcome, signal FROM requests WHERE outcome <> 'ok'"
                let trapped = eventually {
                    guard let rows = try? daemon.query(row), rows.count == 1 else { return false }
                    // A trap is ILL on x86-64 and TRAP on arm64.
                    return rows[0][0] == "/trap" && rows[0][1] == "crashed"
                        && ["SIGILL", "SIGTRAP"].contains(rows[0][2])
                }
                #expect(trapped, "\((try? daemon.query(row)) ?? [])")
                let report = try Daemon.stats(["crashes"], daemon.database)
                #expect(report.count == 1 && report[0].contains("/trap"), "\(report)")
            }
        }
    }
}
