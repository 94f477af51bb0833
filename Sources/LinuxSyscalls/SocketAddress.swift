// Where a socket is bound or who is at its other end.
internal import CLinux
internal import Glibc
internal import SystemPackage

/// An address of a stream socket.
public enum SocketAddress: Hashable, Sendable {
    /// An IPv4 address in host order and a port.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address as two halves in host order, a port and a scope (interface number, 0 for none).
    case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)
    /// A path in the file system, or `@` and an abstract name (unix(7)); empty for a client.
    case unix(String)

    /// The address without its port, as it is written in a log: `127.0.0.1`, `::1`, or `unix:` and a path. No Unix
    /// client can be taken for one that has an address.
    public var host: String {
        switch self {
        case .ipv4(let address, _):
            return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
        case .ipv6(let high, let low, _, _):
            // An IPv4 client of a dual-stack listener is written as what it is.
            if high == 0, low >> 32 == 0xffff {
                return SocketAddress.ipv4(UInt32(truncatingIfNeeded: low), port: 0).host
            }
            var bytes = (high.bigEndian, low.bigEndian)
            return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
                unsafe inet_ntop(AF_INET6, &bytes, text.baseAddress!, 64)
                return unsafe String(cString: text.baseAddress!)
            }
        case .unix(let path):
            return "unix:\(path)"
        }
    }

    /// As ``host``, with the interface of a link-local address, without which nobody can connect to it: `fe80::1%eth0`.
    public var zonedHost: String {
        guard case .ipv6(_, _, _, let scope) = self, scope != 0 else { return host }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
            guard unsafe if_indextoname(scope, name.baseAddress!) != nil else { return "\(host)%\(scope)" }
            return unsafe "\(host)%\(String(cString: name.baseAddress!))"
        }
    }

    /// The port; 0 for a path.
    public var port: UInt16 {
        switch self {
        case .ipv4(_, let port): port
        case .ipv6(_, _, let port, _): port
        case .unix: 0
        }
    }

    /// Host and port as in a URL's authority: `[::1]:8000`.
    public var authority: String {
        switch self {
        case .ipv4: "\(host):\(port)"
        // An IPv4 client of a dual-stack listener has a host without colons.
        case .ipv6: host.contains(":") ? "[\(zonedHost)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// All addresses of a name or a number, for listening when the name is empty. The C function is `getaddrinfo`.
    ///
    /// - Throws: ``NameError`` when the name has no address.
    public static func resolve(host: String, port: UInt16) throws(NameError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        guard code == 0 else { throw NameError(host: host, reason: unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let raw = unsafe entry.pointee.ai_addr,
                let address = unsafe SocketAddress(raw, length: entry.pointee.ai_addrlen),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    /// Whether the kernel can hold the address: a path has at most 107 bytes.
    var fits: Bool {
        if case .unix(let path) = self { path.utf8.count <= 107 } else { true }
    }

    var family: CInt {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    init?(_ raw: UnsafePointer<sockaddr>, length: socklen_t) {
        let bytes = unsafe UnsafeRawPointer(raw)
        switch unsafe CInt(raw.pointee.sa_family) {
        case AF_INET:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
            self = .ipv4(UInt32(bigEndian: value.sin_addr.s_addr), port: UInt16(bigEndian: value.sin_port))
        case AF_INET6:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
            let halves = unsafe withUnsafeBytes(of: value.sin6_addr) {
                unsafe $0.loadUnaligned(as: (UInt64, UInt64).self)
            }
            self = .ipv6(
                high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1),
                port: UInt16(bigEndian: value.sin6_port), scope: value.sin6_scope_id)
        case AF_UNIX:
            let room = max(0, Int(length) - 2)
            let name = unsafe UnsafeRawBufferPointer(start: bytes + 2, count: room)
            if room > 1, unsafe name[0] == 0 {
                self = .unix("@" + (unsafe String(decoding: name.dropFirst(), as: UTF8.self)))
            } else {
                self = .unix(unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
            }
        default:
            return nil
        }
    }

    /// Calls `body` with the kernel's form of the address. A path that does not fit is cut: check ``fits`` first.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            var length = MemoryLayout<sockaddr_in6>.size
            switch self {
            case .ipv4(let address, let port):
                var value = sockaddr_in()
                value.sin_family = sa_family_t(AF_INET)
                value.sin_port = port.bigEndian
                value.sin_addr.s_addr = address.bigEndian
                unsafe bytes.storeBytes(of: value, as: sockaddr_in.self)
                length = MemoryLayout<sockaddr_in>.size
            case .ipv6(let high, let low, let port, let scope):
                var value = sockaddr_in6()
                value.sin6_family = sa_family_t(AF_INET6)
                value.sin6_port = port.bigEndian
                value.sin6_scope_id = scope
                unsafe withUnsafeMutableBytes(of: &value.sin6_addr) {
                    unsafe $0.storeBytes(of: (high.bigEndian, low.bigEndian), as: (UInt64, UInt64).self)
                }
                unsafe bytes.storeBytes(of: value, as: sockaddr_in6.self)
            case .unix(let path):
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                let text = path.utf8.prefix(107)
                for (index, byte) in text.enumerated() { unsafe bytes[2 + index] = byte }
                if text.first == UInt8(ascii: "@") {
                    // An abstract name begins with NUL and ends with the length.
                    unsafe bytes[2] = 0
                    length = 2 + text.count
                } else {
                    length = 2 + text.count + 1
                }
            }
            return unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
        }
    }
}

/// A host name without an address.
public struct NameError: Error, Equatable, Sendable {
    /// The name.
    public let host: String
    /// What the resolver said.
    public let reason: String
}
