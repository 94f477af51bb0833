// What the log says: the kinds and outcomes of records, and the values that a worker hands in.

/// How a request ended. The raw values are stored in the database.
public enum LogOutcome: UInt8, Sendable, CaseIterable {
    /// The whole answer was handed to the kernel.
    case ok = 0
    /// The client left before the answer did.
    case aborted
    /// A deadline passed.
    case timeout
    /// Its handler ended the worker: a trap, a fault, an exit.
    case crashed
    /// The worker was ended from outside, or by another request's handler.
    case killed
    /// Refused because the server could not take it.
    case shed
}

/// What a record is about.
public enum LogRecordKind: UInt8, Sendable, CaseIterable {
    /// A request that ended.
    case request = 1
    /// An error text, perhaps of a request.
    case error
    /// A message text, perhaps of a request.
    case message
    /// A worker process began its life.
    case workerStarted
    /// A worker process ended.
    case workerEnded
    /// Requests or errors went unlogged; the counts say how many.
    case gap
    /// A worker crashed, or ran into a time limit; the crash report of its handler of signals.
    case crash
}

/// How grave an error text is, in syslog's numbers (RFC 5424 section 6.2.1).
public enum LogLevel: UInt8, Sendable, CaseIterable {
    /// Needs a person soon.
    case critical = 2
    /// Something failed.
    case error = 3
    /// Something is odd.
    case warning = 4
    /// For the record.
    case informational = 6
}

/// How a worker process ended, as its parent learned it.
public enum LogWorkerEnd: Sendable, Equatable {
    /// It left by itself with this status, 0…255.
    case exited(status: Int32)
    /// A signal ended it.
    case signalled(Int32)
    /// The supervisor ended it with this signal because the request that ran had passed its deadline.
    case timedOut(signal: Int32)
    /// Nobody was left to see it: its whole tree died.
    case lost
}

/// The texts of a request, borrowed for the length of one call. An empty text means there is none. Texts beyond
/// ``LogProducer/textLimit`` bytes are cut.
public struct LogTexts: ~Escapable {
    /// The client's address as text.
    public let client: RawSpan
    /// The method; empty when the request line could not be read.
    public let method: RawSpan
    /// The target as it came: path, and the query behind its question mark.
    public let target: RawSpan
    /// The host that was asked for.
    public let host: RawSpan
    /// The Referer field.
    public let referer: RawSpan
    /// The User-Agent field.
    public let agent: RawSpan

    /// Borrows six texts.
    @_lifetime(copy client, copy method, copy target, copy host, copy referer, copy agent)
    public init(
        client: RawSpan, method: RawSpan, target: RawSpan, host: RawSpan, referer: RawSpan, agent: RawSpan
    ) {
        self.client = client
        self.method = method
        self.target = target
        self.host = host
        self.referer = referer
        self.agent = agent
    }
}

/// What is known of a request when it begins.
public struct LogStart: Sendable {
    /// 63 bits, unique for the database, not 0.
    public var requestID: UInt64
    /// Number of the connection in the life of its worker.
    public var connection: UInt64
    /// 9, 10 or 11 for HTTP/0.9, 1.0, 1.1; 0 when unknown.
    public var protocolNumber: UInt8
    /// Arrival of the head's last byte, microseconds since 1970 UTC.
    public var startUs: Int64
    /// The same moment in nanoseconds of the monotonic clock.
    public var startMonotonicNs: Int64

    /// Gathers the values.
    public init(
        requestID: UInt64, connection: UInt64, protocolNumber: UInt8, startUs: Int64, startMonotonicNs: Int64
    ) {
        self.requestID = requestID
        self.connection = connection
        self.protocolNumber = protocolNumber
        self.startUs = startUs
        self.startMonotonicNs = startMonotonicNs
    }
}

/// What is known of a request when its answer is ready or given up.
public struct LogAnswer: Sendable {
    /// Three digits; 0 when no answer was decided.
    public var status: UInt16
    /// Bytes of head and body as received.
    public var bytesIn: UInt64
    /// Bytes of head and body as handed to the kernel, or about to be.
    public var bytesOut: UInt64
    /// Microseconds from the head's last byte to the answer's last byte, so far as known.
    public var durationUs: Int64
    /// Microseconds to the answer's first byte; nil when none left.
    public var ttfbUs: Int64?
    /// Whether the connection lives on.
    public var connectionKept: Bool
    /// Whether error records name this request.
    public var hasErrors: Bool
    /// Whether the answer says that the server cannot take the request now.
    public var isShed: Bool

    /// Gathers the values.
    public init(
        status: UInt16, bytesIn: UInt64, bytesOut: UInt64, durationUs: Int64, ttfbUs: Int64?, connectionKept: Bool,
        hasErrors: Bool, isShed: Bool = false
    ) {
        self.status = status
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.durationUs = durationUs
        self.ttfbUs = ttfbUs
        self.connectionKept = connectionKept
        self.hasErrors = hasErrors
        self.isShed = isShed
    }
}

/// A request that was begun and is not yet in the log. Belongs to the producer that gave it out; used up by
/// ``LogProducer/settle()`` when confirmed, or by ``LogProducer/finishAborted(_:_:texts:answer:)``.
public struct LogTicket: Sendable, Equatable {
    let entry: Int
}
