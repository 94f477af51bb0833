// The one place with raw pointers: words and texts of a ring file through mappings.
internal import LinuxSyscalls
internal import Synchronization
internal import SystemPackage

/// A slot of a ring file, mapped into this process; the ring twice in a row.
@safe
final class MappedSlot: SlotMemory {
    let entryCount: Int
    let ringBytes: UInt64
    private let header: UnsafeMutableRawPointer
    private let control: UnsafeMutableRawPointer
    private let entries: UnsafeMutableRawPointer
    private let ring: UnsafeMutableRawPointer
    private let mappings: Mappings

    /// Keeps the memory mapped as long as its slot lives.
    private struct Mappings: ~Copyable {
        let header: MemoryMapping
        let control: MemoryMapping
        let entries: MemoryMapping
        let ring: MemoryMapping
    }

    init(_ file: LogRingFile, slot: Int, writable: Bool) throws(LogRingError) {
        let layout = file.layout
        precondition((0..<layout.slotCount).contains(slot), "slot \(slot) of \(layout.slotCount)")
        let number = file.descriptorNumber
        entryCount = layout.entriesPerSlot
        ringBytes = UInt64(layout.ringBytes)
        do {
            let page = FileLayout.pageBytes
            let header = try MemoryMapping(file: number, offset: 0, length: page, writable: writable)
            let control = try MemoryMapping(
                file: number, offset: layout.controlOffset(slot), length: page, writable: writable)
            let entries = try MemoryMapping(
                file: number, offset: layout.entriesOffset(slot), length: layout.entriesBytes, writable: writable)
            let ring = try MemoryMapping(
                twice: number, offset: layout.ringOffset(slot), length: layout.ringBytes, writable: writable)
            unsafe self.header = header.baseAddress
            unsafe self.control = control.baseAddress
            unsafe self.entries = entries.baseAddress
            unsafe self.ring = ring.baseAddress
            mappings = Mappings(header: header, control: control, entries: entries, ring: ring)
        } catch {
            throw .system(operation: "map", path: file.path, cause: error)
        }
    }

    // MARK: Words

    @inline(__always)
    func load(_ word: ControlWord) -> UInt64 {
        unsafe SharedWord.load(control, word.index)
    }

    @inline(__always)
    func store(_ value: UInt64, to word: ControlWord) {
        unsafe SharedWord.store(value, control, word.index)
    }

    @inline(__always)
    func load(_ word: EntryWord, of entry: Int) -> UInt64 {
        unsafe SharedWord.load(entries, place(of: entry) / 8 &+ word.index)
    }

    @inline(__always)
    func store(_ value: UInt64, to word: EntryWord, of entry: Int) {
        unsafe SharedWord.store(value, entries, place(of: entry) / 8 &+ word.index)
    }

    @inline(__always)
    func fence() {
        atomicMemoryFence(ordering: .acquiringAndReleasing)
    }

    /// Whether the writer sleeps, asked after everything before was made visible: without the fence a wake-up in eight
    /// is lost.
    func isWriterSleepingAfterFence() -> Bool {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return unsafe SharedWord.load(header, FileHeader.writerSleepingWord) != 0
    }

    /// What the crash handler is told of this memory.
    func crashMemory(generation: UInt64) -> CrashMemory {
        unsafe CrashMemory(
            report: control + 8 * ControlWord.crash(0).index,
            softDeadline: control + 8 * ControlWord.softDeadline.index,
            entries: entries, entryCount: entryCount,
            words: CrashMemory.EntryWords(
                count: FileLayout.entryBytes / 8, state: EntryWord.state.index, connection: EntryWord.connection.index,
                end: EntryWord.answerEnd.index, inFlight: LogEntryState.inFlight.rawValue,
                leaving: LogEntryState.leaving.rawValue), generation: generation)
    }

    /// How many requests are refused now.
    @inline(__always)
    var refusedCount: UInt64 {
        unsafe SharedWord.load(header, FileHeader.refusedCountWord)
    }

    /// One of them: its fingerprint and until when.
    func refused(_ index: Int) -> (fingerprint: UInt64, untilNs: Int64) {
        precondition(index >= 0 && index < RefusedRequests.kept)
        let word = FileHeader.refusedCountWord + 1 + 2 * index
        return unsafe (SharedWord.load(header, word), Int64(bitPattern: SharedWord.load(header, word + 1)))
    }

    // MARK: Texts and the ring

    @inline(__always)
    func copy(_ text: RawSpan, toEntry entry: Int, at offset: Int) {
        precondition(offset >= 0 && offset &+ text.byteCount <= FileLayout.entryBytes)
        unsafe copy(text, to: entries + (place(of: entry) &+ offset))
    }

    func text(ofEntry entry: Int, at offset: Int, count: Int) -> [UInt8] {
        precondition(offset >= 0 && count >= 0 && offset + count <= FileLayout.entryBytes)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: entries + (place(of: entry) + offset), count: count))
    }

    @inline(__always)
    func ringWord(at position: UInt64) -> UInt64 {
        unsafe ringPlace(position).loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    func setRingWord(_ value: UInt64, at position: UInt64) {
        unsafe ringPlace(position).storeBytes(of: value, as: UInt64.self)
    }

    @inline(__always)
    func setRing(_ words: InlineArray<13, UInt64>, at position: UInt64) {
        let place = unsafe ringPlace(position)
        for index in 0..<13 { unsafe place.storeBytes(of: words[index], toByteOffset: index &* 8, as: UInt64.self) }
    }

    @inline(__always)
    func mixRing(from position: UInt64, count: Int, into checksum: inout Checksum) {
        precondition(count >= 0 && UInt64(truncatingIfNeeded: count) &* 8 <= ringBytes)
        let place = unsafe ringPlace(position)
        var offset = 0
        let end = count &* 8
        while offset &+ 16 <= end {
            unsafe checksum.mix(
                place.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                place.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
            offset &+= 16
        }
        if offset < end { unsafe checksum.mix(place.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0) }
    }

    @inline(__always)
    func copy(_ text: RawSpan, toRingAt position: UInt64) {
        // The second mapping makes one ring's length behind any place addressable.
        precondition(UInt64(truncatingIfNeeded: text.byteCount) <= ringBytes)
        unsafe copy(text, to: ringPlace(position))
    }

    func copyRing(from position: UInt64, into words: inout [UInt64], count: Int) {
        precondition(count <= words.count && UInt64(count * 8) <= ringBytes)
        unsafe words.withUnsafeMutableBytes { bytes in
            unsafe bytes.baseAddress?.copyMemory(from: ringPlace(position), byteCount: count * 8)
        }
    }

    @inline(__always)
    private func ringPlace(_ position: UInt64) -> UnsafeMutableRawPointer {
        unsafe ring + Int(truncatingIfNeeded: position & (ringBytes &- 1))
    }

    @inline(__always)
    private func place(of entry: Int) -> Int {
        precondition(entry >= 0 && entry < entryCount)
        return entry &* FileLayout.entryBytes
    }

    @inline(__always)
    private func copy(_ text: RawSpan, to place: UnsafeMutableRawPointer) {
        unsafe text.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { unsafe place.copyMemory(from: base, byteCount: bytes.count) }
        }
    }
}

/// An atomic word in shared memory, by the number of 8-byte words before it.
enum SharedWord {
    @inline(__always)
    static func load(_ base: UnsafeMutableRawPointer, _ index: Int) -> UInt64 {
        unsafe word(base, index).pointee.load(ordering: .acquiring)
    }

    @inline(__always)
    static func store(_ value: UInt64, _ base: UnsafeMutableRawPointer, _ index: Int) {
        unsafe word(base, index).pointee.store(value, ordering: .releasing)
    }

    @inline(__always)
    private static func word(_ base: UnsafeMutableRawPointer, _ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe (base + index &* 8).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}

/// The header and all control pages of a ring file, until a worker lets go of them.
@safe
final class ControlPages {
    private let layout: FileLayout
    private var mapping: MemoryMapping?
    private var address: UnsafeMutableRawPointer?

    init(_ file: CInt, layout: FileLayout, writable: Bool, path: FilePath) throws(LogRingError) {
        self.layout = layout
        do {
            let mapping = try MemoryMapping(file: file, length: layout.controlBytes, writable: writable)
            unsafe address = unsafe mapping.baseAddress
            self.mapping = consume mapping
        } catch {
            throw .system(operation: "map", path: path, cause: error)
        }
    }

    func unmap() {
        unsafe address = nil
        mapping = nil
    }

    func load(_ word: ControlWord, slot: Int) -> UInt64 {
        unsafe SharedWord.load(base(), index(word, slot))
    }

    func store(_ value: UInt64, to word: ControlWord, slot: Int) {
        unsafe SharedWord.store(value, base(), index(word, slot))
    }

    func setWriterSleeping(_ sleeping: Bool) {
        unsafe SharedWord.store(sleeping ? 1 : 0, base(), FileHeader.writerSleepingWord)
        // Before the last look at the heads, which the workers store before they read this word.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// Writes the refused requests: a place has no date while its fingerprint changes, and the count comes last.
    func setRefused(_ requests: [(fingerprint: UInt64, untilNs: Int64)]) {
        let first = FileHeader.refusedCountWord
        for (index, request) in requests.prefix(RefusedRequests.kept).enumerated() {
            let word = first + 1 + 2 * index
            unsafe SharedWord.store(0, base(), word + 1)
            unsafe SharedWord.store(request.fingerprint, base(), word)
            unsafe SharedWord.store(UInt64(bitPattern: request.untilNs), base(), word + 1)
        }
        unsafe SharedWord.store(UInt64(min(requests.count, RefusedRequests.kept)), base(), first)
    }

    private func index(_ word: ControlWord, _ slot: Int) -> Int {
        precondition((0..<layout.slotCount).contains(slot), "slot \(slot) of \(layout.slotCount)")
        return layout.controlOffset(slot) / 8 + word.index
    }

    private func base() -> UnsafeMutableRawPointer {
        precondition(mapping != nil, "this process let go of the control pages")
        return unsafe address!
    }
}
