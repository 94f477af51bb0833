// The frame of a page: one style sheet and perhaps one script, both known by their hashes, and nothing from elsewhere.
internal import AccessLog

/// A page of HTML.
struct HTMLDocument {
    /// Text, escaped.
    let title: String
    /// What stands in the body.
    let body: String
    /// Where a live page listens for new parts; `nil`: it stays as it is.
    var events: String?
    /// After how many seconds a page loads itself again; `nil`: it does not.
    var refreshSeconds: Int?

    /// The page, in UTF-8.
    var text: String {
        let isLive = events != nil
        let policy = Escaping.html(PagePolicy.contentSecurityPolicy(isLive: isLive))
        var head = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        head += "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n"
        head += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        head += "<meta name=\"referrer\" content=\"no-referrer\">\n<title>\(title)</title>\n"
        head += "<style>\(PageStyle.text)</style>\n"
        head += refreshSeconds.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">\n" } ?? ""
        if isLive { head += "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n" }
        let source = events.map { " data-events=\"\(Escaping.html($0))\"" } ?? ""
        head += "</head>\n<body\(source)>\n\(body)"
        if isLive { head += "<script>\(LiveScript.text)</script>\n" }
        return head + "</body>\n</html>\n"
    }
}

/// What a browser may do with the pages.
public enum PagePolicy {
    /// Nothing is loaded from anywhere; a live page may also run its script, listen to its server, and send its form
    /// there (Content Security Policy Level 3).
    public static func contentSecurityPolicy(isLive: Bool) -> String {
        let own = "default-src 'none'; style-src '\(PageStyle.hash)'; base-uri 'none'; "
        return own
            + (isLive
                ? "script-src '\(LiveScript.hash)'; connect-src 'self'; form-action 'self'" : "form-action 'none'")
    }
}
