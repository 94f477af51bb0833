// The server: an address, a handler class, and the loop that serves connections with it.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls
internal import SystemPackage

/// Serves HTTP with a handler class, in this process (Python's `HTTPServer`). For workers, a supervisor and the access
/// log in SQLite, see `PreforkHTTPServer`.
///
/// ```swift
/// try HTTPServer(host: "127.0.0.1", port: 8000, handler: Hello.self).serveForever()
/// ```
open class HTTPServer: TCPServer {
    /// Limits and time limits. Set it before the server runs.
    public final var configuration = ServerConfiguration()
    /// Whether requests without a version (HTTP/0.9) are answered. Set it before the server runs.
    public final var allowsHTTP09 = true
    /// The class whose instances handle connections.
    public final let handlerClass: BaseHTTPRequestHandler.Type
    /// The name this server goes by: the host it was given, without any look-up (Python's `server_name`).
    public final let serverName: String
    /// The port (Python's `server_port`).
    public final var serverPort: Int { serverAddress.port }
    /// Stops the server from elsewhere.
    public final let stopper: Stopper

    final var crashHandler: CrashHandler?
    private final var sink: AccessLogSink?
    private final var sharesListeners = false
    private final var loop: EventLoop?
    private final var closedGate: (others: [Listener], gate: CInt)?
    private final var watches: [(CInt, () -> Void)] = []
    private final var versionCache: (ObjectIdentifier, String)?
    private final var phraseCache: (ObjectIdentifier, Int, String)?
    private final var treeCache: FileTree?

    /// Binds and listens. Python's `HTTPServer((host, port), handler)`.
    ///
    /// - Parameters:
    ///   - host: a name or an address, perhaps with a port of its own; empty for all interfaces; `unix:` and a path or
    ///     `@NAME` for a Unix socket.
    ///   - port: 0 picks a free one, see ``serverPort``.
    ///   - handler: the class whose instances handle connections.
    /// - Throws: ``ServerError`` when the address cannot be had.
    public init(host: String, port: Int, handler: BaseHTTPRequestHandler.Type) throws(ServerError) {
        handlerClass = handler
        serverName = try ListenAddress(host, port: port).serverName
        stopper = try Stopper()
        try super.init(host: host, port: port)
    }

    /// A worker's server: on sockets that listen already, with a ring for its log.
    package init(
        listeners: [Listener], name: String, handler: BaseHTTPRequestHandler.Type, sink: AccessLogSink?,
        sharesListeners: Bool
    ) throws(ServerError) {
        handlerClass = handler
        serverName = name
        stopper = try Stopper()
        self.sink = sink
        self.sharesListeners = sharesListeners
        super.init(listeners: listeners)
    }

    /// Accepts and serves connections until ``shutdown()`` or the ``stopper`` ends it. Handlers run in this thread, one
    /// at a time; no client can hold the others up by being slow.
    ///
    /// - Throws: ``ServerError`` when the kernel refuses the means to wait.
    public final func serveForever() throws(ServerError) {
        try run { loop throws(Errno) in
            while !loop.isStopped { try loop.turn() }
        }
    }

    /// Accepts one connection and serves it to its end. When none comes within ``TCPServer/timeout``, calls
    /// ``TCPServer/handleTimeout()``.
    ///
    /// - Throws: ``ServerError`` when the kernel refuses the means to wait.
    public final func handleRequest() throws(ServerError) {
        var served = true
        let limit = timeout
        try run { loop throws(Errno) in
            let deadline = limit.map { loop.nowNs + Deadlines.nanoseconds($0) } ?? .max
            served = try loop.serveOne(deadlineNs: deadline)
        }
        if !served { handleTimeout() }
    }

    final func run(_ body: (EventLoop) throws(Errno) -> Void) throws(ServerError) {
        do throws(Errno) {
            let loop = try EventLoop(
                self, listeners: closedGate?.others ?? listeners, sink: sink, sharesListeners: sharesListeners)
            self.loop = loop
            if let gate = closedGate?.gate { try loop.awaitGate(gate, then: listeners) }
            closedGate = nil
            defer { self.loop = nil }
            try loop.watch(stopper.descriptor) { [unowned loop, stopper] in
                stopper.clear()
                loop.stop()
            }
            for (descriptor, action) in watches { try loop.watch(descriptor, action) }
            try body(loop)
            loop.closeAll()
        } catch {
            throw .system(operation: "wait for events", subject: serverName, cause: "\(error)")
        }
    }

    /// Ends ``serveForever()`` after the present turn. From a handler or a service action; from elsewhere use
    /// ``stopper``.
    public final func shutdown() {
        stopper.stop()
    }

    /// Stops accepting, and ends ``serveForever()`` when the requests in flight are answered.
    public final func drain() {
        loop?.drain()
    }

    /// Requests after which ``requestLimitReached`` is called, once; nil for never.
    package final var requestLimit: Int?
    /// Called between two turns of the loop.
    package final var requestLimitReached: () -> Void = {}

    /// Accepts from other sockets than the server's own until a descriptor is readable. Before the server runs.
    package final func accept(from others: [Listener], until gate: CInt) {
        closedGate = (others, gate)
    }

    /// Has the loop call `action` whenever a descriptor is readable.
    package final func watch(_ descriptor: CInt, _ action: @escaping () -> Void) {
        watches.append((descriptor, action))
    }

    /// Makes the connection's handler and has it set up (Python's `process_request`).
    open override func processRequest(_ request: Connection) throws {
        let handler = try finishRequest(request)
        request.handler = handler
        try handler.setup()
    }

    /// Makes the handler of a connection (Python's `finish_request`). Override it to give a handler what it needs
    /// beyond the server.
    open func finishRequest(_ request: Connection) throws -> BaseHTTPRequestHandler {
        handlerClass.init(request, clientAddress: request.clientAddress, server: self)
    }

    /// Runs when a handler has thrown (Python's `handle_error`). Logs the error; the server goes on.
    open func handleError(_ request: Connection, error: any Error) {
        let message = "exception while handling a request: \(error)"
        if let handler = request.handler { handler.logError(message) } else { LogLine.write("", message) }
    }

    // MARK: For handlers

    /// The shared memory of this worker's tree, if it has any.
    final var ring: LogRingFile? { sink?.ring }

    /// Whether requests become rows of a database.
    final var hasAccessLog: Bool { sink != nil }

    /// The default version text of a handler class.
    final func versionText(of handler: BaseHTTPRequestHandler.Type) -> String {
        let id = ObjectIdentifier(handler)
        if let (known, text) = versionCache, known == id { return text }
        let text = handler.sysVersion.isEmpty ? handler.serverVersion : "\(handler.serverVersion) \(handler.sysVersion)"
        versionCache = (id, text)
        return text
    }

    /// The phrase of a status in a handler class's `responses`; empty for codes that it does not know.
    final func phrase(_ code: Int, of handler: BaseHTTPRequestHandler.Type) -> String {
        let id = ObjectIdentifier(handler)
        if let (known, status, text) = phraseCache, known == id, status == code { return text }
        let text = handler.responses[code]?.phrase ?? ""
        phraseCache = (id, code, text)
        return text
    }

    /// The directory that is served, opened on first use.
    ///
    /// - Throws: ``ServerError/directory(_:reason:)`` when it cannot be.
    final func fileTree() throws(ServerError) -> FileTree {
        if let treeCache { return treeCache }
        let tree = try FileTree(configuration)
        treeCache = tree
        return tree
    }
}
