// Conditions on single requests.

/// The conditions of a report; a request must meet all.
public struct RequestFilter: Sendable, Equatable {
    /// No conditions: every request meets them.
    public init() {}

    /// Whether there are no conditions, so that summaries can answer.
    public var isEmpty: Bool { true }
}
