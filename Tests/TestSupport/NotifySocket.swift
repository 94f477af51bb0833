// A service manager's end of NOTIFY_SOCKET: collects what servers tell it.
internal import Foundation
internal import LinuxSyscalls

/// A datagram socket at a path, or of an abstract name that begins with `@`.
public final class NotifySocket {
    private let socket: Descriptor
    /// The assignments that came so far, in order.
    public private(set) var lines: [String] = []

    /// Binds it.
    public init(_ name: String) throws {
        socket = Descriptor(owning: Foundation.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(name.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in path.enumerated() { unsafe place[index] = byte }
            if name.hasPrefix("@") { unsafe place[0] = 0 }
        }
        let length = socklen_t(2 + path.count + (name.hasPrefix("@") ? 0 : 1))
        let number = socket.rawValue
        let isBound = unsafe withUnsafeBytes(of: &address) {
            unsafe bind(number, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length) == 0
        }
        guard isBound else { throw TestFailure("\(name) cannot be bound") }
        try DescriptorIO.setNonBlocking(number, true)
    }

    /// Waits until a line has come behind those that an earlier call has waited for, and answers it.
    public func wait(for beginning: String, timeoutMs: Int = patienceMs) throws -> String {
        let came = eventually(timeoutMs: timeoutMs) {
            receive()
            return lines[seen...].contains { $0.hasPrefix(beginning) }
        }
        guard came, let index = lines[seen...].firstIndex(where: { $0.hasPrefix(beginning) }) else {
            throw TestFailure("no \(beginning) in \(lines[seen...])")
        }
        seen = index + 1
        return lines[index]
    }

    /// Waits for none of what has come so far.
    public func skip() {
        receive()
        seen = lines.count
    }

    private var seen = 0

    private func receive() {
        // A datagram comes whole in one read.
        while let bytes = try? DescriptorIO.read(from: socket.rawValue, atMost: 65_536) {
            lines += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }
}
