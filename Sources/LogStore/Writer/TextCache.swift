// A table from texts to ids in bounded memory: the part of a dictionary that is in use now.
internal import LinuxSyscalls

/// Ids by text, forgetting what was not asked for in a while.
///
/// Two generations: what is asked for is found in the young one or moves there from the old one; when the young one is full, the
/// old one is dropped and the young one takes its place. So a text is forgotten only after a whole generation of others came
/// without it, each operation takes constant time, and memory is bounded by twice ``maximumTexts`` and ``maximumBytes``.
struct TextCache {
    /// Texts in one generation.
    static let maximumTexts = 32_768
    /// Bytes of texts in one generation; longer texts are not kept at all.
    static let maximumBytes = 4 << 20

    private var young = Generation()
    private var old = Generation()

    /// Forgets everything.
    mutating func removeAll() {
        young.removeAll()
        old.removeAll()
    }

    /// The id of a text, if it is known.
    mutating func id(of text: RawSpan, hash: UInt64) -> Int64? {
        if let id = young.id(of: text, hash: hash) { return id }
        guard let id = old.id(of: text, hash: hash) else { return nil }
        insert(text, hash: hash, id: id)
        return id
    }

    /// Remembers the id of a text that is not known.
    mutating func insert(_ text: RawSpan, hash: UInt64, id: Int64) {
        if text.byteCount > Self.maximumBytes { return }
        if !young.hasRoom(for: text) {
            swap(&young, &old)
            young.removeAll()
        }
        young.insert(text, hash: hash, id: id)
    }
}

/// One generation: an open-addressed table of indices into a list of entries, whose texts lie one behind the other.
private struct Generation {
    private struct Entry {
        let hash: UInt64
        let start: UInt32
        let count: UInt32
        let id: Int64
    }

    /// Index of an entry plus one; 0 is a free place. At most half of the places are taken.
    private var places: [UInt32] = []
    private var entries: [Entry] = []
    private var bytes: [UInt8] = []

    func hasRoom(for text: RawSpan) -> Bool {
        entries.count < TextCache.maximumTexts && bytes.count + text.byteCount <= TextCache.maximumBytes
    }

    func id(of text: RawSpan, hash: UInt64) -> Int64? {
        if places.isEmpty { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 {
            let entry = entries[Int(places[place]) - 1]
            if entry.hash == hash, entry.count == text.byteCount {
                let start = Int(entry.start)
                if Bytes.equal(Bytes.span(bytes).extracting(start..<start + text.byteCount), text) { return entry.id }
            }
            place = (place + 1) & mask
        }
        return nil
    }

    mutating func insert(_ text: RawSpan, hash: UInt64, id: Int64) {
        if entries.count * 2 >= places.count { grow() }
        let entry = Entry(hash: hash, start: UInt32(bytes.count), count: UInt32(text.byteCount), id: id)
        Bytes.append(text, to: &bytes)
        entries.append(entry)
        place(UInt32(entries.count), hash: hash)
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        for index in places.indices { places[index] = 0 }
    }

    private mutating func place(_ number: UInt32, hash: UInt64) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = number
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: max(64, places.count * 2))
        for (index, entry) in entries.enumerated() { place(UInt32(index + 1), hash: entry.hash) }
    }
}
