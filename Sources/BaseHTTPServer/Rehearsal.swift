// Has the run-time library make in the master what each worker would make for itself.
internal import LinuxSyscalls
internal import SystemPackage

/// Requests that the master makes and serves itself, before it forks.
///
/// The run-time library makes a generic type at its first use, and searches the conformances of the whole program for
/// it; a table is filled and a function of the C library found when it is first wanted: half a millisecond for a start
/// and the first request behind it. What the process that forks has made, its children find made.
package enum Rehearsal {
    /// Serves an error, and a file that the kernel makes. Starts no thread and leaves nothing open.
    package static func run() {
        CrashHandler.prepare()
        FileTree.rehearse()
        _ = MediaTypes.table
        // A worker makes what is missing, so nothing is lost when the kernel refuses.
        try? serve("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", QuietHandler.self)
        try? serve("GET /comm HTTP/1.1\r\nHost: localhost\r\n\r\n", QuietFileHandler.self)
    }

    private static func serve(_ request: String, _ handler: BaseHTTPRequestHandler.Type) throws {
        let ends = try DescriptorIO.makeSocketPair()
        try DescriptorIO.writeAll(request, to: ends.write.rawValue)
        let signals = try EventDescriptor()
        let server = try HTTPServer(
            listeners: [], name: "", handler: handler, sink: nil, sharesListeners: false)
        server.configuration.directory = "/proc/self"
        server.configuration.guardedPath = "/proc/self/stat"
        server.watch(signals.rawValue) {}
        _ = server.errorAnswer(500, hasID: true)
        // The other end is closed with this: the answer goes nowhere.
        var socket: Socket? = .some(Socket(ofPair: ends.keepRead()))
        try server.run { loop throws(Errno) in
            if let socket = socket.take() { loop.admit(socket) }
            try loop.turn(timeoutMs: 0)
        }
    }
}

/// Says no line of the request.
private final class QuietHandler: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func do_GET() throws {
        try sendError(404)
    }

    override func logMessage(_ message: String) {}
}

/// The same for a file.
private final class QuietFileHandler: SimpleHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }

    override func logMessage(_ message: String) {}
}
