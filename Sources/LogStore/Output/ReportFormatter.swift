// The shape that all output formats share: panels and rows go in one after the other, bytes come out.

/// The output formats.
public enum OutputFormat: String, Sendable, CaseIterable {
    /// Columns for people.
    case table
    /// One document; rows that are followed are one object a line.
    case json
    /// One object a row and line.
    case ndjson
    /// RFC 4180, one header line.
    case csv
    /// Tabs between the fields, one header line (IANA's text/tab-separated-values).
    case tsv
    /// A table of GitHub Flavored Markdown.
    case md
    /// The text exposition format 0.0.4 of Prometheus.
    case prometheus
    /// The combined log format of Apache httpd, for lists of requests.
    case combined

    /// A formatter of this format.
    ///
    /// - Parameter style: What the output is written to; tables fit it.
    /// - Returns: A formatter that has written nothing yet.
    public func formatter(style: OutputStyle) -> any ReportFormatter {
        switch self {
        case .table: TableFormatter(style: style)
        case .json: JSONFormatter()
        case .ndjson: JSONFormatter(isLines: true)
        case .csv: CSVFormatter(.csv, hasHeader: style.hasHeader)
        case .tsv: CSVFormatter(.tsv, hasHeader: style.hasHeader)
        case .md: MarkdownFormatter()
        case .prometheus: PrometheusFormatter()
        case .combined: CombinedFormatter()
        }
    }
}

/// Writes rows in one output format. What is ready waits in `output` until the caller takes it.
public protocol ReportFormatter {
    /// Bytes that are ready to leave.
    var output: [UInt8] { get set }

    /// Why the format cannot hold what it was given, and what can; `nil`: it can.
    var refusal: String? { get }

    /// Writes a whole report.
    mutating func write(_ report: Report)

    /// Begins a list whose rows come one by one and whose end may never come.
    ///
    /// - Parameters:
    ///   - panel: Its name and columns.
    ///   - isFollowed: Whether rows must be complete without an end.
    mutating func begin(_ panel: ReportPanel, isFollowed: Bool)

    /// Adds a row to the list.
    mutating func add(_ row: [ReportValue])

    /// Makes ready what still waits for rows to come: none come for now.
    mutating func settle()

    /// Ends the list.
    mutating func end()
}

extension ReportFormatter {
    /// Most formats hold anything.
    public var refusal: String? { nil }

    /// Nothing waits in formats that write each row at once.
    public mutating func settle() {}

    /// The bytes that are ready; they are the caller's then.
    ///
    /// - Returns: Everything written since the last call.
    public mutating func takeOutput() -> [UInt8] {
        defer { output.removeAll(keepingCapacity: true) }
        return output
    }

    mutating func put(_ text: String) {
        output += text.utf8
    }
}
