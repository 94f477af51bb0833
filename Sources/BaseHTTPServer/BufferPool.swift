// Memory that busy connections borrow, so that an idle one holds none.
internal import LinuxSyscalls

/// Buffers out of use, the last returned first: it is the one that still lies in the processor's cache.
final class BufferPool {
    /// The two that a connection needs for one turn; the others lie in the array.
    private var last: ByteBuffer?
    private var lastButOne: ByteBuffer?
    private var others: [ByteBuffer] = []
    /// Bytes of a fresh buffer.
    static let bufferBytes = 16_384
    private static let keptCount = 32

    func take() -> ByteBuffer {
        if let buffer = last {
            last = lastButOne
            lastButOne = nil
            return buffer
        }
        return others.popLast() ?? ByteBuffer(capacity: Self.bufferBytes)
    }

    /// Keeps an empty buffer for the next borrower; one that has grown, or is one too many, is freed.
    func give(_ buffer: ByteBuffer) {
        guard buffer.capacity <= 4 * Self.bufferBytes else { return }
        if let older = lastButOne, others.count < Self.keptCount { others.append(older) }
        lastButOne = last
        last = buffer
    }
}
