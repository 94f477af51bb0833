// How a worker's end is kept in words: for the completion of its slot, and in records.

/// Numbers of ``LogWorkerEnd``'s cases.
enum WorkerEndCode {
    static func code(of end: LogWorkerEnd) -> UInt8 {
        switch end {
        case .lost: 0
        case .exited: 1
        case .signalled: 2
        case .timedOut: 3
        }
    }

    static func end(_ code: UInt8, status: Int32, signal: Int32) -> LogWorkerEnd {
        switch code {
        case 1: .exited(status: status)
        case 2: .signalled(signal)
        case 3: .timedOut(signal: signal)
        default: .lost
        }
    }
}

extension LogWorkerEnd {
    /// The signal that ended it; 0 for none.
    var signal: UInt8 {
        switch self {
        case .signalled(let signal), .timedOut(let signal): UInt8(truncatingIfNeeded: signal)
        case .exited, .lost: 0
        }
    }

    /// The exit status; 0 when there is none.
    var status: UInt16 {
        if case .exited(let status) = self { UInt16(truncatingIfNeeded: status & 0xff) } else { 0 }
    }

    /// What became of a request that the end cut short.
    func outcome(wasRunning: Bool) -> LogOutcome {
        guard wasRunning else { return .killed }
        switch self {
        case .exited: return .crashed
        case .timedOut: return .timeout
        case .lost: return .killed
        case .signalled(let signal):
            // What a fault, a trap or abort() raises: ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS. Anything else came from
            // outside.
            return [4, 5, 6, 7, 8, 11, 31].contains(signal) ? .crashed : .killed
        }
    }
}

/// The master's note of one worker's death.
struct DeathRecord {
    /// How many are kept a slot.
    static let kept: UInt64 = 8
    /// So many workers that ended before they took the slot over, and the master does it for the last one: long before
    /// a note takes the place of one that nobody has told yet, and while what is told at once fits into a full ring.
    static let untoldLimit: UInt64 = 2

    let generation: UInt64
    let processID: Int32
    let end: LogWorkerEnd
    let startUs: Int64
    let endUs: Int64

    init(generation: UInt64, processID: Int32, end: LogWorkerEnd, startUs: Int64, endUs: Int64) {
        self.generation = generation
        self.processID = processID
        self.end = end
        self.startUs = startUs
        self.endUs = endUs
    }

    /// The note about a generation, if it is there.
    init?(of generation: UInt64, load: (ControlWord) -> UInt64) {
        guard generation != 0, load(.death(generation, 0)) == generation else { return nil }
        let packed = load(.death(generation, 2))
        self.init(
            generation: generation, processID: Int32(truncatingIfNeeded: load(.death(generation, 1))),
            end: WorkerEndCode.end(
                UInt8(truncatingIfNeeded: packed), status: Int32(truncatingIfNeeded: packed >> 32 & 0xff),
                signal: Int32(truncatingIfNeeded: packed >> 8 & 0xff)),
            startUs: Int64(bitPattern: load(.death(generation, 3))),
            endUs: Int64(bitPattern: load(.death(generation, 4))))
    }

    /// Writes the note, its generation last.
    func store(_ store: (UInt64, ControlWord) -> Void) {
        store(0, .death(generation, 0))
        store(UInt64(UInt32(bitPattern: processID)), .death(generation, 1))
        let packed =
            UInt64(WorkerEndCode.code(of: end)) | UInt64(end.signal) << 8 | UInt64(end.status) << 32
        store(packed, .death(generation, 2))
        store(UInt64(bitPattern: startUs), .death(generation, 3))
        store(UInt64(bitPattern: endUs), .death(generation, 4))
        store(generation, .death(generation, 0))
    }
}
