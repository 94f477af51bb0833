// Reports as tables for people: aligned, coloured on a terminal, and cut to its width in the path column only.
internal import AccessLog

/// Writes tables.
public struct TableFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    private let style: OutputStyle
    private var panel = ReportPanel("", columns: [])
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
        widths = panel.columns.map { max($0.title.count, Self.leastWidth($0)) }
        for row in waiting {
            for (index, value) in row.enumerated() {
                widths[index] = max(widths[index], cell(value, panel.columns[index]).count)
            }
        }
        fitPath()
        let header = panel.columns.indices.map { padded(panel.columns[$0].title, $0, isLast: isLast($0)) }
        put(styled(header.joined(separator: "  "), .title) + "\n")
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
        return "\(rows) rows\(summaries) read (tier: \(report.tier.rawValue)) \(since)\(until); \(newest)"
    }
}

/// The parts of a table.
extension TableFormatter {
    private mutating func putRecord(_ panel: ReportPanel) {
        let nameWidth = panel.columns.map(\.name.count).max() ?? 0
        let texts = zip(panel.columns, panel.rows.first ?? []).map { cell($1, $0) }
        let valueWidth = texts.map(\.count).max() ?? 0
        for (column, text) in zip(panel.columns, texts) {
            put(column.name + String(repeating: " ", count: nameWidth - column.name.count + 2))
            put(String(repeating: " ", count: valueWidth - text.count) + text + "\n")
        }
    }

    private mutating func putRow(_ row: [ReportValue]) {
        let cells = zip(panel.columns, row).enumerated().map { index, pair in
            let (column, value) = pair
            var text = cell(value, column)
            if column.kind == .path && text.count > widths[index] && style.columns != nil {
                text = text.prefix(widths[index] - 1) + "…"
            }
            return styled(padded(text, index, isLast: isLast(index)), tone(value, column))
        }
        put(cells.joined(separator: "  ") + "\n")
    }

    /// Narrows the path columns until a line fits the terminal; other columns are never cut. In a file nothing is cut,
    /// and long paths push their line out rather than all lines.
    private mutating func fitPath() {
        guard let columns = style.columns else {
            for index in panel.columns.indices where panel.columns[index].kind == .path {
                widths[index] = min(widths[index], Self.pathWidthInFiles)
            }
            return
        }
        var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - columns
        for index in panel.columns.indices.reversed() where panel.columns[index].kind == .path && excess > 0 {
            let narrowed = max(min(widths[index], 12), widths[index] - excess)
            excess -= widths[index] - narrowed
            widths[index] = narrowed
        }
    }

    private func isLast(_ index: Int) -> Bool {
        index == panel.columns.count - 1
    }

    private func padded(_ text: String, _ index: Int, isLast: Bool) -> String {
        let space = String(repeating: " ", count: max(0, widths[index] - text.count))
        switch panel.columns[index].kind {
        case .text, .path: return isLast ? text : text + space
        case .identifier, .number, .count, .rate, .bytes, .milliseconds, .percent: return space + text
        }
    }

    /// A cell as text; everything hostile in it is escaped.
    private func cell(_ value: ReportValue, _ column: ReportColumn) -> String {
        switch (value, column.kind) {
        case (.null, _): "-"
        case (.integer(let number), .count): NumberText.grouped(number)
        case (.integer(let number), .bytes): NumberText.bytes(Double(number))
        case (.integer(let number), .milliseconds): NumberText.milliseconds(Double(number))
        case (.integer(let number), _): "\(number)"
        case (.real(let number), .bytes): NumberText.bytes(number)
        case (.real(let number), .milliseconds): NumberText.milliseconds(number)
        case (.real(let number), .percent): NumberText.fixed(number, decimals: 1)
        case (.real(let number), .rate): NumberText.fixed(number, decimals: 2)
        case (.real(let number), _): "\(number)"
        case (.text(let bytes), _): String(decoding: Escaping.visible(bytes), as: UTF8.self)
        case (.blob(let bytes), _):
            "x'" + String(decoding: bytes.flatMap { Escaping.hex($0, digits: 2) }, as: UTF8.self) + "'"
        }
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
        default: .plain
        }
    }

    private func styled(_ text: String, _ tone: Tone) -> String {
        style.isColoured && tone != .plain ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }
}
