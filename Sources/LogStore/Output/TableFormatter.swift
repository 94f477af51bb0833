// Reports as tables for people: aligned, coloured on a terminal, and cut to its width in the path column only.
internal import AccessLog

/// Writes tables.
public struct TableFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    private let style: OutputStyle
    private var panel = ReportPanel("", columns: [])
    /// The columns that are shown.
    private var shown: [Int] = []
    private var widths: [Int] = []

    /// Rows that wait until enough are known to choose the widths.
    private var waiting: [[ReportValue]] = []
    private var isWaiting = false

    /// After how many rows the widths are chosen; a list may be longer than memory.
    private static let rowsForWidths = 1000

    private static let pathWidthInFiles = 60

    /// Makes a formatter.
    public init(style: OutputStyle) {
        self.style = style
    }

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        for (index, panel) in report.panels.enumerated() where !panel.rows.isEmpty {
            if index > 0 { put("\n") }
            if report.panels.count > 1 { put(styled(panel.name, .title) + "\n") }
            if panel.isRecord {
                putRecord(panel)
            } else {
                begin(panel, isFollowed: false)
                panel.rows.forEach { add($0) }
                end()
            }
        }
        put(styled(footer(report), .quiet) + "\n")
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        self.panel = panel
        shown = panel.columns.indices.filter { !panel.details.contains(panel.columns[$0].name) }
        isWaiting = true
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        guard isWaiting else { return putRow(row) }
        waiting.append(row)
        if waiting.count >= Self.rowsForWidths { settle() }
    }

    /// Ends the list.
    public mutating func end() {
        settle()
    }

    /// Writes what waits; rows that still come keep the widths.
    public mutating func settle() {
        guard isWaiting else { return }
        isWaiting = false
        widths = panel.columns.map { max(TextWidth.columns($0.title), Self.leastWidth($0)) }
        for row in waiting {
            for index in shown {
                widths[index] = max(widths[index], TextWidth.columns(cell(row[index], panel.columns[index])))
            }
        }
        fitPath()
        if style.hasHeader {
            let header = shown.map { padded(panel.columns[$0].title, $0) }
            put(styled(header.joined(separator: "  "), .title) + "\n")
        }
        waiting.forEach { putRow($0) }
        waiting = []
    }

    /// The line under a report: what it rests on.
    private func footer(_ report: Report) -> String {
        if report.tier == .live { return "read from the server's memory (tier: live)" }
        let since = report.span.sinceUs.map { "since \(ISOTime.text(us: $0))" } ?? "of all time"
        let until = report.span.untilUs.map { " until \(ISOTime.text(us: $0))" } ?? ""
        let newest =
            report.newestUs.map {
                "newest request \(NumberText.age(seconds: Double(max(0, report.generatedAtUs - $0)) / 1e6)) old"
            } ?? "no request yet"
        let summaries =
            report.summariesRead == 0 ? "" : " and \(NumberText.grouped(Int64(report.summariesRead))) summaries"
        let rows = NumberText.grouped(Int64(report.rowsRead))
        let losses = report.losses?.text.map { "; " + $0 } ?? ""
        return "\(rows) rows\(summaries) read (tier: \(report.tier.rawValue)) \(since)\(until); \(newest)\(losses)"
    }
}

/// The parts of a table.
extension TableFormatter {
    private mutating func putRecord(_ panel: ReportPanel) {
        let nameWidth = panel.columns.map(\.name.count).max() ?? 0
        let texts = zip(panel.columns, panel.rows.first ?? []).map { cell($1, $0) }
        let valueWidth = texts.map(\.count).max() ?? 0
        for (column, text) in zip(panel.columns, texts) where !panel.details.contains(column.name) {
            put(column.name + String(repeating: " ", count: nameWidth - column.name.count + 2))
            put(String(repeating: " ", count: valueWidth - text.count) + text + "\n")
        }
    }

    private mutating func putRow(_ row: [ReportValue]) {
        let cells = shown.map { index in
            let (column, value) = (panel.columns[index], row[index])
            var text = cell(value, column)
            if column.kind == .path && style.columns != nil && TextWidth.columns(text) > widths[index] {
                let mark = style.isASCII ? "..." : "…"
                text = TextWidth.prefix(text, columns: widths[index] - mark.count) + mark
            }
            return styled(padded(text, index), tone(value, column))
        }
        put(cells.joined(separator: "  ") + "\n")
    }

    /// Narrows the path columns until a line fits the terminal; other columns are never cut. In a file nothing is cut,
    /// and long paths push their line out rather than all lines.
    private mutating func fitPath() {
        guard let columns = style.columns else {
            for index in shown where panel.columns[index].kind == .path {
                widths[index] = min(widths[index], Self.pathWidthInFiles)
            }
            return
        }
        var excess = shown.reduce(0) { $0 + widths[$1] } + 2 * (shown.count - 1) - columns
        for index in shown.reversed() where panel.columns[index].kind == .path && excess > 0 {
            let narrowed = max(min(widths[index], 12), widths[index] - excess)
            excess -= widths[index] - narrowed
            widths[index] = narrowed
        }
    }

    private func padded(_ text: String, _ index: Int) -> String {
        let space = String(repeating: " ", count: max(0, widths[index] - TextWidth.columns(text)))
        if panel.columns[index].isAlignedRight { return space + text }
        return index == shown.last ? text : text + space
    }

    /// A cell as text; everything hostile in it is escaped.
    private func cell(_ value: ReportValue, _ column: ReportColumn) -> String {
        switch value {
        case .null: "-"
        case .text(let bytes): String(decoding: visible(bytes), as: UTF8.self)
        case .blob(let bytes): CellText.blob(bytes)
        case .integer, .real: CellText.number(value, column)
        }
    }

    private func visible(_ bytes: [UInt8]) -> [UInt8] {
        let text = Escaping.visible(bytes)
        guard style.isASCII, !text.allSatisfy({ $0 < 0x80 }) else { return text }
        return text.flatMap { $0 < 0x80 ? [$0] : Array("\\x".utf8) + Escaping.hex($0, digits: 2) }
    }

    /// Widths that rows which are not known yet usually need.
    private static func leastWidth(_ column: ReportColumn) -> Int {
        switch column.name {
        case "client": 15
        case "outcome", "method": 7
        case "time": 24
        default: 0
        }
    }
}

/// Colours: the select graphic rendition of ECMA-48.
extension TableFormatter {
    private enum Tone: String {
        case plain = ""
        case title = "1"
        case quiet = "2"
        case warning = "33"
        case failure = "31"
    }

    private func tone(_ value: ReportValue, _ column: ReportColumn) -> Tone {
        switch (column.name, value) {
        case ("status", .integer(let status)): status >= 500 ? .failure : status >= 400 ? .warning : .plain
        case ("outcome", .text(let word)): word == Array("ok".utf8) ? .plain : .failure
        case ("state", .text(let word)): word == Array("wrong".utf8) ? .failure : .plain
        default: .plain
        }
    }

    private func styled(_ text: String, _ tone: Tone) -> String {
        style.isColoured && tone != .plain ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }
}
