// The formats in which requests leave the log one by one, and the columns that they have.
internal import AccessLog

/// A format of an export.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// Lines as Apache and nginx write them by default, for any log tool.
    case combined
    /// JSON Lines: an object a line.
    case ndjson
    /// RFC 4180, with a header line.
    case csv
    /// Apache Parquet, which DuckDB, ClickHouse and others load with its types.
    case parquet

    /// The end of a file's name.
    public var suffix: String { self == .combined ? "log" : rawValue }

    /// Whether it has a type for moments; else they are texts.
    var hasMoments: Bool { self == .parquet }

    func encoder() -> any RequestEncoder {
        switch self {
        case .combined: Self.begun(CombinedFormatter())
        case .ndjson: Self.begun(JSONFormatter())
        case .csv: Self.begun(CSVFormatter())
        case .parquet: ParquetEncoder(ExportColumn.all)
        }
    }

    private static func begun(_ formatter: some ReportFormatter & RequestEncoder) -> any RequestEncoder {
        var formatter = formatter
        formatter.begin(ReportPanel("requests", columns: ExportColumn.all.map(\.name)), isFollowed: true)
        return formatter
    }
}

/// Writes requests in one format. What is ready waits in `output` until it is taken.
protocol RequestEncoder {
    var output: [UInt8] { get set }

    /// Adds a request: a value for each of ``ExportColumn/all``.
    mutating func add(_ row: [ReportValue])

    /// Ends the file.
    mutating func end()
}

extension CombinedFormatter: RequestEncoder {}
extension JSONFormatter: RequestEncoder {}
extension CSVFormatter: RequestEncoder {}

/// A column of an export: those of the view `requests`, in the order of the query, and last of which log the row is.
struct ExportColumn: Sendable {
    enum Kind: Sendable {
        case integer, text
        /// The query has thousandths of it as a whole number.
        case real
        /// The query has microseconds since 1970 UTC.
        case moment
    }

    let name: String
    let kind: Kind

    static let all: [ExportColumn] = {
        let columns: [(String, Kind)] = [
            ("id", .integer), ("time", .moment), ("request_id", .text), ("worker", .integer), ("client", .text),
            ("method", .text), ("host", .text), ("path", .text), ("query", .text), ("status", .integer),
            ("outcome", .text), ("duration_ms", .real), ("ttfb_ms", .real), ("bytes_in", .integer),
            ("bytes_out", .integer), ("referer", .text), ("agent", .text), ("protocol", .text), ("signal", .text),
            ("source", .text),
        ]
        return columns.map { ExportColumn(name: $0.0, kind: $0.1) }
    }()
}
