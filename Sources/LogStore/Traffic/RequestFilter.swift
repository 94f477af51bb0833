// Conditions on single requests.

/// The conditions of a report; a request must meet all.
///
/// Several conditions on one property are alternatives, negated ones exclude: `--status 404 --status 5xx --path '!/a*'`
/// are the requests with one of these statuses whose path does not begin with `/a`.
public struct RequestFilter: Sendable, Equatable {
    /// What a request can be asked about.
    public enum Property: String, Sendable, CaseIterable {
        case host, path, client, referer, agent, method, status, outcome, worker
        /// Whether the agent is a crawler.
        case crawlers
        /// Whether the path names a file of a kind that pages load: an image, a style sheet, a script.
        case `static`
    }

    /// One value of an option.
    struct Condition: Sendable, Equatable {
        let property: Property
        let test: RequestTest
        let isNegated: Bool
    }

    /// The conditions on properties, in the order in which they were given.
    private(set) var conditions: [Condition] = []

    /// The least duration in microseconds; `nil`: any.
    private(set) var minimumUs: Int64?

    /// The greatest duration in microseconds; `nil`: any.
    private(set) var maximumUs: Int64?

    /// Conditions in SQL on the columns of the view `requests`; all must hold.
    private(set) var expressions: [SQLCondition] = []

    /// No conditions: every request meets them.
    public init() {}

    /// Whether there are no conditions, so that summaries can answer.
    public var isEmpty: Bool { self == RequestFilter() }

    /// Adds a condition on a property.
    ///
    /// - Parameters:
    ///   - property: What it is about.
    ///   - value: The value of the option of that name; an exclamation mark before it negates.
    /// - Throws: ``RequestFilterError`` when the value cannot be understood.
    public mutating func add(_ property: Property, _ value: String) throws(RequestFilterError) {
        var isNegated = value.hasPrefix("!")
        var value = isNegated ? String(value.dropFirst()) : value
        if property == .crawlers || property == .static, value == "none" {
            isNegated.toggle()
            value = "only"
        }
        let test = try RequestTest(property, value)
        guard conditions.count < Self.conditionLimit else {
            throw RequestFilterError("more than \(Self.conditionLimit) conditions; --where can join them")
        }
        conditions.append(Condition(property: property, test: test, isNegated: isNegated))
    }

    /// Demands durations between two bounds in milliseconds, both inclusive.
    ///
    /// - Throws: ``RequestFilterError`` when a bound is no duration, or none lies between them.
    public mutating func setDuration(minimumMs: Double?, maximumMs: Double?) throws(RequestFilterError) {
        minimumUs = try Self.microseconds(minimumMs, "--min-ms")
        maximumUs = try Self.microseconds(maximumMs, "--max-ms")
        if let minimumUs, let maximumUs, minimumUs > maximumUs {
            throw RequestFilterError("no duration is at least --min-ms and at most --max-ms; exchange them")
        }
    }

    /// Adds a condition in SQL.
    ///
    /// - Parameter condition: An expression over the columns of the view `requests`.
    /// - Throws: ``RequestFilterError`` when it is more than one expression.
    public mutating func add(condition: String) throws(RequestFilterError) {
        expressions.append(try SQLCondition(condition))
        guard expressions.count <= 16 else { throw RequestFilterError("more than 16 of --where; join them with AND") }
    }

    private static let conditionLimit = 1000

    private static func microseconds(_ milliseconds: Double?, _ option: String) throws(RequestFilterError) -> Int64? {
        guard let milliseconds else { return nil }
        guard milliseconds >= 0, milliseconds <= 1e12 else {
            throw RequestFilterError("\(option) wants milliseconds, 0 or more")
        }
        return Int64((milliseconds * 1000).rounded())
    }
}

/// A condition that could not be understood.
public struct RequestFilterError: Error, Equatable, CustomStringConvertible {
    /// What was given, why it is wrong, and what would be right; one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
