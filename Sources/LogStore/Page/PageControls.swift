// What a live page is asked with: spans to choose from, and a form for conditions. Both work without scripts.
internal import AccessLog

/// The controls of a live page.
struct PageControls {
    let address: PageAddress

    /// Names of items that say the span.
    static let spanNames: Set<String> = ["last", "since", "until", "today", "yesterday", "tz"]

    /// Lengths that most people look for.
    private static let lengths = ["15m", "1h", "6h", "24h", "7d", "30d"]

    /// The fields of the form, and an example for each.
    private static let fields = [
        ("path", "/api/*"), ("status", "5xx"), ("client", "192.0.2.0/24"), ("method", "GET"), ("host", "example.org"),
    ]

    /// The controls.
    var html: String {
        var html = "<nav aria-label=\"Span\">"
        let chosen = address.items.first { $0.name == "last" }?.value ?? (hasSpan ? "" : "24h")
        for length in Self.lengths {
            let target = address.replacing(Self.spanNames, with: [PageAddress.Item("last", length)])
            let current = length == chosen ? " aria-current=\"true\"" : ""
            html += "<a href=\"\(Escaping.html(target.text))\"\(current)>\(length)</a>"
        }
        html += "<span class=\"live\" role=\"status\"><span></span></span></nav>\n"
        html += "<details><summary>Filter</summary><form action=\"\(Escaping.html(address.path))\">"
        for item in address.items {
            let (name, value) = (Escaping.html(item.name), Escaping.html(item.value))
            html += "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
        }
        for (name, example) in Self.fields {
            html += "<label>\(name)<input name=\"\(name)\" placeholder=\"\(example)\"></label>"
        }
        return html + "<button>Show</button></form></details>\n"
    }

    private var hasSpan: Bool { address.items.contains { Self.spanNames.contains($0.name) } }
}
