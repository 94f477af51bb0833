// A server whose handler echoes, and misbehaves when asked to: EndToEndTests starts it and reads what the log says.
internal import BaseHTTPServer
internal import Logging
internal import PreforkHTTPServer

/// What a handler may throw.
struct Mishap: Error {}

/// `/trap` ends the worker by a trap, `/throw` throws before and `/late` behind the answer's first bytes; any other
/// path is answered. `/port` tells the client's port, by which connections are told apart. A body is answered with
/// itself, a posted one by its length and a put one as it comes, unless an expectation came with it to `/refuse`.
/// Any other method but CONNECT is answered as GET is.
final class MisbehavingHandler: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func do_GET() throws {
        switch path {
        case "/trap": trap(path.utf8.count)
        case "/throw": throw Mishap()
        case "/port":
            try sendResponse(.ok)
            try endHeaders()
            try wfile.write("\(clientAddress.port)")
        case "/late":
            try sendResponse(.ok)
            try sendHeader("Content-Length", "1000")
            try endHeaders()
            try wfile.write("half")
            try wfile.flush()
            throw Mishap()
        default:
            try sendResponse(.ok)
            try endHeaders()
            try wfile.write("well")
        }
    }

    override func do_POST() throws {
        if path == "/trap" { trap(path.utf8.count) }
        try sendResponse(.ok)
        try sendHeader("Content-Length", "\(rfile.remaining)")
        try endHeaders()
        try echo()
    }

    override func do_PUT() throws {
        try sendResponse(.ok)
        try endHeaders()
        try echo()
    }

    override func perform(_ command: String) throws {
        if ["GET", "POST", "PUT", "CONNECT"].contains(command) { try super.perform(command) } else { try do_GET() }
    }

    private func echo() throws {
        while rfile.remaining > 0 { try wfile.write(rfile.read(65_536)) }
    }

    override func handleExpect100() throws -> Bool {
        guard path.hasPrefix("/refuse") else { return try super.handleExpect100() }
        try sendError(417)
        return false
    }

    /// An index out of range, as a bug would have it.
    private func trap(_ index: Int) {
        let nothing: [Int] = []
        logMessage("never said: \(nothing[index])")
    }
}

@main
enum HandlerFixture {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let workers = Int(arguments[2]) else {
            fatalError("usage: handler-fixture DATABASE WORKERS")
        }
        var configuration = PreforkConfiguration(port: 0, workers: workers)
        configuration.accessLog = arguments[1]
        configuration.workerDidStart = { _ in StartFault.strike() }
        configuration.logRingBytes = 65_536
        configuration.didStart = { started in
            // Standard output is a pipe: what `print` says would stay in this process.
            configuration.logger.notice("serving \(StartedServer.url(started.addresses[0]))")
        }
        try PreforkHTTPServer(configuration, handler: MisbehavingHandler.self).run()
    }
}
