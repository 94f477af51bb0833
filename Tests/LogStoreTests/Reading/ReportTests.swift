// The reports over rows whose totals are known.
import GRDB
import LogStore
import Schema
import Testing

@Suite struct ReportTests {
    private let noon = FixtureLog.noonUs

    /// Ten requests in ten seconds, two paths as ids, one as text.
    private func fixture() throws -> FixtureLog {
        let log = try FixtureLog()
        try log.insert(
            Path(id: 1, value: "/a"), Path(id: 2, value: "/b"), Client(id: 1, value: "10.0.0.1"),
            MessageText(id: 1, value: "File not found"))
        for index in 0..<6 {
            try log.insert(Access(at: Double(index), path: 1, client: 1, durationUs: 1000))
        }
        try log.insert(
            Access(at: 6, requestID: 6, status: 404, path: 2, client: 1, durationUs: 2000, flags: 1),
            Access(at: 7, requestID: 7, status: 500, path: 2, client: "2001:db8::1", durationUs: 3000),
            Access(
                at: 8, requestID: 8, worker: 3, status: nil, outcome: 4, path: "/c", durationUs: 90_000, signal: 9),
            Access(at: 9, requestID: 9, outcome: 1, path: nil, client: nil, bytesOut: 1 << 40, durationUs: 2_000_000))
        try log.insert(
            Message(at: 6, requestID: 6, level: 4, message: 1), Message(at: 7, message: 1),
            Message(at: 7.5, level: 4, message: 1), Message(at: 8, level: 6, message: "started"))
        return log
    }

    @Test func overview_totals() throws {
        let log = try fixture()
        let report = try log.reader().report(
            .overview, span: TimeSpan(sinceUs: noon, untilUs: noon + 20_000_000), limit: 10)
        #expect(report.rowsRead == 10 + 4)
        #expect(report.newestUs == noon + 9_000_000)
        let totals = report["totals"]
        #expect(totals["requests"] == [10])
        #expect(totals["requests_per_second"] == [0.5])
        #expect(totals["failed"] == [1])
        #expect(totals["aborted"] == [1])
        #expect(totals["bytes_in"] == [1000])
        #expect(totals["bytes_out"] == [.integer(1 << 40 + 9000)])
        #expect(totals["clients"] == [3])
        #expect(report["outcomes"]["outcome"] == ["ok", "aborted", "killed"])
        #expect(report["outcomes"]["requests"] == [8, 1, 1])
        #expect(report["status_classes"]["class"] == ["none", "2xx", "4xx", "5xx"])
        #expect(report["status_classes"]["requests"] == [1, 7, 1, 1])
        #expect(report["paths"]["path"] == ["/a", "/b", nil, "/c"])
        #expect(report["paths"]["requests"] == [6, 2, 1, 1])
        #expect(report["latency"]["max_ms"] == [2000.0])
        #expect(report["latency"]["p50_ms"] == [1.0])
    }

    @Test func span_isAKeyRange_halfOpen() throws {
        let log = try fixture()
        let report = try log.reader().report(
            .status, span: TimeSpan(sinceUs: noon + 1_000_000, untilUs: noon + 7_000_000), limit: nil)
        #expect(report["rows"]["status"] == [200, 404])
        #expect(report["rows"]["requests"] == [5, 1])
        #expect(report.rowsRead == 6)
    }

    @Test func paths_countShareAndLimit() throws {
        let log = try fixture()
        let report = try log.reader().report(.paths, span: .all, limit: 2)
        #expect(report["rows"]["path"] == ["/a", "/b"])
        #expect(report["rows"]["requests"] == [6, 2])
        #expect(report["rows"]["requests_percent"] == [60.0, 20.0])
        #expect(report["rows"]["status_4xx"] == [0, 1])
        #expect(report["rows"]["status_5xx"] == [0, 1])
        #expect(report["rows"]["duration_max_ms"] == [1.0, 3.0])
        #expect(report.rowsRead == 10)
    }

    @Test func clients_mixIdsAndTexts() throws {
        let log = try fixture()
        let rows = try log.reader().report(.clients, span: .all, limit: nil)["rows"]
        #expect(rows["client"] == ["10.0.0.1", nil, "127.0.0.1", "2001:db8::1"])
        #expect(rows["requests"] == [7, 1, 1, 1])
        #expect(rows["last_seen"].first == "2026-03-01T12:00:06.000Z")
    }

    @Test func slow_isSortedByDuration() throws {
        let log = try fixture()
        let rows = try log.reader().report(.slow, span: .all, limit: 3)["rows"]
        #expect(rows["duration_ms"] == [2000.0, 90.0, 3.0])
        #expect(rows["request_id"].first == "0000000000000009")
    }

    @Test func errors_foldEqualMessagesOfALevel() throws {
        let log = try fixture()
        let rows = try log.reader().report(.errors, span: .all, limit: nil)["rows"]
        #expect(rows["message"] == ["started", "File not found", "File not found"])
        #expect(rows["level"] == ["info", "warning", "error"])
        #expect(rows["count"] == [1, 2, 1])
        #expect(rows["requests"] == [0, 1, 0])
        #expect(rows["first_seen"][1] == "2026-03-01T12:00:06.000Z")
        #expect(rows["last_seen"][1] == "2026-03-01T12:00:07.500Z")
    }

    @Test func crashes_nameTheSignalAndTheWorkerThatDied() throws {
        let log = try fixture()
        // The successor has started before the row's time of completion, which it writes itself.
        try log.insert(
            WorkerRun(slot: 3, pid: 41, started: -60, ended: 7.95, reason: "killed", signal: 9),
            WorkerRun(slot: 3, generation: 2, pid: 42, started: 7.96))
        let rows = try log.reader().report(.crashes, span: .all, limit: nil)["rows"]
        #expect(rows["outcome"] == ["killed"])
        #expect(rows["signal"] == ["SIGKILL"])
        #expect(rows["pid"] == [41])
        #expect(rows["worker_end"] == ["killed"])
        #expect(rows["path"] == ["/c"])
        #expect(rows["duration_ms"] == [90.0])
    }

    @Test func crashes_showTheFramesThatMatter() throws {
        let log = try fixture()
        let frames = [
            "Swift._assertionFailure(_: Swift.StaticString) -> Swift.Never at libswiftCore.so+0x10",
            "Shop.Basket.total() -> Swift.Int at shop+0x20", "raise at libc.so.6+0x30",
            "Shop.Basket.do_GET() throws -> () at shop+0x40", "0x7f00", "main at shop+0x50", "start at shop+0x60",
        ]
        try log.queue.write { database in
            let id = DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs)
            try database.execute(
                sql: SQL.insertCrash,
                arguments: [
                    id, 1, 3, 1, 41, nil, "fault", 11, 1, 64, "nothing", frames.joined(separator: "\n"), 0,
                ])
        }
        let rows = try log.reader().report(.crashes, span: .all, limit: nil)["rows"]
        #expect(
            rows["top_frames"].contains(
                "Shop.Basket.total() -> Swift.Int < Shop.Basket.do_GET() throws -> () < main"), "\(rows)")
        #expect(rows["client_got"].contains("nothing") && rows["signal"].contains("SIGSEGV"))
    }

    @Test func workers_showTheLivesThatTouchTheSpan() throws {
        let log = try FixtureLog()
        try log.insert(
            WorkerRun(pid: 1, started: 0, ended: 10, reason: "exited", requests: 5),
            WorkerRun(generation: 2, pid: 2, started: 20, ended: 30, reason: "crashed", signal: 11),
            WorkerRun(generation: 3, pid: 3, started: 40))
        let reader = try log.reader()
        let all = try reader.report(.workers, span: .all, limit: nil)["rows"]
        #expect(all["pid"] == [3, 2, 1])
        #expect(all["signal"] == [nil, "SIGSEGV", nil])
        #expect(all["ended"].first == ReportValue.null)
        let span = TimeSpan(sinceUs: noon + 15_000_000, untilUs: noon + 35_000_000)
        #expect(try reader.report(.workers, span: span, limit: nil)["rows"]["pid"] == [2])
    }

    @Test(arguments: ReportName.allCases) func emptyLog_givesAnEmptyReport(_ name: ReportName) throws {
        let log = try FixtureLog()
        let report = try log.reader().report(name, span: .all, limit: nil)
        #expect(report.isEmpty)
        #expect(report.newestUs == nil)
    }

    @Test func schema_listsTheViewsOfTheContract() throws {
        let log = try FixtureLog()
        let names = try log.reader().schemaReport()["rows"]["view"]
        for view in [
            "requests", "errors", "request_errors", "slow_requests", "failed_requests", "minutes", "hours", "days",
            "workers", "otel", "clock",
        ] {
            #expect(names.contains(ReportValue(stringLiteral: view)), "\(view)")
        }
    }
}
