// The page that sendError sends.

/// Fills the error page's format.
enum ErrorPage {
    /// The format of Python's module, in words of our own; `%%` stands for a per cent sign.
    static let defaultFormat = """
        <!DOCTYPE HTML>
        <html lang="en">
            <head>
                <meta charset="utf-8">
                <meta name="color-scheme" content="light dark">
                <title>Error response</title>
            </head>
            <body>
                <h1>Error response</h1>
                <p>Error code: %(code)d</p>
                <p>Message: %(message)s.</p>
                <p>Error code explanation: %(code)d - %(explain)s.</p>
            </body>
        </html>

        """

    static func fill(_ format: String, code: Int, message: String, explain: String) -> String {
        let code = String(code)
        let values = [
            ("(code)d", code), ("(code)s", code), ("(message)s", escaped(message)), ("(explain)s", escaped(explain)),
            ("%", "%"),
        ].map { (key: Array($0.utf8), value: Array($1.utf8)) }
        let format = Array(format.utf8)
        var page: [UInt8] = []
        page.reserveCapacity(format.count + 256)
        // Byte by byte: each worker makes two pages before it serves, and characters cost twenty times as much.
        var place = 0
        while place < format.count {
            let byte = format[place]
            place += 1
            if byte == UInt8(ascii: "%"), let (key, value) = values.first(where: { format.has($0.key, at: place) }) {
                page += value
                place += key.count
            } else {
                page.append(byte)
            }
        }
        return String(decoding: page, as: UTF8.self)
    }

    /// For text in HTML: the three characters that could begin markup.
    static func escaped(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 == 38 || $0 == 60 || $0 == 62 }) { return text }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A phrase that is safe in a status line: control characters become spaces, and those beyond ISO 8859-1 question
    /// marks.
    static func statusLineText(_ phrase: String) -> String {
        if phrase.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return phrase }
        let safe = phrase.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar.value < 32 && scalar != "\t" || scalar.value == 127 { return " " }
            return scalar.value > 255 ? "?" : scalar
        }
        return String(String.UnicodeScalarView(safe))
    }
}

extension [UInt8] {
    /// Whether a run of bytes stands at a place.
    func has(_ run: [UInt8], at place: Int) -> Bool {
        guard run.count <= count - place else { return false }
        for index in run.indices where self[place + index] != run[index] { return false }
        return true
    }
}
