// A page of tables: single requests, or one request with all that is known of it.
internal import AccessLog

/// A page of tables.
public struct TablePage {
    private let title: String
    private let panels: [(caption: String, panel: ReportPanel)]
    private let address: PageAddress
    private let link: (_ panel: Int, _ row: Int, _ column: Int) -> PageAddress?

    /// Makes a page.
    ///
    /// - Parameters:
    ///   - title: A text of ours.
    ///   - panels: The tables, with what stands above each.
    ///   - address: What was asked for; the way back keeps it.
    ///   - link: Where a cell leads, by the numbers of its panel, row and column; `nil`: nowhere.
    public init(
        title: String, panels: [(caption: String, panel: ReportPanel)], address: PageAddress,
        link: @escaping (_ panel: Int, _ row: Int, _ column: Int) -> PageAddress? = { _, _, _ in nil }
    ) {
        self.title = title
        self.panels = panels
        self.address = address
        self.link = link
    }

    /// The whole page, in UTF-8.
    public var html: String {
        var body = "<header>\n<h1>\(title)</h1>\n"
        body += "<p><a href=\"\(Escaping.html(address.at("/").text))\">All figures</a></p>\n"
        body += PageConditions(address: address).html + "</header>\n<main>\n"
        for (index, (caption, panel)) in panels.enumerated() {
            let table = HTMLTable(panel: panel) { row, column in link(index, row, column)?.text }
            body += "<section>\(table.html(caption: caption))</section>\n"
        }
        return HTMLDocument(title: title, body: body + "</main>\n").text
    }
}
