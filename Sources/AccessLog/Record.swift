// The byte layout of a record, how it is written and what makes it valid.
//
// Little-endian 8-byte words; a record is a multiple of 8 bytes and never wraps, because the ring is mapped twice in a
// row.
//
//     0  length in bytes (32 bits), checksum (32 bits)
//     1  position: the byte count at which the record stands
//     2  request id                      worker records: generation · gap: requests shed
//     3  kind (8) protocol (8) level (8) signal (8) status (16) slot (16)
//                                        worker records: end code as level, exit status as status
//     4  connection                      worker records: process id · gap: requests dropped
//     5  start, µs since 1970 UTC
//     6  bytes in                        worker records: requests · gap: errors lost
//     7  lengths of client, method, target, host (16 bits each)
//     8  lengths of referer, agent, message (16 bits each), 0
//     9  duration, µs                                           \
//    10  time to first byte, µs; -1: no byte left                | mutable until the record is published;
//        gap: time that requests waited, µs                      | not covered by the checksum
//    11  bytes out · gap: requests that waited                   |
//    12  outcome (8) flags (8), 0                               /
//    13  the seven texts in a row, zeros up to a multiple of 8
//
// A record is valid when its length is possible and fits below the head, its position is its own, its checksum is
// right, its texts fill its length exactly, and kind and outcome are known. The checksum covers the length and all
// words but the first and the mutable four, so what is learned after the send needs no new one. The position in it
// exposes leftovers of an earlier lap.

/// A word of a record, by its number.
enum RecordWord: Int {
    case lengthAndChecksum = 0
    case position, requestID, kinds, connection, startUs, bytesIn, lengths, moreLengths
    case durationUs, ttfbUs, bytesOut, outcome

    /// Words before the texts.
    static let count = 13
}

/// Bits of the flags byte.
enum RecordFlag {
    static let hasErrors: UInt8 = 1
    static let connectionKept: UInt8 = 2
    static let unconfirmed: UInt8 = 4
}

/// Lengths of the texts out of their words.
enum RecordLengths {
    /// How many texts a record has.
    static let count = 7

    static func length(_ words: Span<UInt64>, _ text: Int) -> Int {
        Int(words[RecordWord.lengths.rawValue + text / 4] >> UInt64(16 * (text % 4)) & 0xffff)
    }

    /// Bytes of a record whose texts take so many.
    static func recordBytes(texts: Int) -> Int { (RecordWord.count * 8 + texts + 7) & ~7 }
}

/// A fast mix of 8-byte words, two a multiplication. Against decay and leftovers, not against malice.
struct Checksum {
    private var state: UInt64

    init(length: UInt64) {
        state = length &* 0x9e37_79b9_7f4a_7c15
    }

    @inline(__always)
    mutating func mix(_ first: UInt64, _ second: UInt64) {
        let product = (first ^ state ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: second ^ 0xe703_7ed1_a0b4_28db)
        // The sum keeps a state of its own, should a factor be zero.
        state = (product.high ^ product.low) &+ state &* 0x9e37_79b9_7f4a_7c15
    }

    var value: UInt64 { (state ^ state >> 32) & 0xffff_ffff }
}

/// The values of a record but its texts.
struct RecordFields {
    var kind: LogRecordKind
    var slot: Int
    var requestID: UInt64 = 0
    var protocolNumber: UInt8 = 0
    var level: UInt8 = 0
    var signal: UInt8 = 0
    var status: UInt16 = 0
    var connection: UInt64 = 0
    var startUs: Int64
    var bytesIn: UInt64 = 0
    var durationUs: Int64 = 0
    var ttfbUs: Int64 = -1
    var bytesOut: UInt64 = 0
    var outcome: LogOutcome = .ok
    var flags: UInt8 = 0
}

/// Lengths of the seven texts of a record after each was cut to a limit, and all together to a room.
struct TextLengths {
    let client, method, target, host, referer, agent, message: Int
    let total: Int

    init(_ texts: borrowing LogTexts, message: RawSpan, limit: Int, messageLimit: Int, room: Int) {
        var left = room
        func share(_ count: Int, _ limit: Int) -> Int {
            let taken = min(min(count, limit), left)
            left &-= taken
            return taken
        }
        client = share(texts.client.byteCount, limit)
        method = share(texts.method.byteCount, limit)
        target = share(texts.target.byteCount, limit)
        host = share(texts.host.byteCount, limit)
        referer = share(texts.referer.byteCount, limit)
        agent = share(texts.agent.byteCount, limit)
        self.message = share(message.byteCount, messageLimit)
        total = room &- left
    }

    var recordBytes: Int { RecordLengths.recordBytes(texts: total) }

    var word: UInt64 {
        UInt64(truncatingIfNeeded: client | method << 16 | target << 32 | host << 48)
    }

    var secondWord: UInt64 {
        UInt64(truncatingIfNeeded: referer | agent << 16 | message << 32)
    }
}

extension SlotMemory {
    /// Longest text of a request.
    var textLimit: Int { min(65_535, Int(ringBytes / 32)) }
    /// Longest text of an error or message.
    var messageLimit: Int { min(8_192, Int(ringBytes / 8)) }

    /// Writes a record at a position and answers where it ends. Publishing is the caller's.
    @inline(__always)
    func write(
        _ fields: RecordFields, _ texts: borrowing LogTexts, message: RawSpan, lengths: TextLengths,
        at position: UInt64
    ) -> UInt64 {
        let bytes = UInt64(truncatingIfNeeded: lengths.recordBytes)
        let end = position &+ bytes
        // The unused bytes of the last word are zero. Without texts it is a head's word, written below.
        setRingWord(0, at: end &- 8)
        var place = position &+ UInt64(RecordWord.count * 8)
        func put(_ text: RawSpan, _ count: Int) {
            if count > 0 { copy(text.extracting(first: count), toRingAt: place) }
            place &+= UInt64(truncatingIfNeeded: count)
        }
        put(texts.client, lengths.client)
        put(texts.method, lengths.method)
        put(texts.target, lengths.target)
        put(texts.host, lengths.host)
        put(texts.referer, lengths.referer)
        put(texts.agent, lengths.agent)
        put(message, lengths.message)

        let small =
            UInt64(fields.kind.rawValue) | UInt64(fields.protocolNumber) << 8 | UInt64(fields.level) << 16
            | UInt64(fields.signal) << 24
        let kinds = small | UInt64(fields.status) << 32 | UInt64(truncatingIfNeeded: fields.slot) << 48
        let start = UInt64(bitPattern: fields.startUs)
        var checksum = Checksum(length: bytes)
        checksum.mix(position, fields.requestID)
        checksum.mix(kinds, fields.connection)
        checksum.mix(start, fields.bytesIn)
        checksum.mix(lengths.word, lengths.secondWord)
        mixRing(
            from: position &+ UInt64(RecordWord.count * 8),
            count: Int(truncatingIfNeeded: bytes / 8) &- RecordWord.count, into: &checksum)
        setRing(
            [
                bytes | checksum.value << 32, position, fields.requestID, kinds, fields.connection, start,
                fields.bytesIn, lengths.word, lengths.secondWord, UInt64(bitPattern: fields.durationUs),
                UInt64(bitPattern: fields.ttfbUs), fields.bytesOut,
                UInt64(fields.outcome.rawValue) | UInt64(fields.flags) << 8,
            ], at: position)
        return end
    }
}
