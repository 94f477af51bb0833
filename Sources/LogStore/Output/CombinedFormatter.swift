// Requests as lines of the combined log format, for the tools that read access logs.
internal import AccessLog

/// Writes a line for each request: `client - - [time] "method target protocol" status bytes "referer" "agent"`.
///
/// It is the format `combined` of Apache httpd's mod_log_config and of nginx; the bytes count the head too, as `%O`
/// does. Nobody logs in to this server, so user and identity are hyphens.
public struct CombinedFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    /// Why the format cannot hold what it was given.
    public private(set) var refusal: String?

    /// Of each field of a line its place in a row.
    private var places: [Field: Int] = [:]

    private enum Field: String, CaseIterable {
        case client, time, method, path, query, status, referer, agent
        case `protocol`
        case bytesOut = "bytes_out"

        var isNeeded: Bool {
            switch self {
            case .client, .time, .method, .path, .status: true
            case .query, .protocol, .referer, .agent, .bytesOut: false
            }
        }
    }

    /// Makes a formatter.
    public init() {}

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        guard let panel = report.panels.first, report.panels.count == 1 else {
            return refuse(report.name)
        }
        begin(panel, isFollowed: false)
        panel.rows.forEach { add($0) }
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        places = [:]
        for field in Field.allCases {
            places[field] = panel.columns.firstIndex { $0.name == field.rawValue }
            if field.isNeeded, places[field] == nil { refuse(panel.name) }
        }
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        guard refusal == nil else { return }
        output += Escaping.combined(text(.client, row), escapingSpace: true)
        put(" - - [\(Self.time(text(.time, row)))] \"")
        let method = text(.method, row)
        if method.isEmpty {
            put("-")
        } else {
            output += Escaping.combined(method, escapingSpace: true) + [UInt8(ascii: " ")]
            output += Escaping.combined(text(.path, row), escapingSpace: true)
            let query = text(.query, row)
            if case .text = value(.query, row) {
                output += [UInt8(ascii: "?")] + (query.isEmpty ? [] : Escaping.combined(query, escapingSpace: true))
            }
            let version = text(.protocol, row)
            // A line of HTTP/0.9 ends here.
            if !version.isEmpty { output += [UInt8(ascii: " ")] + Escaping.combined(version, escapingSpace: true) }
        }
        put("\" ")
        output += Escaping.combined(text(.status, row), escapingSpace: true) + [UInt8(ascii: " ")]
        output += Escaping.combined(text(.bytesOut, row), escapingSpace: true)
        put(" \"")
        output += Escaping.combined(text(.referer, row), escapingSpace: false)
        put("\" \"")
        output += Escaping.combined(text(.agent, row), escapingSpace: false)
        put("\"\n")
    }

    /// Ends the list.
    public mutating func end() {}

    private mutating func refuse(_ name: String) {
        refusal = "combined is for lists of requests such as tail, slow and request; \(name) is none"
    }

    private func value(_ field: Field, _ row: [ReportValue]) -> ReportValue {
        places[field].map { row[$0] } ?? .null
    }

    private func text(_ field: Field, _ row: [ReportValue]) -> [UInt8] {
        switch value(field, row) {
        case .null, .blob: []
        case .integer(let number): Array("\(number)".utf8)
        case .real(let number): Array("\(number)".utf8)
        case .text(let bytes): bytes
        }
    }

    /// `2026-03-01T12:00:00.250Z` as `01/Mar/2026:12:00:00 +0000`.
    private static func time(_ iso: [UInt8]) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let text = String(decoding: iso, as: UTF8.self)
        guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.\d*)?Z/),
            let month = Int(match.2), months.indices.contains(month - 1)
        else { return "01/Jan/1970:00:00:00 +0000" }
        return "\(match.3)/\(months[month - 1])/\(match.1):\(match.4) +0000"
    }
}

extension Escaping {
    /// A field of a log line: what is not printable ASCII, a quote and a backslash become `\xHH`, as nginx writes them;
    /// nothing becomes a hyphen.
    static func combined(_ bytes: [UInt8], escapingSpace: Bool) -> [UInt8] {
        if bytes.isEmpty { return [UInt8(ascii: "-")] }
        return bytes.flatMap { byte -> [UInt8] in
            let isPlain =
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                || byte == 0x20 && !escapingSpace
            return isPlain ? [byte] : Array("\\x".utf8) + hex(byte, digits: 2)
        }
    }
}
