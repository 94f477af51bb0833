// Answers the requests of `httpstats serve`: who may see it, which page it is, and with which fields it leaves.
internal import BaseHTTPServer
internal import LogStore

/// Handles the requests of a ``ReportServer``.
final class ReportHandler: BaseHTTPRequestHandler {
    override class var serverVersion: String { "httpstats/1.0" }
    override class var sysVersion: String { "" }
    override class var protocolVersion: String { "HTTP/1.1" }

    override func perform(_ command: String) throws {
        guard let server = server as? ReportServer else { return try sendError(500) }
        guard command == "GET" || command == "HEAD" else {
            return try refuse(405, "Only GET and HEAD", ("Allow", "GET, HEAD"))
        }
        guard var address = PageAddress(target: path) else { return try refuse(400, "Too many conditions") }
        let token = address.items.first { $0.name == "token" }?.value
        address = address.replacing(["token"], with: [])
        let visitor = Admission.Visitor(
            host: header("Host"), authorization: header("Authorization"), cookie: header("Cookie"), token: token,
            fetchSite: header("Sec-Fetch-Site"), fetchMode: header("Sec-Fetch-Mode"))
        switch server.admission.verdict(visitor) {
        case .admitted: try answer(address, server.pages)
        case .welcomed:
            // The token leaves the address line, and the history with it.
            try sendHead(303, [("Location", address.text)])
            let cookie = "\(server.admission.cookieName)=\(server.admission.session)"
            try sendHeader("Set-Cookie", cookie + "; HttpOnly; SameSite=Strict; Path=/")
            try sendHeader("Content-Length", "0")
            try endHeaders()
        case .refused(401, let reason): try refuse(401, reason, ("WWW-Authenticate", "Bearer"))
        case .refused(let status, let reason): try refuse(status, reason)
        }
    }

    private func answer(_ address: PageAddress, _ pages: PageMaker) throws {
        do throws(PageError) {
            if address.path == "/events" {
                let text = pages.events(address, lastID: header("Last-Event-ID"))
                return try send(200, text, type: "text/event-stream")
            }
            switch try pages.page(address) {
            case .made(let page): try send(200, page.html, isLive: address.path == "/")
            case .open(let seconds):
                let page = WaitingPage(address: address, passedSeconds: seconds)
                try send(202, page.html, isLive: false, ("Retry-After", "\(WaitingPage.refreshSeconds)"))
            }
        } catch {
            try refuse(error.status, error.reason)
        }
    }

    private func send(
        _ status: Int, _ html: String, isLive: Bool, _ fields: (String, String)...
    ) throws(PageError) {
        let policy = PagePolicy.contentSecurityPolicy(isLive: isLive)
        try send(status, html, type: "text/html", policy: policy, fields)
    }

    /// Sends a whole answer. The connection takes it; what it refuses is a fault of ours.
    private func send(
        _ status: Int, _ text: String, type: String, policy: String = "default-src 'none'",
        _ fields: [(String, String)] = []
    ) throws(PageError) {
        do {
            try sendHead(status, [("Content-Type", "\(type); charset=utf-8")] + fields)
            try sendHeader("Content-Security-Policy", policy + "; frame-ancestors 'none'")
            try sendHeader("Content-Length", String(text.utf8.count))
            try endHeaders()
            if command != "HEAD" { try wfile.write(text) }
        } catch {
            throw PageError(status: 500, reason: "\(error)")
        }
    }

    private func refuse(_ status: Int, _ reason: String, _ fields: (String, String)...) throws {
        let text = "\(status) \(Self.responses[status]?.phrase ?? "")\n\(reason)\n"
        try sendHead(status, [("Content-Type", "text/plain; charset=utf-8")] + fields)
        try sendHeader("Content-Length", String(text.utf8.count))
        try endHeaders()
        if command != "HEAD" { try wfile.write(text) }
    }

    /// The fields of every answer: kept by nobody, told to nobody, shown in no frame, loaded by no other site.
    private func sendHead(_ status: Int, _ fields: [(String, String)]) throws {
        try sendResponse(.init(code: status))
        for (name, value) in Self.fields + fields { try sendHeader(name, value) }
    }

    private static let fields = [
        ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    /// A look at the log is not itself of interest, and a line of it could hold the token.
    override func logRequest(_ code: Int?, size: Int?) {}
}

/// Why there is no page.
struct PageError: Error, Equatable {
    let status: Int
    let reason: String
}
