// Answers from summaries and rows together must be those from rows alone.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import Testing

@testable import LogStore

@Suite struct TierTrafficTests {
    /// 2026-03-01T22:30:00Z: the requests lie in two days.
    private static let eveningUs = FixtureLog.noonUs + 37_800_000_000

    /// 1,500 requests in eight hours, stored by the real writer.
    private func log() throws -> LogFixture {
        let fixture = try LogFixture(ringBytes: 1 << 18)
        var random = FixedGenerator(state: 7)
        let database = try LogDatabase(fixture.database)
        let source = try RingSource(fixture.ring, kind: .own, database: database)
        let drain = LogDrain()
        for index in 0..<1500 {
            try fixture.request(
                index % 3, target: Array("/p\(Int.random(in: 0..<20, using: &random))".utf8),
                agent: Array("agent \(index % 7)".utf8), startUs: Self.eveningUs + Int64(index) * 20_000_000,
                durationUs: Int64.random(in: 50..<900_000, using: &random),
                status: [200, 304, 404, 500].randomElement(using: &random) ?? 200)
            guard index % 20 == 19 else { continue }
            try database.transaction { tables throws(DatabaseError) in _ = try drain.copy([source], into: &tables) }
            drain.release([source])
        }
        database.close()
        return fixture
    }

    private func spans() -> [TimeSpan] {
        let hourUs: Int64 = 3_600_000_000
        var spans = [TimeSpan.all, TimeSpan(sinceUs: Self.eveningUs + 777, untilUs: Self.eveningUs + 6 * hourUs + 999)]
        for start in 0..<4 {
            let since = FixtureLog.noonUs + (10 + Int64(start)) * hourUs
            spans.append(TimeSpan(sinceUs: since, untilUs: since + 3 * hourUs))
            spans.append(TimeSpan(sinceUs: since + 60_000_000))
        }
        return spans
    }

    private func lines(_ traffic: Traffic, _ field: TrafficField) -> [TrafficKey: TrafficCounts] {
        Dictionary((traffic.lists[field] ?? []).map { ($0.key, $0.counts) }) { first, _ in first }
    }

    @Test func summaries_answerAsRowsDo() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        for span in spans() {
            var question = TrafficQuestion(Selection(span: span))
            question.fields = [.path, .status, .agent, .notFound, .client]
            question.keyLimit = nil
            question.stepSeconds = 3600
            let traffic = try fleet.traffic(question)
            question.isExact = true
            let exact = try fleet.traffic(question)
            #expect(exact.cost.summaries == 0 && traffic.cost.summaries > 0)
            #expect(traffic.cost.rows < exact.cost.rows || exact.cost.rows == 0)
            #expect(traffic.total.counts == exact.total.counts)
            #expect(traffic.total.latency == exact.total.latency)
            #expect(traffic.total.clients == exact.total.clients)
            #expect(traffic.steps.map(\.startUs) == exact.steps.map(\.startUs))
            #expect(traffic.steps.map(\.summary.counts) == exact.steps.map(\.summary.counts))
            for field in question.fields { #expect(lines(traffic, field) == lines(exact, field), "\(field)") }
        }
    }

    @Test func percentilesOfPaths_comeFromSummaries() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        var question = TrafficQuestion(Selection(span: .all))
        question.fields = [.path]
        question.needsLatencyByKey = true
        let traffic = try fleet.traffic(question)
        question.isExact = true
        let exact = try fleet.traffic(question)
        #expect(traffic.cost.summaries > 0)
        #expect(traffic.lists[.path]?.count == 20)
        for line in traffic.lists[.path] ?? [] {
            let other = try #require(exact.lists[.path]?.first { $0.key == line.key })
            #expect(line.latency == other.latency)
        }
    }

    @Test func conditionsAndOtherSorts_readRows() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        var filter = RequestFilter()
        try filter.add(.status, "404")
        let filtered = try fleet.report(.paths, Selection(span: .all, filter: filter), shape: ReportShape())
        #expect(filtered.summariesRead == 0 && filtered.rowsRead == 1500 && filtered.tier == .rows)
        var shape = ReportShape()
        #expect(try fleet.report(.paths, Selection(span: .all), shape: shape).summariesRead > 0)
        shape.sortColumn = "bytes_out"
        #expect(try fleet.report(.paths, Selection(span: .all), shape: shape).summariesRead == 0)
        let explained = try fleet.explain(.report(.paths, ReportShape()), Selection(span: .all))
        #expect(explained["parts"]["tier"].contains("hours"))
        #expect(explained["statements"].rows.count == 3)
    }
}
