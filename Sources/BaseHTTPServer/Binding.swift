// Listening with errors that say what to do: on addresses and paths, or on sockets that were handed over.
package import LinuxSyscalls
internal import SystemPackage

/// How listening sockets are made.
package struct BindingOptions: Sendable {
    /// Connections the kernel holds until they are accepted; the kernel's own limit is `net.core.somaxconn`.
    package var backlog: Int
    /// Whether a restart may bind while connections of the past linger (SO_REUSEADDR).
    package var reuseAddress: Bool
    /// Seconds in which the first bytes of a connection come before it is accepted without any; 0 for at once.
    package var deferAcceptSeconds: CInt = 0
    /// Who may connect to Unix sockets.
    package var socketRights = SocketFileRights()

    package init(backlog: Int, reuseAddress: Bool) {
        self.backlog = backlog
        self.reuseAddress = reuseAddress
    }
}

/// Makes listening sockets, or takes them over.
package enum Binding {
    /// A place that was named, looked up.
    private enum Place {
        case everyInterface(port: UInt16)
        case address(SocketAddress)

        var isIPv4: Bool {
            if case .address(let address) = self { address.isIPv4 } else { false }
        }

        var text: String {
            switch self {
            case .everyInterface(let port): "port \(port) of every interface"
            case .address(let address): address.authority
            }
        }

        /// 0 for a port of the kernel's choice, and for a path.
        var port: UInt16 {
            switch self {
            case .everyInterface(let port): port
            case .address(let address): address.port
            }
        }
    }

    /// Listens on all of these, in their order, or on none.
    ///
    /// An IPv6 wildcard takes IPv4 clients as well, unless an IPv4 address with the same port is named beside it.
    ///
    /// - Parameters:
    ///   - hosts: each as ``ListenAddress`` reads it.
    ///   - port: of those without one.
    package static func listen(
        _ hosts: [String], port: Int, _ options: BindingOptions
    ) throws(ServerError) -> [Listener] {
        var places: [Place] = []
        for host in hosts {
            let place = try lookUp(ListenAddress(host, port: port))
            if let other = places.first(where: { overlap($0, place) }) { throw .addressTwice(other.text, place.text) }
            places.append(place)
        }
        let ports = places.filter(\.isIPv4).map(\.port)
        var listeners: [Listener] = []
        do throws(ServerError) {
            for place in places {
                let servesIPv4 = place.port == 0 || !ports.contains(place.port)
                listeners.append(Listener(try open(place, servesIPv4: servesIPv4, options)))
            }
        } catch {
            for listener in listeners { listener.socket.file?.remove() }
            throw error
        }
        return listeners
    }

    private static func lookUp(_ address: ListenAddress) throws(ServerError) -> Place {
        switch address {
        case .unix(let path): return .address(.unix(path))
        case .tcp("", let port): return .everyInterface(port: port)
        case .tcp(let host, let port):
            let addresses: [SocketAddress]
            do throws(NameError) {
                addresses = try SocketAddress.resolve(host: host, port: port)
            } catch {
                throw .unknownHost(host, reason: error.reason)
            }
            // Several addresses with port 0 would get several ports.
            guard let first = addresses.first else { throw .unknownHost(host, reason: "the resolver gave none") }
            return .address(first)
        }
    }

    /// Whether the kernel would refuse the second of the two.
    private static func overlap(_ one: Place, _ other: Place) -> Bool {
        switch (one, other) {
        case (.address(.unix(let path)), .address(.unix(let second))): return path == second
        case (.address(.unix), _), (_, .address(.unix)): return false
        case (.address(let first), .address(let second)):
            guard first.port == second.port, first.port != 0, first.isIPv4 == second.isIPv4 else { return false }
            return first.zonedHost == second.zonedHost || first.isWildcard || second.isWildcard
        case (.everyInterface, _), (_, .everyInterface): return one.port == other.port && one.port != 0
        }
    }

    private static func open(
        _ place: Place, servesIPv4: Bool, _ options: BindingOptions
    ) throws(ServerError) -> ListeningSocket {
        let backlog = CInt(clamping: options.backlog)
        if case .address(.unix(let path)) = place, path.hasPrefix("/") {
            do throws(SocketFileError) {
                return try ListeningSocket(path: path, backlog: backlog, rights: options.socketRights)
            } catch {
                throw ServerError(error, path)
            }
        }
        func open(_ address: SocketAddress) throws(Errno) -> ListeningSocket {
            try ListeningSocket(
                address, backlog: backlog, reuseAddress: options.reuseAddress, servesIPv4: servesIPv4,
                deferAcceptSeconds: options.deferAcceptSeconds)
        }
        do throws(Errno) {
            switch place {
            case .address(let address): return try open(address)
            case .everyInterface(let port):
                do throws(Errno) {
                    return try open(.ipv6(high: 0, low: 0, port: port, scope: 0))
                } catch {
                    // A kernel without IPv6.
                    guard error == .addressFamilyNotSupported else { throw error }
                    return try open(.ipv4(0, port: port))
                }
            }
        } catch {
            switch error {
            case .addressInUse: throw .addressInUse(place.text)
            case .permissionDenied: throw .addressNotPermitted(place.text)
            case .addressNotAvailable: throw .addressNotAvailable(place.text)
            case .fileNameTooLong: throw .socketFile(place.text, reason: "a name has at most 106 bytes")
            default: throw .system(operation: "listen", subject: place.text, cause: "\(error)")
            }
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

    /// Host and port of a listener; `unix:` with its path, and 0.
    package static func address(of listener: Listener?, or wanted: (String, Int)) -> (host: String, port: Int) {
        guard let address = try? listener?.socket.localAddress() else { return wanted }
        return (address.zonedHost, Int(address.port))
    }
}

extension SocketAddress {
    fileprivate var isIPv4: Bool {
        if case .ipv4 = self { true } else { false }
    }

    fileprivate var isWildcard: Bool {
        switch self {
        case .ipv4(let address, _): address == 0
        case .ipv6(let high, let low, _, _): high == 0 && low == 0
        case .unix: false
        }
    }
}

extension ServerError {
    fileprivate init(_ error: SocketFileError, _ path: String) {
        let reason: String
        switch error {
        case .inUse:
            self = .addressInUse("unix:\(path)")
            return
        case .notASocket: reason = "what lies there is no socket; move it away or choose another path"
        case .tooLong: reason = "a path has at most \(SocketFile.pathLimit) bytes; choose a shorter one"
        case .system("bind", .noSuchFileOrDirectory): reason = "there is no such directory; make it"
        case .system("bind", .permissionDenied): reason = "no permission to make a file there; choose another directory"
        case .system("set owner and permissions of", .notPermitted):
            reason = "only root may give it to another user, or to a group that this user is not in; name another"
        case .system(let step, let cause): reason = "cannot \(step) it: \(cause)"
        }
        self = .socketFile("unix:\(path)", reason: reason)
    }
}
