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

    func encoder(source: String) -> any RequestEncoder {
        switch self {
        case .combined: CombinedEncoder()
        case .ndjson: TextEncoder(JSONFormatter(), source: source)
        case .csv: TextEncoder(CSVFormatter(), source: source)
        case .parquet: ParquetEncoder(ExportColumn.all, source: source)
        }
    }
}

/// A column of an export: those of the view `requests`, and which log the row is of.
struct ExportColumn: Sendable {
    enum Kind: Sendable { case integer, real, text, moment }

    let name: String
    let kind: Kind
    /// Where its value lies among those of the query; nil: the source.
    let index: Int?

    /// The place of the time as text, which the formats of text have instead of a moment.
    static let timeText = 1

    static let all: [ExportColumn] = {
        let columns: [(String, Kind, Int?)] = [
            ("id", .integer, 0), ("time", .moment, 2), ("request_id", .text, 3), ("worker", .integer, 4),
            ("client", .text, 5), ("method", .text, 6), ("host", .text, 7), ("path", .text, 8), ("query", .text, 9),
            ("status", .integer, 10), ("outcome", .text, 11), ("duration_ms", .real, 12), ("ttfb_ms", .real, 13),
            ("bytes_in", .integer, 14), ("bytes_out", .integer, 15), ("referer", .text, 16), ("agent", .text, 17),
            ("protocol", .text, 18), ("signal", .text, 19), ("source", .text, nil),
        ]
        return columns.map { ExportColumn(name: $0.0, kind: $0.1, index: $0.2) }
    }()
}

/// Writes requests in one format. What is ready waits in `output` until it is taken.
protocol RequestEncoder {
    var output: [UInt8] { get set }

    /// Adds a request: a value for each column of the query.
    mutating func add(_ row: [ReportValue])

    /// Ends the file.
    mutating func end()
}

/// JSON Lines and CSV, by the formatters of reports.
private struct TextEncoder<Formatter: ReportFormatter>: RequestEncoder {
    private var formatter: Formatter
    private let source: ReportValue

    init(_ formatter: Formatter, source: String) {
        self.formatter = formatter
        self.source = .text(source)
        self.formatter.begin(ReportPanel("requests", columns: ExportColumn.all.map(\.name)), isFollowed: true)
    }

    var output: [UInt8] {
        get { formatter.output }
        set { formatter.output = newValue }
    }

    mutating func add(_ row: [ReportValue]) {
        formatter.add(
            ExportColumn.all.map { column in
                column.index.map { row[column.kind == .moment ? ExportColumn.timeText : $0] } ?? source
            })
    }

    mutating func end() { formatter.end() }
}

/// `CLIENT - - [DAY/MONTH/YEAR:TIME +0000] "METHOD PATH?QUERY PROTOCOL" STATUS BYTES "REFERER" "AGENT"`; texts are
/// escaped as Apache does it (ap_escape_logitem), and a request without an answer has the status 000, as with nginx.
private struct CombinedEncoder: RequestEncoder {
    var output: [UInt8] = []

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    mutating func add(_ row: [ReportValue]) {
        put(row[5], quoted: false)
        put(" - - [")
        putTime(row[ExportColumn.timeText])
        put(" +0000] \"")
        if case .text = row[6] {
            putEscaped(row[6])
            put(" ")
            putEscaped(row[8])
            if case .text = row[9] {
                put("?")
                putEscaped(row[9])
            }
            put(" ")
            putEscaped(row[18])
        } else {
            put("-")
        }
        put("\" ")
        if case .integer(let status) = row[10] { put("\(status)") } else { put("000") }
        if case .integer(let bytes) = row[15] { put(" \(bytes) ") } else { put(" 0 ") }
        put(row[16], quoted: true)
        put(" ")
        put(row[17], quoted: true)
        put("\n")
    }

    mutating func end() {}

    private mutating func put(_ text: String) { output += text.utf8 }

    private mutating func put(_ value: ReportValue, quoted: Bool) {
        if quoted { put("\"") }
        if case .text(let bytes) = value, !bytes.isEmpty { putEscaped(value) } else { put("-") }
        if quoted { put("\"") }
    }

    /// A space would end the client, so it is escaped as well where no quotes stand around it.
    private mutating func putEscaped(_ value: ReportValue) {
        guard case .text(let bytes) = value else { return }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7F...: output += Array("\\x".utf8) + Escaping.hex(byte, digits: 2)
            default: output.append(byte)
            }
        }
    }

    /// `2026-03-01T12:00:00.250Z` as `01/Mar/2026:12:00:00`.
    private mutating func putTime(_ value: ReportValue) {
        guard case .text(let bytes) = value, bytes.count >= 19,
            let month = Int(String(decoding: bytes[5..<7], as: UTF8.self)), (1...12).contains(month)
        else { return }
        output += bytes[8..<10]
        put("/\(Self.months[month - 1])/")
        output += bytes[0..<4]
        put(":")
        output += bytes[11..<19]
    }
}
