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
        for key in ["a", "b", "c", "a", "d"] { tally.add(.text(Array(key.utf8)), bytesOut: 1, durationUs: 2) }
        tally.add(.id(3), bytesOut: 1, durationUs: 2)
        tally.add(.id(Int64.max), bytesOut: 1, durationUs: 2)
        #expect(tally.distinct == (3, true))
        let top = tally.top(nil)
        #expect(top.first { $0.key == .others }?.tally.requests == 3)
        #expect(top.first { $0.key == .text(Array("a".utf8)) }?.tally == Tally(requests: 2, bytesOut: 2, durationUs: 4))
        #expect(top.reduce(0) { $0 + $1.tally.requests } == 7)
        #expect(tally.top(1).count == 1)
    }
}
