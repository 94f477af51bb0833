// The status of the server over HTTP, for clients on this machine.
internal import AccessLog
internal import HTTPTypes
internal import LinuxSyscalls

extension BaseHTTPRequestHandler {
    /// Answers GET and HEAD of the status path; false for any other request.
    ///
    /// `?format=json` or `Accept: application/json` ask for JSON; `?refresh=5` has a browser come again.
    final func answerStatus(_ path: String) throws -> Bool {
        let target = request.targetParts()
        guard target.path == path, command == "GET" || command == "HEAD", let ring = server.ring else { return false }
        guard Self.isLocal(clientAddress.host) else {
            try sendError(403, "Only for clients on this machine")
            return true
        }
        let query = target.query?.split(separator: "&") ?? []
        let isJSON = query.contains("format=json") || header("Accept")?.contains("application/json") == true
        let document = StatusDocument(tree: ring.treeStatus(), nowUs: Clock.realtimeUs(), server: versionString())
        let text = isJSON ? document.json : document.page
        try sendResponse(200)
        try sendHeader("Content-Type", isJSON ? "application/json" : "text/html; charset=utf-8")
        try sendHeader("Content-Length", String(text.utf8.count))
        try sendHeader("Cache-Control", "no-store")
        if !isJSON { try sendHeader("Content-Security-Policy", StatusDocument.contentSecurityPolicy) }
        if let seconds = query.first(where: { $0.hasPrefix("refresh=") }).flatMap({ Int($0.dropFirst(8)) }),
            (1...3_600).contains(seconds)
        {
            try sendHeader("Refresh", String(seconds))
        }
        try endHeaders()
        try wfile.write(text)
        return true
    }

    /// Whether an address is one of this machine's own: loopback of IPv4 and IPv6, or a Unix socket.
    static func isLocal(_ host: String) -> Bool {
        host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.") || host.hasPrefix("unix:")
    }
}
