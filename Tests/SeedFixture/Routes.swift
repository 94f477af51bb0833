// Our side of DifferentialTests: handlers equal to those of seed_fixture.py, route for route.
internal import BaseHTTPServer
internal import Foundation
internal import HTTPTypes

/// What a handler may throw.
struct Raised: Error {}

/// Does what the path says; `/status?204` asks for what `status` does, with 204.
class Routes: BaseHTTPRequestHandler {
    override class var serverVersion: String { "Seed/1" }
    override class var sysVersion: String { "Test" }

    final func answer(_ text: String, _ fields: [(String, String)] = []) throws {
        try sendResponse(200)
        for (name, value) in fields { try sendHeader(name, value) }
        try sendHeader("Content-Length", String(text.utf8.count))
        try endHeaders()
        if command != "HEAD" { try wfile.write(text) }
    }

    override func do_GET() throws {
        let parts = path.split(separator: "?", maxSplits: 1)
        let name = parts.first.map(String.init) ?? ""
        guard let route = Self.routes[name] else { return try answer("Hello from \(path)\n") }
        try route(self)(parts.count > 1 ? parts[1].removingPercentEncoding ?? "" : "")
    }

    override func do_HEAD() throws { try do_GET() }
    override func do_POST() throws { try do_GET() }

    override func perform(_ command: String) throws {
        if command == "SPAM" { try answer("do_SPAM") } else { try super.perform(command) }
    }

    private static var routes: [String: (Routes) -> (String) throws -> Void] {
        [
            "/probe": { handler in { _ in try handler.answer("probe") } },
            "/echo": routeEcho, "/first": routeFirst, "/body": routeBody, "/line": routeLine, "/status": routeStatus,
            "/phrase": routePhrase, "/only": routeOnly, "/error": routeError, "/message": routeMessage,
            "/explain": routeExplain, "/both": routeBoth, "/far": routeFar, "/control": routeControl,
            "/connection": routeConnection, "/close": routeClose, "/keep": routeKeep, "/fields": routeFields,
            "/latin": routeLatin, "/field": routeField, "/dates": routeDates, "/texts": routeTexts, "/now": routeNow,
            "/responses": routeResponses, "/log": routeLog, "/raise": routeRaise, "/unflushed": routeUnflushed,
            "/flushed": routeFlushed, "/flush": routeFlush, "/nothing": routeNothing, "/unframed": routeUnframed,
            "/second": routeSecond, "/actions": routeActions, "/stop": routeStop,
        ]
    }

    // MARK: What the request says

    private func routeEcho(_ argument: String) throws {
        let lines = [command, path, requestVersion, requestLine, closeConnection ? "closes" : "stays"]
        try answer((lines + headers.map { "\($0.name.rawName)=\($0.value)" }).joined(separator: "\n"))
    }

    private func routeFirst(_ argument: String) throws {
        let last = headers.last { $0.name.canonicalName == argument.lowercased() }?.value ?? ""
        try answer("\(header(argument) ?? "")|\(last)")
    }

    private func routeBody(_ argument: String) throws {
        try answer(latin1(rfile.read()))
    }

    private func routeLine(_ argument: String) throws {
        try answer("\(latin1(rfile.readLine()))|\(latin1(rfile.read(2)))")
    }

    private func latin1(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    // MARK: Status lines and error pages

    private func status(_ argument: String) -> HTTPResponse.Status { .init(code: Int(argument) ?? 0) }

    private func routeStatus(_ argument: String) throws {
        try sendResponse(status(argument))
        try endHeaders()
    }

    private func routePhrase(_ argument: String) throws {
        try sendResponse(200, argument)
        try sendHeader("Content-Length", "0")
        try endHeaders()
    }

    private func routeOnly(_ argument: String) throws {
        try sendResponseOnly(200)
        try sendHeader("Content-Length", "0")
        try endHeaders()
    }

    private func routeError(_ argument: String) throws { try sendError(status(argument)) }

    private func routeMessage(_ argument: String) throws {
        try sendError(status(argument), "Not <here> & \"there\" 'then' é")
    }

    private func routeExplain(_ argument: String) throws {
        try sendError(status(argument), explain: "Because <of> & \"that\" 'thing' é 日")
    }

    private func routeBoth(_ argument: String) throws { try sendError(status(argument), "", explain: "") }

    private func routeFar(_ argument: String) throws { try sendError(404, "日本") }

    private func routeControl(_ argument: String) throws { try sendError(404, "a\tb\u{1b}[31m\\") }

    // MARK: Fields and the connection

    private func routeConnection(_ argument: String) throws {
        try answer("connection", [("Connection", argument)])
    }

    private func routeClose(_ argument: String) throws {
        closeConnection = true
        try answer("close")
    }

    private func routeKeep(_ argument: String) throws {
        closeConnection = false
        try answer("keep")
    }

    private func routeFields(_ argument: String) throws {
        try answer(
            "fields", [("X-One", "1"), ("x-one", "2"), ("X-ONE", ""), ("X-Odd", "a,  b; \"c\"\td")])
    }

    private func routeLatin(_ argument: String) throws {
        try answer("latin", [("X-Latin", header("X-Latin") ?? "é ÿ")])
    }

    private func routeField(_ argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        try answer("field", [(parts[0], parts[1])])
    }

    // MARK: Texts

    private func routeDates(_ argument: String) throws {
        let times = [0, 784_111_777, 784_111_777.9, -1, -0.5, 951_782_400, 4_102_444_799, 253_402_300_799]
        try answer(times.map { dateTimeString($0) }.joined(separator: "\n"))
    }

    private func routeTexts(_ argument: String) throws {
        let own = type(of: self)
        let texts = [
            versionString(), addressString(), own.serverVersion, own.sysVersion, own.protocolVersion,
            own.defaultRequestVersion, own.errorContentType,
        ]
        try answer(texts.joined(separator: "\n"))
    }

    private func routeNow(_ argument: String) throws {
        try answer(dateTimeString() + "\n" + logDateTimeString())
    }

    private func routeResponses(_ argument: String) throws {
        let lines = type(of: self).responses.sorted { $0.key < $1.key }.map { code, texts in
            "\(code) \(texts.phrase)\(texts.explanation.isEmpty ? "" : " (explained)")"
        }
        try answer(lines.joined(separator: "\n"))
    }

    private func routeLog(_ argument: String) throws {
        logMessage("plain é 日 \"quoted\" 'single' \\ %s 100%")
        let controls = (Array(0..<0x20) + Array(0x7f..<0xa1)).compactMap { Unicode.Scalar($0 as UInt32) }
        logMessage(String(String.UnicodeScalarView(controls)))
        logError("an error")
        logRequest()
        logRequest(404)
        logRequest(200, size: 17)
        try answer("log")
    }

    // MARK: When things go wrong, and when bytes leave

    private func routeRaise(_ argument: String) throws { throw Raised() }

    private func routeUnflushed(_ argument: String) throws {
        try sendResponse(200)
        try sendHeader("X-Kept", "back")
        throw Raised()
    }

    private func routeFlushed(_ argument: String) throws {
        try sendResponse(200)
        try sendHeader("X-Sent", "already")
        try flushHeaders()
        throw Raised()
    }

    private func routeFlush(_ argument: String) throws {
        try sendResponse(200)
        try sendHeader("X-First", "1")
        try flushHeaders()
        try sendHeader("Content-Length", "4")
        try endHeaders()
        try flushHeaders()
        try wfile.write("fl")
        try wfile.flush()
        try wfile.write("ow")
    }

    private func routeNothing(_ argument: String) throws {}

    private func routeUnframed(_ argument: String) throws {
        try sendResponse(200)
        try endHeaders()
        try wfile.write("unframed")
    }

    private func routeSecond(_ argument: String) throws {
        try sendResponse(200)
        try sendHeader("X-First", "1")
        try sendError(404)
    }

    private func routeActions(_ argument: String) throws {
        try answer("actions: \(((server as? Server)?.turns ?? 0) > 0 ? "True" : "False")")
    }

    private func routeStop(_ argument: String) throws {
        try answer("stop")
        Thread.detachNewThread { [stopper = server.stopper] in stopper.stop() }
    }
}
