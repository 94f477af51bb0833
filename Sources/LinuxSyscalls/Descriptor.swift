// A file descriptor with one owner, closed exactly once.
internal import CLinux
internal import Glibc
public import SystemPackage

/// An open file descriptor that closes itself when its owner lets go of it.
public struct Descriptor: ~Copyable, Sendable {
    /// The number the kernel knows it by.
    public let rawValue: CInt

    /// Takes over an open descriptor; nobody else may close it from now on.
    public init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        // Errors of close(2) are not retried: on Linux the number is free again whatever it says.
        _ = close(rawValue)
    }

    /// Gives the number up without closing it.
    public consuming func release() -> CInt {
        let value = rawValue
        discard self
        return value
    }

    /// A second descriptor for the same open file, closed on exec. The corresponding C function is
    /// `fcntl(F_DUPFD_CLOEXEC)`.
    public borrowing func duplicate() throws(Errno) -> Descriptor {
        let value = rawValue
        return Descriptor(owning: try checked { fcntl(value, F_DUPFD_CLOEXEC, 3) })
    }
}

/// Reads and writes on descriptor numbers, for any kind of open file.
public enum DescriptorIO {
    /// Writes all bytes, waiting as a blocking descriptor does. The corresponding C function is `write`.
    public static func writeAll(_ bytes: RawSpan, to descriptor: CInt) throws(Errno) {
        var written = 0
        while written < bytes.byteCount {
            let rest = bytes.extracting(droppingFirst: written)
            written += try checked {
                unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            }
        }
    }

    /// Writes a text in UTF-8, all of it. The corresponding C function is `write`.
    public static func writeAll(_ text: String, to descriptor: CInt) throws(Errno) {
        var text = text
        let copy = text.withUTF8 { unsafe [UInt8]($0) }
        try unsafe writeAll(copy.span.bytes, to: descriptor)
    }

    /// Reads up to `capacity` bytes from a pipe or file. The corresponding C function is `read`.
    public static func read(from descriptor: CInt, atMost capacity: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            do throws(Errno) {
                count = try checked { unsafe Glibc.read(descriptor, buffer.baseAddress, capacity) }
            } catch {
                count = 0
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads up to `limit` bytes behind the content of a buffer. The corresponding C function is `read`.
    public static func read(from descriptor: CInt, into buffer: ByteBuffer, atMost limit: Int) -> Transfer {
        unsafe buffer.fill(atMost: limit) { place, room in
            transferred { unsafe Glibc.read(descriptor, place, room) }
        }
    }

    /// Makes reads and writes wait, or not. The corresponding C function is `fcntl(F_SETFL)`.
    public static func setNonBlocking(_ descriptor: CInt, _ nonBlocking: Bool) throws(Errno) {
        let flags = try checked { fcntl(descriptor, F_GETFL) }
        let wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        _ = try checked { fcntl(descriptor, F_SETFL, wanted) }
    }

    /// A pair of connected stream sockets, both non-blocking and closed on exec; either end reads and writes. The C
    /// function is `socketpair`.
    public static func makeSocketPair() throws(Errno) -> PipeEnds {
        var ends: (CInt, CInt) = (-1, -1)
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        _ = try checked {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe socketpair(AF_UNIX, kind, 0, $0.baseAddress!.assumingMemoryBound(to: CInt.self))
            }
        }
        return PipeEnds(read: Descriptor(owning: ends.0), write: Descriptor(owning: ends.1))
    }

    /// Has exec close the descriptor. EBADF says that there is none. The corresponding C function is `fcntl(F_SETFD)`.
    public static func closeOnExec(_ descriptor: CInt) throws(Errno) {
        _ = try checked { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// A pipe, both ends non-blocking and closed on exec. The corresponding C function is `pipe2`.
    public static func makePipe() throws(Errno) -> PipeEnds {
        var ends: (CInt, CInt) = (-1, -1)
        _ = try checked {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe clinux_pipe($0.baseAddress!.assumingMemoryBound(to: CInt.self))
            }
        }
        return PipeEnds(read: Descriptor(owning: ends.0), write: Descriptor(owning: ends.1))
    }
}

/// Both ends of a pipe.
public struct PipeEnds: ~Copyable, Sendable {
    /// Where bytes come out.
    public let read: Descriptor
    /// Where bytes go in.
    public let write: Descriptor

    init(read: consuming Descriptor, write: consuming Descriptor) {
        self.read = read
        self.write = write
    }

    /// Keeps the reading end and closes the other.
    public consuming func keepRead() -> Descriptor { read }

    /// Keeps the writing end and closes the other.
    public consuming func keepWrite() -> Descriptor { write }
}
