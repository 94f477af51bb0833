// The listening half of a server, with the override points of Python's socketserver.TCPServer.
internal import LinuxSyscalls
internal import SystemPackage

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
    package private(set) final var listeners: [Listener]

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - host: a name or an address; empty for all interfaces.
    ///   - port: 0 picks a free one, see ``serverAddress``.
    /// - Throws: ``ServerError`` when the address cannot be had.
    public init(host: String, port: Int) throws(ServerError) {
        listeners = try Binding.listen(
            host: host, port: port, backlog: Self.requestQueueSize, reuseAddress: Self.allowReuseAddress)
        serverAddress = Binding.address(of: listeners, or: (host, port))
    }

    /// Takes over sockets that listen already.
    package init(listeners: [Listener]) {
        self.listeners = listeners
        serverAddress = Binding.address(of: listeners, or: ("", 0))
    }

    /// Whether a connection is to be served; false closes it without a byte (Python's `verify_request`).
    open func verifyRequest(_ request: Connection) -> Bool { true }

    /// Takes a new connection up (Python's `process_request`).
    open func processRequest(_ request: Connection) throws {}

    /// Runs once in every turn of the loop (Python's `service_actions`).
    open func serviceActions() {}

    /// Runs when ``HTTPServer/handleRequest()`` has waited in vain (Python's `handle_timeout`).
    open func handleTimeout() {}

    /// Closes the listening sockets (Python's `server_close`).
    public final func close() {
        listeners.removeAll()
    }
}

/// Binding with errors that say what to do.
package enum Binding {
    package static func listen(
        host: String, port: Int, backlog: Int, reuseAddress: Bool, deferAcceptSeconds: CInt = 0
    ) throws(ServerError) -> [Listener] {
        guard let number = UInt16(exactly: port) else {
            throw .system(operation: "listen", subject: "port \(port)", cause: "a port is a number from 0 to 65535")
        }
        let addresses: [SocketAddress]
        do {
            addresses = try SocketAddress.resolve(host: host, port: number)
        } catch {
            throw .unknownHost(host, reason: error.reason)
        }
        // Several addresses with port 0 would get several ports; and an IPv6 wildcard takes IPv4 clients as well.
        guard let address = addresses.first(where: { $0.host == "::" }) ?? addresses.first else {
            throw .unknownHost(host, reason: "the resolver gave none")
        }
        do {
            return [
                Listener(
                    try ListeningSocket(
                        address, backlog: CInt(clamping: backlog), reuseAddress: reuseAddress,
                        deferAcceptSeconds: deferAcceptSeconds))
            ]
        } catch Errno.addressInUse {
            throw .addressInUse(address.authority)
        } catch Errno.permissionDenied {
            throw .addressNotPermitted(address.authority)
        } catch Errno.addressNotAvailable {
            throw .addressNotAvailable(address.authority)
        } catch {
            throw .system(operation: "listen", subject: address.authority, cause: "\(error)")
        }
    }

    /// Takes over sockets that listen already, by their numbers.
    ///
    /// - Parameter names: what to call each in an error; fewer names than numbers are completed with none.
    package static func adopt(_ numbers: [CInt], names: [String] = []) throws(ServerError) -> [Listener] {
        var listeners: [Listener] = []
        for (index, number) in numbers.enumerated() {
            do throws(InheritedSocketError) {
                listeners.append(Listener(try ListeningSocket(adopting: number)))
            } catch {
                let name = index < names.count && !names[index].isEmpty ? " (\(names[index]))" : ""
                throw .inheritedSocket("inherited descriptor \(number)\(name)", reason: error.description)
            }
        }
        return listeners
    }

    /// The sockets that a service manager opened for this process; nil when there are none.
    package static func activated() throws(ServerError) -> [Listener]? {
        let activation: SocketActivation?
        do throws(SocketActivationError) {
            activation = try SocketActivation.take()
        } catch {
            throw .inheritedSocket("inherited sockets", reason: error.description)
        }
        guard let activation else { return nil }
        return try adopt(activation.numbers, names: activation.names)
    }

    package static func address(of listeners: [Listener], or wanted: (String, Int)) -> (host: String, port: Int) {
        guard let address = try? listeners.first?.socket.localAddress() else { return wanted }
        return (address.host, Int(address.port))
    }
}
