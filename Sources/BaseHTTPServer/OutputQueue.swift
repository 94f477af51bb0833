// What is still to be sent on a connection: bytes in memory and stretches of files, in order.
internal import LinuxSyscalls

/// An open file that several have in hand; it closes with the last of them.
final class OpenFile {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }
}

/// A stretch of an open file that is to be sent.
final class OutputFile {
    let file: OpenFile
    var offset: Int64
    var remaining: Int64

    init(_ file: OpenFile, offset: Int64, count: Int64) {
        self.file = file
        self.offset = offset
        remaining = count
    }

    var rawValue: CInt { file.descriptor.rawValue }
}

/// The unsent output of a connection. Places are byte counts since the connection began, so they stay true while bytes
/// leave.
final class OutputQueue {
    /// What stands at the front. Several bytes lie in `memory` in a row.
    enum Segment {
        case bytes(Int)
        case file(OutputFile)
    }

    /// The bytes of all memory segments, one after the other.
    private(set) var memory: ByteBuffer?
    /// Empty when everything lies in memory.
    private var segments: [Segment] = []
    /// Whether `segments` is empty, which a plain value tells without the run-time check of an array in place.
    private var isPlain = true
    /// The place of the first unsent byte.
    private(set) var sent: UInt64 = 0
    /// The place behind the last byte.
    private(set) var end: UInt64 = 0

    var isEmpty: Bool { sent == end }

    /// Whether a file waits to be sent: then nothing more may be answered before it has left.
    var hasFiles: Bool { !isPlain }

    /// Bytes held in memory.
    var memoryCount: Int { memory?.count ?? 0 }

    /// Gives the queue memory to write into, if it has none.
    func lend(_ buffer: @autoclosure () -> ByteBuffer) {
        if memory == nil { memory = buffer() }
    }

    /// Takes empty memory back.
    func reclaim() -> ByteBuffer? {
        guard isEmpty else { return nil }
        return memory.take()
    }

    /// The memory to append to. Say how much with ``added(_:)``.
    var tail: ByteBuffer { memory! }

    /// Counts bytes that were appended to ``tail``.
    func added(_ count: Int) {
        end += UInt64(count)
        if isPlain || count == 0 { return }
        if case .bytes(let before) = segments[segments.count - 1] {
            segments[segments.count - 1] = .bytes(before + count)
        } else {
            segments.append(.bytes(count))
        }
    }

    /// Queues a stretch of a file behind everything else.
    func append(_ file: OutputFile) {
        if file.remaining == 0 { return }
        if isPlain, memoryCount > 0 { segments.append(.bytes(memoryCount)) }
        isPlain = false
        segments.append(.file(file))
        end += UInt64(file.remaining)
    }

    /// Lengthens the file at the end of the queue.
    func lengthen(_ file: OutputFile, by count: Int64) {
        file.remaining += count
        end += UInt64(count)
    }

    /// What to send next; nil when all has left.
    var front: Segment? {
        if !isPlain { return segments[0] }
        return memoryCount > 0 ? .bytes(memoryCount) : nil
    }

    /// Bytes in a memory segment behind the front, so that a head and the file after it share segments on the wire.
    var frontIsFollowed: Bool { !isPlain && segments.count > 1 }

    /// Takes what was sent off the front.
    func take(_ count: Int) {
        sent += UInt64(count)
        if isPlain {
            memory?.discard(count)
            return
        }
        switch segments[0] {
        case .bytes(let before):
            memory?.discard(count)
            if count == before { segments.removeFirst() } else { segments[0] = .bytes(before - count) }
        case .file(let file):
            file.offset += Int64(count)
            file.remaining -= Int64(count)
            if file.remaining == 0 { segments.removeFirst() }
        }
        // All that is left lies in memory: back to the plain form.
        if segments.count == 1, case .bytes = segments[0] { segments.removeAll(keepingCapacity: true) }
        isPlain = segments.isEmpty
    }

    /// Puts bytes in at a place that still lies in memory, behind the last file.
    func insert(_ bytes: RawSpan, at place: UInt64) {
        let offset = memoryCount - Int(end - place)
        memory?.insert(bytes, at: offset)
        added(bytes.byteCount)
    }

    /// Drops everything behind a place that still lies in memory, behind the last file.
    func truncate(to place: UInt64) {
        let dropped = Int(end - place)
        memory?.truncate(to: memoryCount - dropped)
        end = place
        guard !isPlain, case .bytes(let count)? = segments.last else { return }
        segments[segments.count - 1] = .bytes(count - dropped)
        if count == dropped { segments.removeLast() }
    }
}
