// Takes over a listening socket that another process opened, after checking that it is one.
internal import CLinux
internal import Glibc
internal import SystemPackage

/// Why a descriptor that was handed over cannot be listened on.
public enum InheritedSocketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No open file has this number.
    case notOpen
    /// It is a file, a pipe or something else that is no socket.
    case notASocket
    /// A socket, but none of streams: of datagrams, for instance.
    case notAStream
    /// A stream socket that does not listen: one connection of it, for instance.
    case notListening
    /// It listens on neither IPv4 nor IPv6 nor a path.
    case unknownFamily

    /// A few words for people.
    public var description: String {
        switch self {
        case .notOpen: "it is not open"
        case .notASocket: "it is no socket"
        case .notAStream: "it is no stream socket"
        case .notListening: "it does not listen"
        case .unknownFamily: "it is none of IPv4, IPv6 or Unix"
        }
    }
}

extension ListeningSocket {
    /// Takes over the listening stream socket with this number, as under socket activation or at an upgrade. From here
    /// on it does not block and is closed on exec. When this throws, the descriptor is left as it was.
    ///
    /// The corresponding C functions are `fstat`, `getsockopt` and `fcntl`.
    public init(adopting number: CInt) throws(InheritedSocketError) {
        guard let status = try? File.status(of: number) else { throw .notOpen }
        guard status.kind == .socket else { throw .notASocket }
        guard SocketOption.value(number, SOL_SOCKET, SO_TYPE) == CInt(SOCK_STREAM.rawValue) else { throw .notAStream }
        guard SocketOption.value(number, SOL_SOCKET, SO_ACCEPTCONN) == 1 else { throw .notListening }
        let family = SocketOption.value(number, SOL_SOCKET, SO_DOMAIN)
        guard family == AF_INET || family == AF_INET6 || family == AF_UNIX else { throw .unknownFamily }
        // Neither can fail on an open descriptor.
        try? DescriptorIO.setNonBlocking(number, true)
        try? DescriptorIO.closeOnExec(number)
        // As of a socket of our own: accepted ones inherit it.
        if family != AF_UNIX { try? SocketOption.set(number, CInt(IPPROTO_TCP), TCP_NODELAY, 1) }
        self.init(owning: Descriptor(owning: number))
    }
}
