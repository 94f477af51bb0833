// compare and why over logs with summaries: what lists that are cut do not tell, and what rows then do.
import GRDB
import LinuxSyscalls
import Testing

@testable import LogStore

@Suite struct ComparedLogsTests {
    private static let hourUs: Int64 = 3_600_000_000
    private static let spans = (
        before: TimeSpan(sinceUs: FixtureLog.noonUs, untilUs: FixtureLog.noonUs + hourUs),
        after: TimeSpan(sinceUs: FixtureLog.noonUs + hourUs, untilUs: FixtureLog.noonUs + 2 * hourUs)
    )

    /// Two hours and a bit, stored and summed up by the real writer. Of 50 paths a list of an hour keeps 32. `/p1` has
    /// 6 requests in the first hour and 2 in the second, where all others have 3.
    private func log() throws -> LogFixture {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        let (copier, keeper) = try fixture.makeCopier()
        defer { withExtendedLifetime(keeper) {} }
        for hour in 0..<3 {
            for round in 0..<6 {
                for path in 0..<50 where round < (hour == 1 ? (path == 1 ? 2 : 3) : path == 1 ? 6 : 3) {
                    let second = Int64(hour * 3600 + round * 600 + path)
                    try fixture.request(
                        target: Array("/p\(path)".utf8), startUs: FixtureLog.noonUs + second * 1_000_000)
                }
            }
            try fixture.drainAll(copier)
        }
        return fixture
    }

    private func compare(_ fixture: LogFixture, isExact: Bool = false) throws -> Report {
        try LogFleet([LogReader(path: fixture.database)]).compare(
            Selection(span: Self.spans.after), with: .span(Self.spans.before), limit: nil, isExact: isExact)
    }

    private func row(_ report: Report, _ path: String) -> [ReportValue]? {
        report["paths"].rows.first { $0[0] == .text(path) }
    }

    @Test func keyThatIsCutFromOneList_isCountedByRows() throws {
        let report = try compare(try log())
        #expect(row(report, "/p1")?[1...3] == [6, 2, -4])
        #expect(report["paths"].rows.count == 50)
        #expect(report["spans"]["tier"] == ["rows", "rows"] && report["spans"]["requests"] == [153, 149])
        #expect(report["unlisted"].rows.isEmpty && report.tier == .rows)
        #expect(report.summariesRead > 0, "the summaries are asked first")
    }

    @Test func keyOfRemovedRows_isWhatTheSummariesTell_andTheRestIsSaid() throws {
        let fixture = try log()
        try fixture.stranger().write { try $0.execute(sql: "DELETE FROM access WHERE worker = 0 AND id < 1000 << 50") }
        let report = try compare(fixture)
        #expect(report["spans"]["tier"].first == "hours" && report.summariesRead > 0)
        #expect(report["spans"]["requests"] == [153, 149])
        #expect(report["paths"].rows.count < 50)
        #expect(report["unlisted"]["field"].contains("path"))
        #expect(report["unlisted"].rows.contains { $0[0] == "path" && $0[1] != 0 && $0[2] != 0 })
        #expect(try compare(fixture, isExact: true).isEmpty, "--exact asks the rows alone")
    }

    @Test func why_readsRowsWhereListsAreCut() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        let report = try fleet.why(
            Selection(span: Self.spans.after), with: .span(Self.spans.before), measure: .requests, limit: nil)
        #expect(report["causes"].rows.contains { $0.suffix(2) == ["path", "/p1"] && $0[2...3] == [6.0, 2.0] })
        #expect(report["spans"]["tier"] == ["rows", "rows"])
        let short = try fleet.why(
            Selection(span: Self.spans.after), with: .span(Self.spans.before), measure: .requests, limit: 0)
        #expect(short["causes"].rows.isEmpty && !report["causes"].rows.isEmpty)
    }

    @Test func killedRequestWithA5xx_isOneError() throws {
        let log = try FixtureLog()
        try log.insert(
            Access(at: 1), Access(at: 61, status: 503, outcome: 4, path: "/half"),
            Access(at: 62, status: 500, path: "/bad"), Access(at: 63, status: nil, outcome: 4, path: "/none"),
            Access(at: 64, status: 200, outcome: 4, path: "/cut"))
        let second: Int64 = 1_000_000
        let report = try LogFleet([log.reader()]).why(
            Selection(
                span: TimeSpan(sinceUs: FixtureLog.noonUs + 60 * second, untilUs: FixtureLog.noonUs + 120 * second)),
            with: .previous, measure: .errors, limit: nil)
        let changes = report["changes"].rows.first { $0[0] == "errors" }
        #expect(changes?[2] == 4.0, "of four requests")
        let causes = report["causes"].rows
        #expect(causes.filter { $0[4] == "path" }.map { $0[0] } == [25.0, 25.0, 25.0, 25.0])
        #expect(causes.first { $0[5] == "killed" }?[3] == 3.0)
        #expect(causes.first { $0[5] == "503" }?[3] == 1.0)
    }

    @Test func questions_areExplained() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        let selection = Selection(span: Self.spans.after)
        for (question, name) in [
            (.compare(.previous, limit: 3, isExact: false), "compare"),
            (.why(.previous, nil, limit: 3, isExact: false), "why"),
            (.check([try CheckExpression("p99<1s")]), "check"), (.report(.connections, ReportShape()), "connections"),
        ] as [(LogQuestion, ReportValue)] {
            let report = try fleet.explain(question, selection)
            #expect(report["cost"]["report"] == [name])
            #expect(report["cost"]["requests_or_rows_found"][0] != 0 && !report["parts"].rows.isEmpty)
            #expect(!report["statements"].rows.isEmpty && !report["plans"].rows.isEmpty, "\(name)")
        }
        let parts = try fleet.explain(.compare(.previous, limit: 3, isExact: false), selection)["parts"]["tier"]
        #expect(parts.contains("hours") && parts.contains("rows"), "both ways of asking: \(parts)")
        #expect(throws: SpanError.self) {
            try fleet.explain(.compare(.previous, limit: 3, isExact: false), Selection(span: .all))
        }
    }
}
