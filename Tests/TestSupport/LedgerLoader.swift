// Sends numbered requests over many connections from one thread and keeps the ledger of their fates.
internal import LinuxSyscalls
internal import SystemPackage

/// A load: what to ask for, how often, and for how long at most.
public struct LedgerLoader: Sendable {
    /// Something to ask for.
    public struct Target: Sendable {
        /// Without a query; the number of the request becomes one.
        public let path: String
        /// Bytes of the body that a full answer has.
        public let size: Int
        /// The status that it has.
        public let status: Int

        /// A path and the length of its body.
        public init(path: String, size: Int, status: Int = 200) {
            self.path = path
            self.size = size
            self.status = status
        }
    }

    /// The port on 127.0.0.1.
    public let port: UInt16
    /// What to ask for; which number gets which is drawn by lot.
    public let targets: [Target]
    /// How many requests; their numbers are 0, 1, 2, …
    public let requests: Int
    /// How many connections at a time, each with one request under way.
    public var connections = 64
    /// After this time the load ends, whatever is left, in milliseconds.
    public var timeLimitMs = 120_000
    /// For the lot.
    public var seed: UInt64 = 1
    /// What each query begins with, before `=` and the number: tells several loads on one log apart.
    public var tag = "n"
    /// Once true, no more requests are sent, and the load ends when those under way are answered.
    public var isOver: @Sendable () -> Bool = { false }

    /// A load of so many requests.
    public init(port: UInt16, targets: [Target], requests: Int) {
        self.port = port
        self.targets = targets
        self.requests = requests
    }

    /// Runs the load to its end.
    ///
    /// - Parameters:
    ///   - intervalMs: how often to call the hook, in milliseconds.
    ///   - hook: answers whether to go on; if not, what is under way stays ``Ledger/Fate/sent``. The load waits for it.
    public func run(every intervalMs: Int = 1_000, _ hook: () throws -> Bool = { true }) throws -> Ledger {
        try LoadRun(self).toEnd(intervalMs, hook)
    }

    /// The target of a number.
    public func target(of number: Int) -> Target {
        targets[targetIndex(of: number)]
    }

    func targetIndex(of number: Int) -> Int {
        var lot = SeededGenerator(seed: seed &+ UInt64(number) &* 0x2545_f491_4f6c_dd1d)
        return Int(lot.next() % UInt64(targets.count))
    }
}

/// One connection and the request that is under way on it.
private final class LoadConnection {
    let socket: Socket
    let incoming = ByteBuffer(capacity: 16_384)
    /// -1: none is under way.
    var number = -1
    var target = 0
    var sentNs: Int64 = 0
    /// Bytes of the body still to come; nil: the head is not complete.
    var bodyLeft: Int?
    var status = 0
    var bodySize = 0
    var closes = false

    /// Whether anything of the answer is there.
    var hasBegun: Bool { bodyLeft != nil || !incoming.isEmpty }

    init(_ address: SocketAddress) throws {
        socket = try Socket(connectingTo: address)
        socket.disableNagle()
        try DescriptorIO.setNonBlocking(socket.rawValue, true)
    }
}

/// The state of a load while it runs.
private final class LoadRun {
    private let loader: LedgerLoader
    private let address: SocketAddress
    private let events: EventPoll
    private var slots: [LoadConnection?]
    private var ledger: Ledger
    private var next = 0
    private var limit: Int
    private var underWay = 0
    private var startNs: Int64 = 0
    private let heads: [String]
    private let outgoing = ByteBuffer(capacity: 512)

    init(_ loader: LedgerLoader) throws {
        self.loader = loader
        address = .ipv4(0x7f00_0001, port: loader.port)
        events = try EventPoll(capacity: 256)
        slots = Array(repeating: nil, count: loader.connections)
        ledger = Ledger(requests: loader.requests, tag: loader.tag)
        limit = loader.requests
        heads = loader.targets.map { "GET \($0.path)?\(loader.tag)=" }
    }

    func toEnd(_ intervalMs: Int, _ hook: () throws -> Bool) throws -> Ledger {
        let start = Clock.monotonicNs()
        startNs = start
        let end = start + Int64(loader.timeLimitMs) * 1_000_000
        let interval = Int64(intervalMs) * 1_000_000
        var nextHook = start + interval
        while next < limit || underWay > 0 {
            for index in slots.indices where slots[index] == nil && next < limit { connect(index) }
            for event in 0..<(try events.wait(timeoutMs: 10)) { receive(Int(events.token(at: event))) }
            if loader.isOver() { limit = next }
            let now = Clock.monotonicNs()
            if now >= end { break }
            if now >= nextHook {
                guard try hook() else { break }
                nextHook = max(nextHook + interval, now)
            }
        }
        ledger.elapsedMs = Int((Clock.monotonicNs() - start) / 1_000_000)
        return ledger
    }

    private func connect(_ index: Int) {
        do {
            let connection = try LoadConnection(address)
            try events.add(connection.socket.rawValue, .read, token: UInt64(index))
            slots[index] = connection
            sendNext(connection, index)
        } catch {
            ledger.failedConnections += 1
        }
    }

    private func sendNext(_ connection: LoadConnection, _ index: Int) {
        guard next < limit else { return }
        connection.number = next
        connection.target = loader.targetIndex(of: next)
        connection.bodyLeft = nil
        connection.sentNs = Clock.monotonicNs()
        ledger.fates[next] = .sent
        underWay += 1
        next += 1
        let request = outgoing
        request.removeAll()
        request.append(heads[connection.target])
        request.append(decimal: UInt64(connection.number))
        request.append(" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ledger\r\n\r\n")
        // A request is far smaller than any socket buffer: it goes whole or the connection is dead.
        if connection.socket.send(request.bytes) != .bytes(request.count) { lose(connection, index) }
    }

    private func receive(_ index: Int) {
        guard let connection = slots[index] else { return }
        switch connection.socket.receive(into: connection.incoming, atMost: 262_144) {
        case .wouldBlock: return
        case .bytes(let count) where count > 0: advance(connection, index)
        case .bytes, .failed: lose(connection, index)
        }
    }

    private func advance(_ connection: LoadConnection, _ index: Int) {
        if connection.bodyLeft == nil {
            guard let head = AnswerHead(connection.incoming) else { return }
            connection.incoming.discard(head.byteCount)
            connection.status = head.status
            connection.bodySize = head.contentLength
            connection.bodyLeft = head.contentLength
            connection.closes = head.closes
        }
        let taken = min(connection.bodyLeft ?? 0, connection.incoming.count)
        connection.incoming.discard(taken)
        connection.bodyLeft = (connection.bodyLeft ?? 0) - taken
        guard connection.bodyLeft == 0 else { return }
        guard connection.number >= 0 else {
            refuse("bytes that answer no request", nil)
            return close(index)
        }
        settle(connection)
        if connection.closes || !connection.incoming.isEmpty { return close(index) }
        sendNext(connection, index)
    }

    /// A whole answer is there.
    private func settle(_ connection: LoadConnection) {
        let target = loader.targets[connection.target]
        ledger.statuses[connection.number] = UInt16(clamping: connection.status)
        if connection.status == target.status, connection.bodySize == target.size {
            ledger.fates[connection.number] = .answered
            noteAnswer(connection)
        } else {
            let what =
                "\(target.path)?n=\(connection.number): status \(connection.status), \(connection.bodySize) bytes"
            refuse(what + " instead of \(target.size)", connection.number)
        }
        connection.number = -1
        underWay -= 1
    }

    private func noteAnswer(_ connection: LoadConnection) {
        let now = Clock.monotonicNs()
        ledger.latenciesUs[connection.number] = UInt32(clamping: (now - connection.sentNs) / 1_000)
        let tenth = Int((now - startNs) / 100_000_000)
        while ledger.answersByTenth.count <= tenth { ledger.answersByTenth.append(0) }
        ledger.answersByTenth[tenth] += 1
    }

    private func refuse(_ what: String, _ number: Int?) {
        if let number { ledger.fates[number] = .refused }
        if ledger.refusals.count < 20 { ledger.refusals.append(what) }
    }

    private func lose(_ connection: LoadConnection, _ index: Int) {
        ledger.lostConnections += 1
        if connection.number >= 0 {
            ledger.fates[connection.number] = connection.hasBegun ? .cut : .broken
            connection.number = -1
            underWay -= 1
        }
        close(index)
    }

    /// Lets the connection go; closing takes it out of the poll.
    private func close(_ index: Int) {
        slots[index] = nil
    }
}
