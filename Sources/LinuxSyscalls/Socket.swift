// Stream sockets, never blocking: listen, accept, receive, send, send a file, shut down.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A socket that accepts connections.
public struct ListeningSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor
    /// The file that it is found by, if this process is to remove it at its end.
    public let file: SocketFile?

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - address: where; port 0 picks a free one, see ``localAddress()``.
    ///   - backlog: connections the kernel holds until they are accepted.
    ///   - servesIPv4: whether an IPv6 wildcard takes IPv4 clients as well (IPV6_V6ONLY off).
    ///   - reuseAddress: SO_REUSEADDR, so that a restart need not wait for connections of the past.
    ///   - deferAcceptSeconds: TCP_DEFER_ACCEPT: wake the acceptor when the first bytes are there; 0 for at once.
    ///
    /// The corresponding C functions are `socket`, `bind` and `listen`.
    ///
    /// - Throws: ENAMETOOLONG for a path over 107 bytes, else what the kernel says.
    public init(
        _ address: SocketAddress, backlog: CInt, reuseAddress: Bool = true, servesIPv4: Bool = true,
        deferAcceptSeconds: CInt = 0
    ) throws(Errno) {
        guard address.fits else { throw Errno.fileNameTooLong }
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(owning: try checked { Glibc.socket(address.family, kind, 0) })
        let raw = socket.rawValue
        if address.family == AF_INET6 {
            // Said in both cases: the default is a setting of the machine.
            try SocketOption.set(raw, CInt(IPPROTO_IPV6), IPV6_V6ONLY, servesIPv4 ? 0 : 1)
        }
        if reuseAddress { try SocketOption.set(raw, SOL_SOCKET, SO_REUSEADDR, 1) }
        _ = try checked { unsafe address.withSocketAddress { unsafe bind(raw, $0, $1) } }
        if deferAcceptSeconds > 0, address.family != AF_UNIX {
            try SocketOption.set(raw, CInt(IPPROTO_TCP), TCP_DEFER_ACCEPT, deferAcceptSeconds)
        }
        // Accepted sockets inherit it on Linux, so none needs a call of its own.
        if address.family != AF_UNIX { try SocketOption.set(raw, CInt(IPPROTO_TCP), TCP_NODELAY, 1) }
        _ = try checked { listen(raw, backlog) }
        descriptor = socket
        file = nil
    }

    /// Takes over a socket that is known to listen.
    public init(owning descriptor: consuming Descriptor, file: SocketFile? = nil) {
        self.descriptor = descriptor
        self.file = file
    }

    /// The number to wait on and to list for a child.
    public var rawValue: CInt { descriptor.rawValue }

    /// Where it is bound. The corresponding C function is `getsockname`.
    public borrowing func localAddress() throws(Errno) -> SocketAddress {
        let address = try SocketAddress(boundTo: descriptor.rawValue)
        if case .unix(let name) = address { return .unix(SocketFile.path(ofBound: name)) }
        return address
    }

    /// Lets nobody new in, while whoever is in the queue or has begun to connect still gets through.
    ///
    /// It concerns every process that holds the socket. The kernel drops the first segment of new clients without a
    /// word, so they try again after a second, and may meet a successor then. Only for the last holder: it cannot be
    /// undone here. The C function is `setsockopt(SO_ATTACH_FILTER)`.
    public borrowing func refuseConnections() throws(Errno) {
        let listener = descriptor.rawValue
        _ = try checked { clinux_refuse_connections(listener) }
    }

    /// Whether some holder called ``refuseConnections()``. The corresponding C function is `getsockopt(SO_GET_FILTER)`.
    public var refusesConnections: Bool {
        clinux_refuses_connections(descriptor.rawValue) == 1
    }

    /// Takes one waiting connection; nil when none waits. The new socket does not block and is closed on exec. The C
    /// function is `accept4`.
    public borrowing func accept() throws(Errno) -> Socket? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let listener = descriptor.rawValue
        do {
            return try unsafe withUnsafeMutableBytes(of: &storage) { bytes throws(Errno) in
                let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                let raw = try checked { unsafe clinux_accept(listener, address, &length) }
                // A Unix client may have bound itself to any name, such as another's address: no name is told.
                let family = unsafe CInt(address.pointee.sa_family)
                let peer = family == AF_UNIX ? nil : unsafe SocketAddress(address, length: length)
                return Socket(owning: raw, peer: peer ?? .unix(""))
            }
        } catch Errno.wouldBlock, Errno.connectionAbort {
            return nil
        }
    }
}

/// A connected stream socket.
public struct Socket: ~Copyable, Sendable {
    private let descriptor: Descriptor
    /// Who is at the other end.
    public let peer: SocketAddress

    init(owning rawValue: CInt, peer: SocketAddress) {
        descriptor = Descriptor(owning: rawValue)
        self.peer = peer
    }

    /// Takes over one of a pair of sockets, which have no names.
    public init(ofPair descriptor: consuming Descriptor) {
        self.descriptor = descriptor
        peer = .unix("")
    }

    /// Connects, waiting until it is done; the socket stays blocking. The C functions are `socket` and `connect`.
    public init(connectingTo address: SocketAddress) throws(Errno) {
        guard address.fits else { throw Errno.fileNameTooLong }
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(owning: try checked { Glibc.socket(address.family, kind, 0) })
        let raw = socket.rawValue
        _ = try checked { unsafe address.withSocketAddress { unsafe connect(raw, $0, $1) } }
        descriptor = socket
        peer = address
    }

    /// The number to wait on.
    public var rawValue: CInt { descriptor.rawValue }

    /// This end's address. The corresponding C function is `getsockname`.
    public borrowing func localAddress() throws(Errno) -> SocketAddress {
        try SocketAddress(boundTo: descriptor.rawValue)
    }

    /// Whether bytes have come that nobody has received. The corresponding C function is `ioctl(FIONREAD)`.
    public var hasInput: Bool {
        var count: CInt = 0
        return unsafe clinux_pending_bytes(descriptor.rawValue, &count) == 0 && count > 0
    }

    /// Receives up to `limit` bytes behind the content of a buffer. The corresponding C function is `recv`.
    public borrowing func receive(into buffer: ByteBuffer, atMost limit: Int) -> Transfer {
        let raw = descriptor.rawValue
        return unsafe buffer.fill(atMost: limit) { place, room in
            transferred { unsafe recv(raw, place, room, 0) }
        }
    }

    /// Sends what the kernel takes of the bytes.
    ///
    /// - Parameter more: MSG_MORE: another send follows at once, so a last short segment waits for it.
    ///
    /// The corresponding C function is `send`; SIGPIPE is never raised.
    public borrowing func send(_ bytes: RawSpan, more: Bool = false) -> Transfer {
        let raw = descriptor.rawValue
        let flags = CInt(MSG_NOSIGNAL) | (more ? CInt(MSG_MORE) : 0)
        return transferred {
            unsafe bytes.withUnsafeBytes { unsafe Glibc.send(raw, $0.baseAddress, $0.count, flags) }
        }
    }

    /// Sends part of a file without copying it through this process. The corresponding C function is `sendfile`.
    public borrowing func send(file: CInt, at offset: Int64, count: Int) -> Transfer {
        let raw = descriptor.rawValue
        var place = off_t(offset)
        return transferred { unsafe sendfile(raw, file, &place, count) }
    }

    /// Tells the peer that nothing more comes. The corresponding C function is `shutdown(SHUT_WR)`.
    public borrowing func shutdownWrite() {
        _ = shutdown(descriptor.rawValue, CInt(SHUT_WR))
    }

    /// Waits until the kernel takes bytes again; false when `timeoutMs` milliseconds pass first. The C function is
    /// `poll`.
    public borrowing func waitWritable(timeoutMs: CInt) throws(Errno) -> Bool {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        return try checked { unsafe poll(&entry, 1, timeoutMs) } > 0
    }

    /// Sends small segments at once (TCP_NODELAY); nothing on a socket that is not TCP. The C function is `setsockopt`.
    public borrowing func disableNagle() {
        try? SocketOption.set(descriptor.rawValue, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// Has `close` reset the connection instead of delivering what is left (SO_LINGER 0). The C function is
    /// `setsockopt`.
    public borrowing func resetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }
}

extension SocketAddress {
    /// The address that a socket has at this end.
    init(boundTo socket: CInt) throws(Errno) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        self = try unsafe withUnsafeMutableBytes(of: &storage) { bytes throws(Errno) in
            let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            _ = try checked { unsafe getsockname(socket, address, &length) }
            guard let result = unsafe SocketAddress(address, length: length) else {
                throw Errno.addressFamilyNotSupported
            }
            return result
        }
    }
}

/// Integer options of sockets.
enum SocketOption {
    static func get(_ socket: CInt, _ level: CInt, _ option: CInt) throws(Errno) -> CInt {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        _ = try checked { unsafe getsockopt(socket, level, option, &value, &length) }
        return value
    }

    static func set(_ socket: CInt, _ level: CInt, _ option: CInt, _ value: CInt) throws(Errno) {
        var value = value
        _ = try checked { unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) }
    }

    /// Its value; nil when the kernel does not tell.
    static func value(_ socket: CInt, _ level: CInt, _ option: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        let result = unsafe getsockopt(socket, level, option, &value, &length)
        return result == 0 ? value : nil
    }
}

extension Errno {
    /// Whether accepting must pause because descriptors or memory ran out: EMFILE, ENFILE, ENOBUFS, ENOMEM.
    public var isResourceShortage: Bool {
        [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory].contains(self)
    }
}
