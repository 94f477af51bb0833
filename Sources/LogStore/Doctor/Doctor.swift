// Looks a log over from outside: file, schema, write-ahead log, readers, writer, rings, disk.
internal import AccessLog
internal import Foundation
internal import GRDB
internal import LinuxSyscalls
internal import Schema
public import SystemPackage

/// Looks at everything that a running log depends on. It reads; what it names is for people to mend.
public struct Doctor {
    /// A write-ahead log beyond this many bytes is one that a reader holds: the writer keeps it below.
    static let walLimitBytes: Int64 = 128 << 20

    /// Pages between a held snapshot and the present that are worth a word: 8 MiB.
    static let snapshotLimitPages: Int64 = 1024

    /// How long a row may wait in a ring before somebody should look, in seconds.
    static let lagLimitSeconds = 5.0

    /// Room on the disk below which the log is close to its end.
    static let freeLimitBytes: Int64 = 256 << 20

    private let database: FilePath

    /// - Parameter database: The database file; symbolic links are followed.
    public init(_ database: FilePath) {
        self.database = FilePath(URL(fileURLWithPath: database.string).resolvingSymlinksInPath().path)
    }

    /// Looks.
    ///
    /// - Parameters:
    ///   - isFull: Whether indexes are compared with their tables too.
    ///   - willRead: Takes what ends the reading early; called once, before it begins.
    /// - Returns: What was seen, in the order in which one would look.
    /// - Throws: ``LogReadError`` when there is no database that can be looked at.
    public func examine(isFull: Bool, willRead: (@escaping @Sendable () -> Void) -> Void) throws -> [Finding] {
        let before = snapshot()
        let waiting = (try? LiveReport.trees(database: database)).map(Self.waitingBytes) ?? 0
        // The second look comes after the reader is gone: see WALIndex.read.
        let (content, newestUs) = try contentFindings(isFull: isFull, willRead: willRead)
        let after = snapshot()
        let trees: [LogTreeStatus]
        var rings: [Finding] = []
        do {
            trees = try LiveReport.trees(database: database)
        } catch let error as LogReadError {
            trees = []
            rings = [.wrong("ring", error.description, remedy: "move the file away once no server uses it")]
        }
        rings += ringFindings(trees, newestUs: newestUs, waitingBefore: waiting)
        // The kernel's list of locks moves while it is read: one look at a busy machine may miss a line.
        let writers = after.writers.isEmpty && trees.contains { !$0.isDead } ? before.writers : after.writers
        return content + [walFinding(after)] + readerFindings(before, after, writers)
            + [writerFinding(writers, trees)] + rings + placeFindings()
    }

    // MARK: The database

    private func contentFindings(
        isFull: Bool, willRead: (@escaping @Sendable () -> Void) -> Void
    ) throws -> (findings: [Finding], newestUs: Int64?) {
        do {
            let reader = try LogReader(path: database)
            willRead(reader.interrupt)
            let (version, newestUs) = try reader.read { database in
                let version: Int32? = try Row.fetchOne(database, sql: SQL.identity)?[1]
                let newest = try Int64.fetchOne(database, sql: SQL.newest)
                return (version ?? 0, newest.map(DatabaseFormat.unixMicroseconds(ofID:)))
            }
            return ([schemaFinding(version), integrityFinding(reader, isFull: isFull)], newestUs)
        } catch let error as LogReadError where error.kind == .damaged || error.kind == .newer {
            let check = error.kind == .newer ? "schema" : "integrity"
            return ([.wrong(check, error.description, remedy: "see the message")], nil)
        }
    }

    private func schemaFinding(_ version: Int32) -> Finding {
        let present = DatabaseFormat.schemaVersion
        if version == present { return .fine("schema", "schema \(version)") }
        return .fine(
            "schema", "schema \(version); this release writes \(present)",
            remedy: "a start of this release's basehttpd brings it to schema \(present)")
    }

    private func integrityFinding(_ reader: LogReader, isFull: Bool) -> Finding {
        let name = isFull ? "integrity_check" : "quick_check"
        let start = ContinuousClock.now
        do {
            let said = try reader.read { database in
                try String.fetchAll(database, sql: isFull ? SQL.integrityCheck : SQL.quickCheck)
            }
            let seconds = NumberText.fixed((ContinuousClock.now - start) / .seconds(1), decimals: 2)
            if said == ["ok"] { return .fine("integrity", "\(name) finds nothing wrong (\(seconds) s)") }
            return .wrong(
                "integrity", said.first ?? "\(name) says nothing",
                remedy: "stop the server, move the file away with its -wal; sqlite3 FILE .recover saves what is left")
        } catch let error as LogReadError where error.kind == .timedOut {
            return .fine(
                "integrity", "\(name) did not come to its end in time", remedy: "give it longer with --timeout SECONDS")
        } catch {
            return .wrong(
                "integrity", "\(error)", remedy: "stop the server and move the file away with its -wal")
        }
    }

    // MARK: The write-ahead log

    /// What can be seen of the write-ahead log at a moment.
    private struct WALLook {
        let bytes: Int64
        let index: WALIndex?
        let holders: [FileHolder]
        let locks: [FileLock]
        let writers: [Int32]
    }

    private func snapshot() -> WALLook {
        let shm = file("-shm")
        let holders = FileHolder.all(of: [database, file("-wal"), shm, file("-lock")])
        let status = try? File.status(at: file("-wal"))
        return WALLook(
            bytes: status?.size ?? 0, index: WALIndex.read(beside: database), holders: holders,
            locks: FileLock.all(on: shm, holders),
            writers: FileLock.all(on: file("-lock"), holders).filter(\.isExclusive).map(\.processID))
    }

    private func walFinding(_ look: WALLook) -> Finding {
        let size = NumberText.bytes(Double(look.bytes))
        let waiting = look.index.map { ", \(NumberText.grouped($0.waitingPages)) pages not in the database yet" } ?? ""
        let text = look.bytes == 0 ? "no write-ahead log" : "write-ahead log of \(size)\(waiting)"
        guard look.bytes > Self.walLimitBytes else { return .fine("wal", text) }
        return .wrong(
            "wal", text, remedy: "end the reader that holds it (see readers); the file shrinks by itself then")
    }

    private func readerFindings(_ before: WALLook, _ after: WALLook, _ writers: [Int32]) -> [Finding] {
        var findings: [Finding] = []
        for mark in 0..<WALIndex.markCount {
            let byte = WALIndex.firstLockByte + Int64(mark)
            let readers = { (look: WALLook) in
                Set(look.locks.filter { $0.bytes?.contains(byte) == true && !$0.isExclusive }.map(\.processID))
            }
            // One that reads in short transactions is seldom there twice, and never at the same place of the log.
            guard let index = after.index, before.index?.marks[mark] == index.marks[mark] else { continue }
            let behind = index.pagesBehind(mark: mark)
            for reader in readers(before).intersection(readers(after)).sorted() {
                let text = "\(name(of: reader)) holds a snapshot, \(NumberText.grouped(behind)) pages behind"
                findings.append(
                    behind < Self.snapshotLimitPages
                        ? .fine("readers", text)
                        : .wrong(
                            "readers", text,
                            remedy: "have it end its transaction, or end it: kill \(max(0, reader))"))
            }
        }
        let others = after.holders.filter { !writers.contains($0.processID) }
        let names = others.prefix(20).map { "\($0.command) (\($0.processID))" }.joined(separator: ", ")
        let rest = others.count > 20 ? " and \(others.count - 20) more" : ""
        if findings.isEmpty {
            findings.append(
                .fine("readers", others.isEmpty ? "nobody else has it open" : "open in \(names)\(rest); none holds it"))
        }
        return findings
    }

    private func writerFinding(_ writers: [Int32], _ trees: [LogTreeStatus]) -> Finding {
        if let writer = writers.first { return .fine("writer", "\(name(of: writer)) writes the log") }
        let isServed = trees.contains { !$0.isDead }
        guard isServed else { return .fine("writer", "no server writes the log") }
        return .wrong(
            "writer", "a server runs, and nobody holds the writer's lock \(database.string)-lock",
            remedy: "see the server's messages for why its log writer ends; it starts a new one within seconds")
    }

    private func name(of process: Int32) -> String {
        process > 0 ? "\(FileHolder.command(of: process)) (process \(process))" : "a process of another container"
    }

    // MARK: Where it lies

    private func placeFindings() -> [Finding] {
        var findings: [Finding] = []
        let manager = FileManager.default
        if let attributes = try? manager.attributesOfFileSystem(forPath: database.string),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.int64Value
        {
            let text = "\(NumberText.bytes(Double(free))) free on the file system"
            findings.append(
                free >= Self.freeLimitBytes
                    ? .fine("disk", text)
                    : .wrong("disk", text, remedy: "make room, or have httpstats prune --max-size remove old rows"))
        }
        findings.append(permissionFinding())
        let folder = database.removingLastComponent()
        let base = "\(database.lastComponent?.string ?? "")-damaged-"
        let names = (try? manager.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder.string)) ?? []
        let copies = names.filter { $0.hasPrefix(base) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
        if let first = copies.first {
            findings.append(
                .wrong(
                    "damage", "\(copies.count) damaged database(s) were set aside, the first as \(first)",
                    remedy: "look after the disk; sqlite3 FILE .recover saves what is left; then remove them"))
        }
        return findings
    }

    private func permissionFinding() -> Finding {
        let manager = FileManager.default
        var owners: [String: Int] = [:]
        for suffix in ["", "-wal", "-shm", "-lock"] {
            guard let attributes = try? manager.attributesOfItem(atPath: database.string + suffix) else { continue }
            owners[suffix] = (attributes[.ownerAccountID] as? NSNumber)?.intValue
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            if mode & 0o007 != 0 {
                return .wrong(
                    "permissions", "every user may read or write \(database.string)\(suffix), which names clients",
                    remedy: "chmod o-rwx \(database.string)*")
            }
        }
        if Set(owners.values).count > 1 {
            let owner = owners[""].map { "\($0)" } ?? "OWNER"
            return .wrong(
                "permissions", "the database and its companions belong to different users",
                remedy: "chown \(owner) \(database.string)*, then start the server as that user")
        }
        return .fine("permissions", "one owner, closed to other users")
    }

    private func file(_ suffix: String) -> FilePath {
        FilePath(database.string + suffix)
    }
}

/// The shared memory.
extension Doctor {
    private func ringFindings(_ trees: [LogTreeStatus], newestUs: Int64?, waitingBefore: UInt64) -> [Finding] {
        if trees.isEmpty { return [.fine("ring", "no server has, or had, it open")] }
        return [lagFinding(trees, newestUs: newestUs, waitingBefore), fillFinding(trees), lossFinding(trees)]
    }

    private func lagFinding(_ trees: [LogTreeStatus], newestUs: Int64?, _ waitingBefore: UInt64) -> Finding {
        let waiting = Self.waitingBytes(trees)
        let dead = trees.filter(\.isDead)
        let isLeft = dead.contains { tree in !tree.requests.isEmpty || tree.slots.contains { $0.backlogBytes > 0 } }
        if isLeft, dead.count == trees.count {
            return .wrong(
                "lag", "a dead server left \(NumberText.bytes(Double(waiting))) of records and requests in its ring",
                remedy: "start basehttpd on this log; it stores them first")
        }
        let age = newestUs.map { Double(max(0, WallClock.nowUs() - $0)) / 1e6 } ?? 0
        let text =
            "\(NumberText.bytes(Double(waiting))) wait for the writer; the newest row is "
            + (newestUs == nil ? "not there yet" : "\(NumberText.age(seconds: age)) old")
        // A writer that works has taken what waited at the first look.
        if waiting > 0, waitingBefore > 0, age > Self.lagLimitSeconds || newestUs == nil {
            return .wrong(
                "lag", text, remedy: "see the server's messages: the database may be locked, or the disk full or slow")
        }
        return .fine("lag", text)
    }

    private static func waitingBytes(_ trees: [LogTreeStatus]) -> UInt64 {
        trees.reduce(UInt64(0)) { $0 + $1.slots.reduce(0) { $0 + $1.backlogBytes } }
    }

    private func fillFinding(_ trees: [LogTreeStatus]) -> Finding {
        let files = LogRingFile.files(besides: database).compactMap { try? LogRingFile.open($0, writable: false) }
        let ringBytes = files.map(\.ringBytes).min() ?? 0
        let fullest = trees.flatMap(\.slots).map(\.backlogBytes).max() ?? 0
        guard ringBytes > 0 else { return .fine("ring", "rings are in use") }
        let share = 100 * Double(fullest) / Double(ringBytes)
        let text =
            "the fullest ring is filled to \(NumberText.fixed(share, decimals: 1)) % of "
            + NumberText.bytes(Double(ringBytes))
        if share < 50 { return .fine("ring", text) }
        return .wrong("ring", text, remedy: "see lag; at 100 % requests wait, as --log-overflow says")
    }

    private func lossFinding(_ trees: [LogTreeStatus]) -> Finding {
        let slots = trees.flatMap(\.slots)
        let shed = slots.reduce(UInt64(0)) { $0 + $1.shed }
        let dropped = slots.reduce(UInt64(0)) { $0 + $1.dropped }
        let lost = slots.reduce(UInt64(0)) { $0 + $1.lostErrors }
        if shed + dropped + lost == 0 { return .fine("losses", "nothing was shed, unlogged or lost") }
        let text = "\(shed) requests shed, \(dropped) served unlogged, \(lost) messages lost since the workers began"
        return .wrong(
            "losses", text, remedy: "the log was full for a time (httpstats errors says when); see lag, disk and wal")
    }
}
