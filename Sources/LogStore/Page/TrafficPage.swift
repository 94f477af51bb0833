// The page about the requests of a selection: figures, plots and lists, as one file or as a live page.
internal import AccessLog

/// A part of a page, which a live page replaces by itself.
public struct PagePart: Sendable, Equatable {
    /// The id of its element.
    public let id: String
    /// The element.
    public let html: String

    /// What tells whether the part has changed: the FNV-1a hash of its text.
    public var digest: String {
        let hash = html.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 36)
    }
}

/// The page about the requests of a selection.
public struct TrafficPage {
    /// What the page is made of.
    public struct Contents {
        /// The answer to ``question(_:nowUs:)``.
        public var traffic: Traffic
        /// The newest messages, and whatever else has rows.
        public var panels: [ReportPanel]
        /// What the log counted in the span and did not store.
        public var losses: LogLosses

        /// Gathers what the page is made of.
        public init(traffic: Traffic, panels: [ReportPanel] = [], losses: LogLosses = LogLosses()) {
            self.traffic = traffic
            self.panels = panels
            self.losses = losses
        }
    }

    private let contents: Contents
    private let names: [String]
    private let address: PageAddress
    private let span: TimeSpan
    private let isLive: Bool
    private let nowUs: Int64
    private let timeline: Timeline

    private var head: [PagePart] = []
    private var plots: [PagePart] = []
    private var figures: [PagePart] = []
    private var lists: [PagePart] = []
    private var foot: [PagePart] = []

    /// What a page has to ask.
    ///
    /// - Parameters:
    ///   - selection: The requests that it is about; its span must begin somewhere.
    ///   - nowUs: The present, in microseconds since 1970 UTC.
    public static func question(_ selection: Selection, nowUs: Int64) -> TrafficQuestion {
        var question = TrafficQuestion(selection)
        question.fields = Set(PageList.shown)
        question.stepSeconds = stepSeconds(selection.span, nowUs: nowUs)
        return question
    }

    private static func stepSeconds(_ span: TimeSpan, nowUs: Int64) -> Int64 {
        let untilUs = min(span.untilUs ?? nowUs, nowUs)
        return Timeline.stepSeconds(sinceUs: span.sinceUs ?? untilUs - 86_400_000_000, untilUs: untilUs)
    }

    /// Makes a page.
    ///
    /// - Parameters:
    ///   - contents: What it shows.
    ///   - names: The names of the logs.
    ///   - address: What was asked for; a live page's links lead on from it.
    ///   - span: The span of the question.
    ///   - nowUs: The present of the question.
    ///   - isLive: Whether there is a server behind it, to which links lead and which sends new parts.
    public init(
        _ contents: Contents, names: [String], address: PageAddress, span: TimeSpan, nowUs: Int64, isLive: Bool
    ) {
        self.contents = contents
        self.names = names
        self.address = address
        self.span = span
        self.isLive = isLive
        self.nowUs = nowUs
        timeline = Timeline(
            contents.traffic, stepSeconds: Self.stepSeconds(span, nowUs: nowUs), span: span, nowUs: nowUs)
        makeParts()
    }

    /// The whole page, in UTF-8.
    public var html: String {
        let name = names.joined(separator: ", ")
        var body = "<header>\n<h1>Requests</h1>\n<p>\(HTMLText.ofLog(Array(name.utf8)))</p>\n"
        if isLive { body += PageControls(address: address).html }
        func text(_ parts: [PagePart]) -> String { parts.map(\.html).joined() }
        body += "</header>\n<main>\n\(text(head))<div class=\"plots\">\n\(text(plots))</div>\n\(text(figures))"
        body += "<div class=\"lists\">\n\(text(lists))</div>\n</main>\n\(text(foot))"
        let title = "Requests – " + Escaping.html(HTMLText.shortened(Array(name.utf8)))
        let events = isLive ? address.at("/events").text : nil
        return HTMLDocument(title: title, body: body, events: events).text
    }

    /// The parts, in the order of the page.
    public var parts: [PagePart] { head + plots + figures + lists + foot }

    private mutating func makeParts() {
        let address = address
        let plot = TrafficPlots(timeline: timeline, link: isLive ? { Self.link(to: $0, from: address).text } : nil)
        head = [Self.section("about", about), Self.section("facts", facts)]
        plots = [
            Self.section("rate", plot.rate), Self.section("status-classes", plot.status),
            Self.section("latency", plot.latency), Self.section("durations", plot.heatMap),
        ]
        figures = [Self.section("figures", figureTable)]
        lists = PageList.shown.compactMap(list)
        for panel in contents.panels {
            let title = panel.name.prefix(1).uppercased() + panel.name.dropFirst()
            lists.append(Self.section("panel-\(panel.name)", HTMLTable(panel: panel).html(caption: title)))
        }
        foot = [PagePart(id: "cost", html: "<footer id=\"cost\">\(cost)</footer>\n")]
    }

    private static func section(_ id: String, _ html: String) -> PagePart {
        PagePart(id: id, html: "<section id=\"\(id)\">\(html)</section>\n")
    }

    // MARK: Figures

    /// The span and the conditions.
    private var about: String {
        let untilUs = min(span.untilUs ?? nowUs, nowUs)
        let since = span.sinceUs.map { "\(Timeline.time($0 / 1_000_000 * 1_000_000)) to " } ?? "until "
        let html = "<p><time>\(since)\(Timeline.time(untilUs / 1_000_000 * 1_000_000))</time> UTC</p>\n"
        return html + PageConditions(address: address, isLive: isLive).html
    }

    /// The totals.
    private var facts: String {
        let counts = contents.traffic.total.counts
        let latency = contents.traffic.total.latency
        let untilUs = min(span.untilUs ?? nowUs, nowUs)
        let seconds = max(1, Double(untilUs - (span.sinceUs ?? timeline.steps.first?.startUs ?? untilUs)) / 1e6)
        let rate = Double(counts.requests) / seconds
        let unit = RateUnit(perSecond: rate)
        func share(_ number: Int64) -> String {
            counts.requests == 0
                ? "0 %" : NumberText.fixed(100 * Double(number) / Double(counts.requests), decimals: 2) + " %"
        }
        func duration(_ percent: Double) -> String { latency.percentile(percent).map(PageNumber.duration) ?? "–" }
        let requests = NumberText.grouped(counts.requests)
        let facts: [(String, String)] = [
            (
                "requests",
                isLive ? "<a href=\"\(Escaping.html(address.at("/requests").text))\">\(requests)</a>" : requests
            ),
            ("per \(unit.rawValue)", PageNumber.compact(rate * unit.seconds)),
            ("clients", NumberText.grouped(contents.traffic.clientCount)),
            ("4xx", share(counts.status4xx)), ("5xx", share(counts.status5xx)),
            ("failed", NumberText.grouped(counts.failed)), ("aborted", NumberText.grouped(counts.aborted)),
            ("sent", NumberText.bytes(Double(counts.bytesOut))), ("received", NumberText.bytes(Double(counts.bytesIn))),
            ("p50", duration(0.5)), ("p95", duration(0.95)), ("p99", duration(0.99)),
            ("longest", latency.count == 0 ? "–" : PageNumber.duration(us: latency.maximumUs)),
        ]
        return "<dl>" + facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }.joined() + "</dl>"
    }

    /// The figures of the plots, for who does not see them, and to look one up.
    private var figureTable: String {
        var table = HTMLTable(panel: timeline.panel)
        if isLive {
            table.link = { row, column in
                column == 0 ? Self.link(to: timeline.steps[row], from: address).text : nil
            }
        }
        return "<details><summary>The figures of the plots</summary>\n"
            + table.html(caption: "Figures by time, UTC") + "</details>\n"
    }

    /// What the page rests on.
    private var cost: String {
        let cost = contents.traffic.cost
        var text = "\(NumberText.grouped(Int64(cost.rows))) rows read"
        if cost.summaries > 0 { text += " and \(NumberText.grouped(Int64(cost.summaries))) summaries" }
        text += " (tier: \(cost.tier.rawValue)). "
        text +=
            cost.newestUs.map {
                "Newest request \(NumberText.age(seconds: Double(max(0, nowUs - $0)) / 1e6)) old at "
                    + "<time>\(Timeline.time(nowUs / 1_000_000 * 1_000_000))</time> UTC. "
            } ?? "The log holds no request yet. "
        text += contents.losses.text.map { "<span class=\"bad\">Missing: \($0).</span> " } ?? ""
        return text + "Percentiles are within 1.6 %, numbers of clients within 3 %."
    }

    // MARK: Lists

    private func list(_ field: TrafficField) -> PagePart? {
        guard let lines = contents.traffic.lists[field] else { return nil }
        let list = PageList(field: field, lines: lines, total: contents.traffic.total.counts.requests)
        var table = HTMLTable(panel: list.panel)
        if isLive {
            table.link = { row, column in
                guard column < 2, let items = list.filter(lines[row]) else { return nil }
                let filtered = items.reduce(address) { $0.adding($1) }
                return column == 0 ? filtered.text : filtered.at("/requests").text
            }
        }
        return Self.section("list-\(field.rawValue)", table.html(caption: list.title))
    }

    /// The page about a step alone.
    private static func link(to step: Timeline.Step, from address: PageAddress) -> PageAddress {
        let items = [("since", step.startUs), ("until", step.endUs)].map { name, us in
            PageAddress.Item(name, ISOTime.text(us: us).prefix(19) + "Z")
        }
        return address.replacing(PageControls.spanNames, with: items)
    }
}
