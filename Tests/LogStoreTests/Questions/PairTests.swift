// Lists by two properties at once.
import GRDB
import Testing

@testable import LogStore

@Suite struct PairTests {
    private func report(
        _ fleet: LogFleet, _ fields: [TrafficField], name: ReportName = .paths,
        _ change: (inout ReportShape) -> Void = { _ in }
    ) throws -> ReportPanel {
        var shape = ReportShape()
        shape.fields = fields
        change(&shape)
        return try fleet.report(name, Selection(span: .all), shape: shape)["rows"]
    }

    private func log() throws -> FixtureLog {
        let log = try FixtureLog()
        try log.insert(Path(id: 1, value: "/a"), Path(id: 2, value: "/b"))
        try log.insert(
            Access(at: 0, path: 1, durationUs: 1000), Access(at: 1, path: 1, durationUs: 3000),
            Access(at: 2, path: 1, durationUs: 5000), Access(at: 3, status: 404, path: 1),
            Access(at: 4, status: 404, path: 2), Access(at: 5, status: 404, path: 2),
            Access(at: 6, status: nil, path: "/c", referer: "https://x.example/"))
        return log
    }

    @Test func pairs_areCountedTogether() throws {
        let log = try log()
        let fleet = LogFleet([try log.reader()])
        let rows = try report(fleet, [.path, .status])
        #expect(rows["path"] == ["/a", "/b", "/a", "/c"])
        #expect(rows["status"] == [200, 404, 404, nil])
        #expect(rows["requests"] == [3, 2, 1, 1])
        #expect(rows["status_4xx"] == [0, 2, 1, 0])
        #expect(rows["requests_percent"].first == .real(300.0 / 7))
        #expect(
            rows.columns.suffix(2).map(\.name) == ["path", "status"] && rows.columns[rows.keyColumn].name == "path")
        #expect(try report(fleet, [.status, .path]).columns.suffix(2).map(\.name) == ["status", "path"])
        #expect(try report(fleet, [.path, .status]) { $0.limit = 2 }["path"] == ["/a", "/b"])
    }

    @Test func shape_holdsForPairs() throws {
        let log = try log()
        let fleet = LogFleet([try log.reader()])
        let rows = try report(fleet, [.path, .status], name: .latency) {
            $0.percentiles = [50]
            $0.columns = ["status", "p50_ms", "path"]
            $0.sortColumn = "p50_ms"
            $0.limit = 1
        }
        #expect(rows.rows == [[200, 2.976, "/a"]])
        let error = #expect(throws: LogReadError.self) {
            try report(fleet, [.path, .status]) { $0.columns = ["client"] }
        }
        #expect(error?.description.contains("path, status") == true)
    }

    @Test func foldedAndMissingProperties_areParts() throws {
        let log = try log()
        let fleet = LogFleet([try log.reader()])
        let missing = try report(fleet, [.notFound, .site])
        #expect(missing["not_found"] == ["/b", "/a"] && missing["requests"] == [2, 1])
        let sites = try report(fleet, [.site, .outcome])
        #expect(sites["site"] == [nil, "x.example"] && sites["outcome"] == ["ok", "ok"])
    }

    @Test func templates_areLearnedInEitherPart() throws {
        let log = try FixtureLog()
        try log.insert(
            (0..<300).map { index in
                Access(
                    at: Double(index), status: index % 3 == 0 ? 500 : 200,
                    path: "/u/" + String(String(index).map { "abcdefghij"[$0] }))
            })
        let fleet = LogFleet([try log.reader()])
        let rows = try report(fleet, [.status, .template]) { $0.limit = 5 }
        #expect(rows["template"] == ["/u/:slug", "/u/:slug"] && rows["status"] == [200, 500])
        #expect(rows["requests"] == [200, 100])
        #expect(try report(fleet, [.template, .status])["template"] == ["/u/:slug", "/u/:slug"])
    }

    @Test func percentilesOfFoldedKeys_areThoseOfAllTheirRequests() throws {
        let log = try FixtureLog()
        // More agents than keys have percentiles of their own.
        try log.insert(
            (0..<3000).map { Access(at: Double($0), agent: "curl/8.\($0)", durationUs: Int64($0 + 1) * 1000) })
        let fleet = LogFleet([try log.reader()])
        for fields in [[.agentFamily], [.agentFamily, .status]] as [[TrafficField]] {
            let rows = try report(fleet, fields, name: .latency) { $0.percentiles = [50] }
            #expect(rows["agent_family"] == ["curl"])
            guard case .real(let median)? = rows["p50_ms"].first else {
                Issue.record("no percentile of \(fields)")
                continue
            }
            #expect(abs(median - 1500) < 1500 * 0.016)
        }
    }

    @Test func severalLogsAndThreads_countEachPairOnce() throws {
        let (one, other) = (try FixtureLog(), try log())
        let count = 60_000
        try one.insert((1...50).map { Path(id: $0, value: "/\($0)") } + [Path(id: 51, value: "/a")])
        try one.insert(
            (0..<count).map {
                Access(
                    at: Double($0) / 10, status: 200 + $0 % 4, path: $0 == 7 ? 51 : Int64($0 % 50 + 1),
                    durationUs: Int64($0))
            })
        let fleet = LogFleet([try one.reader(), try other.reader()])
        var question = TrafficQuestion(Selection(span: .all))
        question.pair = FieldPair(.path, .status)
        question.keyLimit = nil
        question.needsLatencyByKey = true
        let traffic = try fleet.traffic(question)
        #expect(traffic.cost.rows == count + 7 && traffic.lists.isEmpty)
        // 50 paths and 4 codes have no common divisor but 2, so a path has two codes; /a is a path of both logs.
        #expect(traffic.pairs.count == 100 + 5)
        #expect(traffic.pairs.reduce(0) { $0 + $1.counts.requests } == Int64(count) + 7)
        #expect(traffic.pairs.allSatisfy { $0.latency?.count == Int($0.counts.requests) })
        let a = traffic.pairs.filter { $0.key.parts[0] == .text(Array("/a".utf8)) }
        #expect(a.map(\.counts.requests) == [3, 1, 1])
        #expect(a.map { $0.key.parts[1] }.contains(.text(Array("203".utf8))))
    }

    @Test func partsOfAScan_mergeByTheirValues() throws {
        let log = try FixtureLog()
        try log.insert(Path(id: 1, value: "/a"), Path(id: 2, value: "/b"))
        // The second part meets paths and codes in another order than the first.
        let parts: [[(Int64, Int)]] = [[(1, 200), (2, 404)], [(2, 404), (2, 200), (1, 404)]]
        for (index, row) in parts.joined().enumerated() {
            try log.insert(Access(at: Double(index), status: row.1, path: row.0))
        }
        let merged = try log.reader().read { database in
            var (tallies, count) = ([PairTally](), 0)
            let row = try ScanCursor(database, ScanPlan([.path, .status], filter: RequestFilter(), database))
            row.restart(0..<Int64.max)
            for part in parts {
                var tally = PairTally(FieldPair(.path, .status), hasLatencies: true)
                for _ in part {
                    #expect(try row.next())
                    let status = row.integer(.status)
                    tally.add(
                        row,
                        Tally.Request(
                            id: row.integer(.id), status: status, outcome: 0, bytesIn: 0, bytesOut: 0, durationUs: 1),
                        status: status)
                    count += 1
                }
                tallies.append(tally)
            }
            tallies[0].merge(tallies[1])
            return tallies[0]
        }
        let found = merged.pairs.keys.indices.map { slot -> String in
            let values = merged.values(merged.pairs.keys[slot])
            return "\(values.map { "\($0.first) \($0.second)" } ?? "") \(merged.pairs.tallies[slot].requests)"
        }
        #expect(found == ["id(1) id(200) 1", "id(2) id(404) 2", "id(2) id(200) 1", "id(1) id(404) 1"])
    }

    @Test func percentilesOfAPart_areNotThoseOfTheWhole() {
        var known = TrafficLine(key: .none, counts: TrafficCounts(), latency: LatencySketch())
        known.latency?.add(5)
        let unknown = TrafficLine(key: .none, counts: TrafficCounts(), latency: nil)
        for lines in [[known, unknown], [unknown, known]] {
            var sums = TrafficLineSums()
            lines.forEach { sums.add($0) }
            #expect(sums.lines(limit: nil).map(\.latency) == [nil])
        }
    }

    @Test func pairsBeyondTheLimit_areOneLine() {
        var tally = KeyTally(textLimit: 2)
        let request = Tally.Request(id: 1, status: 200, outcome: 0, bytesIn: 0, bytesOut: 0, durationUs: 1)
        for number in 1...5 as ClosedRange<Int64> { tally.add(request, to: tally.slot(of: .id(number << 32))) }
        #expect(tally.keys == [.id(1 << 32), .id(2 << 32), .others])
        #expect(tally.tallies.map(\.requests) == [1, 1, 3])
        let table = TrafficTable(keyNames: ["path", "status"], total: TrafficCounts(), percentiles: [])
        let line = TrafficLine(key: .others, counts: TrafficCounts(), latency: nil)
        let panel = try? table.panel(
            "rows", lines: [line], usualColumns: ["path", "status"], shape: ReportShape())
        #expect(panel?.rows == [["(others)", "(others)"]])
    }

    @Test func othersAreTheLastLine_andNoLimitIsAboutThem() throws {
        func line(_ key: TrafficKey, _ requests: Int64) -> TrafficLine {
            var counts = TrafficCounts()
            counts.requests = requests
            return TrafficLine(key: key, counts: counts, latency: nil)
        }
        let lines = [line(.others, 100), line(.text([0x61]), 2), line(.text([0x62]), 7), line(.none, 1)]
        let table = TrafficTable(keyNames: ["path"], total: TrafficCounts(), percentiles: [])
        for sort in [nil, "requests"] as [String?] {
            var shape = ReportShape(limit: 2)
            shape.sortColumn = sort
            let panel = try table.panel("rows", lines: lines, usualColumns: ["path", "requests"], shape: shape)
            let keys = sort == nil ? ["a", "b"] : ["b", "a"] as [ReportValue]
            #expect(panel.rows.map(\.first) == keys + ["(others)"])
        }
    }
}

extension String {
    /// The character that a digit stands for.
    fileprivate subscript(_ digit: Character) -> Character {
        self[index(startIndex, offsetBy: digit.wholeNumberValue ?? 0)]
    }
}
