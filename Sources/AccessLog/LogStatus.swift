// What a process outside sees of the workers while they run: slots and the requests in flight.

/// What a slot is used for.
public enum LogSlotState: UInt64, Sendable {
    /// Never used, or completed and free again.
    case idle = 0
    /// A worker is to run in it, or runs.
    case assigned
    /// Its worker ended; another will follow and complete it.
    case ended
    /// Its worker ended and none will follow: the writer completes it.
    case retired
}

/// How far the life of a worker is, as the master sees it.
public enum LogWorkerLife: UInt64, Sendable {
    /// There is none.
    case none = 0
    /// It was forked and has not said yet that it is ready.
    case starting
    /// It accepts connections.
    case ready
    /// It was told to end.
    case stopping
}

/// What a worker does now, in one word for people.
public enum LogWorkerActivity: String, Sendable {
    /// It was forked and is not ready yet.
    case starting
    /// No handler runs: it waits for connections and bytes, or moves them.
    case waiting
    /// A handler runs.
    case handling
    /// It was told to end, and ends what it has begun.
    case stopping
    /// Its process ended; another follows in its slot.
    case ended
    /// Its process ended and none follows.
    case retired
    /// Nobody was ever in the slot, or everything of who was is in the log.
    case free
    /// The whole server is dead: this is how it left the slot.
    case dead
}

/// How far a request is.
public enum LogEntryState: UInt64, Sendable {
    /// The entry holds none.
    case free = 0
    /// It was begun.
    case inFlight
    /// Its record is written and its answer on the way to the kernel.
    case answering
}

/// How far a request in flight is, in one word for people.
public enum LogRequestActivity: String, Sendable {
    /// It was begun; its handler waits for its turn or for a script.
    case begun
    /// Its handler runs.
    case handling
    /// Its answer is on the way.
    case answering
}

/// One slot at one moment. Read without stopping anybody, so words of a slot that changed meanwhile may not fit
/// together.
public struct LogSlotStatus: Sendable {
    /// Number of the slot.
    public let slot: Int
    /// What the slot is used for.
    public let state: LogSlotState
    /// How far the life of its worker is.
    public let life: LogWorkerLife
    /// Process number of the worker that runs or ran last; 0 before the first.
    public let processID: Int32
    /// Which life of the slot, from 1; 0 before the first.
    public let generation: UInt64
    /// When the worker began, microseconds since 1970 UTC; 0 before the first.
    public let startUs: Int64
    /// Bytes of memory that the worker held when the master looked last; 0 while it does not look.
    public let residentBytes: UInt64
    /// Last sign of life, nanoseconds of the monotonic clock; 0 before the first.
    public let heartbeatNs: Int64
    /// The request whose handler runs now.
    public let runningRequestID: UInt64?
    /// Requests published by this worker.
    public let requests: UInt64
    /// Bytes of their answers.
    public let bytesOut: UInt64
    /// Requests answered 503 without a row.
    public let shed: UInt64
    /// Requests served without a row.
    public let dropped: UInt64
    /// Errors and messages that found no room.
    public let lostErrors: UInt64
    /// Requests that waited for room in the log.
    public let waits: UInt64
    /// How long they waited in all, microseconds.
    public let waitedUs: UInt64
    /// Connections open now.
    public let connections: UInt64
    /// Bytes of records that wait for the writer.
    public let backlogBytes: UInt64
    /// The worker changed while it was read: trust none of the values together.
    public let isTorn: Bool
}

/// One request in flight at one moment.
public struct LiveRequest: Sendable {
    /// Number of the slot.
    public let slot: Int
    /// Number of the entry in its slot.
    public let entry: Int
    /// How far it is.
    public let state: LogEntryState
    /// Whether its handler runs now.
    public let isRunning: Bool
    /// 63 bits, unique for the database.
    public let requestID: UInt64
    /// Number of the connection in the life of its worker.
    public let connection: UInt64
    /// Arrival of its head, microseconds since 1970 UTC.
    public let startUs: Int64
    /// The same in nanoseconds of the monotonic clock.
    public let startMonotonicNs: Int64
    /// Status of the answer; 0 when none was decided yet.
    public let status: Int
    /// The client's address.
    public let client: [UInt8]
    /// The method.
    public let method: [UInt8]
    /// The start of the target.
    public let target: [UInt8]
    /// The host, or its start.
    public let host: [UInt8]
    /// The request ended while it was read: trust none of the values.
    public let isTorn: Bool
}

extension LiveRequest {
    /// A request of which little needs to be said.
    package init(
        slot: Int, state: LogEntryState, isRunning: Bool, requestID: UInt64, startMonotonicNs: Int64, client: [UInt8],
        method: [UInt8], target: [UInt8], host: [UInt8]
    ) {
        self.init(
            slot: slot, entry: 0, state: state, isRunning: isRunning, requestID: requestID, connection: 0, startUs: 0,
            startMonotonicNs: startMonotonicNs, status: 0, client: client, method: method, target: target, host: host,
            isTorn: false)
    }

    /// How far it is.
    public var activity: LogRequestActivity {
        isRunning ? .handling : state == .answering ? .answering : .begun
    }

    /// The id as every report shows it: 16 hexadecimal digits.
    public var requestIDText: String {
        let digits = String(requestID, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
