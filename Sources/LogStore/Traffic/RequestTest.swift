// What the value of a filter option asks of a property: a pattern, a block of addresses, a range of numbers.
internal import HTTPMessage

/// A test of one property, without its negation.
enum RequestTest: Sendable, Equatable {
    /// The request has no such property, or no answer: written `-` as in log lines, and `none` for a status.
    case isAbsent
    case matches(GlobPattern)
    case isInBlock(AddressBlock)
    case isNumber(ClosedRange<Int64>)
    case isCrawler
    case isStaticFile

    /// Reads the value of the option of a property.
    init(_ property: RequestFilter.Property, _ value: String) throws(RequestFilterError) {
        switch property {
        case .status: self = try Self.status(value)
        case .worker: self = .isNumber(try Self.slot(value))
        case .outcome:
            guard let number = RequestOutcome.names.firstIndex(of: value) else {
                throw Self.error(property, value, "one of \(RequestOutcome.names.joined(separator: ", "))")
            }
            self = .isNumber(Int64(number)...Int64(number))
        case .client where value != "-":
            guard let block = AddressBlock(value) else {
                throw Self.error(property, value, "an address or a block such as 192.0.2.0/24 or 2001:db8::/32")
            }
            self = .isInBlock(block)
        case .crawlers where value == "only": self = .isCrawler
        case .static where value == "only": self = .isStaticFile
        case .crawlers, .static: throw Self.error(property, value, "only or none")
        case .host, .path, .client, .referer, .agent, .method:
            if value == "-" {
                self = .isAbsent
                return
            }
            let isPath = property == .path
            let isPartial = property == .referer || property == .agent
            guard !value.isEmpty, let pattern = GlobPattern(value, ignoresCase: !isPath, isPartial: isPartial) else {
                throw Self.error(
                    property, value,
                    "a pattern of at most \(GlobPattern.lengthLimit) bytes with *, ? and closed [sets]")
            }
            self = .matches(pattern)
        }
    }

    /// `404`, `5xx`, `400-499` or `none`.
    private static func status(_ value: String) throws(RequestFilterError) -> RequestTest {
        if value == "none" || value == "-" { return .isAbsent }
        let bytes = Array(value.utf8)
        if bytes.count == 3, value.lowercased().hasSuffix("xx"), (UInt8(ascii: "1")...UInt8(ascii: "9")) ~= bytes[0] {
            let first = Int64(bytes[0] - UInt8(ascii: "0")) * 100
            return .isNumber(first...first + 99)
        }
        let bounds = value.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
        guard (1...2).contains(bounds.count), bounds.allSatisfy({ (100...999).contains($0) }),
            bounds[0] <= bounds[bounds.count - 1]
        else {
            throw error(.status, value, "a code such as 404, a class such as 5xx, a range such as 400-499, or none")
        }
        return .isNumber(bounds[0]...bounds[bounds.count - 1])
    }

    private static func slot(_ value: String) throws(RequestFilterError) -> ClosedRange<Int64> {
        guard let number = Int64(value), number >= 0 else {
            throw error(.worker, value, "the number of a worker, as the report workers shows it")
        }
        return number...number
    }

    private static func error(_ property: RequestFilter.Property, _ value: String, _ expected: String)
        -> RequestFilterError
    {
        RequestFilterError("--\(property.rawValue) \(value): expected \(expected); ! before it negates")
    }

    /// Whether a text has the property; `nil`: the request has none.
    func accepts(_ text: [UInt8]?) -> Bool {
        guard let text else { return self == .isAbsent }
        switch self {
        case .isAbsent, .isNumber: return false
        case .matches(let pattern): return pattern.matches(text)
        case .isInBlock(let block): return IPAddress(text.span.octets).map(block.contains) ?? false
        case .isCrawler: return RequestKinds.isCrawler(agent: text)
        case .isStaticFile: return RequestKinds.isStaticFile(path: text)
        }
    }

    /// Whether a number has the property; `nil`: the request has none.
    func accepts(_ number: Int64?) -> Bool {
        switch self {
        case .isAbsent: number == nil
        case .isNumber(let range): number.map(range.contains) ?? false
        case .matches, .isInBlock, .isCrawler, .isStaticFile: false
        }
    }
}

/// All tests of one property together.
struct RequestTestSet: Sendable, Equatable {
    /// One of these must hold, if there are any.
    private(set) var alternatives: [RequestTest] = []

    /// None of these may hold.
    private(set) var exclusions: [RequestTest] = []

    /// The conditions of a filter on a property; `nil`: there are none.
    init?(_ filter: RequestFilter, _ property: RequestFilter.Property) {
        for condition in filter.conditions where condition.property == property {
            if condition.isNegated { exclusions.append(condition.test) } else { alternatives.append(condition.test) }
        }
        if alternatives.isEmpty && exclusions.isEmpty { return nil }
    }

    /// Whether a text, or none, meets all of them.
    func accepts(_ text: [UInt8]?) -> Bool {
        (alternatives.isEmpty || alternatives.contains { $0.accepts(text) })
            && !exclusions.contains { $0.accepts(text) }
    }

    /// Whether a number, or none, meets all of them.
    func accepts(_ number: Int64?) -> Bool {
        (alternatives.isEmpty || alternatives.contains { $0.accepts(number) })
            && !exclusions.contains { $0.accepts(number) }
    }
}
