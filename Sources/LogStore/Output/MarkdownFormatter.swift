// Reports as tables of GitHub Flavored Markdown, for issues and wikis.
internal import AccessLog

/// Writes a table for each panel, under a heading when there are several.
///
/// Text of the log that could be more than text (markup, HTML, a link) stands in a code span, where nothing is.
public struct MarkdownFormatter: ReportFormatter {
    /// Bytes that are ready to leave.
    public var output: [UInt8] = []

    /// Makes a formatter.
    public init() {}

    /// Writes a whole report.
    public mutating func write(_ report: Report) {
        let panels = report.panels.filter { !$0.rows.isEmpty }
        for (index, panel) in panels.enumerated() {
            if index > 0 { put("\n") }
            if report.panels.count > 1 { put("## \(panel.name)\n\n") }
            begin(panel, isFollowed: false)
            panel.rows.forEach { add($0) }
        }
    }

    /// Begins a list whose rows come one by one.
    public mutating func begin(_ panel: ReportPanel, isFollowed: Bool) {
        add(panel.columns.map { .text($0.name) })
        put("|" + panel.columns.map { $0.isAlignedRight ? " ---: |" : " --- |" }.joined() + "\n")
    }

    /// Adds a row to the list.
    public mutating func add(_ row: [ReportValue]) {
        put("|")
        for value in row {
            put(" ")
            switch value {
            case .null: break
            case .integer(let number): put("\(number)")
            case .real(let number): put(number.isFinite ? "\(number)" : "")
            case .text(let bytes): output += Escaping.markdown(bytes)
            case .blob(let bytes): for byte in bytes { output += Escaping.hex(byte, digits: 2) }
            }
            put(" |")
        }
        put("\n")
    }

    /// Ends the list.
    public mutating func end() {}
}

extension Escaping {
    /// A cell of a table (GitHub Flavored Markdown, section 4.10): plain words as they are, anything else as code.
    static func markdown(_ bytes: [UInt8]) -> [UInt8] {
        let text = visible(bytes)
        if text.isEmpty || isPlainMarkdown(text) { return text }
        // A code span ends at as many backticks as it began with (section 6.3), so it begins with one more than any
        // run in it. A vertical bar would end the cell, also in code.
        let tick = UInt8(ascii: "`")
        let longest = text.split { $0 != tick }.map(\.count).max() ?? 0
        let fence = [UInt8](repeating: tick, count: longest + 1)
        let bar = UInt8(ascii: "|")
        let body = text.flatMap { $0 == bar ? [UInt8(ascii: "\\"), bar] : [$0] }
        let space = longest > 0 || text.first == UInt8(ascii: " ") ? [UInt8(ascii: " ")] : []
        return fence + space + body + space + fence
    }

    /// Letters and digits alone make no markup, nor do underscores between them (section 6.4).
    private static func isPlainMarkdown(_ text: [UInt8]) -> Bool {
        var previous: UInt8 = 0
        for (byte, next) in zip(text, text.dropFirst() + [0]) {
            let isHarmless =
                isWord(byte) || " -:./,".utf8.contains(byte)
                || byte == UInt8(ascii: "_") && isWord(previous) && isWord(next)
            if !isHarmless { return false }
            previous = byte
        }
        return text.first != UInt8(ascii: " ") && text.last != UInt8(ascii: " ") && !isLink(text)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether the extended autolinks of section 6.9 could find something.
    private static func isLink(_ text: [UInt8]) -> Bool {
        let lower = String(decoding: text, as: UTF8.self).lowercased()
        return lower.contains("://") || lower.contains("www.")
    }
}
