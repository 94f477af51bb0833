// Which texts a dictionary table has: a fingerprint of each in memory, where SQLite's index would hold all of it again.

/// Numbers of texts by fingerprint.
///
/// A table has one writer, so it need not ask the table whether a text is new. 8 bytes a text, and as many free ones:
/// 16 MiB for a million. What is found may name another text, or none any more: the table tells.
struct TextIndex {
    /// The greatest number that has room here.
    static let greatestNumber = Int64(UInt32.max)

    /// A place holds the upper half of a hash and, in its lower half, the number; 0 is free. At most half are taken.
    private var places: [UInt64] = []
    private(set) var count = 0

    /// Where to look on for a hash; see ``next(_:)``.
    struct Search {
        fileprivate let fingerprint: UInt64
        fileprivate var place: Int
    }

    /// Begins to look for a hash.
    func search(_ hash: UInt64) -> Search { Search(fingerprint: hash >> 32, place: home(hash)) }

    /// The next number whose text may have the hash; nil: there is none.
    func next(_ search: inout Search) -> Int64? {
        if places.isEmpty { return nil }
        while places[search.place] != 0 {
            let entry = places[search.place]
            search.place = (search.place &+ 1) & (places.count &- 1)
            if entry >> 32 == search.fingerprint { return Int64(entry & 0xffff_ffff) }
        }
        return nil
    }

    /// Adds a text that is not there.
    mutating func insert(_ hash: UInt64, _ number: Int64) {
        guard number > 0, number <= Self.greatestNumber else { return }
        if count * 2 >= places.count { grow() }
        count += 1
        place(hash & ~0xffff_ffff | UInt64(number))
    }

    /// The upper bits of a hash say where its search begins, so that a place can be found again from what it holds.
    private func home(_ hash: UInt64) -> Int {
        places.isEmpty ? 0 : Int(truncatingIfNeeded: hash >> UInt64(64 - places.count.trailingZeroBitCount))
    }

    private mutating func place(_ entry: UInt64) {
        var place = home(entry)
        while places[place] != 0 { place = (place &+ 1) & (places.count &- 1) }
        places[place] = entry
    }

    private mutating func grow() {
        let before = places
        places = [UInt64](repeating: 0, count: max(64, before.count * 2))
        for entry in before where entry != 0 { place(entry) }
    }
}
