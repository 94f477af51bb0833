// What a user may say about the shape of a report: how many rows, in which order, which columns.

/// The shape of a report.
public struct ReportShape: Sendable, Equatable {
    /// The greatest number of rows of a list; `nil`: all.
    public var limit: Int?

    /// What a report that lists by any property lists by; empty: its usual one.
    public var fields: [TrafficField] = []

    /// The column whose greatest values come first; `nil`: the usual order.
    public var sortColumn: String?

    /// The columns to show, in their order; empty: the usual ones.
    public var columns: [String] = []

    /// The percentiles of durations to show, each above 0 and at most 100; empty: the usual ones.
    public var percentiles: [Double] = []

    /// Whether single rows must be read even where summaries could answer.
    public var isExact = false

    /// The length of the steps of a timeline in seconds; `nil`: one that fits the span.
    public var stepSeconds: Int64?

    /// The usual shape with a number of rows.
    public init(limit: Int? = nil) {
        self.limit = limit
    }
}
