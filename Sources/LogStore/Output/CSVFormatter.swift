// Reports as CSV (RFC 4180, with LF at the line ends as Unix tools expect) or with tabs.
internal import AccessLog

/// Writes one table with a header line; a report of several panels becomes the long form `panel,key,name,value`.
public struct CSVFormatter: ReportFormatter {
    /// How fields are kept apart.
    public enum Dialect: Sendable {
        /// By commas; fields may be quoted.
        case csv
        /// By tabs; nothing is quoted, as no field has a tab or a line end in it.
        case tsv
    }

    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    private let dialect: Dialect
    private let hasHeader: Bool

    /// Makes a formatter.
    ///
    /// - Parameter hasHeader: Whether the first line names the columns.
    public init(_ dialect: Dialect = .csv, hasHeader: Bool = true) {
        self.dialect = dialect
        self.hasHeader = hasHeader
    }

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        if report.panels.count == 1 {
            begin(report.panels[0], isFollowed: false)
            report.panels[0].rows.forEach { add($0) }
            return
        }
        if hasHeader { add([.text("panel"), .text("key"), .text("name"), .text("value")]) }
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
        if hasHeader { add(panel.columns.map { .text($0.name) }) }
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        for (index, value) in row.enumerated() {
            if index > 0 { put(dialect == .csv ? "," : "\t") }
            switch value {
            case .null: break
            case .integer(let number): put("\(number)")
            case .real(let number): put(number.isFinite ? "\(number)" : "")
            case .text(let bytes): output += dialect == .csv ? Escaping.csv(bytes) : Escaping.tsv(bytes)
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
    static func csv(_ bytes: [UInt8]) -> [UInt8] {
        let field = withoutFormula(visible(bytes))
        guard field.contains(where: mustBeQuoted) else { return field }
        let doubled = field.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return [UInt8(ascii: "\"")] + doubled + [UInt8(ascii: "\"")]
    }

    /// A field between tabs: visible and never a formula. A quote at its beginning leaves as `\x22`, as spreadsheets
    /// would take all up to the next one for one field.
    static func tsv(_ bytes: [UInt8]) -> [UInt8] {
        let field = withoutFormula(visible(bytes))
        return field.first == UInt8(ascii: "\"") ? Array("\\x22".utf8) + field.dropFirst() : field
    }

    /// A spreadsheet computes a text that begins with `=`, `+`, `-` or `@`, some also behind spaces or in their full
    /// width; an apostrophe in front makes it text. A tab or a line end in front is escaped already.
    private static func withoutFormula(_ field: [UInt8]) -> [UInt8] {
        let start = field.drop { $0 == UInt8(ascii: " ") }
        let isFormula = ["=", "+", "-", "@", "＝", "＋", "－", "＠"].contains { start.starts(with: $0.utf8) }
        return isFormula ? [UInt8(ascii: "'")] + field : field
    }

    private static func mustBeQuoted(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: ";"), UInt8(ascii: "'"): true
        default: false
        }
    }
}
