// Somebody asks for old rows to be removed: the writer does it, or whoever asks when there is none.
import AccessLog
import Foundation
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct PruneRequestTests {
    private let tenDaysAgoUs = Clock.realtimeUs() - 10 * 86_400_000_000

    private func storeOld(_ fixture: LogFixture, count: Int) throws {
        let (copier, _) = try fixture.makeCopier()
        for _ in 0..<count { try fixture.request(startUs: tenDaysAgoUs) }
        try fixture.request()
        try fixture.drainAll(copier)
        copier.close()
    }

    private var goal: PruneGoal { PruneGoal(beforeUs: tenDaysAgoUs + 86_400_000_000) }

    @Test func messageIsReadAsItIsWritten() throws {
        var count = PruneCount()
        (count.requests, count.messages, count.lives, count.texts, count.freedBytes) = (1, 2, 3, 4, 5)
        for state in PruneMessage.State.allCases {
            for goal in [PruneGoal(beforeUs: 7), PruneGoal(maximumBytes: 8), PruneGoal(beforeUs: 0, maximumBytes: 9)] {
                let message = PruneMessage(state: state, goal: goal, count: count)
                #expect(PruneMessage(Array(message.text.utf8)) == message)
            }
        }
    }

    @Test(arguments: [
        "", "\n", "wanted\n", "wanted", "wanted\nbefore_us=1", "wanted\nbefore_us=-1\n", "wanted\nbefore_us=1\n\n",
        "wanted\nbefore_us=99999999999999999999\n", "wanted\nbefore_us=1\nbefore_us=1\n", "wanted\nbefore_us=1 \n",
        "wanted\nbefore_us=0x1\n", "wanted\nsql=1\nbefore_us=1\n", "wanted\nbefore_us=\n", "hurry\nbefore_us=1\n",
        "wanted\nbefore_us=1\n\u{0}", String(repeating: "wanted\n", count: 200),
    ])
    func anythingElseIsNoMessage(text: String) {
        #expect(PruneMessage(Array(text.utf8)) == nil)
        #expect(PruneMessage([0xff] + Array(text.utf8)) == nil)
    }

    @Test func withoutAWriterWhoeverAsksDoesIt() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        try storeOld(fixture, count: 500)
        #expect(try LogReader(path: fixture.database).pruneEstimate(goal).requests == 500)
        var seen: [Int64] = []
        let count = try LogPruner(fixture.database).run(goal) { seen.append($0.requests) }
        #expect(count.requests == 500 && seen.last == 500)
        try fixture.expectEachOnce([501])
        #expect(throws: LogReadError.self) { try LogPruner(fixture.folder.appending("none.db")).run(goal) }
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.appending("none.db").string))
    }

    @Test func theWriterDoesItWhenOneRuns_andTheRequestIsGoneThen() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        try storeOld(fixture, count: 500)
        let writer = try RunningWriter(fixture).ready()
        let count = try LogPruner(fixture.database).run(goal)
        #expect(count.requests == 500)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder.string).allSatisfy {
                !$0.contains("-prune-")
            })
        try writer.stop()
        try fixture.expectEachOnce([501])
    }

    @Test func aWriterThatDoesNotAnswerIsWaitedForNoLongerThanAllowed() throws {
        let fixture = try LogFixture()
        try storeOld(fixture, count: 1)
        let lock = try LogDatabaseLock(beside: fixture.database)
        let isLocked = lock.tryLock()
        try #require(isLocked)
        let pruner = try LogPruner(fixture.database)
        #expect(throws: LogReadError.self) { try pruner.run(goal, timeoutSeconds: 0.3) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder.string).allSatisfy {
                !$0.contains("-prune-")
            })
    }

    @Test func hostileRequestsAreRefusedAndHarmNothing() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        try storeOld(fixture, count: 10)
        let writer = try RunningWriter(fixture).ready()
        let path = { (digit: Character) in
            "\(fixture.database)-prune-" + String(repeating: digit, count: 16)
        }
        let victim = fixture.folder.appending("victim").string
        try Data("precious".utf8).write(to: URL(filePath: victim))
        try Data(repeating: 65, count: 1 << 20).write(to: URL(filePath: path("a")))
        try FileManager.default.createSymbolicLink(atPath: path("b"), withDestinationPath: victim)
        try FileManager.default.createDirectory(atPath: path("c"), withIntermediateDirectories: false)
        try Data("wanted\nbefore_us=1\nsql=2\n".utf8).write(to: URL(filePath: path("d")))
        eventually("refused") {
            ["a", "b", "d"].allSatisfy { PruneMessage.read(FilePath(path($0)))?.state == .refused }
        }
        #expect(try Data(contentsOf: URL(filePath: victim)) == Data("precious".utf8))
        #expect(try LogPruner(fixture.database).run(goal).requests == 10, "a good one behind them is served")
        try writer.stop()
    }

    @Test func aRunThatItsWriterDidNotSurviveIsDoneByTheNext() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        try storeOld(fixture, count: 100)
        // What a writer leaves that was killed at work.
        let path = PruneMessage.path(fixture.database, 7)
        try PruneMessage(state: .running, goal: goal).write(to: path)
        let writer = try RunningWriter(fixture).ready()
        eventually("done") { PruneMessage.read(path)?.state == .done }
        #expect(PruneMessage.read(path)?.count.requests == 100)
        try writer.stop()
    }
}
