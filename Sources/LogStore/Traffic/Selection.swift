// Which requests a report is about: a span of time, and conditions.

/// A span and the conditions that a request must meet.
public struct Selection: Sendable, Equatable {
    /// When the requests ended.
    public var span: TimeSpan

    /// What they must be like.
    public var filter = RequestFilter()

    /// All requests of a span.
    public init(span: TimeSpan, filter: RequestFilter = RequestFilter()) {
        self.span = span
        self.filter = filter
    }
}
