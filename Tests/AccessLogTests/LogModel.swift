// The model of the log: workers, completers and a writer that die anywhere, and what must hold in the end.
import LinuxSyscalls

@testable import AccessLog

/// One walk. The code under test is the real protocol; the model supplies memory, deaths, the client and the database.
struct LogModel {
    let slot: ModelSlot
    var random: SplitMix
    /// What went wrong, in the order found.
    var faults: [String] = []

    // The database: rows and position change together.
    var rows: [UInt64: [LogOutcome]] = [:]
    var storedPosition: UInt64?

    // The client and an all-seeing witness.
    var begun: Set<UInt64> = []
    var answered: Set<UInt64> = []
    /// What the row must say; not there: anything but ok. Requests in the window between finish and settle at a death
    /// may also be ok.
    var expected: [UInt64: LogOutcome] = [:]
    var inWindow: Set<UInt64> = []
    var nextID: UInt64 = 1
    /// Ends of workers, by generation: as the master saw them, and as the last record tells them.
    var ends: (seen: [UInt64: LogWorkerEnd], told: [UInt64: LogWorkerEnd]) = ([:], [:])
    /// What gap records told of shed requests, and of requests that waited.
    var told: (shed: UInt64, waits: UInt64) = (0, 0)

    init(seed: UInt64, entries: Int = 4, ringBytes: Int = 4096) {
        slot = ModelSlot(entryCount: entries, ringBytes: ringBytes)
        random = SplitMix(seed: seed)
    }

    // MARK: A worker's life

    /// A worker process and what it remembers.
    struct Worker {
        let memory: ModelMemory
        var core: ProducerCore<ModelMemory>
        let generation: UInt64
        var open: [(id: UInt64, ticket: LogTicket)] = []
        var running: UInt64?
        var finished: [UInt64] = []
    }

    func startWorker(generation: UInt64, budget: Int) -> Worker {
        let memory = ModelMemory(slot, budget: budget)
        slot.control[ControlWord.generation.index] = generation
        var core = ProducerCore(memory, slot: 0, generation: generation, processID: 100)
        core.completePredecessor(startUs: 1_000)
        return Worker(memory: memory, core: core, generation: generation)
    }

    mutating func begin(_ worker: inout Worker) {
        let id = nextID
        nextID += 1
        let target = LogModel.target(id)
        let ticket = worker.core.begin(
            LogStart(requestID: id, connection: 1, protocolNumber: 11, startUs: 10, startMonotonicNs: 10),
            texts: LogModel.texts(target.span.raw))
        guard let ticket, !worker.memory.isDead else { return }
        begun.insert(id)
        worker.open.append((id, ticket))
    }

    mutating func setRunning(_ worker: inout Worker, _ index: Int?) {
        worker.core.setRunning(index.map { worker.open[$0].ticket })
        if !worker.memory.isDead { worker.running = index.map { worker.open[$0].id } }
    }

    /// Finishes the first `count` open requests, sends, and the kernel takes the first `whole` answers.
    mutating func answer(_ worker: inout Worker, count: Int, whole: Int) {
        for (id, ticket) in worker.open.prefix(count) {
            let target = LogModel.target(id)
            worker.core.finish(ticket, texts: LogModel.texts(target.span.raw), answer: LogModel.answer)
            if !worker.memory.isDead { worker.finished.append(id) }
        }
        if worker.memory.step() { answered.formUnion(worker.open.prefix(whole).map(\.id)) }
        for (_, ticket) in worker.open.prefix(whole) {
            worker.core.confirm(ticket, durationUs: 5, ttfbUs: 3, bytesOut: 100)
        }
        worker.core.settle()
        if !worker.memory.isDead {
            worker.finished = []
            worker.open.removeFirst(whole)
        }
    }

    mutating func abort(_ worker: inout Worker, _ index: Int) {
        let (id, ticket) = worker.open[index]
        let target = LogModel.target(id)
        worker.core.finishAborted(ticket, .aborted, texts: LogModel.texts(target.span.raw), answer: LogModel.answer)
        guard !worker.memory.isDead else { return }
        expected[id] = .aborted
        worker.open.remove(at: index)
    }

    /// Counts a request that waited and was shed, and tells it if there is room.
    func overflow(_ worker: inout Worker, tell: Bool) {
        worker.core.countWait(us: 10)
        worker.core.countShed()
        if tell { _ = worker.core.tellGap(timeUs: 5) }
    }

    func appendError(_ worker: inout Worker) {
        let message = [UInt8](repeating: 109, count: 20)
        _ = worker.core.append(
            .error, level: .error, requestID: 0, timeUs: 1, client: RawSpan(), message: message.span.raw)
    }

    /// The process ends, now at the latest; the master sees how, unless it died too.
    mutating func bury(_ worker: Worker, _ end: LogWorkerEnd) {
        for (id, _) in worker.open where !answered.contains(id) {
            // What an abort had got to when the worker died cannot be told from outside.
            expected[id] = end.outcome(wasRunning: worker.running == id)
        }
        inWindow.formUnion(worker.finished)
        if end != .lost {
            let death = DeathRecord(
                generation: worker.generation, processID: 100, end: end, startUs: 0, endUs: 2_000)
            death.store { slot.control[$1.index] = $0 }
            ends.seen[worker.generation] = end
            takeOver(for: worker)
        }
    }

    /// What the master does for a worker that is not the first to die before it took the slot over.
    private func takeOver(for worker: Worker) {
        let taken = slot.control[ControlWord.workerGeneration.index]
        guard worker.generation - taken >= DeathRecord.untoldLimit else { return }
        var core = ProducerCore(ModelMemory(slot), slot: 0, generation: worker.generation, processID: 100)
        core.completePredecessor(startUs: 0)
    }

    // MARK: The writer

    /// Copies what is published in one transaction; killed before the commit, between commit and tail, or not.
    mutating func drain(budget: Int = .max) {
        let memory = ModelMemory(slot, budget: budget)
        var reader = ReaderCore(memory, slot: 0, storedPosition: storedPosition)
        var batch: [(UInt64, LogOutcome)] = []
        var gaps: [(UInt64, UInt64)] = []
        var lives: [(UInt64, LogWorkerEnd)] = []
        while reader.load() {
            _ = reader.drain(limit: 3, before: .max) { record in
                if record.kind == .request { batch.append((record.requestID, record.outcome)) }
                if record.kind == .workerEnded { lives.append((record.requestID, record.end)) }
                if record.kind == .gap { gaps.append((record.shedCount, record.waitCount)) }
                return true
            }
        }
        if reader.damagedCount > 0 { faults.append("a damaged record") }
        guard memory.step() else { return }
        for (id, outcome) in batch { rows[id, default: []].append(outcome) }
        for (generation, end) in lives { ends.told[generation] = end }
        for gap in gaps { told = (told.shed + gap.0, told.waits + gap.1) }
        storedPosition = reader.position
        memory.store(reader.position, to: .tail)
    }

    /// A completion by the writer; false when it was killed.
    func complete(budget: Int) -> Bool {
        let memory = ModelMemory(slot, budget: budget)
        Completion(memory, slot: 0).run(below: .max)
        return !memory.isDead
    }

    // MARK: What must hold

    mutating func check() {
        let counted = [ControlWord.shed, .waits].map { slot.control[$0.index] }
        if [told.shed, told.waits] != counted { faults.append("gap records tell \(told) of \(counted)") }
        if slot.control[ControlWord.lostErrors.index] == 0 {
            for (generation, end) in ends.seen where ends.told[generation] != end {
                faults.append("worker \(generation) ended \(end) and is \(String(describing: ends.told[generation]))")
            }
        }
        for id in 1..<nextID {
            let found = rows[id] ?? []
            guard begun.contains(id) else {
                if !found.isEmpty { faults.append("\(id) was never begun and has rows") }
                continue
            }
            if found.count != 1 {
                faults.append("\(id) has \(found.count) rows")
            } else if answered.contains(id) {
                if found != [.ok] { faults.append("\(id) was answered and is \(found)") }
            } else if !(inWindow.contains(id) && found == [.ok]) {
                if found == [.ok] { faults.append("\(id) was not answered and is ok") }
                if let outcome = expected[id], found != [outcome], found != [.aborted] {
                    faults.append("\(id) is \(found) instead of \(outcome)")
                }
            }
        }
    }

    private static func target(_ id: UInt64) -> [UInt8] {
        [UInt8](repeating: 97, count: 1 + Int(id % 19))
    }

    @_lifetime(copy target)
    private static func texts(_ target: RawSpan) -> LogTexts {
        LogTexts(
            client: RawSpan(), method: RawSpan(), target: target, host: RawSpan(), referer: RawSpan(),
            agent: RawSpan())
    }

    private static var answer: LogAnswer {
        LogAnswer(
            status: 200, bytesIn: 10, bytesOut: 100, durationUs: 4, ttfbUs: nil, connectionKept: true, hasErrors: false)
    }
}
