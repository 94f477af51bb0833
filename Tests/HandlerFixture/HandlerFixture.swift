// A server whose handler echoes, and misbehaves when asked to: EndToEndTests starts it and reads what the log says.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import Logging
internal import PreforkHTTPServer
internal import Synchronization
internal import SystemPackage

/// Memory that is never given back.
enum Hoard {
    static let memory = Mutex<[UInt8]>([])
}

/// What a handler may throw.
struct Mishap: Error {}

/// `/throw` throws before and `/late` behind the answer's first bytes, `/trap` and the paths of ``Trap`` crash the
/// worker and `/kill` kills it, those of ``Delay`` take their time, `/large` gives 5 MB, `/grow` takes 64 MiB of memory
/// for good, `/attempt/…` tells what came of an ``Attempt``; any other path is answered. `/port` tells the client's
/// port, by which connections are told apart. A body is answered with itself, a posted one by its length and a put one
/// as it comes, unless an expectation came with it to `/refuse`. Any other method but CONNECT is answered as GET is.
final class MisbehavingHandler: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func do_GET() throws {
        switch path {
        case "/trap": Trap.index.spring()
        case "/kill": try Signal.kill.raise()
        case "/throw": throw Mishap()
        case "/grow":
            Hoard.memory.withLock { $0 += [UInt8](repeating: 1, count: 64 << 20) }
            try sendResponse(.ok)
            try endHeaders()
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
        case let path where path.hasPrefix("/attempt/"):
            try sendResponse(.ok)
            try endHeaders()
            try wfile.write(Attempt.outcome(of: String(path.dropFirst(9))))
        case "/large":
            try sendResponse(.ok)
            try endHeaders()
            for _ in 0..<200_000 { try wfile.write("more than a socket takes\n") }
        case _ where path.hasPrefix("/trap/"):
            if path.hasSuffix("?late") { try sendPart() }
            Trap(path: path)?.spring()
            throw Mishap()
        case _ where path.hasPrefix("/delay/"):
            if path.hasSuffix("?late") { try sendPart() }
            try Delay(path: path)?.run(self)
            try sendWell()
        default: try sendWell()
        }
    }

    private func sendWell() throws {
        try sendResponse(.ok)
        try endHeaders()
        try wfile.write("well")
    }

    /// The beginning of an answer leaves.
    private func sendPart() throws {
        try sendResponse(.ok)
        try sendHeader("Content-Length", "1000")
        try endHeaders()
        try wfile.write("half")
        try wfile.flush()
    }

    override func do_POST() throws {
        if path == "/trap" { Trap.index.spring() }
        if path == "/kill" { try Signal.kill.raise() }
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
}

/// Run as `handler-fixture DATABASE|none [KEY=VALUE]...`: `port`, `workers`, `max-requests`, `max-memory` in bytes,
/// `poison-deaths`, `request-timeout` in seconds, `traps=setup` for one in the handler's setup(), and `broken`, the
/// file of a ``StartFault``.
@main
enum HandlerFixture {
    static func main() throws {
        guard CommandLine.arguments.count > 1 else { fatalError("usage: handler-fixture DATABASE|none [KEY=VALUE]...") }
        var values: [String: String] = [:]
        for argument in CommandLine.arguments.dropFirst(2) {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            values[parts[0]] = parts.last
        }
        func number(_ key: String) -> Int? { values[key].flatMap { Int($0) } }
        var configuration = PreforkConfiguration(port: number("port") ?? 0, workers: number("workers") ?? 1)
        configuration.accessLog = CommandLine.arguments[1] == "none" ? nil : CommandLine.arguments[1]
        configuration.logRingBytes = 65_536
        configuration.supervision.poisonDeaths = number("poison-deaths") ?? configuration.supervision.poisonDeaths
        configuration.supervision.maximumRequests = number("max-requests")
        configuration.supervision.maximumMemoryBytes = number("max-memory").map { Int64($0) }
        if let seconds = values["request-timeout"].flatMap({ Double($0) }) {
            configuration.server.requestTimeoutSeconds = seconds
        }
        configuration.workerDidStart = { _ in
            if let file = values["broken"] { StartFault.strike(FilePath(file)) }
        }
        Attempt.confine(&configuration)
        configuration.didStart = { started in
            // Standard output is a pipe: what `print` says would stay in this process.
            configuration.logger.notice("serving \(StartedServer.url(started.addresses[0]))")
        }
        let trapsInSetup = values["traps"] == "setup"
        let handler = trapsInSetup ? TrapInSetup.self : MisbehavingHandler.self as BaseHTTPRequestHandler.Type
        try PreforkHTTPServer(configuration, handler: handler).run()
    }
}

/// Traps before there is a request.
final class TrapInSetup: BaseHTTPRequestHandler {
    override func setup() throws { Trap.empty.spring() }
}
