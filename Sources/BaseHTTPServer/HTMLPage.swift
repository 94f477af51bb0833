// The frame of the pages that the server makes itself: no script, one style known by its hash, light and dark.

/// A page of HTML.
struct HTMLPage {
    /// Text for HTML, escaped.
    let title: String
    /// The style sheet, exactly as its hash was computed.
    let style: String
    /// What stands in the body.
    let body: String

    /// The page, in UTF-8.
    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>\(style)</style>
        </head>
        <body>
        \(body)</body>
        </html>

        """
    }

    /// Nothing is loaded or run, and no form or frame is allowed (Content Security Policy Level 3).
    static func contentSecurityPolicy(styleHash: String) -> String {
        "default-src 'none'; style-src '\(styleHash)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }
}
