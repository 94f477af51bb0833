// A log writer in a process of its own, as in a server, and the rings that lead to it.
import AccessLog
import LinuxSyscalls
import LogStore
import SystemPackage

/// The writer of one database, fed by this process in the place of the workers.
struct WriterProcess: ~Copyable {
    /// How many workers the requests are dealt to.
    static let workers = 4

    private let ring: LogRingFile
    private let producers: [LogProducer]
    private let doorbell: EventDescriptor
    private let child: ChildProcess
    /// Wakes when the writer ends.
    private let ending: EventPoll
    private var published: UInt64 = 0

    /// What a writer cost in its life.
    struct Cost {
        let processorNs: Int64
        let writtenBytes: Int64
    }

    /// Starts the writer of a database.
    static func start(_ database: FilePath) throws -> WriterProcess {
        let ring = try LogRingFile.create(database: database, slotCount: workers, entriesPerSlot: 8)
        // Before the writer looks: what it sees later it drains from a second later on. And before the first request:
        // records are stored in the order of their times.
        let startUs = TrafficMaker.firstUs
        for slot in 0..<workers { ring.assign(slot: slot, generation: 1, startUs: startUs) }
        let doorbell = try EventDescriptor()
        let ending = try EventPoll(capacity: 1)
        switch try forkProcess() {
        case .child: CurrentProcess.exit(status: write(ring, database, doorbell))
        case .parent(let child):
            try ending.add(child.rawValue, .read, token: 0)
            let producers = try (0..<workers).map { slot in
                let producer = try ring.worker(slot: slot, generation: 1, processID: CurrentProcess.processID)
                producer.completePredecessor(startUs: startUs)
                return producer
            }
            return WriterProcess(ring: ring, producers: producers, doorbell: doorbell, child: child, ending: ending)
        }
    }

    /// Publishes a request; waits while there is no room for it.
    mutating func publish(_ request: borrowing MadeRequest) throws {
        let producer = producers[request.worker]
        let texts = LogTexts(
            client: request.client.span.raw, method: request.method.span.raw, target: request.target.span.raw,
            host: request.host.span.raw, referer: request.referer.span.raw, agent: request.agent.span.raw)
        let start = LogStart(
            requestID: RequestID.usual(startUs: request.startUs, slot: request.worker, tree: 0) ?? published,
            connection: published / 8, protocolNumber: request.protocolNumber, startUs: request.startUs,
            startMonotonicNs: Clock.monotonicNs())
        let answer = LogAnswer(
            status: request.status, bytesIn: request.bytesIn, bytesOut: request.bytesOut,
            durationUs: request.durationUs, ttfbUs: request.ttfbUs, connectionKept: true, hasErrors: false)
        var ticket = producer.begin(start, texts: texts)
        while ticket == nil {
            wake(request.worker)
            try pause(milliseconds: 1)
            ticket = producer.begin(start, texts: texts)
        }
        guard let ticket else { return }
        producer.finish(ticket, texts: texts, answer: answer)
        producer.confirm(
            ticket, durationUs: request.durationUs, ttfbUs: request.ttfbUs, bytesOut: request.bytesOut)
        producer.settle()
        published += 1
        if published % 64 == 0 { wake(request.worker) }
    }

    /// Rings the bell as a worker does at the end of its turn.
    func wake(_ worker: Int) {
        producers[worker].wakeWriterIfSleeping(doorbell: doorbell.rawValue)
    }

    /// Whether every record of a worker is in the database.
    func isStored(_ worker: Int) -> Bool {
        ring.status(ofSlot: worker).backlogBytes == 0
    }

    /// Lets time pass; throws when the writer has ended.
    func pause(milliseconds: CInt) throws {
        if try ending.wait(timeoutMs: milliseconds) > 0 { throw Errno.brokenPipe }
    }

    /// Has the writer store everything and end.
    consuming func finish() throws -> Cost {
        for slot in 0..<Self.workers { ring.retire(slot: slot) }
        doorbell.signal()
        try child.send(.terminate)
        while try child.end() == nil { _ = try ending.wait(timeoutMs: 100) }
        // Of a process that ended and was not collected.
        let cost = Cost(
            processorNs: Self.number(after: "", in: "/proc/\(child.processID)/schedstat"),
            writtenBytes: Self.number(after: "write_bytes: ", in: "/proc/\(child.processID)/io"))
        guard case .exited(0)? = try child.collect() else { throw Errno.ioError }
        return cost
    }

    /// The life of the writer.
    private static func write(
        _ ring: LogRingFile, _ database: FilePath, _ doorbell: borrowing EventDescriptor
    ) -> Int32 {
        do {
            let signals = try SignalDescriptor(blocking: [.terminate])
            var configuration = LogWriterConfiguration(database: database)
            configuration.stopPatienceMs = 600_000
            try LogWriter(configuration).run(ring: ring, doorbell: doorbell, signals: signals) {}
            return 0
        } catch {
            print("the log writer: \(error)")
            return 1
        }
    }

    /// The number behind a word of a file of /proc; 0 when there is none.
    private static func number(after word: String, in path: String) -> Int64 {
        guard let file = try? File.open(FilePath(path), .readOnly),
            let bytes = try? File.read(file.rawValue, at: 0, count: 4_096)
        else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(word) {
            return Int64(line.dropFirst(word.count).prefix { $0.isNumber }) ?? 0
        }
        return 0
    }
}
