// Memory that busy connections borrow, so that an idle one holds none.
internal import LinuxSyscalls

/// Buffers out of use, the last returned first: it is the one that still lies in the processor's cache.
final class BufferPool {
    private var free: [ByteBuffer] = []
    /// Bytes of a fresh buffer.
    static let bufferBytes = 16_384
    private static let keptCount = 32

    func take() -> ByteBuffer {
        free.popLast() ?? ByteBuffer(capacity: Self.bufferBytes)
    }

    /// Keeps an empty buffer for the next borrower; one that has grown, or is one too many, is freed.
    func give(_ buffer: ByteBuffer) {
        if free.count < Self.keptCount, buffer.capacity <= 4 * Self.bufferBytes { free.append(buffer) }
    }
}
