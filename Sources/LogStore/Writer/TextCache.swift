// A table from texts to ids in bounded memory: the part of a dictionary that is in use now.
internal import LinuxSyscalls

/// Ids by text, forgetting what was not asked for in a while.
///
/// Two generations: what is asked for is found in the young one or moves there from the old one; when the young one is
/// full, the old one is dropped and the young one takes its place. So a text is forgotten only after a whole generation
/// of others came without it, each operation takes constant time, and memory is bounded by twice ``maximumTexts`` and
/// ``maximumBytes``.
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

    /// The id of a text, if it is the one asked for last: the rows of one client, agent or host come together.
    func latestID(of text: RawSpan) -> Int64? { young.latestID(of: text) }

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

/// One generation: an open-addressed table of where each entry begins in a row of words.
///
/// An entry is its hash, its id, the length of its text in bytes, and the text, padded to a word: what a look-up needs
/// lies in one or two cache lines. A place holds the upper half of the hash and, in its lower half, the entry's index
/// plus one; 0 is free.
private struct Generation {
    private static let headerWords = 3

    /// At most half of the places are taken.
    private var places: [UInt64] = []
    private var words: [UInt64] = []
    private var count = 0
    /// The entry found or added last; below 0: none.
    private var latest = -1

    func hasRoom(for text: RawSpan) -> Bool {
        count < TextCache.maximumTexts && words.count * 8 + text.byteCount <= TextCache.maximumBytes
    }

    func latestID(of text: RawSpan) -> Int64? {
        latest >= 0 && holds(text, latest) ? Int64(bitPattern: words[latest + 1]) : nil
    }

    mutating func id(of text: RawSpan, hash: UInt64) -> Int64? {
        if places.isEmpty { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 {
            if places[place] >> 32 == hash >> 32 {
                let entry = Int(places[place] & 0xffff_ffff) - 1
                if words[entry] == hash, holds(text, entry) {
                    latest = entry
                    return Int64(bitPattern: words[entry + 1])
                }
            }
            place = (place + 1) & mask
        }
        return nil
    }

    mutating func insert(_ text: RawSpan, hash: UInt64, id: Int64) {
        if count * 2 >= places.count { grow() }
        let entry = words.count
        latest = entry
        words.append(hash)
        words.append(UInt64(bitPattern: id))
        words.append(UInt64(text.byteCount))
        Bytes.append(text, to: &words)
        count += 1
        place(entry)
    }

    mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
        count = 0
        latest = -1
        for index in places.indices { places[index] = 0 }
    }

    private func holds(_ text: RawSpan, _ entry: Int) -> Bool {
        let start = (entry + Self.headerWords) * 8
        return words[entry + 2] == UInt64(text.byteCount)
            && Bytes.equal(Bytes.span(words).extracting(start..<start + text.byteCount), text)
    }

    private mutating func place(_ entry: Int) {
        let hash = words[entry]
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = (hash & ~0xffff_ffff) | UInt64(entry + 1)
    }

    private mutating func grow() {
        places = [UInt64](repeating: 0, count: max(64, places.count * 2))
        var entry = 0
        while entry < words.count {
            place(entry)
            entry += Self.headerWords + (Int(words[entry + 2]) + 7) / 8
        }
    }
}
