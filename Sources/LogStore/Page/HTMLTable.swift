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
            html += link(index, column).map { "<a href=\"\(Escaping.html($0))\">\(text)</a>" } ?? text
            if kind.kind == .percent { html += bar(value, column) }
            html += isKey ? "</th>" : "</td>"
        }
        return html + "</tr>\n"
    }

    /// One thing with its properties.
    private var record: String {
        var html = "<dl class=\"record\">"
        for (index, column) in panel.columns.enumerated() {
            guard let value = panel.rows.first?[index], value != .null else { continue }
            // A record is about one thing, of which nothing is cut off.
            let text = if case .text(let bytes) = value { HTMLText.whole(bytes) } else { cell(value, column) }
            let linked = link(0, index).map { "<a href=\"\(Escaping.html($0))\">\(text)</a>" } ?? text
            html += "<div><dt>\(Self.title(column))</dt><dd>\(linked)</dd></div>"
        }
        return html + "</dl>\n"
    }

    private func cell(_ value: ReportValue, _ column: ReportColumn) -> String {
        switch value {
        case .null: "–"
        case .text(let bytes): HTMLText.ofLog(bytes)
        case .blob(let bytes): CellText.blob(bytes.prefix(60))
        case .integer, .real: Escaping.html(CellText.number(value, column))
        }
    }

    private func tone(_ value: ReportValue, _ column: ReportColumn) -> String? {
        switch (column.name, value) {
        case ("status_5xx", .integer(let number)) where number > 0: " class=\"bad\""
        case ("status", .integer(let status)) where status >= 500: " class=\"bad\""
        default: nil
        }
    }

    /// A share as a bar, the greatest of its column the longest. Its width is an attribute: a policy that allows no
    /// inline style stays strict.
    private func bar(_ value: ReportValue, _ column: Int) -> String {
        let shares = panel.rows.map { Self.number($0[column]) }
        let share = Self.number(value) / max(shares.max() ?? 0, 1e-9)
        let width = StepPlot.decimal(100 * min(1, max(0, share)))
        return "<svg class=\"bar\" aria-hidden=\"true\"><rect width=\"\(width)%\" height=\"100%\"/></svg>"
    }

    private static func number(_ value: ReportValue) -> Double {
        if case .real(let number) = value, number.isFinite { number } else { 0 }
    }

    /// The class of a column's cells: paths, or else what a row is about, get the room that the others leave.
    private func style(_ column: Int) -> String {
        let isPath = panel.columns[column].kind == .path
        if column == panel.columns.firstIndex(where: { $0.kind == .path }) ?? panel.keyColumn {
            return " class=\"text wide\""
        }
        if isPath { return " class=\"text long\"" }
        return panel.columns[column].isAlignedRight && column != panel.keyColumn ? "" : " class=\"text\""
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
        let name = Escaping.html(words.joined(separator: " "))
        return unit.map { name + ", " + ($0 == "percent" ? "%" : $0 == "us" ? "µs" : $0) } ?? name
    }
}
