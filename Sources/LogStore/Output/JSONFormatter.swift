// Reports as JSON (RFC 8259): names carry units, 64-bit ids are strings, as JavaScript rounds them otherwise.
internal import AccessLog

/// Writes one JSON document a report; or one object a line, for rows that are followed and for programs that read lines
/// (ndjson): then a report of several panels names the panel in each.
public struct JSONFormatter: ReportFormatter {
    /// The version of the documents' shape; it changes when a name goes or changes its meaning.
    public static let schema = "httpstats/1"

    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    private var panel = ReportPanel("", columns: [])
    private let isLines: Bool
    private var isFollowed = false
    private var rowsWritten = 0
    /// The name to put into each row; `nil`: there is one panel.
    private var panelName: String?

    /// Makes a formatter.
    ///
    /// - Parameter isLines: Whether each row is a line and there is nothing but rows.
    public init(isLines: Bool = false) {
        self.isLines = isLines
    }

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        if isLines {
            for panel in report.panels {
                begin(panel, isFollowed: true)
                panelName = report.panels.count > 1 ? panel.name : nil
                panel.rows.forEach { add($0) }
            }
            return
        }
        put("{\"schema\":\"\(Self.schema)\",\"report\":\"\(report.name)\"")
        put(",\"generated_at\":\"\(ISOTime.text(us: report.generatedAtUs))\"")
        put(",\"since\":\(time(report.span.sinceUs)),\"until\":\(time(report.span.untilUs))")
        put(",\"rows_read\":\(report.rowsRead),\"summaries_read\":\(report.summariesRead)")
        put(",\"tier\":\"\(report.tier.rawValue)\"")
        put(",\"newest_row_at\":\(time(report.newestUs))")
        let age = report.newestUs.map { "\(Double(max(0, report.generatedAtUs - $0)) / 1e6)" }
        put(",\"newest_row_age_s\":\(age ?? "null")")
        if let losses = report.losses {
            put(",\"unlogged_served_requests\":\(losses.served),\"unlogged_refused_requests\":\(losses.refused)")
            put(",\"unlogged_messages\":\(losses.messages)")
        }
        for panel in report.panels {
            put(",\n\"\(panel.name)\":")
            if panel.isRecord {
                if let row = panel.rows.first { put(object: row, columns: panel.columns) } else { put("null") }
            } else {
                put("[")
                for (index, row) in panel.rows.enumerated() {
                    put(index == 0 ? "\n  " : ",\n  ")
                    put(object: row, columns: panel.columns)
                }
                put("]")
            }
        }
        put("}\n")
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        self.panel = panel
        self.isFollowed = isFollowed || isLines
        rowsWritten = 0
        if self.isFollowed { return }
        put("{\"schema\":\"\(Self.schema)\",\"report\":\"\(panel.name)\",\"generated_at\":")
        put("\"\(ISOTime.text(us: WallClock.nowUs()))\",\n\"rows\":[")
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        if !isFollowed { put(rowsWritten == 0 ? "\n  " : ",\n  ") }
        put(object: row, columns: panel.columns)
        if isFollowed { put("\n") }
        rowsWritten += 1
    }

    /// Ends the list.
    public mutating func end() {
        if !isFollowed { put("]}\n") }
    }

    private mutating func put(object row: [ReportValue], columns: [ReportColumn]) {
        put("{")
        if let panelName { put("\"panel\":\"\(panelName)\",") }
        for (index, (column, value)) in zip(columns, row).enumerated() {
            if index > 0 { put(",") }
            output += Escaping.json(Array(column.name.utf8))
            put(":")
            put(value, kind: column.kind)
        }
        put("}")
    }

    private mutating func put(_ value: ReportValue, kind: ReportColumn.Kind) {
        switch value {
        case .null: put("null")
        case .integer(let number):
            // Beyond 2⁵³ a double cannot hold every whole number (RFC 8259, section 6).
            let isString = kind == .identifier || number.magnitude > 1 << 53
            put(isString ? "\"\(number)\"" : "\(number)")
        case .real(let number): put(number.isFinite ? "\(number)" : "null")
        case .text(let bytes): output += Escaping.json(bytes)
        case .blob(let bytes):
            put("\"")
            for byte in bytes { output += Escaping.hex(byte, digits: 2) }
            put("\"")
        }
    }

    private func time(_ us: Int64?) -> String {
        us.map { "\"\(ISOTime.text(us: $0))\"" } ?? "null"
    }
}
