// The smallest handler, for the benchmark.
internal import BaseHTTPServer

final class Hello: SimpleHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override func do_GET() throws {
        if path != "/hello" { return try super.do_GET() }
        try sendResponse(200)
        try sendHeader("Content-Type", "text/plain; charset=utf-8")
        try endHeaders()
        try wfile.write("Hello, World!")
    }
    override func do_POST() throws {
        let body = try rfile.read()
        try sendResponse(200)
        try endHeaders()
        try wfile.write("got \(body.count)\n")
    }
    override func logMessage(_ message: String) { if CommandLine.arguments.count > 3 { super.logMessage(message) } }
}

let server = try HTTPServer(host: "127.0.0.1", port: Int(CommandLine.arguments[1])!, handler: Hello.self)
server.configuration.directory = CommandLine.arguments[2]
print("port \(server.serverPort)")
try server.serveForever()
