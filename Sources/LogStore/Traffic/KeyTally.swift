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

    /// The tally of each slot.
    private(set) var tallies: [Tally] = []

    /// The durations of each slot; `nil`: not asked for.
    private(set) var latencies: KeyLatencies?

    /// By id, the slot plus 1; 0: none yet.
    private var slotsByID: [Int32] = []
    private var slotsByKey: [Key: Int] = [:]

    /// The first few short texts, such as methods, without the cost of hashing them.
    private var shortTexts: [(text: UInt64, slot: Int)] = []
    private let textLimit: Int

    init(hasLatencies: Bool = false, textLimit: Int = KeyTally.textLimit) {
        self.textLimit = textLimit
        if hasLatencies { latencies = KeyLatencies() }
    }

    /// The slot of what a row holds in a column.
    @inline(__always)
    mutating func slot(_ row: RowCursor, column: Int32) -> Int {
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
        case .null: return slot(of: .none)
        }
    }

    /// The slot of a key, given now if it has none.
    @inline(never)
    mutating func slot(of key: Key) -> Int {
        if case .id(let id) = key, id >= 0, id < Self.idLimit {
            if id >= slotsByID.count {
                let count = min(Int(Self.idLimit), max(Int(id) + 1, 2 * slotsByID.count))
                slotsByID += Array(repeating: 0, count: count - slotsByID.count)
            }
            if slotsByID[Int(id)] == 0 { slotsByID[Int(id)] = Int32(addSlot(key) + 1) }
            return Int(slotsByID[Int(id)]) - 1
        }
        if let slot = slotsByKey[key] { return slot }
        let isKept = key == .none || key == .others || slotsByKey.count < textLimit
        if !isKept { return slot(of: .others) }
        let slot = addSlot(key)
        slotsByKey[key] = slot
        return slot
    }

    private mutating func addSlot(_ key: Key) -> Int {
        keys.append(key)
        tallies.append(Tally())
        return keys.count - 1
    }

    /// Adds a request to a slot.
    @inline(__always)
    mutating func add(_ request: Tally.Request, to slot: Int) {
        tallies[slot].add(request)
        latencies?.add(slot: slot, durationUs: request.durationUs)
    }

    /// Adds the requests of another part of the same scan.
    ///
    /// - Parameter name: What a key of the other part is called here.
    mutating func merge(_ other: KeyTally, name: (Key) -> Key = { $0 }) {
        let slots = other.keys.map { slot(of: name($0)) }
        for (index, slot) in slots.enumerated() { tallies[slot].merge(other.tallies[index]) }
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
