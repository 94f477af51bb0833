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

    /// Of each field of a line its place in a row; -1: the list does not have it.
    private var places = [Int](repeating: -1, count: Field.allCases.count)

    private enum Field: Int, CaseIterable {
        case client, time, method, path, query, status, referer, agent
        case `protocol`
        case bytesOut

        var name: String { self == .bytesOut ? "bytes_out" : "\(self)" }

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
        for field in Field.allCases {
            places[field.rawValue] = panel.columns.firstIndex { $0.name == field.name } ?? -1
            if field.isNeeded, places[field.rawValue] < 0 { refuse(panel.name) }
        }
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        guard refusal == nil else { return }
        put(.client, row)
        put(" - - [")
        putTime(value(.time, row))
        put("] \"")
        put(.method, row)
        if !isEmpty(value(.method, row)) {
            put(" ")
            put(.path, row)
            if case .text(let query) = value(.query, row) {
                put("?")
                if !query.isEmpty { put(.query, row) }
            }
            // A line of HTTP/0.9 ends before it.
            if !isEmpty(value(.protocol, row)) {
                put(" ")
                put(.protocol, row)
            }
        }
        put("\" ")
        put(.status, row)
        put(" ")
        put(.bytesOut, row)
        put(" \"")
        put(.referer, row, escapingSpace: false)
        put("\" \"")
        put(.agent, row, escapingSpace: false)
        put("\"\n")
    }

    /// Ends the list.
    public mutating func end() {}

    private mutating func refuse(_ name: String) {
        refusal = "combined is for lists of requests such as tail, slow and request; \(name) is none"
    }

    private func value(_ field: Field, _ row: [ReportValue]) -> ReportValue {
        let place = places[field.rawValue]
        return place < 0 ? .null : row[place]
    }

    private func isEmpty(_ value: ReportValue) -> Bool {
        switch value {
        case .null, .blob: true
        case .text(let bytes): bytes.isEmpty
        case .integer, .real: false
        }
    }

    /// A field of a line; nothing becomes a hyphen.
    private mutating func put(_ field: Field, _ row: [ReportValue], escapingSpace: Bool = true) {
        switch value(field, row) {
        case .integer(let number): put("\(number)")
        case .real(let number): put("\(number)")
        case .text(let bytes) where !bytes.isEmpty: putEscaped(bytes, escapingSpace)
        case .text, .null, .blob: put("-")
        }
    }

    /// What is not printable ASCII, a quote and a backslash become `\xHH`, as nginx writes them.
    private mutating func putEscaped(_ bytes: [UInt8], _ escapingSpace: Bool) {
        for byte in bytes {
            let isPlain =
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                || byte == 0x20 && !escapingSpace
            if isPlain { output.append(byte) } else { output += "\\x".utf8 + Escaping.hex(byte, digits: 2) }
        }
    }

    /// `2026-03-01T12:00:00.250Z` as `01/Mar/2026:12:00:00 +0000`.
    private mutating func putTime(_ value: ReportValue) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard case .text(let iso) = value, iso.count >= 19,
            // Digits, hyphens, colons and a letter: nothing that would have to be escaped.
            iso[..<19].allSatisfy({ (UInt8(ascii: "-")...UInt8(ascii: "Z")).contains($0) }),
            let month = Int(String(decoding: iso[5..<7], as: UTF8.self)), months.indices.contains(month - 1)
        else { return put("01/Jan/1970:00:00:00 +0000") }
        output += iso[8..<10]
        put("/\(months[month - 1])/")
        output += iso[0..<4]
        put(":")
        output += iso[11..<19]
        put(" +0000")
    }
}
