// A doorbell between processes: ringing it makes a descriptor readable.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A counter in the kernel that one process raises and another waits for.
public struct EventDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// A doorbell that has not been rung. The corresponding C function is `eventfd`.
    public init() throws(Errno) {
        descriptor = Descriptor(owning: try checked { clinux_eventfd() })
    }

    /// The number to wait on and to list for a child.
    public var rawValue: CInt { descriptor.rawValue }

    /// Makes it readable. Async-signal-safe and safe from any thread. The corresponding C function is `write`.
    public borrowing func signal() {
        EventDescriptor.signal(rawValue)
    }

    /// As ``signal()``, by number, for a holder that must not own it.
    public static func signal(_ descriptor: CInt) {
        var one: UInt64 = 1
        // A full counter (EAGAIN) is readable already; nothing is lost.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Makes it unreadable again. The corresponding C function is `read`.
    public borrowing func clear() {
        EventDescriptor.clear(rawValue)
    }

    /// As ``clear()``, by number, for a holder that must not own it.
    public static func clear(_ descriptor: CInt) {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
    }
}
