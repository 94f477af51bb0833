// A panel of a report as a table of HTML, with bars for shares.
internal import AccessLog

/// Writes panels as tables.
struct HTMLTable {
    let panel: ReportPanel

    /// Where a cell leads, by its row and column; `nil`: nowhere.
    var link: (_ row: Int, _ column: Int) -> String? = { _, _ in nil }

    /// The table in a frame of its own, which scrolls where the page is too narrow for it.
    func html(caption: String) -> String {
        if panel.rows.isEmpty { return "<h2>\(caption)</h2><p>None.</p>\n" }
        if panel.isRecord { return "<h2>\(caption)</h2>\n" + record }
        // A frame that scrolls must be reached by the keyboard, and then has a name.
        var html = "<div class=\"frame\" tabindex=\"0\" role=\"region\" aria-label=\"\(caption)\">\n"
        html += "<table><caption>\(caption)</caption>\n<thead><tr>"
        for (index, column) in panel.columns.enumerated() {
            html += "<th scope=\"col\"\(style(index))>\(Self.title(column))</th>"
        }
        html += "</tr></thead>\n<tbody>\n"
        for (index, row) in panel.rows.enumerated() { html += self.row(row, index) }
        return html + "</tbody></table></div>\n"
    }

    private func row(_ row: [ReportValue], _ index: Int) -> String {
        var html = "<tr>"
        for (column, value) in row.enumerated() {
            let kind = panel.columns[column]
            let isKey = column == panel.keyColumn
            let tag = isKey ? "th scope=\"row\"" : "td"
            html += "<\(tag)\(tone(value, kind) ?? style(column))>"
            let text = cell(value, kind)
            html += link(index, column).map { "<a href=\"\(HTMLText.escaped($0))\">\(text)</a>" } ?? text
            if kind.kind == .percent { html += Self.bar(value) }
            html += isKey ? "</th>" : "</td>"
        }
        return html + "</tr>\n"
    }

    /// One thing with its properties.
    private var record: String {
        var html = "<dl class=\"record\">"
        for (index, column) in panel.columns.enumerated() {
            guard let value = panel.rows.first?[index], value != .null else { continue }
            let text = cell(value, column)
            let linked = link(0, index).map { "<a href=\"\(HTMLText.escaped($0))\">\(text)</a>" } ?? text
            html += "<div><dt>\(Self.title(column))</dt><dd>\(linked)</dd></div>"
        }
        return html + "</dl>\n"
    }

    private func cell(_ value: ReportValue, _ column: ReportColumn) -> String {
        switch value {
        case .null: "–"
        case .text(let bytes): HTMLText.ofLog(bytes)
        case .blob(let bytes):
            "x'" + String(decoding: bytes.prefix(60).flatMap { Escaping.hex($0, digits: 2) }, as: UTF8.self) + "'"
        case .integer, .real: HTMLText.escaped(CellText.number(value, column))
        }
    }

    private func tone(_ value: ReportValue, _ column: ReportColumn) -> String? {
        switch (column.name, value) {
        case ("status_5xx", .integer(let number)) where number > 0: " class=\"bad\""
        case ("status", .integer(let status)) where status >= 500: " class=\"bad\""
        default: nil
        }
    }

    /// A share of 100 as a bar. Its width is an attribute: a policy that allows no inline style stays strict.
    private static func bar(_ value: ReportValue) -> String {
        guard case .real(let percent) = value else { return "" }
        let width = StepPlot.decimal(min(100, max(0, percent.isFinite ? percent : 0)))
        return "<svg class=\"bar\" aria-hidden=\"true\"><rect width=\"\(width)%\" height=\"100%\"/></svg>"
    }

    /// The class of a column's cells: what a row is about gets the room that the others leave.
    private func style(_ column: Int) -> String {
        if column == panel.keyColumn { return " class=\"text key\"" }
        switch panel.columns[column].kind {
        case .text, .path: return " class=\"text\""
        case .identifier, .number, .count, .rate, .bytes, .milliseconds, .percent: return ""
        }
    }

    /// The name of a column for people, its unit behind it: `duration mean, ms`.
    static func title(_ column: ReportColumn) -> String {
        switch column.name {
        case "duration_mean_ms": return "mean, ms"
        case "requests_percent": return "share, %"
        case "requests_per_second": return "per second"
        case "bytes_out": return "sent"
        case "bytes_in": return "received"
        default: break
        }
        var words = column.name.split(separator: "_").map(String.init)
        let unit =
            words.count > 1 && ["ms", "percent", "us", "s"].contains(words[words.count - 1]) ? words.removeLast() : nil
        if words.first == "status", words.count > 1 { words.removeFirst() }
        let name = HTMLText.escaped(words.joined(separator: " "))
        return unit.map { name + ", " + ($0 == "percent" ? "%" : $0 == "us" ? "µs" : $0) } ?? name
    }
}
