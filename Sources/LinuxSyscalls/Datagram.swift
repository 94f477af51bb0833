// One-way messages to a Unix socket, as a service manager takes them.
internal import CLinux
internal import Glibc
public import SystemPackage

/// Datagrams over Unix sockets.
public enum Datagram {
    /// Sends a text to the socket at a path, or of an abstract name when it begins with `@`; never waits. The C
    /// functions are `socket` and `sendto`.
    ///
    /// - Throws: ENAMETOOLONG for a name over 107 bytes, EAGAIN when the receiver is full, else what the kernel says.
    public static func send(_ text: String, to name: String) throws(Errno) {
        let path = Array(name.utf8)
        guard (1...107).contains(path.count) else { throw Errno.fileNameTooLong }
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(owning: try checked { Glibc.socket(AF_UNIX, kind, 0) })
        let number = socket.rawValue
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in path.enumerated() { unsafe place[index] = byte }
            // The first byte of an abstract name is NUL, and every byte counts: none follows.
            if path[0] == UInt8(ascii: "@") { unsafe place[0] = 0 }
        }
        let isAbstract = path[0] == UInt8(ascii: "@")
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count + (isAbstract ? 0 : 1))
        let bytes = Array(text.utf8)
        _ = try checked {
            unsafe withUnsafeBytes(of: &address) { raw in
                unsafe bytes.withUnsafeBytes { content in
                    unsafe sendto(
                        number, content.baseAddress, content.count, CInt(MSG_NOSIGNAL),
                        raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
                }
            }
        }
    }
}
