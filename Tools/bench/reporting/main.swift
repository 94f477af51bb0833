// Fills a database through the real log writer, and says what that cost. `bench-reporting FILE [ROWS] [ROWS-PER-DAY]`
import AccessLog
import LinuxSyscalls
import LogStore
import SystemPackage

/// The writer is a forked process, as in a server; this one publishes records as workers do, as fast as there is room.
struct Filling {
    private static let workers = 4
    let database: FilePath
    let rows: Int
    let perDay: Int

    func run() throws {
        let ring = try LogRingFile.create(database: database, slotCount: Self.workers, entriesPerSlot: 8)
        let doorbell = try EventDescriptor()
        let pause = try EventPoll(capacity: 1)
        switch try forkProcess() {
        case .child:
            CurrentProcess.exit(status: Self.write(ring, database, doorbell))
        case .parent(let child):
            try pause.add(child.rawValue, .read, token: 0)
            let producers = try (0..<Self.workers).map { slot in
                ring.assign(slot: slot, generation: 1, startUs: Clock.realtimeUs())
                let producer = try ring.worker(slot: slot, generation: 1, processID: CurrentProcess.processID)
                producer.completePredecessor(startUs: Clock.realtimeUs())
                return producer
            }
            let beganNs = Clock.monotonicNs()
            try publish(producers, doorbell.rawValue, pause)
            for slot in 0..<Self.workers { ring.retire(slot: slot) }
            doorbell.signal()
            try child.send(.terminate)
            while try child.end() == nil { _ = try pause.wait(timeoutMs: 100) }
            let seconds = Double(Clock.monotonicNs() - beganNs) / 1e9
            // Of a process that ended and was not collected.
            let processorNs = Self.number(after: "", in: "/proc/\(child.processID)/schedstat")
            let written = Self.number(after: "write_bytes: ", in: "/proc/\(child.processID)/io")
            guard case .exited(0)? = try child.collect() else { throw Errno.ioError }
            let bytes = try File.status(at: database).size
            print(
                """
                rows \(rows), \(perDay) a day
                database \(bytes) B, \(Self.perRow(Double(bytes), rows)) B/row
                written \(written) B, \(Self.perRow(Double(written), rows)) B/row
                processor \(Self.perRow(Double(processorNs) / 1_000, rows)) µs/row
                wall \(seconds) s, \(Int(Double(rows) / seconds)) rows/s, this process included
                """)
        }
    }

    private func publish(_ producers: [LogProducer], _ doorbell: CInt, _ pause: EventPoll) throws {
        var maker = TrafficMaker(perDay: perDay)
        var request = MadeRequest()
        for row in 0..<rows {
            maker.next(&request)
            let producer = producers[request.worker]
            let texts = LogTexts(
                client: request.client.span.raw, method: request.method.span.raw, target: request.target.span.raw,
                host: request.host.span.raw, referer: request.referer.span.raw, agent: request.agent.span.raw)
            let start = LogStart(
                requestID: UInt64(row) &+ 0x1234_5678_9abc_0000, connection: UInt64(row / 8),
                protocolNumber: request.protocolNumber, startUs: request.startUs, startMonotonicNs: Clock.monotonicNs())
            let answer = LogAnswer(
                status: request.status, bytesIn: request.bytesIn, bytesOut: request.bytesOut,
                durationUs: request.durationUs, ttfbUs: request.durationUs / 2, connectionKept: true, hasErrors: false)
            var ticket = producer.begin(start, texts: texts)
            while ticket == nil {
                producer.wakeWriterIfSleeping(doorbell: doorbell)
                if try pause.wait(timeoutMs: 1) > 0 { throw Errno.brokenPipe }
                ticket = producer.begin(start, texts: texts)
            }
            guard let ticket else { continue }
            producer.finish(ticket, texts: texts, answer: answer)
            producer.confirm(
                ticket, durationUs: request.durationUs, ttfbUs: request.durationUs / 2, bytesOut: request.bytesOut)
            producer.settle()
            if row % 64 == 0 { producer.wakeWriterIfSleeping(doorbell: doorbell) }
        }
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

    private static func perRow(_ value: Double, _ rows: Int) -> Double {
        (value / Double(max(1, rows)) * 1_000).rounded() / 1_000
    }
}

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).compactMap { Int($0) }
guard arguments.count >= 2, numbers.count == arguments.count - 2, numbers.allSatisfy({ $0 > 0 }) else {
    print("usage: bench-reporting FILE [ROWS=1000000] [ROWS-PER-DAY=142857]")
    CurrentProcess.exit(status: 64)
}
try Filling(
    database: FilePath(arguments[1]), rows: numbers.first ?? 1_000_000, perDay: numbers.dropFirst().first ?? 142_857
).run()
