// The time limits of the request that runs in a worker, as far as the policy looks after them.
//
// A worker whose loop hangs outside of a handler has no limit: what runs there is our own code in bounded turns, so
// what holds it up is a disk (and a process in such a wait does not take a SIGKILL either) or a stop from outside.
internal import LinuxSyscalls

/// The limits that a worker has written down for its running request: moments of the monotonic clock in nanoseconds, 0
/// for none.
public struct RequestDeadlines: Equatable, Sendable {
    /// When the worker is told to answer 504 and end.
    public var softNs: Int64
    /// When it is killed.
    public var hardNs: Int64

    /// The limits of one worker; without arguments, of one that runs no request.
    public init(softNs: Int64 = 0, hardNs: Int64 = 0) {
        self.softNs = softNs
        self.hardNs = hardNs
    }
}

/// What was done about them.
struct RequestWatch: Equatable, Sendable {
    private(set) var deadlines = RequestDeadlines()
    /// Time that the master has slept while the request ran.
    private var graceNs: Int64 = 0
    /// The soft signal was sent.
    private(set) var isTold = false
    /// The kill was sent.
    private(set) var isKilled = false

    /// What a moment asks for.
    enum Due {
        case nothing
        case soft
        case hard
    }

    /// Takes a look: other limits than before belong to another request, or the handler has moved them.
    mutating func observe(_ found: RequestDeadlines) {
        if found != deadlines { self = RequestWatch(found) }
    }

    init() {}

    private init(_ deadlines: RequestDeadlines) {
        self.deadlines = deadlines
    }

    /// Whether the worker ended so because its request had taken too long: by what it was sent for that, and no crash
    /// of its own that came just before.
    func isReason(for end: ProcessEnd) -> Bool {
        (isTold || isKilled) && (end == .signalled(.alarm) || end == .signalled(.kill))
    }

    mutating func extend(byNs lateNs: Int64) {
        graceNs += lateNs
    }

    /// What is due, noted as done.
    mutating func take(nowNs: Int64) -> Due {
        if let hardAtNs, hardAtNs <= nowNs {
            isKilled = true
            return .hard
        }
        if let softAtNs, softAtNs <= nowNs {
            isTold = true
            return .soft
        }
        return .nothing
    }

    /// The next moment at which something is due.
    var dueNs: Int64? {
        switch (softAtNs, hardAtNs) {
        case (let soft?, let hard?): min(soft, hard)
        case (let soft, let hard): soft ?? hard
        }
    }

    private var softAtNs: Int64? {
        deadlines.softNs == 0 || isTold || isKilled ? nil : deadlines.softNs + graceNs
    }

    private var hardAtNs: Int64? {
        deadlines.hardNs == 0 || isKilled ? nil : deadlines.hardNs + graceNs
    }
}
