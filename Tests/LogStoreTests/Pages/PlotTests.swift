// Axes and shapes: round marks at any size, gaps where nothing was, and a single request that is seen.
import Testing

@testable import LogStore

@Suite struct PlotTests {
    @Test(arguments: [0, 1e-6, 0.003, 0.9, 1, 4, 7, 99, 1_000, 123_456, 1e12, Double.infinity, -3] as [Double])
    func linearScale_reachesItsMaximum_withFewRoundMarks(maximum: Double) {
        let scale = LinearScale(upTo: maximum)
        let ticks = scale.ticks(PageNumber.compact)
        #expect((1...4).contains(ticks.count), "\(ticks)")
        if maximum > 0, maximum.isFinite { #expect(scale.end >= maximum && scale.end < 5 * maximum) }
        #expect(ticks.allSatisfy { $0.position > 0 && $0.position <= 1 && $0.label.count <= 14 }, "\(ticks)")
        #expect(Set(ticks.map(\.label)).count == ticks.count, "\(ticks)")
        #expect((0...1).contains(scale.position(maximum)))
    }

    @Test func logScale_isOfWholePowers() {
        #expect(LogScale(from: 80, to: 45_000).ticks.map(\.label) == ["10 µs", "100 µs", "1 ms", "10 ms", "100 ms"])
        #expect(LogScale(from: 0, to: 0).ticks.map(\.label) == ["1 µs", "10 µs"])
        #expect(LogScale(from: 1e6, to: 6e7).ticks.map(\.label) == ["1 s", "10 s", "100 s"])
        let scale = LogScale(from: 10, to: 1_000)
        #expect(scale.position(100) == 0.5 && scale.position(1) == 0 && scale.position(1e9) == 1)
    }

    @Test(
        arguments: [
            (15 * 60, "11:48"), (3_600, "11:10"), (86_400, "18:00"), (7 * 86_400, "Feb 23"), (30 * 86_400, "Feb 1"),
            (5 * 365 * 86_400, "Dec 2022"), (9, "11:59:52"),
        ] as [(Int, String)]) func timeScale_hasFewMarksAtWholeTimes(seconds: Int, expected: String)
    {
        let scale = TimeScale(beginUs: FixtureLog.noonUs - Int64(seconds) * 1_000_000, endUs: FixtureLog.noonUs)
        let labels = scale.ticks.map(\.label)
        #expect((3...8).contains(labels.count), "\(labels)")
        #expect(labels.contains(expected), "\(labels)")
        #expect(Set(labels).count == labels.count, "\(labels)")
        #expect(scale.ticks.allSatisfy { (0..<1).contains($0.position) })
    }

    @Test func timeScale_ofNothing_hasNoMarks() {
        #expect(TimeScale(beginUs: 0, endUs: 0).ticks.isEmpty)
    }

    @Test func area_followsSteps_andBreaksAtGaps() {
        #expect(StepPlot.area([0.5, 0.5, 1, nil, 0.25]) == "M0 160V80H2V0H3V160ZM4 160V120H5V160Z")
        #expect(StepPlot.area([1, 1], over: [0.5, 0]) == "M0 80V0H2V160H1V80H0Z")
        #expect(StepPlot.line([nil, 0.5, nil]) == "M1 80V80H2")
        #expect(StepPlot.area([]).isEmpty)
    }

    @Test func heatMap_showsASingleSlowRequest() {
        var quick = LatencySketch()
        for _ in 0..<10_000 { quick.add(100) }
        var slow = quick
        slow.add(5_000_000)
        let map = LatencyHeatMap([quick, slow, LatencySketch()])
        #expect(map.ticks.first?.label == "100 µs" && map.ticks.last?.label == "10 s")
        let paths = map.shapes.split(separator: "<").map(String.init)
        #expect(paths.count == 2 && paths[0].hasPrefix("path class=\"h1\" d=\"M1 "), "\(paths)")
        #expect(paths[1].hasPrefix("path class=\"h6\" d=\"M0 ") && paths[1].contains("h2v"), "\(paths)")
        #expect(LatencyHeatMap([]).shapes.isEmpty && LatencyHeatMap([LatencySketch()]).shapes.isEmpty)
    }

    @Test(
        arguments: [
            (0.0, "0"), (0.00015, "0.00015"), (0.1, "0.1"), (3, "3"), (12.5, "12.5"), (1_500, "1,500"),
            (15_000, "15 k"),
            (1_500_000, "1.5 M"), (2e13, "20 T"),
        ] as [(Double, String)]) func compactNumbers_areShort(number: Double, text: String)
    {
        #expect(PageNumber.compact(number) == text)
    }

    @Test(
        arguments: [
            (0, "0 µs"), (84, "84 µs"), (1_234, "1.23 ms"), (47_613, "47.6 ms"), (811_123, "811 ms"),
            (30_000_000, "30 s"),
        ] as [(Int64, String)])
    func durations_areInTheUnitThatFits(us: Int64, text: String) {
        #expect(PageNumber.duration(us: us) == text)
    }

    @Test(
        arguments: [(0.0, "second"), (3, "second"), (0.05, "minute"), (0.002, "hour"), (1e-6, "day")]
            as [(Double, String)])
    func rates_areInTheUnitThatFits(rate: Double, unit: String) {
        #expect(RateUnit(perSecond: rate).rawValue == unit)
    }

    @Test(arguments: [60, 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400, 20 * 365 * 86_400] as [Int64])
    func steps_areAtMost168(seconds: Int64) {
        let step = Timeline.stepSeconds(sinceUs: 0, untilUs: seconds * 1_000_000)
        #expect(seconds / step <= Timeline.limit && step >= 1 && (step < 86_400 || step % 86_400 == 0))
    }
}
