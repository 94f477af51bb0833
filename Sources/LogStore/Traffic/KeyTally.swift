// Counts the requests of a scan by what one column holds: a small number, the id of a text, or a text itself.

/// A tally for each value of a column.
///
/// Numbers index an array of slots, so a row costs one look at it. Texts lie in a row when their dictionary was full;
/// they are kept up to a limit, because a scanner can ask for any number of them, and what comes later is `others`.
struct KeyTally: Sendable {
    /// What a column holds.
    enum Key: Hashable, Sendable {
        case none
        /// A number, or the id of a text.
        case id(Int64)
        case text([UInt8])
        /// All texts beyond the limit.
        case others
    }

    static let idLimit: Int64 = 4_000_000
    static let textLimit = 250_000

    /// The keys in the order of their first sight; an index of it is a slot.
    private(set) var keys: [Key] = []

    /// The tally of each slot; none when nothing is counted.
    private(set) var tallies: [Tally] = []

    /// The durations of each slot; `nil`: not asked for.
    private(set) var latencies: KeyLatencies?

    /// By id, the slot plus 1; 0: none yet.
    private var slotsByID: [Int32] = []
    private var slotsByKey: [Key: Int] = [:]

    /// The first few short texts, such as methods, without the cost of hashing them.
    private var shortTexts: [(text: UInt64, slot: Int)] = []
    private var noneSlot: Int?
    private let textLimit: Int
    private let hasCounts: Bool

    /// Of the rows that were noted and are not counted yet the slots, as far as they were looked up, then the ids.
    private var noted: [Int] = []
    private var slotCount = 0

    /// - Parameters:
    ///   - hasCounts: Whether the requests of each key are counted; else it is only told which keys there are.
    ///   - hasLatencies: Whether their durations are kept as well.
    init(hasCounts: Bool = true, hasLatencies: Bool = false, textLimit: Int = KeyTally.textLimit) {
        self.hasCounts = hasCounts
        self.textLimit = textLimit
        if hasLatencies { latencies = KeyLatencies() }
    }

    /// The slot of what a row holds in a column.
    @inline(__always)
    mutating func slot(_ row: ScanCursor, column: ScannedColumn) -> Int {
        switch row.kind(column) {
        case .integer:
            let id = row.integer(column)
            if id >= 0, id < slotsByID.count {
                let slot = slotsByID[Int(id)]
                if slot > 0 { return Int(slot) - 1 }
            }
            return slot(of: .id(id))
        case .text:
            let short = row.shortText(column)
            if short != 0 { for known in shortTexts where known.text == short { return known.slot } }
            let slot = slot(of: .text(row.text(column) ?? []))
            if short != 0, shortTexts.count < 16 { shortTexts.append((short, slot)) }
            return slot
        case .null: return noneSlot ?? slot(of: .none)
        }
    }

    /// The slot of a key, given now if it has none.
    @inline(never)
    mutating func slot(of key: Key) -> Int {
        if case .id(let id) = key, id >= 0, id < Self.idLimit {
            if id >= slotsByID.count {
                let count = min(Int(Self.idLimit), max(Int(id) + 1, 2 * slotsByID.count))
                slotsByID.append(contentsOf: repeatElement(0, count: count - slotsByID.count))
            }
            if slotsByID[Int(id)] == 0 { slotsByID[Int(id)] = Int32(addSlot(key) + 1) }
            return Int(slotsByID[Int(id)]) - 1
        }
        if let slot = slotsByKey[key] { return slot }
        let isKept = key == .none || key == .others || slotsByKey.count < textLimit
        if !isKept { return slot(of: .others) }
        let slot = addSlot(key)
        slotsByKey[key] = slot
        if key == .none { noneSlot = slot }
        return slot
    }

    private mutating func addSlot(_ key: Key) -> Int {
        keys.append(key)
        if hasCounts { tallies.append(Tally()) }
        return keys.count - 1
    }

    /// Adds a request to a slot.
    @inline(__always)
    mutating func add(_ request: Tally.Request, to slot: Int) {
        if !hasCounts { return }
        tallies[slot].add(request)
        latencies?.add(slot: slot, durationUs: request.durationUs)
    }

    /// Notes what a row holds in a column until ``count(_:)``.
    @inline(__always)
    mutating func note(_ row: ScanCursor, column: ScannedColumn) {
        if row.kind(column) == .integer, row.integer(column) >= 0, row.integer(column) < Self.idLimit {
            noted.append(Int(row.integer(column)))
        } else {
            // Slots are given in the order of the rows.
            findSlots()
            noted.append(slot(row, column: column))
            slotCount += 1
        }
    }

    /// Counts the requests whose rows were noted, all of them in their order.
    ///
    /// Slots and tallies of many keys do not fit the caches. Looked up for one row after the other, each would be
    /// waited for; in a loop without anything else the processor waits for several at once.
    @inline(never)
    mutating func count(_ requests: [Tally.Request]) {
        findSlots()
        if hasCounts { Self.count(requests, noted, &tallies) }
        if latencies != nil {
            for (slot, request) in zip(noted, requests) { latencies?.add(slot: slot, durationUs: request.durationUs) }
        }
        noted.removeAll(keepingCapacity: true)
        slotCount = 0
    }

    @inline(__always)
    private static func count(_ requests: [Tally.Request], _ slots: [Int], _ tallies: inout [Tally]) {
        var tallies = tallies.mutableSpan
        for (slot, request) in zip(slots, requests) { tallies[slot].add(request) }
    }

    @inline(never)
    private mutating func findSlots() {
        for index in slotCount..<noted.count {
            let id = noted[index]
            let slot = id < slotsByID.count ? Int(slotsByID[id]) : 0
            noted[index] = slot > 0 ? slot - 1 : self.slot(of: .id(Int64(id)))
        }
        slotCount = noted.count
    }

    /// Adds the requests of another part of the same scan.
    ///
    /// - Parameter name: What a key of the other part is called here.
    mutating func merge(_ other: KeyTally, name: (Key) -> Key = { $0 }) {
        let slots = other.keys.map { slot(of: name($0)) }
        for (index, tally) in other.tallies.enumerated() { tallies[slots[index]].merge(tally) }
        if let others = other.latencies { latencies?.merge(others, slots: slots) }
    }

    /// The slots with the most requests, the most first.
    func top(_ count: Int?) -> [Int] {
        var ranking = Ranking(count)
        for slot in tallies.indices {
            ranking.add(slot, requests: Int64(tallies[slot].requests), durationUs: tallies[slot].durationUs)
        }
        return ranking.slots()
    }
}
