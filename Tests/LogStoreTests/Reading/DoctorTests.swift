// What doctor sees in logs that are well and in logs that are not.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite struct DoctorTests {
    private func findings(_ log: FixtureLog, isFull: Bool = false) throws -> [String: Finding] {
        // The files of a fixture are as open as the machine's umask makes them.
        for name in try log.files {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o640], ofItemAtPath: log.folder.appending(name).string)
        }
        let all = try Doctor(log.path).examine(isFull: isFull) { _ in }
        return Dictionary(all.map { ($0.check, $0) }) { first, second in first.isWrong ? first : second }
    }

    @Test func walIndex_tellsHowFarReadersAreBehind() throws {
        var bytes = [UInt8](repeating: 0, count: 136)
        func put(_ word: UInt32, _ offset: Int) {
            for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: word.littleEndian >> (8 * index)) }
        }
        for (word, offset) in [(UInt32(100), 16), (40, 96), (7, 100), (60, 104), (120, 108)] { put(word, offset) }
        #expect(WALIndex(bytes) == nil, "it is not initialized")
        bytes[12] = 1
        let index = try #require(WALIndex(bytes))
        #expect(index.waitingPages == 60)
        #expect(index.pagesBehind(mark: 0) == 60, "its readers see what is in the database, whatever the mark says")
        #expect(index.pagesBehind(mark: 1) == 40 && index.pagesBehind(mark: 2) == 0)
        #expect(WALIndex(Array(bytes.dropLast())) == nil)
    }

    @Test func locks_areReadFromTheListOfTheKernel() {
        let text = """
            1: POSIX  ADVISORY  READ  4711 fe:00:131 124 124
            1: -> POSIX  ADVISORY  WRITE 4712 fe:00:131 124 124
            2: FLOCK  ADVISORY  WRITE 26806 00:2f:99 0 EOF
            3: OFDLCK ADVISORY  READ  -1 00:2f:98 0 EOF
            4: LEASE  ACTIVE    READ  7 00:2f:97 0 EOF
            nonsense
            5: POSIX  ADVISORY  READ  0 08:01:7 9 3
            """
        let expected = [
            FileLock(kind: .posix, isExclusive: false, processID: 4711, inode: 131, bytes: 124...124),
            FileLock(kind: .flock, isExclusive: true, processID: 26_806, inode: 99, bytes: nil),
        ]
        #expect(FileLock.all(text) == expected)
    }

    @Test func walIndex_isWhatSQLiteWrote() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        // A copy: closing the file itself would give up the locks of this process on it.
        let copy = log.folder.appending("copy")
        try FileManager.default.copyItem(atPath: log.path.string + "-shm", toPath: copy.string + "-shm")
        let index = try #require(WALIndex.read(beside: copy))
        let size = try File.status(at: FilePath(log.path.string + "-wal")).size
        #expect(index.pageBytes == 4096 || index.pageBytes == 8192)
        #expect(size >= Int64(index.frames) * (index.pageBytes + 24) + 32 && index.frames > 0)
        #expect(index.waitingPages <= Int64(index.frames))
        #expect(WALIndex([]) == nil && WALIndex([UInt8](repeating: 0, count: 200)) == nil)
    }

    @Test func aLogThatIsWell_hasNoFindings() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        try log.close()
        for isFull in [false, true] {
            let found = try findings(log, isFull: isFull)
            #expect(found.values.filter(\.isWrong).isEmpty)
            #expect(found["integrity"]?.text.contains(isFull ? "integrity_check" : "quick_check") == true)
        }
    }

    @Test(.needs("python3")) func aReaderThatHoldsASnapshot_isNamedWithItsNumber() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        let script = """
            import sqlite3, sys, time
            log = sqlite3.connect(sys.argv[1])
            log.execute("BEGIN")
            print(log.execute("SELECT count(*) FROM access").fetchone()[0], flush=True)
            time.sleep(60)
            """
        let reader = try RunningProgram(InstalledProgram.path(of: "python3"), ["-c", script, log.path.string])
        _ = try reader.waitForLine { $0 == "1" ? $0 : nil }
        #expect(try findings(log)["readers"]?.isWrong == false, "it holds nothing back yet")
        for number in 1...600 { try log.insert(Access(tie: Int64(number), path: String(repeating: "x", count: 9000))) }
        let found = try #require(try findings(log)["readers"])
        #expect(found.isWrong && found.text.contains("python") && found.text.contains("\(reader.processID)"))
        #expect(found.remedy?.contains("kill \(reader.processID)") == true)
        reader.killAll()
        #expect(try findings(log)["readers"]?.isWrong == false)
    }

    @Test func damagedPages_areFound() throws {
        let log = try FixtureLog()
        for number in 0..<2000 {
            try log.insert(Access(tie: Int64(number), path: "/\(number)", agent: "agent \(number)"))
        }
        _ = try log.queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try log.close()
        let file = try File.open(log.path, .readWrite)
        let size = try File.status(of: file.rawValue).size
        let noise = [UInt8](repeating: 0xA5, count: 3000)
        for place in stride(from: size / 2, to: size - 8192, by: 8192) {
            _ = try FileDescriptor(rawValue: file.rawValue).writeAll(toAbsoluteOffset: place, noise)
        }
        let found = try findings(log)
        #expect(found["integrity"]?.isWrong == true && found["integrity"]?.remedy != nil, "\(found)")
    }

    @Test func whatADeadServerLeft_isFound() throws {
        let log = try FixtureLog()
        try log.insert(Access())
        do {
            let ring = try LogRingFile.create(
                database: log.path, slotCount: 4, entriesPerSlot: 8, ringBytes: 65_536)
            ring.assign(slot: 0, generation: 1, startUs: Clock.realtimeUs())
            let worker = try ring.worker(slot: 0, generation: 1, processID: 4242)
            worker.completePredecessor(startUs: Clock.realtimeUs())
            beginRequest(worker)
            #expect(try findings(log)["writer"]?.isWrong == true, "a server runs, and nobody writes")
        }
        let found = try #require(try findings(log)["lag"])
        #expect(found.isWrong && found.remedy?.contains("start basehttpd") == true)
    }

    private func beginRequest(_ worker: LogProducer) {
        let (text, none) = (Array("/x".utf8), [UInt8]())
        let start = LogStart(
            requestID: 7, connection: 7, protocolNumber: 11, startUs: Clock.realtimeUs(),
            startMonotonicNs: Clock.monotonicNs())
        let texts = unsafe LogTexts(
            client: text.span.bytes, method: text.span.bytes, target: text.span.bytes, host: text.span.bytes,
            referer: none.span.bytes, agent: none.span.bytes)
        #expect(worker.begin(start, texts: texts) != nil)
    }

    @Test func openPermissions_andCopiesSetAside_areFound() throws {
        let log = try FixtureLog()
        try log.close()
        _ = FileManager.default.createFile(atPath: log.path.string + "-damaged-20261122T220000Z", contents: nil)
        #expect(try findings(log)["damage"]?.text.contains("1 damaged") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: log.path.string)
        let found = try Doctor(log.path).examine(isFull: false) { _ in }.first { $0.check == "permissions" }
        #expect(found?.isWrong == true && found?.remedy?.hasPrefix("chmod o-rwx") == true)
    }

    @Test func noDatabase_isAnError() {
        #expect { try Doctor("/nowhere/access.db").examine(isFull: false) { _ in } } throws: { error in
            (error as? LogReadError)?.kind == .unreadable
        }
    }
}
