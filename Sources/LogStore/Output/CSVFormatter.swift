// Reports as CSV (RFC 4180, with LF at the line ends as Unix tools expect).
internal import AccessLog

/// Writes one table with a header line; a report of several panels becomes the long form `panel,key,name,value`.
public struct CSVFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    /// Makes a formatter.
    public init() {}

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        if report.panels.count == 1 {
            begin(report.panels[0], isFollowed: false)
            report.panels[0].rows.forEach { add($0) }
            return
        }
        put("panel,key,name,value\n")
        for panel in report.panels {
            for row in panel.rows {
                // A row of a list has a key; a record is about the whole.
                let key = panel.isRecord ? nil : panel.keyColumn
                for (index, value) in row.enumerated() where index != key {
                    add([.text(panel.name), key.map { row[$0] } ?? .null, .text(panel.columns[index].name), value])
                }
            }
        }
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        add(panel.columns.map { .text($0.name) })
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        for (index, value) in row.enumerated() {
            if index > 0 { put(",") }
            switch value {
            case .null: break
            case .integer(let number): put("\(number)")
            case .real(let number): put("\(number)")
            case .text(let bytes): output += Escaping.csv(bytes)
            case .blob(let bytes): for byte in bytes { output += Escaping.hex(byte, digits: 2) }
            }
        }
        put("\n")
    }

    /// Ends the list.
    public mutating func end() {}
}

extension Escaping {
    /// A field of CSV (RFC 4180, section 2): visible, quoted when it must be, and never a formula.
    ///
    /// A spreadsheet computes a text that begins with `=`, `+`, `-` or `@`; an apostrophe in front makes it text.
    static func csv(_ bytes: [UInt8]) -> [UInt8] {
        var field = visible(bytes)
        if let first = field.first, "=+-@".utf8.contains(first) { field.insert(UInt8(ascii: "'"), at: 0) }
        guard field.contains(where: mustBeQuoted) else { return field }
        let doubled = field.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return [UInt8(ascii: "\"")] + doubled + [UInt8(ascii: "\"")]
    }

    private static func mustBeQuoted(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: ";"), UInt8(ascii: "'"): true
        default: false
        }
    }
}
