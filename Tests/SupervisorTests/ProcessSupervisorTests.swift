// The real supervisor over real processes: what is killed comes back, what is stopped ends, and nothing leaks.
import LinuxSyscalls
import Testing

@testable import Supervisor

@Suite(.serialized) struct ProcessSupervisorTests {
    @Test func startsInOrderAndStopsQuickly() throws {
        let fixture = try FixtureProcess()
        let writer = try fixture.ready("log writer 1")
        let workers = [try fixture.ready("worker 0 1"), try fixture.ready("worker 1 1")]
        try fixture.expect("announced")
        #expect(fixture.all.dropFirst().first == "ready log writer 1 \(writer)", "before any worker is started")
        #expect(try ProcessTable.name(of: fixture.processID) == "fixture")
        #expect(try ProcessTable.name(of: writer) == "fixture-log")
        #expect(try workers.map { try ProcessTable.name(of: $0) } == ["fixture-w0", "fixture-w1"])
        #expect(ProcessTable.children(of: fixture.processID).count == 3)

        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
        try fixture.expect("got SIGTERM worker 0 1")
        try fixture.expect("got SIGTERM worker 1 1")
        try fixture.expect("log writer finished")
        let last = try #require(fixture.all.lastIndex { $0.hasPrefix("retire") })
        let told = try #require(fixture.all.firstIndex { $0.hasPrefix("got SIGTERM log writer") })
        #expect(last < told, "the log writer finishes after the last slot was handed to it")
        #expect(fixture.all.count { $0 == "announced" } == 1)
    }

    @Test func aKilledWorkerIsReplacedAtOnce() throws {
        let fixture = try FixtureProcess()
        var worker = try fixture.ready("worker 0 1")
        let neighbour = try fixture.ready("worker 1 1")
        for generation in 2...51 {
            fixture.kill(.kill, worker)
            let successor = try fixture.ready("worker 0 \(generation)")
            #expect(successor != worker)
            try fixture.expect("death 0 \(generation - 1) ")
            worker = successor
        }
        #expect(!fixture.all.contains { $0.contains("next try in") }, "none had to wait")
        let children = ProcessTable.children(of: fixture.processID)
        #expect(children.count == 3)
        #expect(!children.values.contains("Z"), "every death was collected")
        #expect(children.keys.contains(neighbour), "the other worker was left alone")
        let deaths = fixture.all.indices { $0.hasPrefix("death 0") }.ranges.map(\.lowerBound)
        let starts = fixture.all.indices { $0.hasPrefix("assign 0") }.ranges.map(\.lowerBound).dropFirst()
        #expect(zip(deaths, starts).allSatisfy { $0 < $1 }, "the slot knows of the death before the next worker")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aKilledLogWriterIsReplacedWhileWorkersServe() throws {
        let fixture = try FixtureProcess()
        let workers = [try fixture.ready("worker 0 1"), try fixture.ready("worker 1 1")]
        for generation in 1...5 {
            fixture.kill(.kill, try fixture.ready("log writer \(generation)"))
        }
        let writer = try fixture.ready("log writer 6")
        let children = ProcessTable.children(of: fixture.processID)
        #expect(Set(children.keys) == Set(workers + [writer]))
        fixture.kill(.interrupt)
        #expect(try fixture.ended() == 0)
        #expect(!fixture.all.contains { $0.hasPrefix("assign 0 2") })
    }

    @Test func deathsBeforeReadinessBackOff() throws {
        let startNs = Clock.monotonicNs()
        let fixture = try FixtureProcess("workers=1", "worker=die", "failures=5")
        _ = try fixture.ready("worker 0 6")
        #expect(Clock.monotonicNs() - startNs >= (8 + 16 + 32 + 64 + 128) * 1_000_000)
        #expect(fixture.all.count { $0.contains("next try in") } == 5)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aChildThatNeverGetsReadyIsKilled() throws {
        let fixture = try FixtureProcess("workers=1", "worker=hang", "failures=2", "start-ms=500")
        _ = try fixture.ready("worker 0 3")
        #expect(fixture.all.count { $0 == "log worker 0 is not ready after 500 ms; it is killed" } == 2)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aStatusOfSysexitsBeforeReadinessEndsTheServer() throws {
        let writer = try FixtureProcess("writer=78")
        #expect(try writer.ended() == 78)
        #expect(!writer.all.contains { $0.hasPrefix("assign") })
        let workers = try FixtureProcess("worker=77", "workers=3")
        #expect(try workers.ended() == 77)
        try workers.expect("log writer finished")
        #expect(workers.all.count { $0.hasSuffix("the server stops") } == 1)
    }

    @Test func aMasterWithThreadsStartsNoChild() throws {
        let fixture = try FixtureProcess("thread=1")
        #expect(try fixture.ended() == 70)
        #expect(!fixture.all.contains { $0.hasPrefix("ready") })
    }

    @Test func gracefulStop() throws {
        let fixture = try FixtureProcess()
        try fixture.expect("announced")
        fixture.kill(.quit)
        #expect(try fixture.ended() == 0)
        try fixture.expect("got SIGQUIT worker 0 1")
        try fixture.expect("got SIGQUIT worker 1 1")
        try fixture.expect("got SIGTERM log writer 1")
    }

    @Test func signalsOfATerminalReachTheWholeGroup() throws {
        for signal in [Signal.interrupt, .quit] {
            let fixture = try FixtureProcess()
            try fixture.expect("announced")
            let children = ProcessTable.children(of: fixture.processID)
            for processID in [fixture.processID] + children.keys { fixture.kill(signal, processID) }
            #expect(try fixture.ended() == 0)
            try fixture.expect("got SIGTERM log writer 1")
        }
    }

    @Test func aMasterThatCanStartNobodyWaitsForBetterTimes() throws {
        let fixture = try FixtureProcess()
        let workers = [try fixture.ready("worker 0 1"), try fixture.ready("worker 1 1")]
        // The master has its descriptors of both; from here on no more are to be had, so neither is a child.
        try fixture.expect("assign 1 1")
        try fixture.limitDescriptors(to: 3)
        fixture.kill(.kill, workers[0])
        try fixture.expect("log worker 0 could not be started: ")
        #expect(ProcessTable.children(of: fixture.processID).keys.contains(workers[1]))
        try fixture.limitDescriptors(to: 1_024)
        let liftedNs = Clock.monotonicNs()
        _ = try fixture.ready("worker 0 2")
        #expect(Clock.monotonicNs() - liftedNs < 2_000_000_000, "150 ms on an idle machine")
        #expect(fixture.all.count { $0.hasPrefix("log worker 0 could not be started") } == 1)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func whatDoesNotEndIsKilledAtTheDeadline() throws {
        let fixture = try FixtureProcess("worker=deaf", "writer=deaf", "drain-ms=100", "finish-ms=100")
        _ = try (fixture.ready("worker 0 1"), fixture.ready("worker 1 1"))
        fixture.kill(.quit)
        #expect(try fixture.ended() == 0)
        #expect(fixture.all.count { $0.hasSuffix("has not ended in time; it is killed") } == 3)
    }

    @Test func aSecondSignalHastensAGracefulStop() throws {
        let fixture = try FixtureProcess("worker=deaf", "quick-ms=50")
        _ = try (fixture.ready("worker 0 1"), fixture.ready("worker 1 1"))
        fixture.kill(.quit)
        try fixture.expect("got SIGQUIT worker 0 1")
        fixture.kill(.interrupt)
        try fixture.expect("got SIGTERM worker 0 1")
        #expect(try fixture.ended() == 0)
    }

    @Test func aLogWriterKilledInTheStopIsStartedAgainToFinish() throws {
        let fixture = try FixtureProcess("writer=deaf", "failures=1")
        try fixture.expect("announced")
        let writer = try fixture.ready("log writer 1")
        fixture.kill(.terminate)
        try fixture.expect("got SIGTERM log writer 1")
        fixture.kill(.kill, writer)
        #expect(try fixture.ended() == 0)
        try fixture.expect("got SIGTERM log writer 2")
        try fixture.expect("log writer finished")
    }

    @Test func oneWorkerMoreAndOneLess() throws {
        let fixture = try FixtureProcess("workers=1", "busy=3")
        _ = try fixture.ready("worker 0 1")
        fixture.kill(.terminalInput)
        _ = try fixture.ready("worker 1 1")
        fixture.kill(.terminalOutput)
        try fixture.expect("got SIGQUIT worker 1 1")
        try fixture.expect("retire 1")
        fixture.kill(.terminalInput)
        // Three refusals in between, each with its wait.
        _ = try fixture.ready("worker 1 2")
        #expect(
            fixture.all.filter { $0.hasPrefix("asked") } == [
                "asked 1 false", "asked 1 false", "asked 1 false", "asked 1 true",
            ])
        fixture.kill(.terminalOutput)
        try fixture.expect("retire 1")
        fixture.kill(.terminalOutput)
        try fixture.expect("log there are 1 workers")
        #expect(ProcessTable.children(of: fixture.processID).count == 2)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test(arguments: [(Signal.user1, "there is no log file"), (.user2, "SIGUSR2 is ignored")])
    func otherSignalsHarmNobody(signal: Signal, line: String) throws {
        let fixture = try FixtureProcess()
        let worker = try fixture.ready("worker 0 1")
        fixture.kill(signal)
        try fixture.expect("log " + line)
        fixture.kill(signal, worker)
        try fixture.expect("got \(signal.name) worker 0 1")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
        #expect(!fixture.all.contains { $0.hasPrefix("assign 0 2") })
    }

    @Test func nobodyOutlivesAKilledMaster() throws {
        let fixture = try FixtureProcess("workers=3")
        for slot in 0...2 { _ = try fixture.ready("worker \(slot) 1") }
        fixture.kill(.kill)
        // The output ends when the last process that holds it is gone.
        _ = try fixture.ended()
        for slot in 0...2 { try fixture.expect("got SIGTERM worker \(slot) 1") }
        #expect(fixture.all.last == "log writer outlived all")
    }

    @Test func aLogWriterOfAKilledMasterWaitsForTheLastWorker() throws {
        let fixture = try FixtureProcess("workers=2", "worker=deaf")
        let workers = [try fixture.ready("worker 0 1"), try fixture.ready("worker 1 1")]
        fixture.kill(.kill)
        try fixture.expect("got SIGTERM worker 0 1")
        try fixture.expect("got SIGTERM worker 1 1")
        #expect(!fixture.all.contains("log writer outlived all"))
        fixture.kill(.kill, workers[0])
        fixture.kill(.kill, workers[1])
        _ = try fixture.ended()
        try fixture.expect("log writer outlived all")
    }

    @Test func childrenKeepOnlyWhatIsListed() throws {
        let fixture = try FixtureProcess(shell: "exec 9</dev/null")
        let listed = try fixture.expect("descriptors ").compactMap { Int32($0) }
        let writer = try fixture.ready("log writer 1")
        let worker = try fixture.ready("worker 1 1")
        // Besides the lifeline a worker keeps the pipe in which it may ask for a replacement.
        for (processID, kept, pipes) in [(worker, listed[0], 2), (writer, listed[1], 1)] {
            let open = try ProcessTable.descriptors(of: processID)
            #expect(open.isSuperset(of: [0, 1, 2, kept]))
            var kinds: [String] = []
            for descriptor in open.subtracting([0, 1, 2, kept]) {
                kinds.append(try ProcessTable.target(of: descriptor, in: processID))
            }
            // Besides the pipes: its own two, for signals and (for a moment) to wait for them.
            #expect(kinds.count { $0 == "anon_inode:[signalfd]" } == 1)
            #expect(kinds.count { $0.hasPrefix("pipe:") } == pipes)
            #expect(kinds.count { $0 == "anon_inode:[eventpoll]" } == kinds.count - 1 - pipes)
            #expect(kinds.count <= 2 + pipes)
        }
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func childrenBlockExactlyWhatTheyRead() throws {
        let fixture = try FixtureProcess()
        let steering = Set(SupervisorSignal.allCases.map(\.signal.rawValue))
        for processID in [try fixture.ready("worker 0 1"), try fixture.ready("log writer 1")] {
            #expect(try ProcessTable.signals("SigBlk", of: processID) == steering)
            #expect(try ProcessTable.signals("SigIgn", of: processID).contains(Signal.brokenPipe.rawValue))
        }
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aStarterThatIgnoredChildrenDoesNotBlindTheMaster() throws {
        let fixture = try FixtureProcess("workers=1", shell: "trap '' CHLD")
        fixture.kill(.kill, try fixture.ready("worker 0 1"))
        _ = try fixture.ready("worker 0 2")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aStormOfSignalsAndKillsLeavesNothing() throws {
        let fixture = try FixtureProcess("workers=3")
        try fixture.expect("announced")
        var random = SplitMix64(state: 3)
        for _ in 0..<300 {
            let children = ProcessTable.children(of: fixture.processID)
            switch random.next() % 4 {
            case 0: fixture.kill(.terminalInput)
            case 1: fixture.kill(.terminalOutput)
            default: if let child = children.keys.randomElement(using: &random) { fixture.kill(.kill, child) }
            }
        }
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
        #expect(fixture.all.last == "leaving with 0")
    }
}
