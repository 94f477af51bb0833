// The sketches: within their bounds on every distribution, equal however they were put together, small when stored.
import LinuxSyscalls
import Testing

@testable import LogStore

/// Numbers that look random and are the same in each run.
struct FixedGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

@Suite struct SketchTests {
    /// Durations in microseconds of many shapes.
    static let distributions: [(name: String, values: [Int64])] = {
        var random = FixedGenerator(state: 1)
        func unit() -> Double { Double.random(in: 1e-9..<1, using: &random) }
        func make(_ name: String, _ next: () -> Double) -> (name: String, values: [Int64]) {
            (name, (0..<20_000).map { _ in Int64(max(0, min(next(), 1e15))) })
        }
        func product() -> Double {
            var value = 1_000.0
            for _ in 0..<8 { value *= 0.5 + unit() }
            return value
        }
        func humps() -> Double { unit() < 0.7 ? 900 + 200 * unit() : 2e6 + 1e6 * unit() }
        return [
            make("uniform") { unit() * 1e6 }, make("heavy tail") { 10 / unit() },
            make("heavier tail") { 10 / (unit() * unit()) }, make("product", product), make("two humps", humps),
            make("one value") { 1_234_567 }, make("small") { unit() * 70 }, make("zero") { 0 },
            make("hours") { 3.6e9 * (1 + unit()) },
        ]
    }()

    @Test func percentiles_areWithin1Point6PercentOfExact_onEachDistribution() throws {
        for (name, values) in Self.distributions {
            // Put together from a hundred stored parts, as a span is.
            var sketch = LatencySketch()
            for part in 0..<100 {
                var minute = LatencySketch()
                for index in stride(from: part, to: values.count, by: 100) { minute.add(values[index]) }
                sketch.merge(try LatencySketch(blob: minute.blob, maximumUs: minute.maximumUs))
            }
            let sorted = values.sorted()
            for share in [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1] {
                let rank = max(1, Int((Double(values.count) * share).rounded(.up)))
                let exact = Double(sorted[rank - 1])
                let found = Double(try #require(sketch.percentile(share)))
                #expect(abs(found - exact) <= exact * 0.016, "\(name), share \(share): \(found) for \(exact)")
            }
        }
    }

    @Test func latency_isTheSameHoweverItWasPutTogether() throws {
        for (name, values) in Self.distributions {
            var whole = LatencySketch()
            var (first, second) = (LatencySketch(), LatencySketch())
            for (index, value) in values.enumerated() {
                whole.add(value)
                if index % 3 == 0 { first.add(value) } else { second.add(value) }
            }
            var merged = second
            merged.merge(first)
            merged.merge(LatencySketch())
            #expect(merged == whole, "\(name)")
            var stored = try LatencySketch(blob: whole.blob, maximumUs: whole.maximumUs)
            #expect(stored == whole, "\(name)")
            stored.merge(whole)
            #expect(stored.count == 2 * whole.count)
        }
    }

    @Test func latency_ofAMinuteIsSmall() {
        var random = FixedGenerator(state: 2)
        var sketch = LatencySketch()
        #expect(sketch.blob.isEmpty)
        for _ in 0..<100 {
            sketch.add(Int64(500 / Double.random(in: 0.05..<1, using: &random)))
        }
        #expect(sketch.blob.count <= 100, "100 requests take \(sketch.blob.count) bytes")
    }

    @Test func distinct_countsWithinItsError_withoutBiasBetweenTheRanges() {
        // 5 standard errors for one sketch; the mean of several must be closer.
        for number in [1, 10, 100, 1_000, 5_000, 10_000, 15_000, 20_000, 50_000] {
            let runs = number > 20_000 ? 4 : 16
            var sum = 0.0
            for run in 0..<runs {
                var random = FixedGenerator(state: UInt64(run * 1_000_003 + number))
                var sketch = DistinctSketch()
                for _ in 0..<number { sketch.add(hash: random.next()) }
                let error = Double(sketch.count) / Double(number) - 1
                #expect(abs(error) < 0.08, "\(sketch.count) for \(number)")
                sum += error
            }
            #expect(abs(sum / Double(runs)) < 0.015, "the mean error at \(number) is \(sum / Double(runs))")
        }
    }

    @Test func distinct_ofTextsCountsEachOnce_alsoAcrossSketches() throws {
        var (first, second) = (DistinctSketch(), DistinctSketch())
        for index in 0..<3_000 {
            let text = Array("192.0.\(index / 250).\(index % 250)".utf8)
            if index < 2_000 { first.add(text.span.raw) }
            if index >= 1_000 { second.add(text.span.raw) }
            first.add(Array("192.0.0.1".utf8).span.raw)
        }
        first.merge(second)
        #expect(abs(Double(first.count) / 3_000 - 1) < 0.05, "\(first.count)")
        // The hash is part of the database format.
        #expect(Bytes.stableHash(Array("192.0.2.1".utf8).span.raw) == DistinctTestVector.hash)
    }

    @Test func distinct_readsWhatItStored_inFewBytes() throws {
        for (number, limit) in [(0, 0), (1, 5), (100, 160), (1_000, 1_400), (10_000, 2_200), (200_000, 2_200)] {
            var random = FixedGenerator(state: UInt64(number))
            var sketch = DistinctSketch()
            for _ in 0..<number { sketch.add(hash: random.next()) }
            let blob = sketch.blob
            #expect(blob.count <= limit, "\(number) values take \(blob.count) bytes")
            #expect(try DistinctSketch(blob: blob) == sketch)
        }
        var all = DistinctSketch()
        for index in 0..<4_096 { all.add(hash: UInt64(index) << 52) }
        #expect(try DistinctSketch(blob: all.blob) == all, "registers of the greatest rank")
    }

    @Test func damagedBlobs_areTold_andNeverTrappedOn() {
        var random = FixedGenerator(state: 3)
        var (told, read) = (0, 0)
        for length in 0..<3_000 {
            let bytes = (0..<length % 60).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            for form in [[], [1], [2]] as [[UInt8]] {
                do throws(BlobDamage) {
                    _ = try DistinctSketch(blob: form + bytes).count
                    read += 1
                } catch {
                    told += 1
                }
                do throws(BlobDamage) {
                    _ = try LatencySketch(blob: form + bytes, maximumUs: 5).percentile(0.5)
                    read += 1
                } catch {
                    told += 1
                }
            }
        }
        #expect(told > 1_000 && read > 100)
    }
}

/// A hash that must never change.
enum DistinctTestVector {
    static let hash: UInt64 = 4_690_644_893_619_972_811
}
