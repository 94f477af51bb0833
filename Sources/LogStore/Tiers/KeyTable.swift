// Requests by key while they are gathered: an open-addressed table that never takes more than a fixed memory.

/// Counters by key, and for paths their durations.
///
/// When it is full, the keys with the fewest requests become others: a key that is among the busiest of the whole is
/// hardly ever among the rarest of a part.
struct KeyTable {
    /// Keys in memory, and how many of them stay when there are more.
    static let capacity = 16_384
    static let kept = 4_096
    private static let rankLimit = 4_095

    /// A key and its counters.
    struct Entry {
        let key: Int64
        var counts: TrafficCounts
    }

    private(set) var entries: [Entry] = []
    private(set) var others = TrafficCounts()
    /// A place holds the index of its entry plus one; 0 is free. At most half of them are taken.
    private var places: [UInt32] = []
    private var shift: UInt64 = 64
    private var latency: LatencyTable?

    /// - Parameter hasLatency: whether the durations of each key are kept as well.
    init(hasLatency: Bool = false) {
        latency = hasLatency ? LatencyTable() : nil
    }

    var isEmpty: Bool { entries.isEmpty && others.requests == 0 }

    /// Adds a request.
    @inline(__always)
    mutating func add(_ key: Int64, _ facts: borrowing RequestFacts) {
        if key == TextNumbers.noRoom {
            others.add(facts)
            return
        }
        let index = index(of: key)
        entries[index].counts.add(facts)
        if latency != nil { addLatency(index, LatencySketch.bucket(facts.durationUs), 1) }
        if entries.count > Self.capacity { cut() }
    }

    /// Adds the requests of another table.
    mutating func merge(_ other: KeyTable) {
        others.merge(other.others)
        var indices: [Int] = []
        indices.reserveCapacity(other.entries.count)
        for entry in other.entries {
            let index = index(of: entry.key)
            entries[index].counts.merge(entry.counts)
            indices.append(index)
        }
        other.latency?.forEach { addLatency(indices[$0], $1, $2) }
        if entries.count > Self.capacity { cut() }
    }

    /// Forgets all, and keeps the memory.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        others = TrafficCounts()
        for index in places.indices { places[index] = 0 }
        latency?.removeAll()
    }

    /// As a list with the busiest keys.
    ///
    /// - Parameters:
    ///   - limit: how many lines, as ``TierList/cut(to:floor:)`` counts them.
    ///   - name: turns a key into that of a line.
    func list(limit: Int, floor: Int, name: (Int64) -> TierKey) -> TierList {
        var list = TierList()
        list.others = others
        // What cannot be among the lines is not made one.
        let threshold = threshold(limit, floor: floor)
        var lineOfEntry = [Int](repeating: -1, count: latency == nil ? 0 : entries.count)
        for (index, entry) in entries.enumerated() {
            if Self.rank(entry) < threshold {
                list.others.merge(entry.counts)
                continue
            }
            if latency != nil { lineOfEntry[index] = list.lines.count }
            list.lines.append(
                TierLine(key: name(entry.key), counts: entry.counts, latency: latency.map { _ in LatencySketch() }))
        }
        latency?.forEach { entry, bucket, count in
            if lineOfEntry[entry] >= 0 { list.lines[lineOfEntry[entry]].latency?.add(count, bucket: bucket) }
        }
        if latency != nil {
            for index in list.lines.indices {
                let longestUs = list.lines[index].counts.durationMaxUs
                list.lines[index].latency?.raiseMaximum(longestUs)
            }
        }
        list.cut(to: limit, floor: floor)
        return list
    }

    @inline(__always)
    private mutating func index(of key: Int64) -> Int {
        if entries.count * 2 >= places.count { grow() }
        let mask = places.count &- 1
        var place = place(of: key)
        while true {
            let index = Int(places[place]) &- 1
            if index < 0 {
                entries.append(Entry(key: key, counts: TrafficCounts()))
                places[place] = UInt32(entries.count)
                return entries.count &- 1
            }
            if entries[index].key == key { return index }
            place = (place &+ 1) & mask
        }
    }

    /// Where the search for a key begins: Fibonacci hashing.
    @inline(__always)
    private func place(of key: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }

    private mutating func grow() {
        let count = max(64, places.count * 2)
        shift = UInt64(64 - count.trailingZeroBitCount)
        places = [UInt32](repeating: 0, count: count)
        for index in entries.indices {
            var place = place(of: entries[index].key)
            while places[place] != 0 { place = (place + 1) & (count - 1) }
            places[place] = UInt32(index + 1)
        }
    }

    private mutating func addLatency(_ index: Int, _ bucket: Int, _ count: Int) {
        latency?.add(index, bucket, count)
    }

    /// Its requests, as far as they can make a difference.
    private static func rank(_ entry: Entry) -> Int { Int(min(entry.counts.requests, Int64(rankLimit))) }

    /// The rank that a key must have to be among so many, or a few more that have the same.
    ///
    /// - Parameter floor: from so many keys on those with one request do not count: most of a long tail has one.
    private func threshold(_ limit: Int, floor: Int) -> Int {
        if entries.count <= min(limit, floor) { return 0 }
        var numbers = [Int](repeating: 0, count: Self.rankLimit + 1)
        for entry in entries { numbers[Self.rank(entry)] += 1 }
        var rest = limit
        for rank in stride(from: Self.rankLimit, through: 2, by: -1) {
            rest -= numbers[rank]
            if rest <= 0 { return rank }
        }
        return entries.count - numbers[1] >= floor ? 2 : 1
    }

    private mutating func cut() {
        var smaller = KeyTable(hasLatency: latency != nil)
        smaller.others = others
        let threshold = threshold(Self.kept, floor: Self.kept)
        // Those that have just as many as the last one may be too many: the later ones go.
        var room = Self.kept - entries.count { Self.rank($0) > threshold }
        var indices = [Int](repeating: -1, count: entries.count)
        for (index, entry) in entries.enumerated() {
            let rank = Self.rank(entry)
            if rank == threshold { room -= 1 }
            if rank < threshold || rank == threshold && room < 0 {
                smaller.others.merge(entry.counts)
            } else {
                indices[index] = smaller.index(of: entry.key)
                smaller.entries[indices[index]].counts = entry.counts
            }
        }
        latency?.forEach { entry, bucket, count in
            if indices[entry] >= 0 { smaller.addLatency(indices[entry], bucket, count) }
        }
        self = smaller
    }
}

extension TrafficCounts {
    /// Adds one request.
    @inline(__always)
    mutating func add(_ facts: borrowing RequestFacts) {
        add(
            status: facts.status, outcome: facts.outcome, bytesIn: facts.bytesIn, bytesOut: facts.bytesOut,
            durationUs: facts.durationUs)
    }
}

/// How often each bucket of a latency sketch was hit by each entry of a ``KeyTable``.
struct LatencyTable {
    /// A place holds entry and bucket plus one in its upper half and the count in its lower half; 0 is free.
    private var places: [UInt64] = []
    private var shift: UInt64 = 64
    private var count = 0

    private static let bucketBits = 11

    /// Adds so many requests of an entry whose durations lie in a bucket.
    mutating func add(_ entry: Int, _ bucket: Int, _ number: Int) {
        if count * 2 >= places.count { grow() }
        let key = UInt64(truncatingIfNeeded: entry << Self.bucketBits | bucket) &+ 1
        let place = place(of: key)
        if places[place] == 0 {
            places[place] = key << 32
            count &+= 1
        }
        places[place] &+= UInt64(truncatingIfNeeded: number)
    }

    /// Entry, bucket and count of each pair.
    func forEach(_ body: (Int, Int, Int) -> Void) {
        for place in places where place != 0 {
            let key = Int(place >> 32) - 1
            body(key >> Self.bucketBits, key & (1 << Self.bucketBits - 1), Int(place & 0xffff_ffff))
        }
    }

    mutating func removeAll() {
        for index in places.indices { places[index] = 0 }
        count = 0
    }

    @inline(__always)
    private func place(of key: UInt64) -> Int {
        let mask = places.count &- 1
        var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
        while places[place] != 0, places[place] >> 32 != key { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let before = places
        places = [UInt64](repeating: 0, count: max(256, before.count * 2))
        shift = UInt64(64 - places.count.trailingZeroBitCount)
        for pair in before where pair != 0 { places[place(of: pair >> 32)] = pair }
    }
}
