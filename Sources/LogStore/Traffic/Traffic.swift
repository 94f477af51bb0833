// What a report about many requests needs to know, and the answer.

/// A question about the requests of a selection. What is not asked for is not worked out.
public struct TrafficQuestion: Sendable {
    /// The requests.
    public var selection: Selection

    /// The lists that are wanted: requests by path, by client …
    public var fields: Set<TrafficField> = []

    /// Two properties by which requests are listed together; `nil`: no such list. It takes single rows.
    public var pair: FieldPair?

    /// How many keys of each list, those with the most requests; `nil`: all.
    public var keyLimit: Int? = 20

    /// Whether each key wants its own percentiles.
    public var needsLatencyByKey = false

    /// Whether the number of different clients is wanted.
    public var needsClients = true

    /// The length of the steps of the timeline in seconds; 0: no timeline.
    public var stepSeconds: Int64 = 0

    /// Whether single rows must be read even where summaries could answer.
    public var isExact = false

    /// Asks for the totals of a selection.
    public init(_ selection: Selection) {
        self.selection = selection
    }
}

/// What a list counts the requests of.
public enum TrafficKey: Sendable, Hashable {
    /// The requests without one: no referer, no answer.
    case none
    /// The text as the log holds it: hostile, and not always UTF-8. Numbers are their digits.
    case text([UInt8])
    /// All keys that are not in the list one by one.
    case others
    /// Two keys, in a list by two properties.
    indirect case pair(TrafficKey, TrafficKey)
}

extension TrafficKey {
    /// The keys that a pair is of, or the key itself.
    var parts: [TrafficKey] {
        if case .pair(let first, let second) = self { [first, second] } else { [self] }
    }

    /// The key with one of its parts made another; a key that is no pair is its own part.
    func replacing(part: Int, _ body: (TrafficKey) -> TrafficKey) -> TrafficKey {
        guard case .pair(let first, let second) = self else { return body(self) }
        return part == 0 ? .pair(body(first), second) : .pair(first, body(second))
    }
}

/// A line of a list.
public struct TrafficLine: Sendable {
    /// What the requests have in common.
    public var key: TrafficKey

    /// What adds up of them.
    public var counts: TrafficCounts

    /// The durations; `nil`: not asked for, or summaries do not hold them for this key.
    public var latency: LatencySketch?

    /// The moment of the newest request, in microseconds since 1970 UTC; `nil`: summaries do not hold it.
    public var newestUs: Int64?
}

/// A step of the timeline.
public struct TrafficStep: Sendable {
    /// Its first moment, in microseconds since 1970 UTC.
    public var startUs: Int64

    /// Its requests; the clients are those of the span as a whole, and not worked out for each step.
    public var summary: TrafficSummary
}

/// The answer to a ``TrafficQuestion``.
public struct Traffic: Sendable {
    /// All requests of the selection.
    public var total = TrafficSummary()

    /// How many different clients there were: exactly when all rows of one log were read, else within 1.6 %.
    public var clientCount: Int64 = 0

    /// The moment of the oldest request of the selection, in microseconds since 1970 UTC; `nil`: there is none.
    public var oldestUs: Int64?

    /// The lists that were asked for, the key with the most requests first; `others` and `none` are lines like any.
    public var lists: [TrafficField: [TrafficLine]] = [:]

    /// The list by two properties, the pair with the most requests first.
    public var pairs: [TrafficLine] = []

    /// The steps of the timeline in their order; steps without requests are among them.
    public var steps: [TrafficStep] = []

    /// What was read for it.
    public var cost = ReadCost()
}
