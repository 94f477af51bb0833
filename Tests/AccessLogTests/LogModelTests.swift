// Walks over the kill points of worker, completer and writer: no request is lost, doubled or mislabelled.
import Testing

@testable import AccessLog

@Suite("The log protocol under kills")
struct LogModelTests {
    /// A life in which everything happens: batches, answers taken in part and again, an abort, an error.
    private static func script(_ model: inout LogModel, budget: Int) -> (LogModel.Worker, Int) {
        var worker = model.startWorker(generation: 1, budget: budget)
        for _ in 0..<3 { model.begin(&worker) }
        model.setRunning(&worker, worker.open.isEmpty ? nil : 0)
        model.appendError(&worker)
        model.overflow(&worker, tell: true)
        model.answer(&worker, count: min(3, worker.open.count), whole: min(1, worker.open.count))
        model.begin(&worker)
        model.begin(&worker)
        model.setRunning(&worker, nil)
        model.answer(&worker, count: min(2, worker.open.count), whole: 0)
        model.answer(&worker, count: min(2, worker.open.count), whole: min(2, worker.open.count))
        if !worker.open.isEmpty { model.abort(&worker, 0) }
        model.overflow(&worker, tell: true)
        model.overflow(&worker, tell: false)
        model.begin(&worker)
        return (worker, worker.memory.steps)
    }

    @Test("Every kill point of a worker and of the completer that follows, exhaustively")
    func exhaustive() {
        var whole = LogModel(seed: 0)
        let (_, workerSteps) = Self.script(&whole, budget: .max)
        #expect(workerSteps > 150)
        var walks = 0
        for kill in 0...workerSteps {
            var completionBudget = 0
            while true {
                var model = LogModel(seed: 0)
                let (worker, _) = Self.script(&model, budget: kill)
                model.bury(worker, kill % 2 == 0 ? .signalled(11) : .signalled(9))
                let survived = model.complete(budget: completionBudget)
                // A drain in between gives room back, as in life.
                if completionBudget % 3 == 0 { model.drain() }
                _ = model.complete(budget: .max)
                model.drain()
                _ = model.complete(budget: .max)
                model.drain()
                model.check()
                #expect(model.faults.isEmpty, "worker killed at \(kill), completer at \(completionBudget)")
                walks += 1
                if survived || !model.faults.isEmpty { break }
                completionBudget += 1
            }
        }
        #expect(walks > 3_000)
    }

    @Test("Random lives, kills, completers and drains", arguments: 0..<4)
    func randomWalks(part: Int) {
        for walk in 0..<25_000 {
            let seed = UInt64(part * 1_000_000 + walk)
            let faults = Self.walk(seed: seed)
            #expect(faults.isEmpty, "seed \(seed)")
            if !faults.isEmpty { return }
        }
    }

    @Test("Worker after worker dies before it has taken its slot over, and each end is told")
    func deathsInARow() {
        for seed in 0..<1_000 as Range<UInt64> {
            var model = LogModel(seed: seed, ringBytes: 1 << 16)
            Self.live(&model, generation: 1)
            for generation in 2...20 as ClosedRange<UInt64> {
                let worker = model.startWorker(generation: generation, budget: model.random.below(12))
                model.bury(worker, .exited(status: Int32(generation)))
                if model.random.below(2) == 0 { model.drain(budget: model.random.below(3)) }
            }
            _ = model.complete(budget: .max)
            model.drain()
            model.check()
            #expect(model.slot.control[ControlWord.lostErrors.index] == 0 && model.ends.seen.count >= 19)
            #expect(model.faults.isEmpty, "seed \(seed)")
            if !model.faults.isEmpty { return }
        }
    }

    private static func walk(seed: UInt64) -> [String] {
        var model = LogModel(seed: seed)
        let lives = 1 + model.random.below(3)
        for generation in 1...lives {
            live(&model, generation: UInt64(generation))
            if model.random.below(2) == 0 { model.drain(budget: model.random.below(3)) }
        }
        while !model.complete(budget: model.random.below(60)) {
            if model.random.below(3) == 0 { model.drain(budget: model.random.below(3)) }
        }
        model.drain()
        // A full ring may have had no room for the last gap.
        _ = model.complete(budget: .max)
        model.drain()
        model.check()
        return model.faults
    }

    private static func live(_ model: inout LogModel, generation: UInt64) {
        // Half of the deaths strike early, most of them inside a completion.
        let budget = model.random.below(2) == 0 ? model.random.below(60) : model.random.below(250)
        var worker = model.startWorker(generation: generation, budget: budget)
        var turns = 0
        while !worker.memory.isDead, turns < 12 {
            turns += 1
            let open = worker.open.count
            switch model.random.below(9) {
            case 0, 1, 2: model.begin(&worker)
            case 3 where open > 0, 4 where open > 0:
                let count = 1 + model.random.below(open)
                model.answer(&worker, count: count, whole: model.random.below(count + 1))
            case 5 where open > 0: model.abort(&worker, model.random.below(open))
            case 6: model.setRunning(&worker, open > 0 ? model.random.below(open) : nil)
            case 7: model.random.below(2) == 0 ? model.appendError(&worker) : model.drain(budget: model.random.below(3))
            case 8: model.overflow(&worker, tell: model.random.below(2) == 0)
            default: break
            }
        }
        let ends: [LogWorkerEnd] = [.signalled(9), .signalled(4), .exited(status: 1), .timedOut(signal: 9), .lost]
        model.bury(worker, ends[model.random.below(ends.count)])
    }
}
