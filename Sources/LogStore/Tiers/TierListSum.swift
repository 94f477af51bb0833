// Adds lists of one field up: the place of each key is looked up in a table that is made once for all of them.
internal import LinuxSyscalls

/// The sum of lists.
struct TierListSum {
    /// What was added, in no order.
    private(set) var list: TierList

    /// Open addressing: a place holds the index of a line plus one; 0 is free. At most half of them are taken.
    private var places: [UInt32] = []
    private var shift: UInt64 = 64

    /// Begins with a list.
    init(_ list: TierList = TierList()) {
        self.list = list
    }

    /// Adds a list.
    mutating func add(_ other: TierList) {
        list.others.merge(other.others)
        for line in other.lines { add(line) }
    }

    /// Adds a list as it is stored; of one that is damaged what comes before the damage.
    ///
    /// - Parameters:
    ///   - hasLatency: whether it is a list whose lines have sketches.
    ///   - keepsLatency: whether they are wanted.
    /// - Returns: how many lines it has.
    mutating func add(blob: [UInt8], hasLatency: Bool, keepsLatency: Bool) -> Int {
        guard var reader = try? TierListReader(blob, hasLatency: hasLatency, keepsLatency: keepsLatency) else {
            return 0
        }
        list.others.merge(reader.others)
        // An array that grows to its length step by step is copied, and its pages are made anew, at each step.
        if list.lines.isEmpty { list.lines.reserveCapacity(blob.count / (hasLatency ? 32 : 16)) }
        var count = 0
        while let line = try? reader.next() {
            add(line)
            count += 1
        }
        return count
    }

    /// Adds requests to those of their key. Where the durations of some are not known, those of the key are not.
    ///
    /// - Returns: the index of the key's line.
    @discardableResult
    mutating func add(_ line: TierLine) -> Int {
        if list.lines.count * 2 >= places.count { makePlaces() }
        let mask = places.count &- 1
        var place = place(of: line.key)
        while true {
            let index = Int(places[place]) &- 1
            if index < 0 {
                list.lines.append(line)
                places[place] = UInt32(list.lines.count)
                return list.lines.count &- 1
            }
            if list.lines[index].key == line.key {
                list.lines[index].counts.merge(line.counts)
                if let latency = line.latency {
                    list.lines[index].latency?.merge(latency)
                } else {
                    list.lines[index].latency = nil
                }
                return index
            }
            place = (place &+ 1) & mask
        }
    }

    /// Where the search for a key begins: Fibonacci hashing.
    private func place(of key: TierKey) -> Int {
        let number: UInt64 =
            switch key {
            case .none: .max
            case .number(let number): UInt64(bitPattern: number)
            case .text(let text): Bytes.hash(text.span.raw)
            }
        return Int(truncatingIfNeeded: (number &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }

    /// Makes a table with room for the lines and as many more.
    private mutating func makePlaces() {
        var count = 64
        while count < list.lines.count * 4 { count *= 2 }
        shift = UInt64(64 - count.trailingZeroBitCount)
        places = [UInt32](repeating: 0, count: count)
        for index in list.lines.indices {
            var place = place(of: list.lines[index].key)
            while places[place] != 0 { place = (place + 1) & (count - 1) }
            places[place] = UInt32(index + 1)
        }
    }
}
