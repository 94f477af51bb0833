// Lists of keys: what is stored is read again, merging adds, and cutting loses no request.
import Testing

@testable import LogStore

@Suite struct TierListTests {
    static func counts(_ requests: Int64, _ status: Int64 = 200, outcome: Int64 = 0) -> TrafficCounts {
        var counts = TrafficCounts()
        for index in 0..<requests {
            counts.add(status: status, outcome: outcome, bytesIn: 100, bytesOut: 3_000, durationUs: 70 + index)
        }
        return counts
    }

    static func latency(_ requests: Int64) -> LatencySketch {
        var sketch = LatencySketch()
        for index in 0..<requests { sketch.add(70 + index) }
        return sketch
    }

    @Test func blob_isReadAsItWasWritten() throws {
        var list = TierList()
        list.others = Self.counts(3, 404)
        list.lines = [
            TierLine(key: .number(7), counts: Self.counts(20)), TierLine(key: .none, counts: Self.counts(5, 503)),
            TierLine(key: .number(0), counts: Self.counts(4, 0, outcome: 3)),
            TierLine(key: .text(Array("PROPPATCH".utf8)), counts: Self.counts(2, 301, outcome: 1)),
            TierLine(key: .text([]), counts: Self.counts(1, 101, outcome: 5)),
            TierLine(key: .number(1 << 40), counts: Self.counts(1, 200, outcome: 2)),
            TierLine(key: .number(8), counts: Self.counts(1, 599, outcome: 4)),
        ]
        #expect(try TierList(blob: list.blob, hasLatency: false) == list)
        for index in list.lines.indices { list.lines[index].latency = Self.latency(list.lines[index].counts.requests) }
        #expect(try TierList(blob: list.blob, hasLatency: true) == list)
        #expect(try TierList(blob: TierList().blob, hasLatency: true) == TierList())
    }

    @Test func aLineIsSmall() {
        var list = TierList()
        list.lines = (0..<100).map { TierLine(key: .number(10_000 + $0), counts: Self.counts(5)) }
        #expect(list.blob.count <= 100 * 14, "100 lines take \(list.blob.count) bytes")
    }

    @Test func merging_addsByKey_andCuttingKeepsTheBusiest_withoutLosingARequest() {
        var first = TierList()
        first.lines = [
            TierLine(key: .number(1), counts: Self.counts(5), latency: Self.latency(5)),
            TierLine(key: .number(2), counts: Self.counts(1), latency: Self.latency(1)),
        ]
        var second = TierList()
        second.others = Self.counts(2)
        second.lines = [
            TierLine(key: .number(3), counts: Self.counts(9), latency: Self.latency(9)),
            TierLine(key: .number(1), counts: Self.counts(7, 500), latency: Self.latency(7)),
            TierLine(key: .number(4), counts: Self.counts(1), latency: Self.latency(1)),
            TierLine(key: .none, counts: Self.counts(1), latency: Self.latency(1)),
        ]
        first.merge(second)
        #expect(first.lines.map(\.counts.requests) == [12, 1, 9, 1, 1])
        #expect(first.lines[0].latency?.count == 12 && first.lines[0].counts.status5xx == 7)
        var cut = first
        cut.cut(to: 3, floor: 3)
        #expect(cut.lines.map(\.key) == [.number(1), .number(3), .none])
        #expect(cut.others.requests == 4)
        cut = first
        cut.cut(to: 4, floor: 1)
        #expect(cut.lines.map(\.counts.requests) == [12, 9], "single requests are not kept beyond the floor")
        #expect(cut.lines.reduce(cut.others.requests) { $0 + $1.counts.requests } == 26)
    }

    @Test func aSumOfManyLists_isThatOfEachKey() throws {
        var sum = TierListSum()
        var expected: [TierKey: TrafficCounts] = [:]
        var lineCount = 0
        for day in 0..<4 {
            var list = TierList()
            list.others = Self.counts(2)
            let keys = (0..<1_500).map { TierKey.number(Int64($0 * (day + 1))) } + [.none]
            list.lines = (keys + (0..<40).map { .text([UInt8($0), UInt8(day % 2)]) }).map {
                TierLine(key: $0, counts: Self.counts(1, 404))
            }
            for line in list.lines { expected[line.key, default: TrafficCounts()].merge(line.counts) }
            lineCount += sum.add(blob: list.blob, hasLatency: false, keepsLatency: false)
        }
        #expect(lineCount == 4 * 1_541 && sum.list.others.requests == 8)
        #expect(sum.list.lines.count == expected.count)
        for line in sum.list.lines { #expect(line.counts == expected[line.key]) }
        // One that begins with lines finds them again.
        var again = TierListSum(sum.list)
        again.add(sum.list)
        #expect(again.list.lines.map(\.key) == sum.list.lines.map(\.key))
    }

    @Test func aLineWhoseDurationsAreNotAllKnown_hasNone() {
        var sum = TierListSum()
        sum.add(TierLine(key: .number(1), counts: Self.counts(5), latency: Self.latency(5)))
        sum.add(TierLine(key: .number(1), counts: Self.counts(5), latency: Self.latency(5)))
        #expect(sum.list.lines.map(\.latency?.count) == [10])
        sum.add(TierLine(key: .number(1), counts: Self.counts(1)))
        sum.add(TierLine(key: .number(1), counts: Self.counts(5), latency: Self.latency(5)))
        #expect(sum.list.lines[0].latency == nil && sum.list.lines[0].counts.requests == 16)
    }

    @Test func damagedBlobs_areTold_andNeverTrappedOn() {
        var random = FixedGenerator(state: 4)
        var list = TierList()
        list.lines = [TierLine(key: .number(7), counts: Self.counts(20), latency: Self.latency(20))]
        let good = list.blob
        for _ in 0..<5_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            guard var read = try? TierList(blob: bytes, hasLatency: true) else { continue }
            read.merge(list)
            read.cut(to: 1, floor: 0)
        }
    }
}
