// The worker's end of its ring: requests begin and end here, errors are said here.
public import LinuxSyscalls

/// The one writer of a slot's ring: a single-threaded worker process. Begin, finish, confirm and settle allocate
/// nothing, lock nothing and make no system call.
///
/// A request is begun before its handler runs and before any byte of an answer leaves. Then, for all requests of one
/// connection whose answers are about to leave, in the order of the answers:
/// 1. ``finish(_:texts:answer:)`` each, before the send that may hand over its last byte;
/// 2. send;
/// 3. ``confirm(_:durationUs:ttfbUs:bytesOut:)`` each that left whole, from the first on;
/// 4. ``settle()``, which publishes those and takes the others back, to be finished again before a later send.
///
/// Nothing else is said between the first finish and the settle.
@safe
public final class LogProducer {
    private let memory: MappedSlot
    /// Behind a pointer, not in a property: the run-time check of overlapping accesses to a class's properties costs
    /// 100 instructions a call, and nothing here calls out, so no two accesses can overlap.
    private let core: UnsafeMutablePointer<ProducerCore<MappedSlot>>

    init(_ memory: MappedSlot, slot: Int, generation: UInt64, processID: Int32) {
        self.memory = memory
        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: ProducerCore(memory, slot: slot, generation: generation, processID: processID))
    }

    deinit {
        unsafe core.deinitialize(count: 1)
        unsafe core.deallocate()
    }

    /// Ends the requests that the slot's last worker left unfinished: those whose answers may have left become `ok`,
    /// the others `crashed`, `timeout` or `killed` by what the supervisor recorded of its death. Then says that the
    /// last worker ended and this one started. To be called once, before the first request; harmless when it is killed
    /// and called again by the next worker.
    /// - Parameter startUs: when this process started, microseconds since 1970 UTC.
    public func completePredecessor(startUs: Int64) {
        unsafe core.pointee.completePredecessor(startUs: startUs)
    }

    /// Begins a request: reserves an entry and the room of its whole record, so that finishing never waits.
    /// - Returns: nil when no entry is free or the ring is too full: the caller begins nothing for now, or sheds.
    public func begin(_ start: LogStart, texts: borrowing LogTexts) -> LogTicket? {
        unsafe core.pointee.begin(start, texts: texts)
    }

    /// Whether any request is refused now because its like has ended several workers. One load.
    @inline(__always)
    public var refusesAny: Bool { memory.refusedCount != 0 }

    /// Until when a request is refused for that, monotonic nanoseconds; nil for any other.
    public func refusedUntilNs(_ texts: borrowing LogTexts, nowNs: Int64) -> Int64? {
        let count = Int(min(memory.refusedCount, UInt64(RefusedRequests.kept)))
        let fingerprint = RefusedRequests.fingerprint(method: texts.method, target: texts.target)
        for index in 0..<count {
            let refused = memory.refused(index)
            if refused.fingerprint == fingerprint, refused.untilNs > nowNs { return refused.untilNs }
        }
        return nil
    }

    /// Says whose handler runs now, nil for none: a crash is that request's.
    public func setRunning(_ ticket: LogTicket?) {
        unsafe core.pointee.setRunning(ticket)
    }

    /// Says which status was decided, so that a request whose worker dies now has it.
    public func setStatus(_ status: UInt16, of ticket: LogTicket) {
        unsafe core.pointee.setStatus(status, of: ticket)
    }

    /// Says where a request's answer lies that is complete and has not left: should the worker crash in a later request
    /// of the connection, the crash handler sends it.
    /// - Parameters:
    ///   - bytes: of the answer.
    ///   - end: where it ends in the connection's output, counted from the connection's beginning.
    public func setAnswer(_ ticket: LogTicket, status: UInt16, bytes: UInt64, end: UInt64) {
        unsafe core.pointee.setAnswer(ticket, status: status, bytes: bytes, end: end)
    }

    /// Says until when the request whose handler runs may take: nanoseconds of the monotonic clock, 0 for no limit.
    /// - Parameters:
    ///   - softNs: from then on SIGALRM ends the worker with a 504.
    ///   - hardNs: then the master kills it.
    public func setDeadlines(softNs: Int64, hardNs: Int64) {
        unsafe core.pointee.setDeadlines(softNs: softNs, hardNs: hardNs)
    }

    /// Where the crash handler of this worker notes a crash. The memory stays mapped as long as this object lives.
    public var crashMemory: CrashMemory { memory.crashMemory(generation: unsafe core.pointee.generation) }

    /// Writes the request's whole record, not yet published, as `ok`: from now on a kill leaves it so. Call it with the
    /// texts of its ``begin(_:texts:)``; longer ones are cut to the room that was reserved.
    public func finish(_ ticket: LogTicket, texts: borrowing LogTexts, answer: LogAnswer) {
        unsafe core.pointee.finish(ticket, texts: texts, answer: answer)
    }

    /// Fills in what was known only after the send took the answer whole. In the order in which the requests were
    /// finished.
    public func confirm(_ ticket: LogTicket, durationUs: Int64, ttfbUs: Int64?, bytesOut: UInt64) {
        unsafe core.pointee.confirm(ticket, durationUs: durationUs, ttfbUs: ttfbUs, bytesOut: bytesOut)
    }

    /// Publishes what was confirmed and frees its tickets; takes back what was finished but not confirmed, whose
    /// tickets live on.
    public func settle() {
        unsafe core.pointee.settle()
    }

    /// Writes and publishes a request that does not end well: the client left, a deadline passed, it was shed. Frees
    /// its ticket. Not between a finish and the settle.
    public func finishAborted(_ ticket: LogTicket, _ outcome: LogOutcome, texts: borrowing LogTexts, answer: LogAnswer)
    {
        unsafe core.pointee.finishAborted(ticket, outcome, texts: texts, answer: answer)
    }

    /// Publishes an error text, at most ``messageLimit`` bytes of it. Part of the ring is kept for errors, so they fit
    /// also when no request can begin. Not between a finish and the settle.
    /// - Parameters:
    ///   - requestID: the request it belongs to; 0 for none.
    ///   - client: the client's address, or empty.
    ///   - timeUs: when it was said, microseconds since 1970 UTC.
    /// - Returns: false when it found no room; it is counted then, and a gap record will say so.
    @discardableResult
    public func appendError(
        level: LogLevel = .error, requestID: UInt64, timeUs: Int64, client: RawSpan, message: RawSpan
    ) -> Bool {
        unsafe core.pointee.append(
            .error, level: level, requestID: requestID, timeUs: timeUs, client: client, message: message)
    }

    /// As ``appendError(level:requestID:timeUs:client:message:)`` for what is no error.
    @discardableResult
    public func appendMessage(requestID: UInt64, timeUs: Int64, client: RawSpan, message: RawSpan) -> Bool {
        unsafe core.pointee.append(
            .message, level: .informational, requestID: requestID, timeUs: timeUs, client: client, message: message)
    }

    /// Rings the writer's doorbell if records were published since the last call and the writer sleeps. Once per turn
    /// of the loop.
    /// - Parameter doorbell: an event descriptor.
    public func wakeWriterIfSleeping(doorbell: CInt) {
        if unsafe core.pointee.takePublished(), memory.isWriterSleepingAfterFence() { EventDescriptor.signal(doorbell) }
    }

    /// A sign of life, nanoseconds of the monotonic clock.
    public func heartbeat(_ ns: Int64) {
        memory.store(UInt64(bitPattern: ns), to: .heartbeat)
    }

    /// How many connections are open now.
    public func setConnections(_ count: Int) {
        memory.store(UInt64(count), to: .connections)
    }

    /// Counts a request that was answered 503 without a row. A gap record will say so.
    public func countShed() {
        unsafe core.pointee.countShed()
    }

    /// Counts a request that was served without a row. A gap record will say so.
    public func countDropped() {
        unsafe core.pointee.countDropped()
    }

    /// Counts a request that waited for room in the log, however that ended. A gap record will say so.
    public func countWait(us: Int64) {
        unsafe core.pointee.countWait(us: us)
    }

    /// Whether something was counted since the last gap record.
    public var hasGap: Bool { unsafe core.pointee.hasGap }

    /// Publishes a gap record, if the gap is over: if a request could begin. Not between a finish and the settle.
    /// - Parameter timeUs: now, microseconds since 1970 UTC.
    /// - Returns: false when there is no gap, or it is not over.
    @discardableResult
    public func tellGap(timeUs: Int64) -> Bool {
        unsafe core.pointee.tellGap(timeUs: timeUs)
    }

    /// Whether every entry is free: nothing was begun that has not ended.
    public var isIdle: Bool { unsafe core.pointee.isIdle }

    /// Longest text of a request in bytes; the rest is cut.
    public var textLimit: Int { unsafe core.pointee.textLimit }

    /// Longest text of an error or message in bytes; the rest is cut.
    public var messageLimit: Int { unsafe core.pointee.messageLimit }
}
