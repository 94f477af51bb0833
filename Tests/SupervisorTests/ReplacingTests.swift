// The real supervisor replacing real processes: at a wish, at HUP, at a limit of a request, and when none gets ready.
import LinuxSyscalls
import Testing

@testable import Supervisor

@Suite(.serialized) struct ReplacingTests {
    @Test func aWorkerThatAsksIsReplacedWhenItsSuccessorIsReady() throws {
        let fixture = try FixtureProcess("workers=1")
        let worker = try fixture.ready("worker 0 1")
        fixture.kill(.user1, worker)
        _ = try fixture.ready("worker 1 1")
        try fixture.expect("got SIGQUIT worker 0 1")
        try fixture.expect("retire 0")
        let ready = try #require(fixture.all.firstIndex { $0.hasPrefix("ready worker 1 1") })
        let told = try #require(fixture.all.firstIndex { $0.hasPrefix("got SIGQUIT worker 0 1") })
        #expect(ready < told)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func theReplacementIsStartedBeforeAnybodyIsWoken() throws {
        let fixture = try FixtureProcess("workers=1", "writer=none", "lives")
        let worker = try fixture.ready("worker 0 1")
        try fixture.expect("life 0 ready")
        fixture.kill(.kill, worker)
        _ = try fixture.ready("worker 0 2")
        try fixture.expect("life 0 ready")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
        let death = try #require(fixture.all.firstIndex { $0.hasPrefix("death 0 1") })
        let told = fixture.all[death...]
        let assigned = try #require(told.firstIndex { $0.hasPrefix("assign 0 2") })
        #expect(!told[..<assigned].contains("flush"))
        #expect(told[assigned...].contains("flush"))
        // Each life is told once, whatever else happens meanwhile.
        #expect(told.count { $0 == "life 0 starting" } == 1)
        #expect(told.count { $0 == "life 0 ready" } == 1)
    }

    @Test func aHangUpReplacesEveryWorker() throws {
        let fixture = try FixtureProcess("reload=serve")
        _ = try (fixture.ready("worker 0 1"), fixture.ready("worker 1 1"))
        try fixture.expect("announced")
        fixture.kill(.hangUp)
        try fixture.expect("got SIGQUIT worker 0 1")
        try fixture.expect("got SIGQUIT worker 1 1")
        try fixture.expect("log every worker has the new configuration")
        // Which slots they have depends on how soon the first worker has ended.
        #expect(fixture.all.count { $0.hasPrefix("ready worker") } == 4)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func workersOfAReloadKeepWhatItLists() throws {
        let fixture = try FixtureProcess("workers=1", "reload=serve")
        // A worker may use the number of what it does not keep for something else.
        func targets(_ processID: Int32) throws -> [Int32: String] {
            var targets: [Int32: String] = [:]
            for number in try ProcessTable.descriptors(of: processID) {
                targets[number] = try? ProcessTable.target(of: number, in: processID)
            }
            return targets
        }
        let listed = try fixture.expect("descriptors ").compactMap { Int32($0) }
        let own = try targets(fixture.processID)
        let kept = listed.prefix(2).map { own[$0] }
        let first = try targets(fixture.ready("worker 0 1"))
        #expect([first[listed[0]] == kept[0], first[listed[1]] == kept[1]] == [true, false])
        try fixture.expect("announced")
        fixture.kill(.hangUp)
        let second = try targets(fixture.ready("worker 1 1"))
        #expect([second[listed[0]] == kept[0], second[listed[1]] == kept[1]] == [false, true])
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test(arguments: [("die", "log the reload stops"), ("refuse", "log the server goes on with the configuration")])
    func aBadConfigurationKeepsTheWorkers(mode: String, line: String) throws {
        let fixture = try FixtureProcess("reload=\(mode)")
        let workers = [try fixture.ready("worker 0 1"), try fixture.ready("worker 1 1")]
        try fixture.expect("announced")
        fixture.kill(.hangUp)
        try fixture.expect(line)
        fixture.kill(.kill, workers[0])
        _ = try fixture.ready("worker 0 2")
        #expect(!fixture.all.contains { $0.hasPrefix("got ") })
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aResponderStandsInUntilAWorkerIsReady() throws {
        let fixture = try FixtureProcess("worker=die", "failures=5", "responder=1")
        try fixture.expect("got SIGQUIT responder 1")
        let answers = try #require(fixture.all.firstIndex { $0.hasPrefix("log no worker gets ready") })
        let serves = try #require(fixture.all.firstIndex(of: "announced"))
        #expect(answers < serves)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aRequestIsEndedAtItsSoftLimit() throws {
        let fixture = try FixtureProcess("workers=1", "look-ms=50", "soft-ms=300", "hard-ms=60000")
        _ = try fixture.ready("worker 0 1")
        try fixture.expect("death 0 1 signalled(LinuxSyscalls.Signal(rawValue: 14)) overdue")
        _ = try fixture.ready("worker 0 2")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    @Test func aStoppedWorkerIsKilledAtTheHardLimit() throws {
        let fixture = try FixtureProcess("workers=1", "look-ms=50", "hard-ms=400")
        let worker = try fixture.ready("worker 0 1")
        // Else it may be stopped before it has told the master that it is ready.
        try fixture.expect("announced")
        let readyNs = Clock.monotonicNs()
        fixture.kill(Signal(rawValue: 19), worker)
        try fixture.expect("death 0 1 signalled(LinuxSyscalls.Signal(rawValue: 9)) overdue")
        let tookMs = (Clock.monotonicNs() - readyNs) / 1_000_000
        print("hard limit of 400 ms: killed and collected after \(tookMs) ms")
        #expect(tookMs < 2_000, "450 ms on an idle machine")
        _ = try fixture.ready("worker 0 2")
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }

    /// A master that was stopped for three seconds grants all of them to the request, which has begun before.
    @Test func nobodyIsKilledBecauseTheMasterWasStopped() throws {
        let startNs = Clock.monotonicNs()
        let fixture = try FixtureProcess("workers=1", "look-ms=50", "hard-ms=2000")
        _ = try fixture.ready("worker 0 1")
        // Else it may be stopped before it knows of the worker, and then has nothing to look at each 50 ms.
        try fixture.expect("announced")
        let stopNs = Clock.monotonicNs()
        fixture.kill(Signal(rawValue: 19))
        while Clock.monotonicNs() - stopNs < 3_000_000_000 { _ = try EventPoll().wait(timeoutMs: 50) }
        fixture.kill(Signal(rawValue: 18))
        try fixture.expect("death 0 1 signalled(LinuxSyscalls.Signal(rawValue: 9)) overdue")
        // From its start, which took a moment itself: 2 s of its own, and nearly 3 s in which the master slept.
        #expect(Clock.monotonicNs() - startNs > 4_000_000_000)
        fixture.kill(.terminate)
        #expect(try fixture.ended() == 0)
    }
}
