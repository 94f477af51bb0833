// One record as the log writer reads it: validated, copied out of the shared ring, fields by name.

/// A valid record, borrowed from the reader that loaded it. An empty text means there is none.
public struct LogRecordView: ~Escapable {
    /// The record's words, all of them.
    let words: Span<UInt64>

    /// Where each text begins, in bytes from the record's start, and where the last one ends.
    private let starts: InlineArray<8, Int>

    /// Bytes of the target before its question mark; all of it when there is none.
    private let pathLength: Int

    @_lifetime(copy words)
    init(_ words: Span<UInt64>) {
        self.words = words
        var starts = InlineArray<8, Int>(repeating: RecordWord.count * 8)
        for text in 0..<RecordLengths.count { starts[text + 1] = starts[text] + RecordLengths.length(words, text) }
        self.starts = starts
        // The reader checked that the texts fill the record.
        let target = unsafe words.bytes.extracting(starts[2]..<starts[3])
        pathLength = ByteSearch.firstIndex(of: UInt8(ascii: "?"), in: target)
    }

    /// What the record is about.
    public var kind: LogRecordKind { LogRecordKind(rawValue: small(.kinds, 0)) ?? .message }
    /// Byte count at which the record stands in its ring, counted from the ring's creation.
    public var position: UInt64 { words[RecordWord.position.rawValue] }
    /// Bytes the record takes in its ring.
    public var byteCount: Int { words.count * 8 }
    /// The request it belongs to; 0 when none.
    public var requestID: UInt64 { words[RecordWord.requestID.rawValue] }
    /// Slot of the worker.
    public var worker: Int { Int(words[RecordWord.kinds.rawValue] >> 48) }
    /// Number of the connection in the life of its worker.
    public var connection: UInt64 { words[RecordWord.connection.rawValue] }
    /// Three digits; 0 when no answer was decided. In a `workerEnded` the exit status.
    public var status: Int { Int(words[RecordWord.kinds.rawValue] >> 32 & 0xffff) }
    /// How the request ended.
    public var outcome: LogOutcome { LogOutcome(rawValue: small(.outcome, 0)) ?? .killed }
    /// 9, 10 or 11 for HTTP/0.9, 1.0, 1.1; 0 when unknown.
    public var protocolNumber: Int { Int(small(.kinds, 1)) }
    /// How grave an error or message is.
    public var level: LogLevel { LogLevel(rawValue: small(.kinds, 2)) ?? .error }
    /// The signal that ended the worker; 0 when none did or it is not known.
    public var signal: Int { Int(small(.kinds, 3)) }
    /// Whether error records name this request.
    public var hasErrors: Bool { small(.outcome, 1) & RecordFlag.hasErrors != 0 }
    /// Whether the connection lived on.
    public var connectionKept: Bool { small(.outcome, 1) & RecordFlag.connectionKept != 0 }
    /// Whether the worker died before it could fill in the true duration and size: they are those of the moment before
    /// the send.
    public var isUnconfirmed: Bool { small(.outcome, 1) & RecordFlag.unconfirmed != 0 }
    /// When the request, or the process of a worker record, began; when an error was said: microseconds since 1970 UTC.
    public var startUs: Int64 { Int64(bitPattern: words[RecordWord.startUs.rawValue]) }
    /// When it ended: microseconds since 1970 UTC. The order of the log.
    public var completedUs: Int64 { startUs &+ durationUs }
    /// Microseconds from the head's last byte to the answer's last byte; never negative.
    public var durationUs: Int64 { max(0, Int64(bitPattern: words[RecordWord.durationUs.rawValue])) }
    /// Microseconds to the answer's first byte; nil when none left.
    public var ttfbUs: Int64? {
        let value = Int64(bitPattern: words[RecordWord.ttfbUs.rawValue])
        return value < 0 ? nil : value
    }
    /// Bytes of head and body as received.
    public var bytesIn: UInt64 { words[RecordWord.bytesIn.rawValue] }
    /// Bytes of head and body as handed to the kernel.
    public var bytesOut: UInt64 { words[RecordWord.bytesOut.rawValue] }

    /// Process number of a worker record.
    public var processID: Int32 { Int32(truncatingIfNeeded: connection) }
    /// Generation of a worker record: which life of its slot, from 1.
    public var generation: UInt64 { requestID }
    /// How a worker ended, of a `workerEnded`.
    public var end: LogWorkerEnd { WorkerEndCode.end(small(.kinds, 2), status: Int32(status), signal: Int32(signal)) }
    /// Requests of a worker's life, of a `workerEnded`.
    public var requests: UInt64 { bytesIn }

    /// Requests answered 503 without a row, of a `gap`.
    public var shedCount: UInt64 { requestID }
    /// Requests served without a row, of a `gap`.
    public var droppedCount: UInt64 { connection }
    /// Errors and messages that found no room, of a `gap`.
    public var lostCount: UInt64 { bytesIn }
    /// Requests that waited for room, of a `gap`.
    public var waitCount: UInt64 { bytesOut }
    /// How long they waited in all, microseconds, of a `gap`.
    public var waitedUs: Int64 { ttfbUs ?? 0 }

    /// The client's address.
    public var client: RawSpan { @_lifetime(copy self) get { text(0) } }
    /// The method.
    public var method: RawSpan { @_lifetime(copy self) get { text(1) } }
    /// The target up to its question mark.
    public var path: RawSpan { @_lifetime(copy self) get { text(2).extracting(first: pathLength) } }
    /// Whether the target has a question mark.
    public var hasQuery: Bool { pathLength < starts[3] - starts[2] }
    /// The target behind its question mark; empty also when there is none.
    public var query: RawSpan { @_lifetime(copy self) get { text(2).extracting(droppingFirst: pathLength + 1) } }
    /// The host that was asked for.
    public var host: RawSpan { @_lifetime(copy self) get { text(3) } }
    /// The Referer field.
    public var referer: RawSpan { @_lifetime(copy self) get { text(4) } }
    /// The User-Agent field.
    public var agent: RawSpan { @_lifetime(copy self) get { text(5) } }
    /// What an error or message says.
    public var message: RawSpan { @_lifetime(copy self) get { text(6) } }

    private func small(_ word: RecordWord, _ byte: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[word.rawValue] >> UInt64(8 * byte))
    }

    @_lifetime(copy self)
    private func text(_ text: Int) -> RawSpan { unsafe words.bytes.extracting(starts[text]..<starts[text + 1]) }
}

/// Looks for a byte, eight at a time.
enum ByteSearch {
    /// The first place of `byte`, or the length when it is not there.
    static func firstIndex(of byte: UInt8, in bytes: RawSpan) -> Int {
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var index = 0
        while index <= bytes.byteCount - 8 {
            // In range by the condition above.
            let difference = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) ^ pattern
            let hit = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if hit != 0 { return index + hit.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.byteCount, unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) != byte {
            index += 1
        }
        return index
    }
}
