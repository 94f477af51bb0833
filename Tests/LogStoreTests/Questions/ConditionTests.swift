// Conditions on requests, asked of what is no request: messages, crashes and processes.
import GRDB
import Schema
import SystemPackage
import Testing

@testable import LogStore

@Suite struct ConditionTests {
    /// Two requests with a message each, a message of worker 3 without one; a crash of each kind, and a killed request.
    private func log() throws -> FixtureLog {
        let log = try FixtureLog()
        try log.insert(
            Access(at: 1, requestID: 1, worker: 2, status: 500, outcome: 3, path: "/a", flags: 1, signal: 11),
            Access(at: 2, requestID: 2, worker: 3, path: "/b", flags: 1),
            Access(at: 3, requestID: 3, worker: 3, status: nil, outcome: 4, path: "/c", signal: 9),
            Message(at: 1, requestID: 1, worker: 2, message: "of a"),
            Message(at: 2, requestID: 2, worker: 3, message: "of b"), Message(at: 4, worker: 3, message: "of nobody"),
            WorkerRun(slot: 2, pid: 42, started: 0, ended: 1, reason: "crashed", signal: 11),
            WorkerRun(slot: 3, pid: 43, started: 0, ended: 5, reason: "crashed", signal: 6),
            WorkerRun(role: "log", slot: 3, pid: 44, started: -1))
        try log.queue.write { database in
            for (at, slot, request, signal) in [(1, 2, 1, 11), (5, 3, nil, 6)] as [(Int64, Int, Int?, Int)] {
                let id = DatabaseFormat.firstID(atUnixMicroseconds: FixtureLog.noonUs + at * 1_000_000) + 1
                try database.execute(
                    sql: SQL.insertCrash,
                    arguments: [id, 1, slot, 1, 40 + slot, request, "fault", signal, 1, 64, "error", "f at a", 0])
            }
        }
        return log
    }

    private func report(
        _ name: ReportName, _ log: FixtureLog, _ conditions: [(RequestFilter.Property, String)] = [],
        sql: String? = nil, minimumMs: Double? = nil, limit: Int? = nil
    ) throws -> Report {
        var selection = Selection(span: .all)
        for (property, value) in conditions { try selection.filter.add(property, value) }
        if let sql { try selection.filter.add(condition: sql) }
        try selection.filter.setDuration(minimumMs: minimumMs, maximumMs: nil)
        return try LogFleet([log.reader()]).report(name, selection, shape: ReportShape(limit: limit))
    }

    @Test func messages_meetTheConditionsOfTheirRequest() throws {
        let log = try log()
        #expect(try report(.errors, log)["rows"]["message"] == ["of nobody", "of b", "of a"])
        #expect(try report(.errors, log, [(.path, "/a")])["rows"]["message"] == ["of a"])
        #expect(try report(.errors, log, [(.path, "!/a")])["rows"]["message"] == ["of b"])
        #expect(try report(.errors, log, [(.path, "/b"), (.worker, "3")])["rows"]["message"] == ["of b"])
        #expect(try report(.errors, log, sql: "status = 500")["rows"]["message"] == ["of a"])
        #expect(try report(.errors, log, minimumMs: 1).isEmpty)
    }

    @Test func messagesWithoutARequest_meetConditionsOnTheWorkerAlone() throws {
        let log = try log()
        #expect(try report(.errors, log, [(.worker, "3")])["rows"]["message"] == ["of nobody", "of b"])
        #expect(try report(.errors, log, [(.worker, "!3")])["rows"]["message"] == ["of a"])
    }

    @Test func messageOfManyRequests_isAskedForEach() throws {
        let log = try FixtureLog()
        try log.insert(
            (0..<300).map { Access(at: Double($0), requestID: Int64($0), path: "/\($0 % 3)", flags: 1) }
                + (0..<300).map { Message(at: Double($0), requestID: Int64($0)) })
        #expect(try report(.errors, log, [(.path, "/1")])["rows"]["count"] == [100])
        #expect(try report(.errors, log, [(.path, "/1")], sql: "bytes_out > 0")["rows"]["requests"] == [100])
    }

    @Test func overview_showsMessagesOfRequestsThatMeetTheConditions() throws {
        let log = try log()
        #expect(try report(.overview, log)["errors"]["message"] == ["of nobody", "of b", "of a"])
        let errors = try report(.overview, log, [(.status, "5xx")])["errors"]
        #expect(errors["message"] == ["of a"] && errors["requests"] == [1])
        #expect(
            errors.columns.map(\.name) == ["first_seen", "last_seen", "level", "count", "requests", "message"])
        #expect(try report(.overview, log, limit: 1)["errors"]["message"] == ["of nobody"])
    }

    @Test func crashes_meetTheConditionsOfTheirRequest() throws {
        let log = try log()
        let all = try report(.crashes, log)["rows"]
        #expect(all["signal"] == ["SIGABRT", "SIGKILL", "SIGSEGV"])
        #expect(all["path"] == [nil, "/c", "/a"])
        #expect(all["top_frames"] == ["f", nil, "f"])
        #expect(try report(.crashes, log, limit: 2)["rows"]["signal"] == ["SIGABRT", "SIGKILL"])
        #expect(try report(.crashes, log, [(.path, "/a")])["rows"]["signal"] == ["SIGSEGV"])
        #expect(try report(.crashes, log, [(.status, "!500")], limit: 1)["rows"]["signal"] == ["SIGKILL"])
        #expect(try report(.crashes, log, [(.worker, "3")])["rows"]["signal"] == ["SIGABRT", "SIGKILL"])
        #expect(try report(.crashes, log, [(.outcome, "killed")], sql: "worker = 3")["rows"]["path"] == ["/c"])
        #expect(try report(.crashes, log, [(.host, "none.example")]).isEmpty)
    }

    @Test func workers_takeConditionsOnTheWorkerAlone() throws {
        let log = try log()
        #expect(try report(.workers, log, [(.worker, "3")], limit: 1)["rows"]["pid"] == [43])
        #expect(try report(.workers, log, [(.worker, "!3")], limit: 5)["rows"]["pid"] == [42])
        #expect(try report(.workers, log, [(.worker, "2"), (.worker, "3")], limit: 1)["rows"].rows.count == 1)
        for conditions in [[(.path, "/a")], [(.worker, "3"), (.status, "500")]] as [[(RequestFilter.Property, String)]]
        {
            let error = #expect(throws: LogReadError.self) { try report(.workers, log, conditions) }
            #expect(error?.kind == .query && error?.description.contains("--worker") == true)
        }
        #expect(throws: LogReadError.self) { try report(.workers, log, minimumMs: 1) }
        #expect(throws: LogReadError.self) { try report(.workers, log, sql: "worker = 3") }
    }

    @Test func rowsOfSeveralLogs_sayOfWhich() throws {
        let (one, other) = (try log(), try FixtureLog())
        try other.insert(Access(at: 9, outcome: 4), WorkerRun(slot: 0, pid: 7, started: 6))
        let fleet = LogFleet([try one.reader(), try other.reader()])
        let crashes = try fleet.report(.crashes, Selection(span: .all), shape: ReportShape(limit: 2))["rows"]
        // Both files have the same name, so their paths tell them apart.
        let paths = fleet.readers.map { ReportValue.text($0.path.string) }
        #expect(crashes["log"] == [paths[1], paths[0]])
        #expect(crashes["outcome"] == ["killed", "crashed"])
        let workers = try fleet.report(.workers, Selection(span: .all), shape: ReportShape(limit: 1))["rows"]
        #expect(workers["log"] == [paths[1]] && workers["pid"] == [7])
        #expect(workers.columns[workers.keyColumn].name == "role")
    }

    @Test(arguments: [
        (ReportName.overview, "--by"), (.slow, "--sort"), (.timeline, "--by"), (.paths, "--bucket"),
        (.errors, "--columns"), (.balance, "--percentiles"),
    ])
    func optionThatAReportWouldNotHeed_isRefused(_ name: ReportName, _ option: String) throws {
        var shape = ReportShape()
        switch option {
        case "--by": shape.fields = [.status]
        case "--sort": shape.sortColumn = "requests"
        case "--columns": shape.columns = ["requests"]
        case "--percentiles": shape.percentiles = [50]
        default: shape.stepSeconds = 60
        }
        let log = try FixtureLog()
        let error = #expect(throws: LogReadError.self) {
            try LogFleet([log.reader()]).report(name, Selection(span: .all), shape: shape)
        }
        #expect(error?.kind == .query && error?.description.contains(option) == true)
    }
}
