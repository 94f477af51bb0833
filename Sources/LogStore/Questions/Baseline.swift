// The span that a comparison is made with.

/// What a span is compared with.
public enum Baseline: Sendable, Equatable {
    /// The span of the same length just before.
    case previous
    /// The same span so many microseconds earlier.
    case earlier(us: Int64)
    /// Another span.
    case span(TimeSpan)

    /// The span for one that is looked at.
    ///
    /// - Parameters:
    ///   - span: What is looked at.
    ///   - nowUs: The present, where a span without an end ends.
    /// - Throws: ``SpanError`` when the span has no beginning.
    func span(for span: TimeSpan, nowUs: Int64) throws -> TimeSpan {
        if case .span(let other) = self { return other }
        guard let sinceUs = span.sinceUs else {
            throw SpanError("a comparison needs a span with a beginning: --last or --since")
        }
        // What is still going on is compared with as much of the time before.
        let untilUs = min(span.untilUs ?? nowUs, max(nowUs, sinceUs))
        let shift: Int64 = if case .earlier(let us) = self { us } else { untilUs - sinceUs }
        return TimeSpan(sinceUs: sinceUs - shift, untilUs: untilUs - shift)
    }
}

extension SpanParser {
    /// What `--against` says: `previous`, `yesterday`, `last-week`, a length such as `6h`, or `SINCE..UNTIL`.
    ///
    /// - Throws: ``SpanError`` when it cannot be understood or the span is empty.
    public func baseline(_ text: String) throws -> Baseline {
        switch text {
        case "previous": return .previous
        case "yesterday": return .earlier(us: 86_400_000_000)
        case "last-week": return .earlier(us: 604_800_000_000)
        default: break
        }
        if let dots = text.firstRange(of: "..") {
            let bounds = [text[..<dots.lowerBound], text[dots.upperBound...]].map(String.init)
            return .span(try span(last: nil, since: bounds[0], until: bounds[1], otherwise: nil))
        }
        guard let us = try? length(text) else {
            throw SpanError(
                "--against \(text): expected previous, yesterday, last-week, a length such as 6h or 7d "
                    + "(the same span so long ago), or SINCE..UNTIL")
        }
        return .earlier(us: us)
    }
}

extension TimeSpan {
    /// The length of what of the span has passed, in seconds; `nil`: it has no beginning.
    func secondsPast(nowUs: Int64) -> Double? {
        sinceUs.map { max(0, Double(min(untilUs ?? nowUs, nowUs) - $0) / 1e6) }
    }
}
