// The plots of a timeline: rate, status classes, bands of latency, and where the requests' durations lie.
internal import AccessLog

/// Draws the plots of a timeline.
struct TrafficPlots {
    let timeline: Timeline

    /// A link for each step; `nil`: none.
    let link: ((Timeline.Step) -> String)?

    private var steps: [Timeline.Step] { timeline.steps }

    /// The status classes from below: what is wrong stands on the ground, where little is seen as well as much.
    private static let classes: [(name: String, style: String, count: @Sendable (TrafficCounts) -> Int64)] = [
        ("5xx", "s5", { $0.status5xx }), ("4xx", "s4", { $0.status4xx }), ("3xx", "s3", { $0.status3xx }),
        ("2xx", "s2", { $0.status2xx }),
        ("other", "s0", { $0.status1xx + $0.withoutStatus }),
    ]

    private static let percentiles: [(name: String, style: String, share: Double)] = [
        ("p99", "p99", 0.99), ("p95", "p95", 0.95), ("p50", "p50", 0.5),
    ]

    /// Requests a second, or in the unit that fits.
    var rate: String {
        let highest = steps.max { $0.rate < $1.rate }
        let unit = RateUnit(perSecond: highest?.rate ?? 0)
        let scale = LinearScale(upTo: (highest?.rate ?? 0) * unit.seconds)
        let title = "Requests per \(unit.rawValue)"
        let text = peak(highest) { PageNumber.compact($0.rate * unit.seconds) }
        let plot = plot("\(title). \(text)", scale.ticks(PageNumber.compact))
        let area = StepPlot.area(steps.map { scale.position($0.rate * unit.seconds) })
        return figure(title, [], plot.svg("<path class=\"rate\" d=\"\(area)\"/>" + touches))
    }

    /// The shares of the status classes.
    var status: String {
        var lower = steps.map { _ in 0.0 as Double? }
        var shapes = ""
        for (_, style, count) in Self.classes {
            let upper = zip(steps, lower).map { step, below -> Double? in
                step.counts.requests == 0
                    ? nil : (below ?? 0) + Double(count(step.counts)) / Double(step.counts.requests)
            }
            if upper != lower { shapes += "<path class=\"\(style)\" d=\"\(StepPlot.area(upper, over: lower))\"/>" }
            lower = upper.map { $0 ?? 0 }
        }
        // A share of a thousandth would be a sixth of a pixel: each step with a 5xx has a mark on top.
        let marked = steps.map { $0.counts.status5xx > 0 ? 1.0 as Double? : nil }
        shapes += "<path class=\"mark\" d=\"\(StepPlot.area(marked, over: marked.map { $0.map { $0 - 0.03 } }))\"/>"
        let worst = steps.max { $0.counts.status5xx < $1.counts.status5xx }
        let text = peak((worst?.counts.status5xx ?? 0) > 0 ? worst : nil) { "\($0.counts.status5xx) answers 5xx" }
        let plot = plot(
            "Share of the status classes. \(text)",
            [25, 50, 75, 100].map { PlotTick(position: Double($0) / 100, label: "\($0) %") })
        let names = Self.classes.map { (name: $0.name, style: $0.style) }
        return figure("Status classes", names, plot.svg(shapes))
    }

    /// The durations that 50, 95 and 99 % of the requests do not exceed.
    var latency: String {
        let lines = Self.percentiles.map { percentile in steps.map { $0.percentile(percentile.share) } }
        let values = lines.joined().compactMap { $0 }
        let scale = LogScale(from: values.min() ?? 1_000, to: values.max() ?? 1_000_000)
        let places = lines.map { line in line.map { $0.map(scale.position) } }
        var shapes = ""
        for (percentile, line) in zip(Self.percentiles, places) {
            shapes += "<path class=\"\(percentile.style)\" d=\"\(StepPlot.area(line))\"/>"
        }
        for (percentile, line) in zip(Self.percentiles, places) {
            shapes += "<path class=\"line \(percentile.style)\" d=\"\(StepPlot.line(line))\"/>"
        }
        let slowest = steps.max { ($0.percentile(0.99) ?? 0) < ($1.percentile(0.99) ?? 0) }
        let text = peak(slowest?.latency.count ?? 0 > 0 ? slowest : nil) {
            "p99 of \(PageNumber.duration(us: Int64($0.percentile(0.99) ?? 0)))"
        }
        let names = Self.percentiles.map { (name: $0.name, style: $0.style) }
        return figure("Latency", names, plot("Latency: p50, p95 and p99. \(text)", scale.ticks).svg(shapes))
    }

    /// How many requests of each step took how long.
    var heatMap: String {
        let map = LatencyHeatMap(steps.map(\.latency))
        let plot = plot(
            "Requests by duration, darker where there are more. Most took \(map.usual).", map.ticks)
        return figure("Requests by duration", [], plot.svg(map.shapes))
    }

    // MARK: Parts

    private func plot(_ description: String, _ ticks: [PlotTick]) -> StepPlot {
        StepPlot(steps: steps.count, description: description, valueTicks: ticks, timeTicks: timeline.scale.ticks)
    }

    /// The words for the greatest value of a plot.
    private func peak(_ step: Timeline.Step?, _ text: (Timeline.Step) -> String) -> String {
        guard let step, step.counts.requests > 0 else { return "None in this span." }
        return "The most at \(Timeline.time(step.startUs)): \(text(step))."
    }

    private func figure(_ title: String, _ names: [(name: String, style: String)], _ svg: String) -> String {
        let keys = names.map { "<span class=\"key \($0.style)\">\($0.name)</span>" }.joined(separator: " ")
        return "<figure><figcaption><b>\(title)</b> \(keys)</figcaption>\n\(svg)</figure>\n"
    }

    /// What a pointer over a step tells, and where a click on it leads.
    private var touches: String {
        var svg = "<g class=\"touch\">"
        for (index, step) in steps.enumerated() where step.counts.requests > 0 {
            var text = "\(Timeline.time(step.startUs))\n\(PageNumber.compact(Double(step.counts.requests))) requests"
            for (name, _, count) in Self.classes.prefix(2) where count(step.counts) > 0 {
                text += ", \(count(step.counts)) \(name)"
            }
            if let median = step.latency.percentile(0.5), let high = step.latency.percentile(0.99) {
                text += "\np50 \(PageNumber.duration(us: median)), p99 \(PageNumber.duration(us: high))"
            }
            let area = "<path d=\"M\(index) 0h1V160h-1z\"><title>\(text)</title></path>"
            // Not on the way of the keyboard, which would stop at each step: the table of figures has the same links.
            svg += link.map { "<a href=\"\(Escaping.html($0(step)))\" tabindex=\"-1\">\(area)</a>" } ?? area
        }
        return svg + "</g>"
    }
}
