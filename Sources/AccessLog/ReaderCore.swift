// The writer's side of the log protocol: records out of the ring, each copied, checked, then shown.

/// The state of one reader, over any memory.
struct ReaderCore<Memory: SlotMemory> {
    private let memory: Memory
    private let slot: Int
    private(set) var position: UInt64 = 0
    private(set) var damagedCount = 0
    /// The current record's words, then whatever an earlier one left.
    private var words: [UInt64] = []
    /// How many are the current record's; 0: none is loaded.
    private var count = 0
    /// A head that was found sound; the word itself is asked again only there, because the worker writes to it.
    private var knownHead: UInt64 = 0

    /// Positions at which a ring cannot be: they would not fit a database's integer. Reached after a thousand years of
    /// 100 MB/s.
    private static var positionLimit: UInt64 { 1 << 62 }

    init(_ memory: Memory, slot: Int, storedPosition: UInt64?) {
        self.memory = memory
        self.slot = slot
        rewind(storedPosition: storedPosition)
    }

    mutating func rewind(storedPosition: UInt64?) {
        let tail = memory.load(.tail)
        let start = max(storedPosition ?? 0, tail < Self.positionLimit ? tail : 0)
        // A position beyond the head is of another copy of the file: a tail there would leave the worker no room.
        position = min(start, memory.load(.head))
        count = 0
        knownHead = 0
    }

    var hasMore: Bool {
        let head = memory.load(.head)
        return count > 0 || position < head && head < Self.positionLimit
    }

    mutating func load() -> Bool {
        if count > 0 { return true }
        let head = position < knownHead ? knownHead : memory.load(.head)
        guard position < head else { return false }
        guard head < Self.positionLimit else {
            // Nothing to skip to: the slot stays damaged.
            if damagedCount == 0 { damagedCount = 1 }
            return false
        }
        guard head &- position <= memory.ringBytes, (head | position) % 8 == 0, copyRecord(below: head) else {
            damagedCount += 1
            position = head
            return false
        }
        knownHead = head
        return true
    }

    /// Copies the record at ``position`` out and checks the copy, which no other process can change.
    private mutating func copyRecord(below head: UInt64) -> Bool {
        let first = memory.ringWord(at: position)
        let bytes = first & 0xffff_ffff
        guard bytes >= UInt64(RecordWord.count * 8), bytes % 8 == 0, bytes <= head &- position else { return false }
        let wordCount = Int(bytes / 8)
        if words.count < wordCount { words = [UInt64](repeating: 0, count: wordCount) }
        memory.copyRing(from: position, into: &words, count: wordCount)
        guard words[0] == first, isValid(wordCount) else { return false }
        count = wordCount
        return true
    }

    private func isValid(_ wordCount: Int) -> Bool {
        guard words[RecordWord.position.rawValue] == position else { return false }
        var texts = 0
        for text in 0..<RecordLengths.count { texts += RecordLengths.length(words.span, text) }
        guard RecordLengths.recordBytes(texts: texts) == wordCount * 8 else { return false }
        var checksum = Checksum(length: UInt64(wordCount * 8))
        // The eight words before the mutable ones, then the texts: in pairs, as they were mixed.
        for index in stride(from: 1, to: RecordWord.durationUs.rawValue, by: 2) {
            checksum.mix(words[index], words[index + 1])
        }
        var index = RecordWord.count
        while index < wordCount {
            checksum.mix(words[index], index + 1 < wordCount ? words[index + 1] : 0)
            index += 2
        }
        return words[0] >> 32 == checksum.value
            && LogRecordKind(rawValue: UInt8(truncatingIfNeeded: words[RecordWord.kinds.rawValue])) != nil
            && LogOutcome(rawValue: UInt8(truncatingIfNeeded: words[RecordWord.outcome.rawValue])) != nil
    }

    /// Hands over and consumes the current record and those behind it that were completed before `boundUs`,
    /// until `body` says false. Not generic over what `body` throws: then the loop would not be compiled for its
    /// memory.
    mutating func drain(limit: Int, before boundUs: Int64, _ body: (borrowing LogRecordView) -> Bool) -> Int {
        precondition(count > 0, "no record is loaded")
        var drained = 0
        repeat {
            guard body(LogRecordView(words.span.extracting(first: count))) else { return drained }
            position &+= UInt64(count * 8)
            count = 0
            drained += 1
        } while drained < limit && load() && completedUs < boundUs
        return drained
    }

    var completedUs: Int64 {
        precondition(count > 0, "no record is loaded")
        let duration = max(0, Int64(bitPattern: words[RecordWord.durationUs.rawValue]))
        return Int64(bitPattern: words[RecordWord.startUs.rawValue]) &+ duration
    }
}
