// Following the log: every request once, whatever comes between two looks.
import GRDB
import LogStore
import Testing

@Suite struct LogTailTests {
    private func paths(_ rows: [[ReportValue]]) -> [ReportValue] {
        rows.map { $0[LogTail.columns.firstIndex(of: "path") ?? 0] }
    }

    @Test func tail_beginsWithTheNewest_inTheOrderOfTheLog() throws {
        let log = try FixtureLog()
        for index in 0..<5 { try log.insert(Access(at: Double(index), path: "/\(index)")) }
        var tail = try LogTail(log.reader(), span: .all, last: 2)
        #expect(paths(try tail.next()) == ["/3", "/4"])
        #expect(try tail.next().isEmpty)
    }

    @Test func tail_missesNoneAndRepeatsNone() throws {
        let log = try FixtureLog()
        var tail = try LogTail(log.reader(), span: .all, last: 10)
        #expect(try tail.next().isEmpty)
        var seen: [ReportValue] = []
        for start in stride(from: 0, to: 2500, by: 700) {
            try log.insert(
                (start..<min(start + 700, 2500)).map { index in
                    // Ties of one microsecond are told apart by the key's lower bits.
                    Access(at: Double(index / 250) / 1e6, tie: Int64(index % 250), path: "/\(index)")
                })
            seen += paths(try tail.next())
        }
        while case let rows = try tail.next(), !rows.isEmpty { seen += paths(rows) }
        #expect(seen == (0..<2500).map { ReportValue(stringLiteral: "/\($0)") })
    }

    @Test func keysThatBeginAgain_areFollowed() throws {
        func secondsAfterNoon() -> Double { Double(WallClock.nowUs() - FixtureLog.noonUs) / 1e6 }
        let log = try FixtureLog()
        try log.insert(Access(at: secondsAfterNoon() + 86_400, path: "/ahead"))
        var tail = try LogTail(log.reader(), span: .all, last: 10)
        #expect(paths(try tail.next()) == ["/ahead"])
        try log.insert(Meta(key: "epoch", value: 2), Access(at: secondsAfterNoon(), path: "/again"))
        let again = try tail.next()
        #expect(paths(again) == ["/again"])
        #expect(try tail.next().isEmpty)
    }

    @Test func span_boundsTheTail() throws {
        let log = try FixtureLog()
        for index in 0..<5 { try log.insert(Access(at: Double(index), path: "/\(index)")) }
        let span = TimeSpan(
            sinceUs: FixtureLog.noonUs + 1_000_000, untilUs: FixtureLog.noonUs + 4_000_000)
        var tail = try LogTail(log.reader(), span: span, last: nil)
        #expect(paths(try tail.next()) == ["/1", "/2", "/3"])
        #expect(try tail.next().isEmpty)
    }
}

private struct Meta: Encodable, PersistableRecord {
    static let databaseTableName = "meta"
    let key: String
    let value: Int
}
