// Tells what went unlogged: how far the counters of a gap rose since the last gap record, once, whoever is killed when.
internal import LinuxSyscalls

/// What gap records have told of a slot's counters.
///
/// To tell: note what was told before, write the record, note where it ends, note what it tells; then its caller
/// publishes it. While the noted end is above the head there is no such record, and what was told before still holds.
/// So a kill between any two stores neither repeats a gap nor loses one.
struct GapRecord<Memory: SlotMemory> {
    private let memory: Memory
    private let slot: Int

    init(_ memory: Memory, slot: Int) {
        self.memory = memory
        self.slot = slot
    }

    /// Whether a counter rose since the last gap record.
    var isDue: Bool { counters != told }

    /// Makes what was told independent of the head. By whoever takes a slot over, before it moves the head.
    func takeOver() {
        guard memory.load(.gapEnd) > memory.load(.head) else { return }
        for counter in 0..<ControlWord.gapCounters.count {
            memory.store(memory.load(.toldBefore(counter)), to: .told(counter))
        }
        memory.store(0, to: .gapEnd)
    }

    /// Writes the record at the head and notes it. The caller publishes it by storing its end as the head, next.
    ///
    /// - Parameters:
    ///   - timeUs: when the gap ended, microseconds since 1970 UTC.
    ///   - room: bytes that may be used behind the head.
    /// - Returns: its end; nil when there is nothing to tell, or no room.
    func write(timeUs: Int64, room: UInt64) -> UInt64? {
        let (counters, told) = (counters, told)
        let texts = LogTexts.none
        let sizes = TextLengths(texts, message: RawSpan(), limit: 0, messageLimit: 0, room: .max)
        guard counters != told, room >= UInt64(sizes.recordBytes) else { return nil }
        for (index, value) in told.enumerated() { memory.store(value, to: .toldBefore(index)) }
        let rises = zip(counters, told).map { $0 &- $1 }
        var fields = RecordFields(kind: .gap, slot: slot, startUs: timeUs)
        fields.requestID = rises[0]
        fields.connection = rises[1]
        fields.bytesIn = rises[2]
        fields.bytesOut = rises[3]
        fields.ttfbUs = Int64(bitPattern: rises[4])
        let end = memory.write(fields, texts, message: RawSpan(), lengths: sizes, at: memory.load(.head))
        memory.store(end, to: .gapEnd)
        for (index, value) in counters.enumerated() { memory.store(value, to: .told(index)) }
        return end
    }

    private var counters: [UInt64] { ControlWord.gapCounters.map(memory.load) }

    private var told: [UInt64] {
        let isPublished = memory.load(.gapEnd) <= memory.load(.head)
        return (0..<ControlWord.gapCounters.count).map { memory.load(isPublished ? .told($0) : .toldBefore($0)) }
    }
}
