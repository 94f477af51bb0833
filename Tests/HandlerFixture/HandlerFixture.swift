// A server whose handler misbehaves when asked to: EndToEndTests starts it and reads what the log says of it.
internal import BaseHTTPServer
internal import Logging
internal import PreforkHTTPServer

/// What a handler may throw.
struct Mishap: Error {}

/// `/trap` ends the worker by a trap, `/throw` throws before and `/late` behind the answer's first bytes; any other
/// path is answered, whatever the method, but for CONNECT.
final class MisbehavingHandler: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func do_GET() throws {
        switch path {
        case "/trap": trap(path.utf8.count)
        case "/throw": throw Mishap()
        case "/late":
            try sendResponse(.ok)
            try sendHeader("Content-Length", "1000")
            try endHeaders()
            try wfile.write("half")
            try wfile.flush()
            throw Mishap()
        default: try answerWell()
        }
    }

    override func perform(_ command: String) throws {
        if command == "GET" || command == "CONNECT" { try super.perform(command) } else { try answerWell() }
    }

    private func answerWell() throws {
        try sendResponse(.ok)
        try endHeaders()
        try wfile.write("well")
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
        guard CommandLine.arguments.count == 2 else { fatalError("usage: handler-fixture DATABASE") }
        var configuration = PreforkConfiguration(port: 0, workers: 1)
        configuration.accessLog = CommandLine.arguments[1]
        configuration.logRingBytes = 65_536
        configuration.didStart = { started in
            // Standard output is a pipe: what `print` says would stay in this process.
            configuration.logger.notice("serving \(StartedServer.url(started.addresses[0]))")
        }
        try PreforkHTTPServer(configuration, handler: MisbehavingHandler.self).run()
    }
}
