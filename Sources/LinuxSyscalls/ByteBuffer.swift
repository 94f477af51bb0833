// Growable bytes with a read end and a write end: what a socket fills and empties.
internal import CLinux
internal import Glibc
internal import Synchronization

/// A run of bytes that grows at its end and is consumed from its front.
///
/// A span from ``bytes`` is good until the next call that changes the buffer.
@safe
public final class ByteBuffer {
    /// Behind a pointer, not in properties: nothing here calls out, so no two accesses can overlap, and the run-time
    /// check for that, which properties of a class get, would cost more than the work. The handler of fatal signals
    /// reads it too.
    let storage: UnsafeMutablePointer<clinux_buffer>

    /// An empty buffer with room for `capacity` bytes.
    public init(capacity: Int) {
        precondition(capacity > 0)
        unsafe storage = .allocate(capacity: 1)
        unsafe storage.initialize(
            to: clinux_buffer(
                base: .allocate(byteCount: capacity, alignment: 16), start: 0, end: 0, capacity: capacity, moving: 0))
    }

    deinit {
        unsafe storage.pointee.base.deallocate()
        unsafe storage.deallocate()
    }

    @inline(__always)
    private var base: UnsafeMutableRawPointer {
        get { unsafe storage.pointee.base }
        set { unsafe storage.pointee.base = newValue }
    }

    @inline(__always)
    private var start: Int {
        get { unsafe storage.pointee.start }
        set { unsafe storage.pointee.start = newValue }
    }

    @inline(__always)
    private var end: Int {
        get { unsafe storage.pointee.end }
        set { unsafe storage.pointee.end = newValue }
    }

    /// Bytes of memory held.
    public private(set) var capacity: Int {
        get { unsafe storage.pointee.capacity }
        set { unsafe storage.pointee.capacity = newValue }
    }

    /// Bytes of content.
    public var count: Int { end - start }

    /// Whether there is no content.
    public var isEmpty: Bool { end == start }

    /// The content.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeStart: base + start, byteCount: end - start)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// One byte of the content, counted from its front.
    public subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count)
        return unsafe base.load(fromByteOffset: start + offset, as: UInt8.self)
    }

    /// Where a byte stands at or behind `offset`, counted from the front; nil when it does not. The C function is
    /// `memchr`.
    public func firstIndex(of byte: UInt8, from offset: Int = 0) -> Int? {
        precondition(offset >= 0 && offset <= count)
        guard let found = unsafe memchr(base + start + offset, Int32(byte), count - offset) else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base + start)
    }

    /// Makes room for `more` bytes behind the content, moving or growing if need be.
    @inline(__always)
    public func reserve(_ more: Int) {
        if capacity - end < more { makeRoom(more) }
    }

    private func makeRoom(_ more: Int) {
        unsafe storage.pointee.moving = 1
        atomicMemoryFence(ordering: .acquiringAndReleasing)
        move(toFit: more)
        atomicMemoryFence(ordering: .acquiringAndReleasing)
        unsafe storage.pointee.moving = 0
    }

    private func move(toFit more: Int) {
        if start > 0 {
            unsafe memmove(base, base + start, count)
            end -= start
            start = 0
            if capacity - end >= more { return }
        }
        let wanted = max(capacity * 2, end + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        unsafe larger.copyMemory(from: base, byteCount: end)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = wanted
    }

    /// Adds bytes at the end.
    public func append(_ bytes: RawSpan) {
        let added = bytes.byteCount
        reserve(added)
        if added > 0 { unsafe bytes.withUnsafeBytes { _ = unsafe memcpy(base + end, $0.baseAddress!, added) } }
        end += added
    }

    /// Adds two texts with a separator between them and CRLF behind, reserving once.
    public func appendLine(_ first: RawSpan, separator: StaticString, _ second: RawSpan) {
        let gap = separator.utf8CodeUnitCount
        let added = first.byteCount + gap + second.byteCount + 2
        reserve(added)
        var place = unsafe base + end
        unsafe first.withUnsafeBytes { if $0.count > 0 { unsafe memcpy(place, $0.baseAddress!, $0.count) } }
        unsafe place += first.byteCount
        unsafe memcpy(place, separator.utf8Start, gap)
        unsafe place += gap
        unsafe second.withUnsafeBytes { if $0.count > 0 { unsafe memcpy(place, $0.baseAddress!, $0.count) } }
        unsafe place += second.byteCount
        unsafe place.storeBytes(of: 13, as: UInt8.self)
        unsafe place.storeBytes(of: 10, toByteOffset: 1, as: UInt8.self)
        end += added
    }

    /// Adds one byte at the end.
    public func append(_ byte: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Adds a literal at the end.
    public func append(_ text: StaticString) {
        let added = text.utf8CodeUnitCount
        reserve(added)
        unsafe memcpy(base + end, text.utf8Start, added)
        end += added
    }

    /// Adds a text in UTF-8 at the end.
    public func append(_ text: String) {
        unsafe append(text.utf8Span.span.bytes)
    }

    /// Adds a number in decimal digits at the end.
    public func append(decimal value: UInt64) {
        reserve(20)
        var rest = value
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, rest >= bound {
            digits += 1
            bound = digits == 20 ? .max : bound &* 10
        }
        var place = end + digits
        repeat {
            place -= 1
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest % 10) + 48, toByteOffset: place, as: UInt8.self)
            rest /= 10
        } while rest > 0
        end += digits
    }

    /// Drops `count` bytes from the front.
    public func discard(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start += count
        if start == end { removeAll() }
    }

    /// Drops everything behind the first `count` bytes.
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        end = start + count
    }

    /// Drops the content and keeps the memory.
    public func removeAll() {
        start = 0
        end = 0
    }

    /// Puts bytes between what stands before and behind `offset`.
    public func insert(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && offset <= count)
        let added = bytes.byteCount
        if added == 0 { return }
        reserve(added)
        let place = start + offset
        unsafe memmove(base + place + added, base + place, end - place)
        unsafe bytes.withUnsafeBytes { _ = unsafe memcpy(base + place, $0.baseAddress!, added) }
        end += added
    }

    /// Takes `removed` bytes out at `offset`; what stands behind them moves up.
    public func remove(_ removed: Int, at offset: Int) {
        precondition(offset >= 0 && removed >= 0 && offset + removed <= count)
        let place = start + offset
        unsafe memmove(base + place, base + place + removed, end - place - removed)
        end -= removed
    }

    /// Writes `bytes` over what stands at `offset`; the length stays.
    public func overwrite(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && offset + bytes.byteCount <= count)
        if bytes.byteCount == 0 { return }
        unsafe bytes.withUnsafeBytes { _ = unsafe memcpy(base + start + offset, $0.baseAddress!, $0.count) }
    }

    /// Lets `fill` write behind the content and say how many bytes it wrote.
    func fill(atMost limit: Int, _ fill: (UnsafeMutableRawPointer, Int) -> Transfer) -> Transfer {
        reserve(limit)
        let result = unsafe fill(base + end, limit)
        if case .bytes(let count) = result { end += count }
        return result
    }
}
