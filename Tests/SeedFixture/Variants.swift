// The handlers and servers that override what the original lets one override.
internal import BaseHTTPServer
internal import Foundation

/// Says something between the log lines.
func note(_ text: String) {
    FileHandle.standardError.write(Data("note \(text)\n".utf8))
}

/// Prints a line at once, though standard output is no terminal.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

class Persistent: Routes {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func handleExpect100() throws -> Bool {
        if path != "/refuse" { return try super.handleExpect100() }
        try sendError(417, "Not today")
        return false
    }
}

final class Early: Routes {
    override class var defaultRequestVersion: String { "HTTP/1.0" }
}

final class Default: BaseHTTPRequestHandler {
    override func do_GET() throws {
        if path != "/probe" { return try sendError(404) }
        try sendResponse(200)
        try sendHeader("Content-Length", "5")
        try endHeaders()
        try wfile.write("probe")
    }
}

final class Shaped: Routes {
    override class var serverVersion: String { "Mine/2 Other/3" }
    override class var sysVersion: String { "" }
    override class var errorMessageFormat: String { "%(code)d|%(code)s|%(message)s|%(explain)s|%%|100%%" }
    override class var errorContentType: String { "text/plain" }
    override class var responses: [Int: (phrase: String, explanation: String)] {
        [200: ("Fine", "so"), 404: ("Gone fishing", "Why <not>")]
    }
}

final class Missing: Routes {
    override class var errorMessageFormat: String { "%(code)d %(missing)s" }
}

final class Stray: Routes {
    override class var errorMessageFormat: String { "%(code)d 100% " }
}

final class Hooks: Persistent {
    override func setup() throws {
        try super.setup()
        note("setup")
    }

    override func handle() throws {
        note("handle")
        try super.handle()
        note("handled")
    }

    override func finish() {
        note("finish")
        super.finish()
    }

    override func handleOneRequest() throws {
        note("one")
        try super.handleOneRequest()
    }

    override func parseRequest() throws -> Bool {
        guard try super.parseRequest() else { return false }
        note("parsed \(command) \(path)")
        if path == "/forbidden" {
            try sendError(403)
            return false
        }
        if path == "/rewritten" { path = "/echo" }
        return true
    }

    override func sendResponse(_ status: Status, _ message: String? = nil) throws {
        try super.sendResponse(status, message)
        try sendHeader("X-Hook", "1")
    }

    override func sendHeader(_ name: String, _ value: String) throws {
        try super.sendHeader(name.hasPrefix("X-") ? "X-Of-" + name : name, value)
    }

    override func endHeaders() throws {
        try sendHeader("X-End", "1")
        try super.endHeaders()
    }

    override func logMessage(_ message: String) { super.logMessage("hooked: \(message)") }
    override func logError(_ message: String) { note("log_error \(message)") }
    override func logRequest(_ code: Int?, size: Int?) { super.logRequest(code, size: 42) }
    override func versionString() -> String { "Hooked" }
    override func dateTimeString(_ timestamp: Double?) -> String { "a date" }
    override func logDateTimeString() -> String { "some time" }
    override func addressString() -> String { "somebody" }
}

class Files: SimpleHTTPRequestHandler {
    override class var serverVersion: String { "Seed/1" }
    override class var sysVersion: String { "Test" }
}

final class PersistentFiles: Files {
    override class var protocolVersion: String { "HTTP/1.1" }
}

final class TypedFiles: Files {
    override class var extensionsMap: [String: String] { ["txt": "text/x-mine"] }

    override func guessType(_ path: String) -> String {
        path.hasSuffix(".mine") ? "image/x-mine" : super.guessType(path)
    }

    override func translatePath(_ path: [UInt8]) -> [UInt8] {
        path == Array("/alias".utf8) ? Array("/a.txt".utf8) : path
    }

    override func listDirectory(_ path: [UInt8]) throws { try sendError(403) }
}

final class Scripts: CGIHTTPRequestHandler {
    override class var serverVersion: String { "Seed/1" }
    override class var sysVersion: String { "Test" }
}

/// Counts the turns of its loop.
class Server: HTTPServer {
    final var turns = 0

    override func serviceActions() { turns += 1 }
}

/// Refuses every second connection, and says what becomes of the others.
final class Gate: Server {
    private var connections = 0

    override func verifyRequest(_ request: Connection) -> Bool {
        connections += 1
        note("verify_request")
        return connections % 2 == 1
    }

    override func processRequest(_ request: Connection) throws {
        note("process_request")
        try super.processRequest(request)
    }

    override func finishRequest(_ request: Connection) throws -> BaseHTTPRequestHandler {
        note("finish_request")
        return try super.finishRequest(request)
    }

    override func handleError(_ request: Connection, error: any Error) { note("handle_error") }

    override func handleTimeout() { say("handle_timeout") }
}
