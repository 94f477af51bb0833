// The accept/handle loop of one process: one level-triggered epoll, synchronous handlers.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls
internal import SystemPackage

/// Drives the connections of a server.
final class EventLoop {
    let server: HTTPServer
    let configuration: ServerConfiguration
    let allowsHTTP09: Bool
    let poll: EventPoll
    let log: RequestLog
    let crashHandler: CrashHandler?
    let temporaryDirectory: FilePath
    /// Where the status of the server is served; nil for nowhere.
    let statusPath: String?
    /// For short texts that are copied at once.
    let scratch = ByteBuffer(capacity: 1024)
    let buffers = BufferPool()
    let deadlines: Deadlines
    var isDraining = false
    var isStopped = false
    /// CGI scripts that were started and not collected yet.
    var scripts: [Script] = []
    /// No script is due before.
    var scriptsDueNs: Int64 = .max
    /// What scripts write passes through here.
    lazy var scriptBuffer = ByteBuffer(capacity: Script.readBytes)
    /// The clock at the last reading, monotonic nanoseconds.
    private(set) var nowNs: Int64

    private(set) var connections: [Connection?] = []
    private var generations: [UInt32] = []
    private var freeIndexes: [Int] = []
    private(set) var openCount = 0
    private var nextNumber: UInt32 = 0
    /// Connections with a turn left, served after the next look for events.
    private var postponed: [Connection] = []
    private var waitingForLog: [Connection] = []
    var acceptor: Acceptor
    private let clientLimits: ClientLimits
    /// Whether nobody but the master before this one can connect: it speaks for itself.
    var isBehindGate = false
    var drainDeadlineNs: Int64 = .max
    /// In a drain of the last holder of the sockets: until when their queues are emptied.
    var acceptUntilNs: Int64 = .min
    private var requestLimit: Int
    private var wallOffsetUs: Int64 = 0
    private var wallReadNs: Int64 = .min
    private var dateSeconds: Int64 = -1
    private var dateCache = ""
    private var watches: Watches = [:]
    private var nextWatch = EventLoop.watchToken

    private static let watchToken: UInt64 = 1 << 63
    private typealias Watches = [UInt64: () -> Void]

    /// See ``Rehearsal``.
    static func rehearse() {
        var watches: Watches = [:]
        watches[watchToken] = {}
    }

    /// How often requests look whether the log has room again, in milliseconds.
    private static let logRetryMs = 10

    init(_ server: HTTPServer, listeners: [Listener], sink: AccessLogSink?, sharesListeners: Bool) throws(Errno) {
        self.server = server
        configuration = server.configuration
        allowsHTTP09 = server.allowsHTTP09
        poll = try EventPoll()
        crashHandler = server.crashHandler
        log = RequestLog(sink, crashHandler: crashHandler, configuration)
        temporaryDirectory = FilePath(configuration.temporaryDirectory)
        statusPath = server.ring == nil ? nil : configuration.statusPath
        deadlines = Deadlines(configuration)
        requestLimit = server.requestLimit ?? .max
        nowNs = Clock.monotonicNs()
        clientLimits = ClientLimits(configuration)
        acceptor = Acceptor(listeners, shared: sharesListeners)
    }

    // MARK: Running

    /// Calls `action` whenever a descriptor is readable: the stopper, a worker's signals, the pipes of a script.
    ///
    /// - Returns: what ``unwatch(_:_:)`` wants.
    @discardableResult
    func watch(_ descriptor: CInt, _ action: @escaping () -> Void) throws(Errno) -> UInt64 {
        let token = nextWatch
        try poll.add(descriptor, .read, token: token)
        nextWatch += 1
        watches[token] = action
        return token
    }

    /// Ends a watch. An event of it that waits in this turn is passed over.
    func unwatch(_ token: UInt64, _ descriptor: CInt) {
        watches[token] = nil
        try? poll.remove(descriptor)
    }

    /// One turn: wait for events, serve them, accept, and look after the time limits.
    ///
    /// - Parameter timeoutMs: the longest wait; nil for as long as nothing is due.
    func turn(timeoutMs: Int? = nil) throws(Errno) {
        acceptor.update(poll, accepting: mayAccept, nowNs: nowNs)
        let count = try poll.wait(timeoutMs: CInt(clamping: waitMs(timeoutMs)))
        readClock()
        // Taken before the events: a connection that an event gives its turn now has its next one in the next.
        let due = takePostponed()
        var acceptable = false
        for event in 0..<count {
            let token = poll.token(at: event)
            if token & Self.watchToken != 0 {
                watches[token]?()
            } else if acceptor.owns(token) {
                acceptable = true
            } else if let connection = connection(token) {
                serve(connection, poll.readiness(at: event))
            }
        }
        for connection in due where connection.phase != .closed { connection.proceed() }
        if acceptable, !isStopped { accept() }
        retryLog()
        expire()
        if isDraining { drainFurther() }
        if clientLimits.reportDueNs <= nowNs { log.warn(clientLimits.takeReport(), at: wallClockUs(nowNs)) }
        if log.begunCount >= requestLimit {
            requestLimit = .max
            server.requestLimitReached()
        }
        if log.isGapDue(nowNs: nowNs) { log.tellGap(nowNs: nowNs, timeUs: wallClockUs(nowNs)) }
        log.turnEnded(nowNs: nowNs, connections: openCount)
        server.serviceActions()
    }

    private func serve(_ connection: Connection, _ readiness: Readiness) {
        if connection.interest == .write {
            // The peer took bytes, or is gone: sending tells.
            connection.proceed()
        } else if !readiness.isEmpty {
            connection.readable()
        }
    }

    private func takePostponed() -> [Connection] {
        if postponed.isEmpty { return [] }
        let due = postponed
        postponed = []
        return due
    }

    private func waitMs(_ limit: Int?) -> Int {
        if !postponed.isEmpty { return 0 }
        var wait = limit ?? -1
        func atMost(_ ms: Int) { wait = wait < 0 ? max(0, ms) : min(wait, max(0, ms)) }
        if !waitingForLog.isEmpty { atMost(Self.logRetryMs) }
        if log.hasGap { atMost(RequestLog.gapIntervalMs) }
        if let pause = acceptor.pauseEndNs { atMost(Int((pause - nowNs) / 1_000_000) + 1) }
        let due = min(deadlines.nextNs ?? .max, drainDueNs, min(scriptsDueNs, clientLimits.reportDueNs))
        if due != .max {
            atMost(Int((due - nowNs) / 1_000_000) + 1)
        }
        return wait
    }

    // MARK: Clocks

    /// Reads the clock into ``nowNs``.
    @discardableResult
    func readClock() -> Int64 {
        nowNs = Clock.monotonicNs()
        return nowNs
    }

    /// A reading of the monotonic clock as microseconds since 1970 UTC. The difference is read once a second.
    func wallClockUs(_ ns: Int64) -> Int64 {
        if ns >= wallReadNs &+ 1_000_000_000 || wallReadNs == .min {
            wallReadNs = ns
            wallOffsetUs = Clock.realtimeUs() - Clock.monotonicNs() / 1000
        }
        return ns / 1000 + wallOffsetUs
    }

    /// Now, as header fields write it; one text a second.
    func dateText() -> String {
        let seconds = wallClockUs(nowNs) / 1_000_000
        if seconds != dateSeconds {
            dateSeconds = seconds
            dateCache = HTTPDate.format(unixSeconds: seconds)
        }
        return dateCache
    }

    // MARK: Connections

    /// What epoll tells of a connection: its place, and which connection of that place it is.
    func token(_ connection: Connection) -> UInt64 {
        UInt64(generations[connection.index]) << 32 | UInt64(connection.index)
    }

    private func connection(_ token: UInt64) -> Connection? {
        let index = Int(token & 0xffff_ffff)
        guard index < connections.count, generations[index] == UInt32(token >> 32) else { return nil }
        return connections[index]
    }

    /// Has a connection served again before the next wait, after the others.
    func postpone(_ connection: Connection) {
        guard connection.watch([]) else { return }
        deadlines.remove(connection.index)
        postponed.append(connection)
    }

    /// Has a connection tried again when the log may have room.
    func awaitLogRoom(_ connection: Connection) {
        guard connection.watch([]) else { return }
        deadlines.remove(connection.index)
        waitingForLog.append(connection)
    }

    private func retryLog() {
        if waitingForLog.isEmpty { return }
        let turn = waitingForLog
        waitingForLog.removeAll(keepingCapacity: true)
        for connection in turn where connection.phase == .logRoom { connection.proceed() }
    }

    /// Forgets a closed connection; its socket closes with the last reference.
    func remove(_ connection: Connection) {
        let index = connection.index
        if connection.interest != nil { try? poll.remove(connection.socket.rawValue) }
        deadlines.remove(index)
        clientLimits.forget(connection)
        connections[index] = nil
        // Thirty bits: those above tell tokens of listeners and watched descriptors.
        generations[index] = (generations[index] + 1) & 0x3fff_ffff
        freeIndexes.append(index)
        openCount -= 1
    }

    private func expire() {
        while let (index, kind) = deadlines.expired(nowNs: nowNs) {
            deadlines.remove(index)
            connections[index]?.expired(kind)
        }
        if scriptsDueNs <= nowNs { expireScripts() }
    }

    // MARK: Accepting

    private var mayAccept: Bool {
        (!isDraining || acceptUntilNs > nowNs) && !isStopped && waitingForLog.isEmpty
            && (openCount < configuration.connectionLimit || deadlines.oldest(.idle) != nil)
    }

    private func accept() {
        for count in 0..<acceptor.acceptsPerTurn {
            guard mayAccept else { return }
            if openCount >= configuration.connectionLimit, let idle = deadlines.oldest(.idle) {
                // Only the first is known to wait: an idle connection does not make room for nobody.
                if count > 0 { return }
                connections[idle]?.close(outcome: .ok)
            }
            guard let socket = acceptor.accept(nowNs: nowNs) else { return }
            admit(socket)
        }
    }

    func admit(_ socket: consuming Socket) {
        let index = freeIndexes.popLast() ?? connections.count
        if index == connections.count {
            connections.append(nil)
            generations.append(0)
        }
        nextNumber &+= 1
        let connection = Connection(socket, index: index, loop: self, number: nextNumber)
        connections[index] = connection
        openCount += 1
        if !isBehindGate, clientLimits.expectProxyHeader(of: connection.socket.peer) {
            connection.phase = .proxyHeader
        } else if !introduce(connection) {
            return
        }
        // The first bytes are mostly there already: no need to ask epoll.
        connection.readable()
    }

    /// Takes up a connection whose client is known; false when it was closed instead.
    func introduce(_ connection: Connection) -> Bool {
        guard clientLimits.admit(connection) else {
            connection.refuse()
            return false
        }
        do {
            if server.verifyRequest(connection) {
                try server.processRequest(connection)
                return true
            }
        } catch {
            server.handleError(connection, error: error)
        }
        connection.close(outcome: .ok)
        return false
    }

    /// Serves one connection alone to its end: `handleRequest()`.
    func serveOne(deadlineNs: Int64) throws(Errno) -> Bool {
        let first = nextNumber
        acceptor.acceptsPerTurn = 1
        while nextNumber == first, !isStopped {
            let leftNs = max(0, deadlineNs - readClock())
            try turn(timeoutMs: deadlineNs == .max ? nil : Int((leftNs + 999_999) / 1_000_000))
            if leftNs == 0, nextNumber == first { return false }
        }
        acceptor.isPausedForGood = true
        while openCount > 0 || !scripts.isEmpty, !isStopped { try turn() }
        return true
    }

    // MARK: Stopping

    /// Ends the loop at the end of this turn.
    func stop() {
        isStopped = true
    }

    /// Closes everything; requests in flight are `killed`.
    func closeAll() {
        for connection in connections { connection?.close(outcome: .killed) }
        // Closed connections in these lists would keep the loop, and it them.
        postponed.removeAll()
        waitingForLog.removeAll()
        endScripts()
        log.turnEnded(nowNs: nowNs, connections: 0)
    }
}
