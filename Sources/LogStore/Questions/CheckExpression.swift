// The small language of `check`: a figure of the traffic, a comparison, a limit.

/// A condition on the traffic of a span, such as `p99<200ms`, `5xx<0.1%`, `rate>10/s` or `99.9%<300ms`.
///
/// ```
/// condition  = metric operator number [unit]  |  number "%" "<" number time-unit
/// operator   = "<" | "<=" | ">" | ">=" | "=" | "==" | "!="
/// metric     = latency | requests | kind | volume | "clients" | "age"
/// latency    = "p" number | "mean" | "max"                         unit us, ms (the usual one), s, m, h
/// requests   = "requests" | "rate"                                 no unit: a count; /s, /m, /h: a rate
/// kind       = "1xx" … "5xx" | "none" | "ok" | "failed" | "aborted" | "timeout" | "crashed" | "killed" | "shed"
///              no unit: a count; /s, /m, /h: a rate; %: the share of all requests
/// volume     = "bytes_in" | "bytes_out"                            unit B, kB, MB, GB, KiB, MiB, GiB; /s, /m, /h
/// clients                                                          a count
/// age                                                              of the newest request; unit as latency, usual s
/// ```
///
/// The second form is a service level objective: so many of the requests took no longer than the limit. `none` are
/// requests without an answer, `failed` those that the server failed (timeout, crashed, killed, shed). Spaces are
/// allowed everywhere but within words.
public struct CheckExpression: Sendable, Equatable {
    enum Comparison: String, Sendable, CaseIterable {
        case atMost = "<="
        case atLeast = ">="
        case notEqual = "!="
        case doubleEqual = "=="
        case less = "<"
        case greater = ">"
        case equal = "="

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .notEqual: value != limit
            case .equal, .doubleEqual: value == limit
            case .less: value < limit
            case .greater: value > limit
            }
        }
    }

    enum Metric: Sendable, Equatable {
        /// The duration that a share of all requests does not exceed.
        case percentile(Double)
        case mean, maximum
        case count(CheckedKind)
        case bytesIn, bytesOut
        case clients
        case age
        /// The share of requests that took no longer than this, in microseconds.
        case within(Int64)
    }

    /// How the value of a metric is expressed.
    enum Measure: Sendable, Equatable {
        /// Milliseconds, seconds, bytes or a plain number, as the metric has it.
        case plain
        /// A share of all requests.
        case percent
        /// Per so many seconds.
        case rate(seconds: Double)
    }

    /// As it was written, without spaces.
    public let text: String
    let metric: Metric
    let measure: Measure
    let comparison: Comparison
    /// In milliseconds for latencies, seconds for ages, bytes for volumes, percent for shares.
    let limit: Double
    /// What stands behind the limit when it is shown.
    let unit: String

    /// Reads a condition.
    ///
    /// - Parameter text: At most 100 characters.
    /// - Throws: ``CheckError`` that names what is wrong.
    public init(_ text: String) throws(CheckError) {
        let bare = text.filter { $0 != " " }
        guard (1...100).contains(text.utf8.count), !bare.isEmpty else {
            throw CheckError("a check is a condition of at most 100 characters, such as 'p99<200ms'")
        }
        guard let start = bare.firstIndex(where: { "<>=!".contains($0) }) else {
            throw CheckError("'\(bare)' compares nothing; write it as 'p99<200ms', '5xx<0.1%' or 'requests>0'")
        }
        let rest = bare[start...]
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            throw CheckError("'\(bare)': the comparisons are < <= > >= = !=")
        }
        let name = bare[..<start].lowercased()
        let amount = try Amount(rest.dropFirst(comparison.rawValue.count), in: bare)
        self.text = bare
        if name.hasSuffix("%") {
            guard let share = Amount.number(name.dropLast()), (0...100).contains(share),
                comparison == .less || comparison == .atMost,
                let milliseconds = amount.milliseconds(usual: 1)
            else {
                throw CheckError("'\(bare)': an objective is a share, <, and a time, such as '99.9%<300ms'")
            }
            self.metric = .within(Int64((milliseconds * 1000).rounded()))
            (self.measure, self.comparison, self.limit, self.unit) = (.percent, .atLeast, share, "%")
            return
        }
        let metric = try Self.metric(name, in: bare)
        self.metric = metric
        self.comparison = comparison
        (measure, limit, unit) = try amount.limit(of: metric, isRate: name == "rate", in: bare)
    }

    private static func metric(_ name: String, in text: String) throws(CheckError) -> Metric {
        switch name {
        case "mean": return .mean
        case "max": return .maximum
        case "rate": return .count(.requests)
        case "bytes_in": return .bytesIn
        case "bytes_out": return .bytesOut
        case "clients": return .clients
        case "age": return .age
        default: break
        }
        if let kind = CheckedKind(rawValue: name) { return .count(kind) }
        if name.hasPrefix("p"), let percent = Amount.number(name.dropFirst()) {
            guard percent > 0, percent <= 100 else {
                throw CheckError("'\(text)': a percentile lies between p0 and p100, such as p99 or p99.9")
            }
            return .percentile(percent / 100)
        }
        let kinds = CheckedKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw CheckError(
            "'\(text)': there is no figure '\(name)'; there are p50 … p99.9, mean, max, rate, \(kinds), bytes_in, "
                + "bytes_out, clients, age")
    }
}

/// Requests that a check can count.
enum CheckedKind: String, Sendable, CaseIterable {
    case requests, ok, failed, aborted, timeout, crashed, killed, shed, none
    case status1xx = "1xx"
    case status2xx = "2xx"
    case status3xx = "3xx"
    case status4xx = "4xx"
    case status5xx = "5xx"

    func count(_ counts: TrafficCounts) -> Int64 {
        switch self {
        case .requests: counts.requests
        case .ok: counts.ok
        case .failed: counts.failed
        case .aborted: counts.aborted
        case .timeout: counts.timeout
        case .crashed: counts.crashed
        case .killed: counts.killed
        case .shed: counts.shed
        case .none: counts.withoutStatus
        case .status1xx: counts.status1xx
        case .status2xx: counts.status2xx
        case .status3xx: counts.status3xx
        case .status4xx: counts.status4xx
        case .status5xx: counts.status5xx
        }
    }
}

/// A condition that could not be understood.
public struct CheckError: Error, Equatable, CustomStringConvertible {
    /// What was given, what is wrong with it, and what would be right; one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The right side of a condition: a number and what stands behind it.
private struct Amount {
    let number: Double
    let unit: String

    private static let rates: [String: Double] = ["/s": 1, "/m": 60, "/min": 60, "/h": 3600]
    private static let times: [String: Double] = ["us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
    private static let sizes: [String: Double] = [
        "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824,
    ]

    init(_ text: Substring, in whole: String) throws(CheckError) {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Self.number(digits) else {
            throw CheckError("'\(whole)': behind the comparison belongs a number, such as 200ms, 0.1% or 10/s")
        }
        self.number = number
        unit = text.dropFirst(digits.count).lowercased()
    }

    /// A plain decimal number; no sign, no exponent, no infinity.
    static func number(_ text: some StringProtocol) -> Double? {
        guard !text.isEmpty, text.count <= 20, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else {
            return nil
        }
        return Double(String(text))
    }

    /// The number as a time; `usual` is the unit, in milliseconds, of a number that has none.
    func milliseconds(usual: Double) -> Double? {
        if unit.isEmpty { return number * usual }
        return Self.times[unit].map { number * $0 }
    }

    /// The limit of a metric in the unit that its values have.
    func limit(
        of metric: CheckExpression.Metric, isRate: Bool, in text: String
    ) throws(CheckError) -> (CheckExpression.Measure, Double, String) {
        switch metric {
        case .percentile, .mean, .maximum, .within:
            if let milliseconds = milliseconds(usual: 1) { return (.plain, milliseconds, "ms") }
        case .age:
            if let milliseconds = milliseconds(usual: 1000) { return (.plain, milliseconds / 1000, "s") }
        case .clients:
            if unit.isEmpty { return (.plain, number, "") }
        case .count(let kind):
            if unit == "%", kind != .requests { return (.percent, number, "%") }
            if unit.isEmpty, !isRate { return (.plain, number, "") }
            let rate = unit.isEmpty ? "/s" : unit
            if let seconds = Self.rates[rate] { return (.rate(seconds: seconds), number, rate) }
        case .bytesIn, .bytesOut:
            let parts = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let size = parts[0].isEmpty ? 1 : Self.sizes[String(parts[0])]
            if let size {
                if parts.count == 1 { return (.plain, number * size, "B") }
                if let seconds = Self.rates["/" + parts[1]] {
                    return (.rate(seconds: seconds), number * size, "B/\(parts[1])")
                }
            }
        }
        throw CheckError("'\(text)': the unit '\(unit)' does not fit that figure; httpstats check --help lists them")
    }
}
