// The loop's side of the access log: begins, finishes and settles requests in the order that loses nothing.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls

/// Writes requests and messages to the ring of this process; without one, lets everything pass.
final class RequestLog {
    private let producer: LogProducer?
    private let doorbell: CInt
    private let crashHandler: CrashHandler?
    private let worker: AccessLogSink.Worker
    /// When the request began that got a usual number last.
    private var lastStartUs: Int64 = 0
    /// The number that the last request got which has no usual one.
    private var unusualID: UInt64
    /// Requests begun and not ended.
    private var openCount = 0
    /// Requests begun in the life of this process.
    private(set) var begunCount = 0
    /// Open requests from which on a connection may have no second one.
    private let crowd: Int
    /// How long a handler may run, and how much later it is killed; 0: for ever.
    private let limitNs: Int64
    private let killDelayNs: Int64
    /// The limit of the handler that runs; 0: it has none.
    private var softNs: Int64 = 0
    private let overflow: LogOverflow
    private let blockNs: Int64
    /// Hides what the log must not know; nil when there is nothing to hide.
    let mask: QueryMask?
    private var clientText: ClientText
    /// Since when no request could begin; 0: the last one could.
    private var fullSinceNs: Int64 = 0
    private var gapDueNs: Int64 = 0

    /// Least time between two gap records, in milliseconds, as the log may be full again and again.
    static let gapIntervalMs = 1_000

    init(_ sink: AccessLogSink?, crashHandler: CrashHandler?, _ configuration: ServerConfiguration) {
        crowd = configuration.requestsPerTurn
        limitNs = Deadlines.nanoseconds(configuration.requestTimeoutSeconds)
        killDelayNs = Deadlines.nanoseconds(configuration.requestKillDelaySeconds)
        self.crashHandler = crashHandler
        overflow = configuration.logOverflow
        mask = QueryMask(configuration.logMaskedParameters)
        clientText = ClientText(configuration.logClient, key: configuration.logClientKey)
        blockNs = Deadlines.nanoseconds(configuration.logBlockTimeoutSeconds)
        producer = sink?.producer
        doorbell = sink?.doorbell ?? -1
        worker = sink?.worker ?? AccessLogSink.Worker()
        // Random, so that a restart does not repeat ids. Without the kernel's random numbers the clock must do.
        unusualID = (try? Random.bits64()) ?? UInt64(bitPattern: Clock.monotonicNs()) &* 0x9e37_79b9_7f4a_7c15
    }

    /// Whether the entries beyond one a connection are in use: then pipelining clients that do not read could keep
    /// others from theirs.
    var isCrowded: Bool { openCount >= crowd }

    /// What the log is told of a client.
    func clientText(of host: String, timeUs: Int64) -> String {
        clientText.text(of: host, unixSeconds: timeUs / 1_000_000)
    }

    /// What comes of a request that asks to be begun.
    enum Admission {
        /// It is in the log, or need not be.
        case granted
        /// The log has no room: ask again.
        case waiting
        /// The log has no room, and had none for too long: answer 503.
        case refused
    }

    /// Begins the connection's present request.
    func begin(_ connection: Connection) -> Admission {
        if connection.record.isBegun { return .granted }
        connection.noteTexts()
        guard let producer else {
            begunCount += 1
            connection.record.isBegun = true
            return .granted
        }
        number(&connection.record)
        let record = connection.record
        let start = LogStart(
            requestID: record.requestID, connection: UInt64(connection.number), protocolNumber: record.protocolNumber,
            startUs: record.startUs, startMonotonicNs: record.startNs)
        guard let ticket = connection.withTexts(record, { producer.begin(start, texts: $0) }) else {
            return overflowed(connection, producer)
        }
        fullSinceNs = 0
        openCount += 1
        begunCount += 1
        if record.waitingSinceNs != 0 { endWait(connection) }
        connection.record.ticket = ticket
        connection.record.isBegun = true
        return .granted
    }

    /// Gives a request its number.
    private func number(_ record: inout RequestRecord) {
        // Those of one turn have its time: each begins a microsecond behind the one before.
        let behindUs = lastStartUs &- record.startUs
        if behindUs >= 0, behindUs < 1_000 { record.startUs = lastStartUs &+ 1 }
        if record.startUs > lastStartUs,
            let usual = RequestID.usual(startUs: record.startUs, slot: worker.slot, tree: worker.tree)
        {
            lastStartUs = record.startUs
            record.requestID = usual
        } else {
            unusualID &+= 1
            record.requestID = unusualID & (1 << 63 - 1)
        }
    }

    /// What the policy wants of a request for which there is no room.
    private func overflowed(_ connection: Connection, _ producer: LogProducer) -> Admission {
        let now = connection.loop.nowNs
        if fullSinceNs == 0 { fullSinceNs = now }
        switch overflow {
        case .block:
            if connection.record.waitingSinceNs == 0 { connection.record.waitingSinceNs = now }
            if now - min(fullSinceNs, connection.record.waitingSinceNs) < blockNs { return .waiting }
            endWait(connection)
            fallthrough
        case .shed:
            producer.countShed()
            connection.record.isBegun = true
            connection.record.isShed = true
            connection.record.retryAfterSeconds = 1
            return .refused
        case .drop:
            producer.countDropped()
            connection.record.isBegun = true
            return .granted
        }
    }

    /// Counts the time that the connection's present request waited for room; one that did not wait at all is none.
    func endWait(_ connection: Connection) {
        let waitedNs = connection.loop.nowNs - connection.record.waitingSinceNs
        if connection.record.waitingSinceNs != 0, waitedNs > 0 { producer?.countWait(us: waitedNs / 1_000) }
        connection.record.waitingSinceNs = 0
    }

    /// A handler runs now: to whose request a crash belongs, what its client is sent then, and how long it may take.
    /// Plain stores, and a reading of the clock when there is a limit.
    func beginRunning(_ connection: Connection) {
        let record = connection.record
        if let producer {
            producer.setRunning(record.ticket)
            if softNs != 0 { producer.setDeadlines(softNs: 0, hardNs: 0) }
        }
        if let crashHandler {
            let output = connection.output
            let start = connection.response.phase == .none ? output.end : connection.response.startPlace
            crashHandler.begin(
                descriptor: connection.socket.rawValue, form: connection.answerForm,
                requestID: record.ticket == nil ? 0 : record.requestID, connection: UInt64(connection.number),
                start: start, sent: output.sent, pending: output.isEmpty ? nil : output.memory)
        }
        if limitNs > 0 { limit(toNs: connection.loop.readClock() + limitNs) }
    }

    /// No handler runs.
    func endRunning() {
        if softNs != 0 { limit(toNs: 0) }
        crashHandler?.end()
        producer?.setRunning(nil)
    }

    /// What was written of the answer until now was no part of it: an interim response.
    func answerBegins(_ connection: Connection) {
        crashHandler?.moveStart(to: connection.output.end, pending: connection.output.memory)
    }

    /// The handler that runs has at least so many seconds more.
    func extendLimit(seconds: Double, nowNs: Int64) {
        if softNs != 0 { limit(toNs: max(softNs, nowNs + Deadlines.nanoseconds(seconds))) }
    }

    /// The handler waits for its client, which has a limit of its own. Answers what ``resumeLimit(_:waitedNs:)`` wants.
    func suspendLimit() -> Int64 {
        let suspended = softNs
        if suspended != 0 { limit(toNs: 0) }
        return suspended
    }

    func resumeLimit(_ suspended: Int64, waitedNs: Int64) {
        if suspended != 0 { limit(toNs: suspended + waitedNs) }
    }

    private func limit(toNs ns: Int64) {
        softNs = ns
        producer?.setDeadlines(softNs: ns, hardNs: ns == 0 ? 0 : ns + killDelayNs)
    }

    /// An answer is complete and waits for its turn to leave.
    func setAnswer(_ record: RequestRecord) {
        guard let producer, let ticket = record.ticket, record.isWhole else { return }
        producer.setAnswer(
            ticket, status: record.status, bytes: record.endPlace - record.startPlace, end: record.endPlace)
    }

    /// Refuses the connection's present request if its like has ended several workers; false when it may run.
    func refuses(_ connection: Connection) -> Bool {
        // Asked for every request, so the texts are looked for only when there is something to compare them with.
        guard let producer, producer.refusesAny else { return false }
        let nowNs = connection.loop.nowNs
        guard
            let untilNs = connection.withTexts(connection.record, { producer.refusedUntilNs($0, nowNs: nowNs) })
        else { return false }
        connection.record.retryAfterSeconds = Int32(clamping: (untilNs - nowNs) / 1_000_000_000 + 1)
        return true
    }

    /// Says which status was decided for the request whose handler runs.
    func setStatus(_ code: Int, of record: RequestRecord) {
        if let producer, let ticket = record.ticket { producer.setStatus(UInt16(truncatingIfNeeded: code), of: ticket) }
    }

    /// Writes the records of the answers that a send up to `place` may hand over whole.
    func prepare(_ connection: Connection, upTo place: UInt64) {
        guard let producer else { return }
        var answers = connection.takeAnswers()
        for index in answers.indices {
            let record = answers[index]
            guard record.isWhole, !record.isFinished, record.endPlace <= place, let ticket = record.ticket else {
                continue
            }
            let answer = answer(record, nowNs: connection.loop.nowNs, outBytes: record.endPlace - record.startPlace)
            connection.withTexts(record) { producer.finish(ticket, texts: $0, answer: answer) }
            answers[index].isFinished = true
        }
        connection.answers = answers
    }

    /// After a send: publishes what left whole, and takes the rest back.
    func sent(_ connection: Connection) {
        let place = connection.output.sent
        let now = connection.loop.readClock()
        var answers = connection.takeAnswers()
        var left = 0
        for index in answers.indices {
            if answers[index].firstByteNs == 0, answers[index].startPlace < place { answers[index].firstByteNs = now }
            if answers[index].isWhole, answers[index].endPlace <= place {
                confirm(answers[index], nowNs: now)
                left += 1
            } else {
                answers[index].isFinished = false
            }
        }
        producer?.settle()
        if left == answers.count { answers.removeAll(keepingCapacity: true) } else { answers.removeFirst(left) }
        connection.answers = answers
    }

    private func confirm(_ record: RequestRecord, nowNs: Int64) {
        guard record.isFinished, let producer, let ticket = record.ticket else { return }
        let answer = answer(record, nowNs: nowNs, outBytes: record.endPlace - record.startPlace)
        openCount -= 1
        producer.confirm(ticket, durationUs: answer.durationUs, ttfbUs: answer.ttfbUs, bytesOut: answer.bytesOut)
    }

    /// When nothing is left to send: ends answers without a byte of their own behind what left, and those that were cut
    /// short.
    func allSent(_ connection: Connection) {
        if connection.answers.isEmpty { return }
        prepare(connection, upTo: connection.output.sent)
        sent(connection)
        abandon(connection, outcome: .aborted)
    }

    /// Ends the answers of a connection that goes.
    func abandon(_ connection: Connection, outcome: LogOutcome) {
        let outcome = outcome == .ok ? .aborted : outcome
        let answers = connection.takeAnswers()
        guard let producer, !answers.isEmpty else { return }
        // What a failed send left finished is taken back first.
        producer.settle()
        let place = connection.output.sent
        for record in answers {
            guard let ticket = record.ticket else { continue }
            openCount -= 1
            let out =
                place > record.startPlace ? min(place, max(record.endPlace, record.startPlace)) - record.startPlace : 0
            let answer = answer(record, nowNs: connection.loop.readClock(), outBytes: out)
            connection.withTexts(record) { producer.finishAborted(ticket, outcome, texts: $0, answer: answer) }
        }
    }

    /// Appends an error or message of the present request; false when nothing logs here.
    func append(_ message: String, isError: Bool, of connection: Connection) -> Bool {
        guard let producer else { return false }
        let record = connection.record
        // It is counted; room is for what happens to those that are served.
        if record.isShed { return true }
        if isError, record.ticket != nil { connection.record.hasErrors = true }
        let time = connection.loop.wallClockUs(connection.loop.readClock())
        let client = connection.loggedClient.utf8.span.octets
        let text = message.utf8.span.octets
        if isError {
            producer.appendError(
                requestID: record.ticket == nil ? 0 : record.requestID, timeUs: time, client: client, message: text)
        } else {
            producer.appendMessage(
                requestID: record.ticket == nil ? 0 : record.requestID, timeUs: time, client: client, message: text)
        }
        return true
    }

    /// Appends an error that belongs to no connection.
    func warn(_ message: String, at timeUs: Int64) {
        guard let producer else { return LogLine.write("", message) }
        producer.appendError(
            requestID: 0, timeUs: timeUs, client: "".utf8.span.octets, message: message.utf8.span.octets)
    }

    /// Whether something was counted that no gap record has told.
    var hasGap: Bool { producer?.hasGap ?? false }

    /// Whether to try to tell it.
    func isGapDue(nowNs: Int64) -> Bool { hasGap && nowNs >= gapDueNs }

    /// Tells a gap that is over.
    func tellGap(nowNs: Int64, timeUs: Int64) {
        guard let producer, producer.tellGap(timeUs: timeUs) else { return }
        gapDueNs = nowNs + Int64(Self.gapIntervalMs) * 1_000_000
    }

    /// Once per turn of the loop: a sign of life, and the writer's doorbell when there is something to write.
    func turnEnded(nowNs: Int64, connections: Int) {
        guard let producer else { return }
        producer.heartbeat(nowNs)
        producer.setConnections(connections)
        producer.wakeWriterIfSleeping(doorbell: doorbell)
    }

    private func answer(_ record: RequestRecord, nowNs: Int64, outBytes: UInt64) -> LogAnswer {
        LogAnswer(
            status: record.status, bytesIn: record.inBytes, bytesOut: outBytes,
            durationUs: (nowNs - record.startNs) / 1000,
            ttfbUs: record.firstByteNs == 0 ? nil : (record.firstByteNs - record.startNs) / 1000,
            connectionKept: record.keptAlive, hasErrors: record.hasErrors, isShed: record.retryAfterSeconds != 0)
    }
}

extension Connection {
    /// Notes where the present request's texts lie, before its head is forgotten.
    func noteTexts() {
        record.inputOffset = requestStart
        record.protocolNumber = head.method.isEmpty ? 0 : head.protocolNumber
        record.method = head.method
        record.target = head.target
        record.host = head.host
        record.referer = head.referer
        record.agent = head.agent
    }

    /// Calls `body` with the texts of a request of this connection.
    func withTexts<Result>(_ record: RequestRecord, _ body: (borrowing LogTexts) -> Result) -> Result {
        let client = loggedClient.utf8.span.octets
        guard let input else {
            return body(
                LogTexts(
                    client: client, method: RawSpan(), target: RawSpan(), host: RawSpan(), referer: RawSpan(),
                    agent: RawSpan()))
        }
        let bytes = input.bytes.extracting(droppingFirst: record.inputOffset)
        if let mask = loop.log.mask {
            let target = mask.masked(bytes.extracting(record.target.range))
            let referer = mask.masked(bytes.extracting(record.referer.range))
            return body(
                LogTexts(
                    client: client, method: bytes.extracting(record.method.range), target: target.span.octets,
                    host: bytes.extracting(record.host.range), referer: referer.span.octets,
                    agent: bytes.extracting(record.agent.range)))
        }
        return body(
            LogTexts(
                client: client, method: bytes.extracting(record.method.range),
                target: bytes.extracting(record.target.range), host: bytes.extracting(record.host.range),
                referer: bytes.extracting(record.referer.range), agent: bytes.extracting(record.agent.range)))
    }
}
