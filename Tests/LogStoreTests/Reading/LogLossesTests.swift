// What a full log could not hold is told by every report about the span.
import AccessLog
import LinuxSyscalls
import Testing

@testable import LogStore

@Suite struct LogLossesTests {
    /// As the log writer words it, whatever that is.
    @Test func gapsOfWorkers_areCounted() throws {
        let fixture = try LogFixture()
        for slot in [1, 2] {
            let producer = try fixture.producer(slot)
            for _ in 0..<(10 * slot) { producer.countShed() }
            producer.countDropped()
            producer.countWait(us: 1_500_000)
            #expect(producer.tellGap(timeUs: Clock.realtimeUs()))
        }
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        let losses = try LogFleet([LogReader(path: fixture.database)]).losses(.all)
        #expect(losses.refused == 30 && losses.served == 2 && losses.messages == 0)
        #expect(losses.text == "without a row, as the log was full: 2 requests served, 30 requests refused with 503")
    }

    @Test func spanAndOtherMessages_areLeftOut() throws {
        let log = try FixtureLog()
        let gap = "The log was full: 7 requests were served without a row, 5 messages found no room"
        try log.insert(MessageText(id: 1, value: "The log was full: 9 requests were served without a row"))
        try log.insert(
            Message(at: -1, worker: 0, level: 4, message: "The log was full: 3 messages found no room"),
            Message(at: 1, worker: 0, level: 4, message: gap),
            Message(at: 2, worker: 1, level: 4, message: "The log was full: 2 messages found no room"),
            // What belongs to a request, or stands in the dictionary, is a handler's.
            Message(at: 3, requestID: 1, worker: 1, level: 4, message: gap),
            Message(at: 4, worker: 1, level: 4, message: 1),
            Message(at: 5, worker: 1, level: 4, message: "The log was full: -4 messages found no room"))
        let fleet = LogFleet([try log.reader()])
        let losses = try fleet.losses(TimeSpan(sinceUs: FixtureLog.noonUs))
        #expect(losses.served == 7 && losses.messages == 7 && losses.refused == 0)
        #expect(try fleet.losses(TimeSpan(untilUs: FixtureLog.noonUs - 2_000_000)).text == nil)
    }

    @Test(arguments: [OutputFormat.table, .json, .prometheus]) func reports_tellThem(_ format: OutputFormat) throws {
        let log = try FixtureLog()
        let gap = "The log was full: 7 requests were served without a row"
        try log.insert(Access(), Message(at: 1, worker: 0, level: 4, message: gap))
        let fleet = LogFleet([try log.reader()])
        var report = try fleet.report(.status, Selection(span: .all), shape: ReportShape(limit: nil))
        report.losses = try fleet.losses(report.span)
        var formatter = format.formatter(style: OutputStyle())
        formatter.write(report)
        let text = String(decoding: formatter.takeOutput(), as: UTF8.self)
        switch format {
        case .table: #expect(text.hasSuffix("old; without a row, as the log was full: 7 requests served\n"), "\(text)")
        case .json: #expect(text.contains(#","unlogged_served_requests":7,"unlogged_refused_requests":0,"#), "\(text)")
        default: #expect(text.contains("\nhttpstats_unlogged_requests_total{answer=\"served\"} 7\n"), "\(text)")
        }
    }
}
