// Answers from summaries and rows together must be those from rows alone.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
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
                agent: Array("agent \(index % 7)".utf8), client: "192.0.2.\(index / 30)",
                startUs: Self.eveningUs + Int64(index) * 20_000_000,
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

    @Test(arguments: [0, 900, 3600] as [Int64]) func summaries_answerAsRowsDo(stepSeconds: Int64) throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        for span in spans() {
            var question = TrafficQuestion(Selection(span: span))
            question.fields = [.path, .status, .agent, .notFound, .client]
            question.keyLimit = nil
            question.stepSeconds = stepSeconds
            let traffic = try fleet.traffic(question)
            question.isExact = true
            let exact = try fleet.traffic(question)
            #expect(exact.cost.summaries == 0 && traffic.cost.summaries > 0)
            #expect(traffic.cost.rows < exact.cost.rows || exact.cost.rows == 0)
            #expect(traffic.total.counts == exact.total.counts)
            #expect(traffic.total.latency == exact.total.latency)
            #expect(traffic.clientCount == exact.clientCount)
            #expect(traffic.steps.map(\.startUs) == exact.steps.map(\.startUs))
            #expect(traffic.steps.map(\.summary.counts) == exact.steps.map(\.summary.counts))
            #expect(traffic.steps.map(\.summary.latency) == exact.steps.map(\.summary.latency))
            for field in question.fields { #expect(lines(traffic, field) == lines(exact, field), "\(field)") }
        }
    }

    @Test func hoursWithoutTheirMinutes_answerForListsOnly() throws {
        let fixture = try log()
        try DatabaseQueue(path: fixture.database.string).write { database in
            let end = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'summed_minute'")
            try database.execute(sql: "INSERT INTO meta (key, value) VALUES ('minutes_from', ?)", arguments: [end])
        }
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        var question = TrafficQuestion(Selection(span: .all))
        question.fields = [.path]
        question.stepSeconds = 900
        let traffic = try fleet.traffic(question)
        question.isExact = true
        let exact = try fleet.traffic(question)
        #expect(traffic.cost.summaries > 0)
        #expect(traffic.total.counts == exact.total.counts)
        #expect(lines(traffic, .path) == lines(exact, .path))
    }

    @Test func theNewestRequest_isToldWhenItIsKnown() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        // To the middle of an hour: some paths have rows behind the summaries, some have not.
        let middleUs = Self.eveningUs + 3_600_000_000 + 120_000_000
        for sinceUs in [nil, middleUs] as [Int64?] {
            let span = TimeSpan(sinceUs: sinceUs, untilUs: middleUs + 9_000_000_000)
            var question = TrafficQuestion(Selection(span: span))
            question.fields = [.path]
            let traffic = try fleet.traffic(question)
            question.isExact = true
            let exact = try fleet.traffic(question)
            #expect(traffic.cost.summaries > 0)
            for line in traffic.lists[.path] ?? [] {
                guard let newestUs = line.newestUs else { continue }
                #expect(newestUs == exact.lists[.path]?.first { $0.key == line.key }?.newestUs)
            }
        }
    }

    @Test func clientsOfTheNewestRows_countOnce() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        for fields in [[], [.path], [.client]] as [Set<TrafficField>] {
            var question = TrafficQuestion(Selection(span: .all))
            question.fields = fields
            let traffic = try fleet.traffic(question)
            #expect(traffic.cost.summaries > 0 && traffic.cost.rows > 0)
            #expect(traffic.clientCount == 50, "\(fields)")
        }
        // The same log twice: requests count twice, clients once.
        let twice = LogFleet([try LogReader(path: fixture.database), try LogReader(path: fixture.database)])
        var question = TrafficQuestion(Selection(span: .all))
        question.isExact = true
        let traffic = try twice.traffic(question)
        #expect(traffic.total.counts.requests == 3_000 && traffic.clientCount == 50)
    }

    @Test func aReport_namesTheTierOfMostOfItsTime() throws {
        let fixture = try log()
        let fleet = LogFleet([try LogReader(path: fixture.database)])
        #expect(try fleet.report(.paths, Selection(span: .all), shape: ReportShape()).tier != .rows)
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
