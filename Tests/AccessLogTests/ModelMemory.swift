// Memory of one slot for the model: shared by actors, each of which dies at a chosen step.
@testable import AccessLog

/// The words that survive every actor.
final class ModelSlot {
    var control = [UInt64](repeating: 0, count: 256)
    var entries: [UInt64]
    var ring: [UInt64]
    let entryCount: Int

    init(entryCount: Int, ringBytes: Int) {
        self.entryCount = entryCount
        entries = [UInt64](repeating: 0, count: entryCount * 64)
        ring = [UInt64](repeating: 0, count: ringBytes / 8)
    }
}

/// One actor's sight of the slot. After `budget` steps it is dead: what its code still stores has no effect, as if it
/// had never run.
final class ModelMemory: SlotMemory {
    private let slot: ModelSlot
    private var budget: Int
    private(set) var isDead = false
    private(set) var steps = 0

    init(_ slot: ModelSlot, budget: Int = .max) {
        self.slot = slot
        self.budget = budget
    }

    /// One store, send or commit: false when the actor is dead by now.
    func step() -> Bool {
        if isDead { return false }
        guard budget > 0 else {
            isDead = true
            return false
        }
        budget -= 1
        steps += 1
        return true
    }

    var entryCount: Int { slot.entryCount }
    var ringBytes: UInt64 { UInt64(slot.ring.count * 8) }

    func load(_ word: ControlWord) -> UInt64 { slot.control[word.index] }
    func store(_ value: UInt64, to word: ControlWord) {
        if step() { slot.control[word.index] = value }
    }
    func load(_ word: EntryWord, of entry: Int) -> UInt64 { slot.entries[entry * 64 + word.index] }
    func store(_ value: UInt64, to word: EntryWord, of entry: Int) {
        if step() { slot.entries[entry * 64 + word.index] = value }
    }

    func copy(_ text: RawSpan, toEntry entry: Int, at offset: Int) {
        guard text.byteCount > 0, step() else { return }
        for index in 0..<text.byteCount {
            setByte(&slot.entries, entry * 512 + offset + index, byte(text, index))
        }
    }
    func text(ofEntry entry: Int, at offset: Int, count: Int) -> [UInt8] {
        (0..<count).map { index in
            let place = entry * 512 + offset + index
            return UInt8(truncatingIfNeeded: slot.entries[place / 8] >> UInt64(8 * (place % 8)))
        }
    }

    func ringWord(at position: UInt64) -> UInt64 { slot.ring[ringIndex(position)] }
    func setRingWord(_ value: UInt64, at position: UInt64) {
        if step() { slot.ring[ringIndex(position)] = value }
    }
    func setRing(_ words: InlineArray<13, UInt64>, at position: UInt64) {
        for half in [0..<6, 6..<13] where step() {
            for index in half { slot.ring[ringIndex(position + UInt64(index * 8))] = words[index] }
        }
    }
    func mixRing(from position: UInt64, count: Int, into checksum: inout Checksum) {
        for index in stride(from: 0, to: count, by: 2) {
            let next = index + 1 < count ? ringWord(at: position + UInt64(index * 8 + 8)) : 0
            checksum.mix(ringWord(at: position + UInt64(index * 8)), next)
        }
    }
    func copy(_ text: RawSpan, toRingAt position: UInt64) {
        guard text.byteCount > 0, step() else { return }
        let mask = slot.ring.count * 8 - 1
        for index in 0..<text.byteCount {
            setByte(&slot.ring, (Int(position) + index) & mask, byte(text, index))
        }
    }
    func copyRing(from position: UInt64, into words: inout [UInt64], count: Int) {
        for index in 0..<count { words[index] = slot.ring[ringIndex(position + UInt64(index * 8))] }
    }
    func fence() {}

    private func ringIndex(_ position: UInt64) -> Int {
        Int(position / 8) & (slot.ring.count - 1)
    }

    private func byte(_ text: RawSpan, _ index: Int) -> UInt8 {
        unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    private func setByte(_ words: inout [UInt64], _ place: Int, _ value: UInt8) {
        let shift = UInt64(8 * (place % 8))
        words[place / 8] = words[place / 8] & ~(0xff << shift) | UInt64(value) << shift
    }
}

/// A small fast generator, so that a seed names a walk.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
