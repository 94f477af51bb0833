// Text on its way into a page of HTML: made visible, cut to a bound, and never markup.
internal import AccessLog

/// Text for HTML.
enum HTMLText {
    /// How many characters of a text of the log a page shows; a target may be as long as a request's head.
    static let characterLimit = 120

    /// A text of the log for the content of an element. It may be written from right to left: `bdi` keeps that in it.
    static func ofLog(_ bytes: [UInt8]) -> String {
        "<bdi>\(Escaping.html(shortened(bytes)))</bdi>"
    }

    /// The same of a text that is shown whole.
    static func whole(_ bytes: [UInt8]) -> String {
        let visible = String(decoding: Escaping.visible(bytes), as: UTF8.self)
        return "<bdi>\(Escaping.html(String(withoutPiles(visible.unicodeScalars))))</bdi>"
    }

    /// A text of the log, visible and no longer than the limit.
    static func shortened(_ bytes: [UInt8]) -> String {
        // What is cut off is not looked at: four bytes are the longest character.
        let isLong = bytes.count > 4 * characterLimit
        let visible = Escaping.visible(isLong ? Array(bytes.prefix(4 * characterLimit)) : bytes)
        let text = withoutPiles(String(decoding: visible, as: UTF8.self).unicodeScalars)
        // By scalars, as a character may have any number of them.
        if text.count <= characterLimit && !isLong { return String(text) }
        return String(String.UnicodeScalarView(text.prefix(characterLimit - 1))) + "…"
    }

    /// A text in which no letter carries more than four marks: a pile of them would cover the lines above and below.
    private static func withoutPiles(_ text: String.UnicodeScalarView) -> String.UnicodeScalarView {
        if text.allSatisfy({ $0.value < 0x300 }) { return text }
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in text {
            let category = scalar.properties.generalCategory
            marks = category == .nonspacingMark || category == .enclosingMark ? marks + 1 : 0
            if marks <= 4 { result.append(scalar) } else if marks == 5 { result.append("…") }
        }
        return result
    }
}
