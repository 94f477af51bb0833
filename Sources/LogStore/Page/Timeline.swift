// The steps of a span as its plots and its table of figures need them.

/// The steps of a page's plots.
struct Timeline {
    /// A step and how long it really is.
    struct Step {
        let startUs: Int64
        let endUs: Int64
        /// The part of it that lies in the span and in the past.
        let seconds: Double
        let counts: TrafficCounts
        let latency: LatencySketch

        /// Requests a second.
        var rate: Double { Double(counts.requests) / seconds }

        /// The duration that a share of the requests does not exceed, in microseconds; `nil` without requests.
        func percentile(_ share: Double) -> Double? { latency.percentile(share).map(Double.init) }
    }

    /// In their order and without holes.
    let steps: [Step]

    /// How many steps a page has at most: at 1,000 pixels each is six wide.
    static let limit: Int64 = 168

    /// Lengths of steps in seconds that fill minutes, hours and days.
    private static let lengths: [Int64] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
    ]

    /// The shortest length of steps, in seconds, with which a span has no more than ``limit``.
    static func stepSeconds(sinceUs: Int64, untilUs: Int64) -> Int64 {
        let seconds = max(1, (untilUs - sinceUs) / 1_000_000)
        if let length = lengths.first(where: { seconds / $0 <= limit }) { return length }
        return (seconds / limit / 86_400 + 1) * 86_400
    }

    /// The steps of an answer.
    ///
    /// - Parameters:
    ///   - traffic: The answer.
    ///   - stepSeconds: The length that was asked for.
    ///   - span: The span that was asked for.
    ///   - nowUs: When the answer was made.
    init(_ traffic: Traffic, stepSeconds: Int64, span: TimeSpan, nowUs: Int64) {
        let untilUs = min(span.untilUs ?? nowUs, nowUs)
        steps = traffic.steps.map { step in
            let endUs = step.startUs + stepSeconds * 1_000_000
            let coveredUs = min(endUs, untilUs) - max(step.startUs, span.sinceUs ?? step.startUs)
            return Step(
                startUs: step.startUs, endUs: endUs, seconds: max(1, Double(coveredUs) / 1e6),
                counts: step.summary.counts, latency: step.summary.latency)
        }
    }

    /// The axis of time of its plots.
    var scale: TimeScale { TimeScale(beginUs: steps.first?.startUs ?? 0, endUs: steps.last?.endUs ?? 0) }

    /// The figures of the plots as a table, for who does not see them.
    var panel: ReportPanel {
        func milliseconds(_ us: Double?) -> ReportValue { us.map { .real($0 / 1000) } ?? .null }
        return ReportPanel(
            "steps",
            columns: [
                "time", "requests", "requests_per_second", "status_4xx", "status_5xx", "p50_ms", "p95_ms", "p99_ms",
                "bytes_out",
            ],
            rows: steps.map { step in
                [
                    .text(Self.time(step.startUs)), .integer(step.counts.requests), .real(step.rate),
                    .integer(step.counts.status4xx), .integer(step.counts.status5xx),
                    milliseconds(step.percentile(0.5)), milliseconds(step.percentile(0.95)),
                    milliseconds(step.percentile(0.99)), .integer(step.counts.bytesOut),
                ]
            })
    }

    /// `2026-11-23 14:00`, with seconds where there are any.
    static func time(_ us: Int64) -> String {
        let text = ISOTime.text(us: us)
        let isWhole = text.dropFirst(16).prefix(3) == ":00"
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(isWhole ? 5 : 8))"
    }
}
