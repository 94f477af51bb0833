// The listening half of a server, with the override points of Python's socketserver.TCPServer.
internal import LinuxSyscalls

/// Binds, listens and accepts (Python's `TCPServer`). Use ``HTTPServer``, which knows what to do with a connection.
open class TCPServer {
    /// Connections the kernel holds until they are accepted. Python's default of 5 drops connections under load.
    open class var requestQueueSize: Int { 1024 }
    /// Whether a restart may bind while connections of the past linger (SO_REUSEADDR).
    open class var allowReuseAddress: Bool { true }

    /// Seconds that ``HTTPServer/handleRequest()`` waits for a connection; nil for ever.
    public final var timeout: Double?
    /// Where it is bound; the first address when there are several.
    public final let serverAddress: (host: String, port: Int)
    /// Whether the files of Unix sockets go with this server.
    private let ownsSocketFiles: Bool
    package private(set) final var listeners: [Listener]

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - host: a name or an address, perhaps with a port of its own; empty for all interfaces; `unix:` and a path or
    ///     `@NAME` for a Unix socket, which owner and group of this process may connect to.
    ///   - port: 0 picks a free one, see ``serverAddress``.
    /// - Throws: ``ServerError`` when the address cannot be had.
    public init(host: String, port: Int) throws(ServerError) {
        let options = BindingOptions(backlog: Self.requestQueueSize, reuseAddress: Self.allowReuseAddress)
        listeners = try Binding.listen([host], port: port, options)
        serverAddress = Binding.address(of: listeners.first, or: (host, port))
        ownsSocketFiles = true
    }

    /// Takes over sockets that listen already.
    package init(listeners: [Listener]) {
        self.listeners = listeners
        serverAddress = Binding.address(of: listeners.first, or: ("", 0))
        ownsSocketFiles = false
    }

    /// Whether a connection is to be served; false closes it without a byte (Python's `verify_request`).
    open func verifyRequest(_ request: Connection) -> Bool { true }

    /// Takes a new connection up (Python's `process_request`).
    open func processRequest(_ request: Connection) throws {}

    /// Runs once in every turn of the loop (Python's `service_actions`).
    open func serviceActions() {}

    /// Runs when ``HTTPServer/handleRequest()`` has waited in vain (Python's `handle_timeout`).
    open func handleTimeout() {}

    /// Closes the listening sockets (Python's `server_close`), and removes the file of a Unix socket.
    public final func close() {
        if ownsSocketFiles { for listener in listeners { listener.socket.file?.remove() } }
        listeners.removeAll()
    }
}
