// What a report is before it is written down: panels of typed rows, and how much was read for them.

/// A cell of a report.
public enum ReportValue: Sendable, Equatable {
    /// SQL's NULL: unknown or not applicable.
    case null
    /// A whole number, in the unit that the column's name ends in.
    case integer(Int64)
    /// A number, in the unit that the column's name ends in.
    case real(Double)
    /// Text exactly as the log holds it: hostile, and not always UTF-8.
    case text([UInt8])
    /// Bytes that are no text.
    case blob([UInt8])

    /// A text of our own.
    static func text(_ text: String) -> ReportValue {
        .text(Array(text.utf8))
    }
}

/// A column of a report: its name says what it holds and in which unit.
public struct ReportColumn: Sendable, Equatable {
    /// How a person likes to see the column.
    public enum Kind: Sendable, Equatable {
        case text, path, identifier, number, count, rate, bytes, milliseconds, percent
    }

    /// The name, with the unit at its end.
    public let name: String

    /// What stands above it in a table; the name, unless there is no room for that.
    public let title: String

    /// How to show it; it follows from the name, so columns of `query` are shown like those of reports.
    public let kind: Kind

    /// Makes a column.
    public init(_ name: String, title: String? = nil) {
        self.name = name
        self.title = title ?? name
        self.kind =
            switch name {
            case "path", "query": .path
            case "id", "request": .identifier
            case "requests", "count", "clients", "in_flight", "connections", "shed", "dropped", "failed", "aborted":
                .count
            case "status", "worker", "slot", "pid", "generation", "exit_status": .number
            case "bytes_in", "bytes_out", "waiting_bytes", "resident_bytes": .bytes
            case "before", "after", "change", "busy_s", "requests_per_connection", "requests_per_worker": .rate
            case _ where name.hasSuffix("_ms"): .milliseconds
            case _ where name.hasSuffix("_percent"): .percent
            case _ where name.hasSuffix("_per_second"): .rate
            case _ where name.hasPrefix("status_") || name.hasSuffix("_us") || name.hasSuffix("_s"): .count
            default: .text
            }
    }
}

extension ReportColumn {
    /// Whether numbers stand in it, whose digits should be below each other.
    var isAlignedRight: Bool {
        switch kind {
        case .text, .path: false
        case .identifier, .number, .count, .rate, .bytes, .milliseconds, .percent: true
        }
    }
}

/// A table of a report.
public struct ReportPanel: Sendable, Equatable {
    /// The name; in JSON the key of the panel.
    public let name: String

    /// The columns.
    public let columns: [ReportColumn]

    /// The rows; each has a value for every column.
    public var rows: [[ReportValue]]

    /// The index of the column that tells what a row is about.
    public let keyColumn: Int

    /// Whether the panel is one thing with properties (its single row) and not a list.
    public let isRecord: Bool

    /// Names of columns that tables leave out: a line has no room for them, and other formats have.
    public var details: Set<String> = []

    /// Makes a panel; its key is the column `key`, or the first one.
    public init(
        _ name: String, columns: [String], rows: [[ReportValue]] = [], key: String? = nil, isRecord: Bool = false
    ) {
        self.name = name
        self.keyColumn = key.flatMap(columns.firstIndex) ?? 0
        self.columns = columns.map { ReportColumn($0) }
        self.rows = rows
        self.isRecord = isRecord
    }

    /// Makes a list of columns with titles of their own; its key is the first one.
    init(_ name: String, titled columns: [ReportColumn], rows: [[ReportValue]]) {
        self.name = name
        self.keyColumn = 0
        self.columns = columns
        self.rows = rows
        self.isRecord = false
    }
}

/// A finished report.
public struct Report: Sendable, Equatable {
    /// The name, as on the command line.
    public let name: String

    /// The span that was asked for.
    public let span: TimeSpan

    /// When the report was made, in microseconds since 1970 UTC.
    public let generatedAtUs: Int64

    /// The tables, most important first.
    public let panels: [ReportPanel]

    /// How many rows of the log were read.
    public let rowsRead: Int

    /// The moment of the newest request in the log, in microseconds since 1970 UTC; `nil`: the log is empty.
    public let newestUs: Int64?

    /// How many stored summaries of minutes, hours and days were read.
    public let summariesRead: Int

    /// Where most of it came from.
    public var tier = Tier.rows

    /// What the log counted in the span and did not store; `nil`: nobody asked.
    public var losses: LogLosses?

    /// Whether there is nothing that the report is about.
    public let isEmpty: Bool

    init(
        name: String, span: TimeSpan, generatedAtUs: Int64, panels: [ReportPanel], rowsRead: Int, newestUs: Int64?,
        tier: Tier = .rows, summariesRead: Int = 0, isEmpty: Bool? = nil
    ) {
        self.name = name
        self.span = span
        self.generatedAtUs = generatedAtUs
        self.panels = panels
        self.rowsRead = rowsRead
        self.newestUs = newestUs
        self.tier = tier
        self.summariesRead = summariesRead
        self.isEmpty = isEmpty ?? (rowsRead == 0)
    }

    /// The places that a report can be made from.
    public enum Tier: String, Sendable {
        /// Single rows of the database.
        case rows
        /// Stored summaries of minutes, of hours, of days, and single rows for what they do not hold.
        case minutes, hours, days
        /// The memory of the running server.
        case live
    }
}
