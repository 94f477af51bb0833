// The benchmark's handler: 13 bytes at /hello, files elsewhere. Usage: bench-hello PORT DIRECTORY WORKERS DATABASE|none
internal import BaseHTTPServer
internal import PreforkHTTPServer

final class Hello: SimpleHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override class var sendsFieldsAtOnce: Bool { true }

    override func do_GET() throws {
        if path != "/hello" { return try super.do_GET() }
        try sendResponse(.ok)
        try sendHeader("Content-Type", "text/plain")
        try endHeaders()
        try wfile.write("Hello, World!")
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let port = Int(arguments[1]), let workers = Int(arguments[3]) else {
    fatalError("usage: bench-hello PORT DIRECTORY WORKERS DATABASE|none")
}
var configuration = PreforkConfiguration(port: port, workers: workers)
configuration.server.directory = arguments[2]
configuration.server.connectionLimit = 8192
configuration.accessLog = arguments[4] == "none" ? nil : arguments[4]
configuration.name = "bench-hello"
configuration.didStart = { started in print("serving \(StartedServer.url(started.addresses[0]))") }
try PreforkHTTPServer(configuration, handler: Hello.self).run()
