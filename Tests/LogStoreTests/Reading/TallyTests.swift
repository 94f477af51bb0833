// The pieces of the overview: percentiles within their bound, and counts that stay in their memory.
import Testing

@testable import LogStore

@Suite struct TallyTests {
    @Test func bucketMiddle_isWithin1Point6Percent() {
        var value: Int64 = 1
        while value < Int64.max / 2 {
            for candidate in [value - 1, value, value + value / 3] {
                let middle = LatencySketch.middle(LatencySketch.bucket(candidate))
                #expect(
                    Double((middle - candidate).magnitude) <= Double(candidate) / 63, "\(candidate) became \(middle)")
            }
            value *= 2
        }
        #expect(LatencySketch.bucket(Int64.max) < 59 * 32)
    }

    @Test func buckets_risewithTheValue() {
        let values = (0..<5000).map { Int64($0) } + (0..<62).map { Int64(1) << $0 }.filter { $0 > 5000 }
        #expect(values.map(LatencySketch.bucket) == values.map(LatencySketch.bucket).sorted())
    }

    @Test func percentiles_matchTheExactOnes() throws {
        var generator = SystemRandomNumberGenerator()
        for scale in [10.0, 1000, 100_000] {
            let values = (0..<5000).map { _ in
                Int64(scale / max(1e-4, Double.random(in: 0..<1, using: &generator)))
            }
            var histogram = LatencySketch()
            values.forEach { histogram.add($0) }
            let sorted = values.sorted()
            for share in [0.5, 0.95, 0.99, 1] {
                let exact = Double(sorted[Int((5000 * share).rounded(.up)) - 1])
                let found = Double(try #require(histogram.percentile(share)))
                #expect(abs(found - exact) <= exact / 63 + 1)
            }
        }
        #expect(LatencySketch().percentile(0.5) == nil)
    }

    @Test func hostileDurations_areCounted() {
        var histogram = LatencySketch()
        histogram.add(-5)
        histogram.add(Int64.max)
        #expect(histogram.count == 2)
        #expect(histogram.percentile(0.1) == 0)
    }

    @Test func textsBeyondTheLimit_areOthers() {
        var tally = KeyTally(textLimit: 2)
        let request = Tally.Request(id: 1, status: 200, outcome: 0, bytesIn: 1, bytesOut: 1, durationUs: 2)
        let keys: [KeyTally.Key] = [.text([1]), .text([2]), .text([3]), .text([1]), .text([4]), .id(3), .id(.max)]
        for key in keys { tally.add(request, to: tally.slot(of: key)) }
        #expect(tally.keys == [.text([1]), .text([2]), .others, .id(3)])
        #expect(tally.tallies.map(\.requests) == [2, 1, 3, 1])
        #expect(tally.top(2) == [2, 0])
    }

    @Test(arguments: [0, 1, 20, 100, 5_000, Int.max])
    func ranking_isTheBeginningOfAllInOrder(_ count: Int) {
        var random = FixedGenerator(state: 7)
        let ranks = (0..<3_000).map { slot in
            (
                requests: Int64.random(in: 1...50, using: &random), durationUs: Int64.random(in: 0...3, using: &random),
                slot: slot
            )
        }
        var ranking = Ranking(count)
        var whole = Ranking(nil)
        for rank in ranks {
            ranking.add(rank.slot, requests: rank.requests, durationUs: rank.durationUs)
            whole.add(rank.slot, requests: rank.requests, durationUs: rank.durationUs)
        }
        let sorted = ranks.sorted { ($0.requests, $0.durationUs, $1.slot) > ($1.requests, $1.durationUs, $0.slot) }
        #expect(ranking.slots() == sorted.prefix(count).map(\.slot))
        #expect(whole.slots() == sorted.map(\.slot))
    }

    @Test func keysThatAreNotCounted_areToldApart() {
        var (tally, other) = (KeyTally(hasCounts: false), KeyTally(hasCounts: false))
        let request = Tally.Request(id: 1, status: 200, outcome: 0, bytesIn: 1, bytesOut: 1, durationUs: 2)
        for key in [.id(5), .none, .id(5), .text([1])] as [KeyTally.Key] { tally.add(request, to: tally.slot(of: key)) }
        for key in [.text([1]), .id(7)] as [KeyTally.Key] { other.add(request, to: other.slot(of: key)) }
        tally.merge(other)
        #expect(tally.keys == [.id(5), .none, .text([1]), .id(7)])
        #expect(tally.tallies.isEmpty)
    }

    @Test func keyLatencies_areThoseOfASketchPerKey() {
        var latencies = KeyLatencies()
        var sketches = [LatencySketch](repeating: LatencySketch(), count: 300)
        for index in 0..<30_000 {
            let (slot, durationUs) = (index * 7 % 300, Int64(index * index % 1_000_003))
            latencies.add(slot: slot, durationUs: durationUs)
            sketches[slot].add(durationUs)
        }
        var merged = KeyLatencies()
        merged.merge(latencies, slots: Array(0..<300))
        let some = [0, 5, 299]
        #expect(merged.sketches(some, maximaUs: some.map { sketches[$0].maximumUs }) == some.map { sketches[$0] })
    }
}
