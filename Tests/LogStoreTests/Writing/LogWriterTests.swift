// The whole writer as it runs in its process: wakes, salvages, completes, waits, stops.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import Synchronization
import SystemPackage
import Testing

@testable import LogStore

@Suite struct LogWriterTests {
    @Test func aRecordIsARowSoonAfterTheBell() throws {
        let fixture = try LogFixture()
        let writer = try RunningWriter(fixture) { $0.gatherMs = 50 }.ready()
        var slowestUs: Int64 = 0
        for round in 1...10 {
            try fixture.request()
            let published = Clock.realtimeUs()
            try fixture.producer(0).wakeWriterIfSleeping(doorbell: writer.doorbell.rawValue)
            try eventually("row \(round)") { try fixture.number("SELECT count(*) FROM access") == Int64(round) }
            slowestUs = max(slowestUs, Clock.realtimeUs() - published)
        }
        // The promise is 100 ms; a test machine under load gets a second.
        #expect(slowestUs < 1_000_000)
        try writer.stop()
        try fixture.expectEachOnce(Array(1...10))
    }

    @Test func stopStoresWhatIsPublishedAndCleansUp() throws {
        let fixture = try LogFixture()
        let writer = try RunningWriter(fixture) { $0.gatherMs = 60_000 }.ready()
        for slot in 0..<3 { for _ in 0..<10 { try fixture.request(slot) } }
        _ = try #require(try fixture.begin(0))
        for slot in 0..<3 {
            fixture.ring.recordDeath(
                slot: slot, generation: 1, processID: Int32(1000 + slot), end: .signalled(9), atUs: Clock.realtimeUs())
            fixture.ring.retire(slot: slot)
        }
        fixture.forgetProducers()
        try writer.stop()
        #expect(!FileManager.default.fileExists(atPath: fixture.database.string + "-wal"))
        try fixture.expectEachOnce(Array(1...31))
        #expect(try fixture.number("SELECT count(*) FROM access WHERE outcome = 4 AND signal = 9") == 1)
        let workers = try fixture.rows("SELECT * FROM worker_run ORDER BY role, slot")
        #expect(workers.map { $0["reason"] as String } == ["exited", "killed", "killed", "killed"])
        #expect(workers.map { $0["requests"] as Int64 }.dropFirst().allSatisfy { $0 == 10 })
        #expect(!FileManager.default.fileExists(atPath: fixture.ring.path.string), "nothing is left to salvage")
        #expect(try fixture.number("SELECT count(*) FROM ring_position") == 0)
    }

    @Test func stopLeavesTheRingOfLivingWorkers() throws {
        let fixture = try LogFixture()
        let writer = try RunningWriter(fixture).ready()
        try fixture.request()
        try writer.stop()
        #expect(FileManager.default.fileExists(atPath: fixture.ring.path.string))
        try fixture.request()
        try RunningWriter(fixture).ready().stop()
        try fixture.expectEachOnce([1, 2])
        let lives = try fixture.rows("SELECT generation, reason FROM worker_run WHERE role = 'log' ORDER BY generation")
        #expect(lives.map { $0[0] as Int64 } == [1, 2])
        #expect(lives.map { $0[1] as String } == ["exited", "exited"])
    }

    @Test func aRetiredSlotIsCompletedWhileTheWriterRuns() throws {
        let fixture = try LogFixture()
        let writer = try RunningWriter(fixture).ready()
        try fixture.request()
        _ = try #require(try fixture.begin())
        try fixture.producer(0).setRunning(nil)
        fixture.ring.recordDeath(
            slot: 0, generation: 1, processID: 1000, end: .signalled(9), atUs: Clock.realtimeUs())
        fixture.ring.retire(slot: 0)
        writer.doorbell.signal()
        eventually("completed") { fixture.ring.isCompleted(slot: 0) }
        try fixture.expectEachOnce([1, 2])
        #expect(
            try fixture.rows("SELECT outcome FROM requests ORDER BY request_id").map { $0[0] as String } == [
                "ok", "killed",
            ])
        try writer.stop()
    }

    @Test func theRingOfADeadTreeIsSalvagedAndRemoved() throws {
        let fixture = try LogFixture()
        let deadPath: FilePath
        do {
            let dead = try LogRingFile.create(
                database: fixture.database, slotCount: 2, entriesPerSlot: 8, ringBytes: 1 << 16)
            deadPath = dead.path
            dead.assign(slot: 0, generation: 1, startUs: Clock.realtimeUs())
            let producer = try dead.worker(slot: 0, generation: 1, processID: 4711)
            producer.completePredecessor(startUs: Clock.realtimeUs())
            for number in 100..<120 {
                let start = LogStart(
                    requestID: UInt64(number), connection: 1, protocolNumber: 11, startUs: Clock.realtimeUs(),
                    startMonotonicNs: Clock.monotonicNs())
                let texts = Texts(target: Array("/dead".utf8), agent: [])
                let ticket = try #require(texts.lend { producer.begin(start, texts: $0) })
                if number == 119 { break }
                let answer = LogAnswer(
                    status: 200, bytesIn: 1, bytesOut: 2, durationUs: 3, ttfbUs: 1, connectionKept: false,
                    hasErrors: false)
                texts.lend { producer.finish(ticket, texts: $0, answer: answer) }
                if number < 118 {
                    producer.confirm(ticket, durationUs: 3, ttfbUs: 1, bytesOut: 2)
                    producer.settle()
                } else {
                    break  // its answer may have left: it counts as ok
                }
            }
        }
        try #require(FileManager.default.fileExists(atPath: deadPath.string))
        let writer = try RunningWriter(fixture).ready()
        eventually("removed") { !FileManager.default.fileExists(atPath: deadPath.string) }
        try writer.stop()
        try fixture.expectEachOnce(Array(100...118))
        #expect(try fixture.number("SELECT count(*) FROM access WHERE outcome = 0") == 19)
        let lives = try fixture.rows("SELECT pid, reason FROM worker_run WHERE role = 'worker'")
        #expect(lives.map { $0[0] as Int64 } == [4711])
        #expect(lives.map { $0[1] as String } == ["lost"])
        #expect(try fixture.number("SELECT count(DISTINCT source) FROM ring_position") == 0)
    }

    @Test func theRingOfALivingTreeIsCopiedAndLeft() throws {
        let fixture = try LogFixture()
        let other = try LogRingFile.create(
            database: fixture.database, slotCount: 2, entriesPerSlot: 8, ringBytes: 1 << 16)
        other.assign(slot: 0, generation: 1, startUs: Clock.realtimeUs())
        let producer = try other.worker(slot: 0, generation: 1, processID: 4711)
        producer.completePredecessor(startUs: Clock.realtimeUs())
        let writer = try RunningWriter(fixture).ready()
        let client: [UInt8] = []
        let text = Array("still here".utf8)
        producer.appendMessage(
            requestID: 0, timeUs: Clock.realtimeUs(), client: client.span.raw, message: text.span.raw)
        try eventually("copied without a bell") {
            try fixture.number("SELECT count(*) FROM errors WHERE message = 'still here'") == 1
        }
        try writer.stop()
        #expect(FileManager.default.fileExists(atPath: other.path.string))
    }

    @Test func aRingFileThatCannotBeReadIsLeftAloneAndSaidOnce() throws {
        let fixture = try LogFixture()
        let bad = FilePath("\(fixture.database)-ring-00000000000000ab")
        try Data(repeating: 0x5a, count: 100_000).write(to: URL(filePath: bad.string))
        let writer = try RunningWriter(fixture).ready()
        try fixture.request()
        try eventually("said") {
            try fixture.number("SELECT count(*) FROM errors WHERE message LIKE '%-ring-00000000000000ab%'") == 1
        }
        // A second one is said at a later look at the directory, which passes over the first.
        let worse = FilePath("\(fixture.database)-ring-00000000000000cd")
        try Data(repeating: 0x5b, count: 100_000).write(to: URL(filePath: worse.string))
        try eventually("the second said") {
            try fixture.number("SELECT count(*) FROM errors WHERE message LIKE '%-ring-00000000000000cd%'") == 1
        }
        try writer.stop()
        #expect(try fixture.number("SELECT count(*) FROM errors WHERE message LIKE '%-ring-00000000000000ab%'") == 1)
        #expect(try Data(contentsOf: URL(filePath: bad.string)) == Data(repeating: 0x5a, count: 100_000))
        try fixture.expectEachOnce([1])
    }

    @Test func aLockedDatabaseLosesNothing() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let writer = try RunningWriter(fixture).ready()
        let stranger = try fixture.stranger()
        var published: [UInt64] = []
        try stranger.inDatabase { (database: Database) throws in
            try database.execute(sql: "BEGIN IMMEDIATE")
            for slot in 0..<3 { for _ in 0..<50 { published.append(try #require(try fixture.request(slot))) } }
            writer.doorbell.signal()
            // It waits inside SQLite for five seconds first, then fails and tries again.
            eventually("failed") {
                writer.said.withLock { $0.contains { $0.contains("trying again, nothing is lost") } }
            }
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM access") == 0)
            try database.execute(sql: "COMMIT")
        }
        try stranger.close()
        try eventually("stored") { try fixture.number("SELECT count(*) FROM access") == Int64(published.count) }
        try writer.stop()
        try fixture.expectEachOnce(published)
        #expect(
            try fixture.number("SELECT count(*) FROM errors WHERE message LIKE 'The log could not be written for%'")
                == 1)
    }

    @Test func aDatabaseThatIsMovedAwayIsFollowedByANewOne() throws {
        let fixture = try LogFixture()
        let writer = try RunningWriter(fixture).ready()
        try fixture.request()
        writer.doorbell.signal()
        try eventually("stored") { try fixture.number("SELECT count(*) FROM access") == 1 }
        for suffix in ["-wal", "-shm", ""] {
            try FileManager.default.moveItem(
                atPath: fixture.database.string + suffix, toPath: fixture.folder.appending("old.db").string + suffix)
        }
        eventually("a new file") { FileManager.default.fileExists(atPath: fixture.database.string) }
        try fixture.request()
        writer.doorbell.signal()
        // The table is not there before the new file is made.
        eventually("stored") { (try? fixture.number("SELECT count(*) FROM access WHERE request_id = 2")) == 1 }
        try writer.stop()
        try fixture.expectEachOnce([2])
        #expect(try fixture.number("SELECT count(*) FROM errors WHERE message LIKE '%was moved or deleted%'") == 1)
    }

    @Test func oldRowsAreRemovedWhileTheWriterRuns() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let longAgoUs = Clock.realtimeUs() - 10 * 86_400_000_000
        for _ in 0..<200 { try fixture.request(startUs: longAgoUs) }
        try fixture.request()
        let (copier, _) = try fixture.makeCopier()
        try fixture.drainAll(copier)
        copier.close()
        let writer = try RunningWriter(fixture) { $0.retentionSeconds = 5 * 86_400 }.ready()
        try eventually("removed") { try fixture.number("SELECT count(*) FROM access") == 1 }
        try writer.stop()
        try fixture.expectEachOnce([201])
    }

    @Test func thereIsOneWriter() throws {
        let fixture = try LogFixture()
        let first = try RunningWriter(fixture).ready()
        let second = try RunningWriter(fixture) { $0.lockPatienceMs = 200 }
        eventually("refused") { second.isEnded }
        #expect(second.error?.reason == .otherWriter)
        #expect(second.error?.exitStatus == 75)
        #expect(second.said.withLock { $0 }.contains { $0.hasPrefix("waiting for the writer") })

        let third = try RunningWriter(fixture)
        eventually("waiting") { third.said.withLock { !$0.isEmpty } }
        #expect(!third.isReady)
        try first.stop()
        try third.ready().stop()
    }

    @Test func refusesABadDatabaseBeforeItIsReady() throws {
        let fixture = try LogFixture()
        try Data("no database at all, but a text of some length; no database at all, but a text of some length".utf8)
            .write(to: URL(filePath: fixture.database.string))
        let writer = try RunningWriter(fixture)
        eventually("refused") { writer.isEnded }
        #expect(writer.error?.reason == .notADatabase)
        #expect(!writer.isReady)
    }

    @Test func aReaderThatHoldsASnapshotIsNamedOnce() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let copier = try LogCopier(fixture.configuration, checkpointPages: 100, walPageLimit: 100)
        _ = try RingKeeper(copier, own: fixture.ring, database: fixture.database)
        try fixture.request()
        try fixture.drainAll(copier)
        let reader = try DatabaseQueue(path: fixture.database.string)
        try reader.inDatabase { (database: Database) throws in
            try database.execute(sql: "BEGIN")
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM access") == 1)
            for _ in 0..<6 {
                for _ in 0..<100 {
                    try fixture.request(target: Array("/?".utf8) + [UInt8](repeating: 65, count: 3_000))
                }
                try fixture.drainAll(copier)
            }
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM access") == 1)
            try database.execute(sql: "COMMIT")
        }
        try reader.close()
        try fixture.request()
        try fixture.drainAll(copier)
        copier.close()
        #expect(try fixture.number("SELECT count(*) FROM access") == 602)
        #expect(try fixture.number("SELECT count(*) FROM error WHERE message LIKE 'A reader holds a snapshot%'") == 1)
    }

    @Test func theWriteAheadLogStaysBoundedBehindReadersThatNeverPause() throws {
        let fixture = try LogFixture(ringBytes: 1 << 20)
        let copier = try LogCopier(fixture.configuration, checkpointPages: 200, walPageLimit: 400)
        _ = try RingKeeper(copier, own: fixture.ring, database: fixture.database)
        let stop = Atomic(false)
        let database = fixture.database.string
        let readers = DispatchGroup()
        for _ in 0..<2 {
            readers.enter()
            Thread.detachNewThread {
                var configuration = Configuration()
                configuration.readonly = true
                let queue = try? DatabaseQueue(path: database, configuration: configuration)
                while !stop.load(ordering: .relaxed) {
                    _ = try? queue?.inDatabase { try Int.fetchOne($0, sql: "SELECT sum(length(query)) FROM access") }
                }
                try? queue?.close()
                readers.leave()
            }
        }
        var largest: Int64 = 0
        for round in 0..<60 {
            for index in 0..<100 {
                let target = Array("/?".utf8) + [UInt8](repeating: UInt8(65 + round % 26), count: 3_000 + index)
                try fixture.request(target: target)
            }
            try fixture.drainAll(copier)
            largest = max(largest, (try? File.status(at: FilePath(database + "-wal")).size) ?? 0)
        }
        stop.store(true, ordering: .relaxed)
        readers.wait()
        copier.close()
        // 60 × 100 × 3 kB are 18 MB; the limit is 400 pages and what comes between two looks at it.
        #expect(largest < 1_400 * 8_192)
    }
}
