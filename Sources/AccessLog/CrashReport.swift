// What a worker's handler of fatal signals noted in its last moments. Written by CrashHandler.c, word by word:
//
//     0 generation (stored last) · 1 request id · 2 cause · 3 signal · 4 code · 5 address · 6 time, µs since 1970 UTC ·
//     7 what the client got · 8 status sent · 9 bytes of an answer that left · 10 frames skipped · 11 number
//     of frames · 12… frames
internal import LinuxSyscalls

/// The end of a worker from inside.
public struct CrashReport: Sendable, Equatable {
    /// Why it ended.
    public enum Cause: UInt64, Sendable {
        /// A fault, a trap or abort().
        case fault = 1
        /// The request whose handler ran took longer than it may.
        case timeLimit
    }

    /// What the client of the request got.
    public enum ClientGot: UInt64, Sendable {
        /// The worker was killed before its handler was done.
        case unknown = 0
        /// Nothing, or there was no client.
        case nothing
        /// The whole error answer: `500` or `504`.
        case error
        /// The beginning of the error answer: it read too little of it.
        case partOfError
        /// The beginning of the handler's own answer.
        case part
    }

    /// Which life of the slot.
    public var generation: UInt64
    /// The request whose handler ran; 0 for none.
    public var requestID: UInt64
    /// Why it ended.
    public var cause: Cause
    /// The signal.
    public var signal: Int32
    /// The signal's `si_code`: why the kernel sent it, or below 1 who else did.
    public var code: Int64
    /// The address that could not be accessed or executed; 0 when there is none.
    public var address: UInt64
    /// When, microseconds since 1970 UTC.
    public var timeUs: Int64
    /// What the client got.
    public var clientGot: ClientGot
    /// 500 or 504 when all of that answer has left, else 0.
    public var status: UInt16
    /// Bytes of an answer to the request that have left.
    public var bytesOut: UInt64
    /// Frames between the innermost and the outermost of ``frames``.
    public var skippedFrames: UInt64
    /// Program counters, the innermost first; all but the first are return addresses.
    public var frames: [UInt64]

    /// How many frames lie before those that were skipped.
    public static let innerFrames = 72

    private static let headWords = 12
    private static let frameLimit = 104

    /// The report of a generation, if its worker noted one.
    init?(of generation: UInt64, load: (ControlWord) -> UInt64) {
        guard generation != 0, load(.crash(0)) == generation else { return nil }
        let count = min(Int(truncatingIfNeeded: load(.crash(11)) & 0xffff), Self.frameLimit)
        self.init(words: (0..<Self.headWords + count).map { load(.crash($0)) })
    }

    /// Words in their order; nil for words that no version writes.
    private init?(words: [UInt64]) {
        guard words.count >= Self.headWords, let cause = Cause(rawValue: words[2]),
            let clientGot = ClientGot(rawValue: words[7])
        else { return nil }
        generation = words[0]
        requestID = words[1]
        self.cause = cause
        signal = Int32(truncatingIfNeeded: words[3] & 0x7f)
        code = Int64(bitPattern: words[4])
        address = words[5]
        timeUs = Int64(bitPattern: words[6])
        self.clientGot = clientGot
        status = UInt16(truncatingIfNeeded: words[8])
        bytesOut = words[9]
        skippedFrames = words[10]
        frames = Array(words[Self.headWords...].prefix(Self.frameLimit))
    }

    /// As the message of a record: the words in their order, without the frames that do not fit.
    func bytes(limit: Int) -> [UInt8] {
        let head = [
            generation, requestID, cause.rawValue, UInt64(signal), UInt64(bitPattern: code), address,
            UInt64(bitPattern: timeUs), clientGot.rawValue, UInt64(status), bytesOut, skippedFrames,
            UInt64(frames.count),
        ]
        return (head + frames).prefix(limit / 8).flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        }
    }

    /// The report in a record's message; nil when it is damaged.
    init?(bytes: RawSpan) {
        guard bytes.byteCount % 8 == 0, bytes.byteCount <= 8 * (Self.headWords + Self.frameLimit) else { return nil }
        self.init(
            words: (0..<bytes.byteCount / 8).map { index in
                // In range by the bounds above.
                unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
            })
    }

    /// The end as a parent would have seen it.
    var end: LogWorkerEnd {
        switch cause {
        case .fault: .signalled(signal)
        case .timeLimit: .timedOut(signal: signal)
        }
    }
}
