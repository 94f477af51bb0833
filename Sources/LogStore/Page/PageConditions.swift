// The conditions that a page holds itself to, each with a way to leave it out.
internal import AccessLog

/// The conditions of an address.
struct PageConditions {
    let address: PageAddress

    /// Whether each condition gets a link to the page without it.
    var isLive = true

    /// A line, or nothing where there are no conditions.
    var html: String {
        let filters = address.items.filter { !PageControls.spanNames.contains($0.name) }
        if filters.isEmpty { return "" }
        let texts = filters.map { item in
            let name = HTMLText.ofLog(Array(item.name.utf8))
            let text = "<code>\(name)=\(HTMLText.ofLog(Array(item.value.utf8)))</code>"
            if !isLive { return text }
            let without = PageAddress(address.path, address.items.filter { $0 != item }).text
            return text + " <a href=\"\(Escaping.html(without))\" aria-label=\"without this condition\">×</a>"
        }
        return "<p>Only requests with \(texts.joined(separator: ", "))</p>\n"
    }
}
