// A handler that does whatever a test's path says.
import HTTPTypes
import SystemPackage

@testable import BaseHTTPServer

/// Speaks HTTP/1.1.
class Probe: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    final var observer: Observer? { (server as? ObservedServer)?.observer }

    override func setup() throws { observer?.note("setup") }
    override func finish() { observer?.note("finish") }
    // Into the observer: the tests' own output stays readable.
    override func logMessage(_ message: String) { observer?.note("log: \(message)") }

    /// `/less?5` asks for what `less` does, with 5.
    private var argument: Int { path.split(separator: "?").last.flatMap { Int($0) } ?? 0 }

    override func do_GET() throws {
        switch path.split(separator: "?").first ?? "" {
        case "/none": return
        case "/throw": throw Errno.permissionDenied
        case "/shutdown": server.shutdown()
        case "/drain": server.drain()
        case "/status":
            try sendResponse(HTTPResponse.Status(code: argument))
            try endHeaders()
            return try wfile.write("never to be sent")
        case "/throw-late":
            try start(length: 10)
            try wfile.write("12345")
            try wfile.flush()
            throw Errno.permissionDenied
        case "/more":
            try start(length: 3)
            return try wfile.write("12345")
        case "/less":
            try start(length: 5)
            return try wfile.write("123")
        case "/flush":
            try start(length: 5)
            try wfile.write("12345")
            return try wfile.flush()
        case "/stream":
            try sendResponse(200)
            try endHeaders()
            for part in ["one ", "two ", "three"] {
                try wfile.write(part)
                try wfile.flush()
            }
            return
        case "/big":
            try sendResponse(200)
            try endHeaders()
            return try writeBig(argument)
        case "/big-length":
            try start(length: argument)
            return try writeBig(argument)
        case "/twice":
            try sendResponse(200)
            try sendHeader("X-First", "1")
            return try sendError(404, "Not <here>", explain: "a & b")
        case "/head-only":
            try sendResponse(200)
            return
        case "/raw":
            return try wfile.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
        case "/log":
            logMessage("\u{1b}[31m\r\n\u{9b}\\")
            logRequest(70_000)
        default: break
        }
        try sendResponse(.ok)
        try sendHeader("Content-Type", "text/plain")
        try endHeaders()
        try wfile.write("Hello from \(path)\n")
    }

    override func do_HEAD() throws { try do_GET() }

    override func do_POST() throws {
        var bytes: [UInt8] = []
        while true {
            let part = try rfile.read(10_000)
            if part.isEmpty { break }
            bytes += part
        }
        try sendResponse(200)
        try endHeaders()
        try wfile.write(bytes)
    }

    private func start(length: Int) throws {
        try sendResponse(200)
        try sendHeader("Content-Length", String(length))
        try endHeaders()
    }

    private func writeBig(_ count: Int) throws {
        var next = 0
        while next < count {
            let part = min(80_000, count - next)
            try wfile.write(Probe.pattern(next, part))
            next += part
        }
        observer?.note("memory: \(request.output.memoryCount)")
    }

    /// Bytes of a long period, so that what is lost or doubled shows. Copied from a block, because tests run
    /// unoptimised.
    static func pattern(_ start: Int, _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var place = start % period
        while bytes.count < count {
            let part = min(count - bytes.count, period - place)
            bytes += block[place..<place + part]
            place = 0
        }
        return bytes
    }

    private static let period = 65_537
    private static let block = (0..<period).map { UInt8(truncatingIfNeeded: $0 >> 8 ^ $0) }
}

/// As it is without a word about the version: HTTP/1.0.
final class OldProbe: Probe {
    override class var protocolVersion: String { "HTTP/1.0" }
}
