// The database in the hands of its one writer: opened or made, checked, brought to this schema, checkpointed, closed.
internal import GRDB
internal import LinuxSyscalls
internal import Schema
internal import SystemPackage

/// When a commit is safe.
public enum LogDurability: Sendable, CaseIterable {
    /// Against the end of any process at once, against a power cut after the next checkpoint (`synchronous=NORMAL`).
    case process
    /// Against a power cut before the commit returns (`synchronous=FULL`), for about a fifth of the throughput.
    case power
}

/// An open access log. Made after the fork in the process that writes; no other may use it.
final class LogDatabase {
    /// Texts that bring a database from the schema of their index to the next one, each in one transaction.
    static let migrations = [
        SQL.schema1 + SQL.views1 + SQL.markFormat, SQL.schema2 + SQL.views2,
        SQL.schema3 + SQL.views3 + SQL.schema3Import,
        SQL.schema4 + LogTables.dictionaries.map(SQL.dictionary4).joined(),
    ]

    /// What a checkpoint achieved.
    struct Checkpoint: Equatable {
        /// Pages in the write-ahead log.
        let walPages: Int
        /// Those of them that are in the database file now.
        let copiedPages: Int
    }

    let path: FilePath
    private let queue: DatabaseQueue
    private let owner = CurrentProcess.processID
    /// The file itself, to notice when the name leads to another one.
    private let file: FileStatus
    private var tables: LogTables?

    /// Opens the database, making it and its directory if they are missing.
    ///
    /// - Throws: a refusal; the file is as it was.
    init(
        _ path: FilePath, durability: LogDurability = .process, dictionaryLimit: Int64 = TextDictionary.maximumRows,
        summaryRowLimit: Int = SummaryWriter.rowLimit, summaryDelayNs: Int64 = 0,
        migrations: [String] = LogDatabase.migrations
    ) throws(LogStoreError) {
        self.path = path
        let operation = "open the access log"
        _ = try LogDatabaseCheck.makeDirectory(of: path)
        DamagedDatabase.setAsideOrphan(of: path)
        do throws(Errno) {
            // Made here and not by SQLite, for the permissions; SQLite gives the -wal and -shm files the same. A file
            // that is there is not opened: closing it would drop the POSIX locks that this process has on it.
            if (try? File.status(at: path)) == nil {
                _ = try File.open(path, .readWrite, options: [.create], permissions: [.ownerReadWrite, .groupRead])
            }
            file = try File.status(at: path)
            guard file.kind == .regular else { throw Errno.notSupported }
        } catch {
            throw LogStoreError(operation, path.string, error)
        }
        do {
            queue = try Self.connect(path)
            let state = try Self.readState(queue)
            if state.isForeign {
                throw LogStoreError.foreignDatabase(operation, path.string, applicationID: state.applicationID)
            }
            if state.version > migrations.count {
                throw LogStoreError.newerSchema(operation, path.string, version: state.version)
            }
            let queue = queue
            if state.isNew { try queue.inDatabase { try $0.execute(sql: SQL.writerNew) } }
            let steps = migrations[Int(state.version)...]
            // A new file gets all of it at once: each transaction waits for the disk.
            try Self.migrate(queue, state.isNew ? [steps.joined() + SQL.access4] : Array(steps))
            try Self.pack(queue)
            try queue.inDatabase { database in
                try Self.configureWAL(database, durability)
                try BoundStatement(database, sql: SQL.newestRows).forEachRow { _ in }
                tables = try LogTables(
                    database, dictionaryLimit: dictionaryLimit, summaryRowLimit: summaryRowLimit,
                    summaryDelayNs: summaryDelayNs)
            }
        } catch let error as LogStoreError {
            throw error
        } catch let error as DatabaseError {
            throw LogStoreError(operation, path.string, error)
        } catch {
            throw LogStoreError(
                .inputOutput, operation, path.string, cause: "\(error)", advice: "look after the disk")
        }
    }

    /// Writes in one transaction: all that `body` does, or nothing. After an error close this object and open another
    /// one: what it knows of keys and dictionaries may name rows that were never stored.
    func transaction(_ body: (inout LogTables) throws(DatabaseError) -> Void) throws(DatabaseError) {
        try maintain { _, tables in try body(&tables) }
    }

    /// As ``transaction(_:)``, for what is done rarely and needs statements of its own.
    func maintain(_ body: (Database, inout LogTables) throws -> Void) throws(DatabaseError) {
        precondition(owner == CurrentProcess.processID, "a SQLite handle must not cross a fork")
        precondition(tables != nil, "used after close")
        try refine {
            try queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    try tables!.begin()
                    try body(database, &tables!)
                    try tables!.storeLastKey()
                    return .commit
                }
            }
        }
    }

    /// Reads with statements of one's own.
    func look<Value>(_ body: (Database) throws -> Value) throws(DatabaseError) -> Value {
        try refine { try queue.inDatabase(body) }
    }

    /// Reads, outside of any transaction of this object.
    func read<Value>(_ body: (inout LogTables) throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        precondition(tables != nil, "used after close")
        return try refine { try queue.inDatabase { _ in try body(&tables!) } }
    }

    /// Copies pages of the write-ahead log into the database as far as readers allow, never waiting.
    func checkpoint() throws(DatabaseError) -> Checkpoint {
        try refine { try queue.inDatabase { try Self.checkpoint($0, .passive) } }
    }

    /// Waits up to 1 s for readers to end their transactions, and has the write-ahead log begin again at its start.
    /// False when a reader held a snapshot for longer.
    func restartWAL() throws(DatabaseError) -> Bool {
        try refine {
            try queue.inDatabase { database in
                try database.execute(sql: SQL.busyShort)
                defer { try? database.execute(sql: SQL.busyLong) }
                do {
                    _ = try Self.checkpoint(database, .restart)
                    return true
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    return false
                }
            }
        }
    }

    /// Pages written to the write-ahead log by this connection since the last call.
    func takeWrittenPages() -> Int {
        tables?.takeWrittenPages() ?? 0
    }

    /// Whether the path leads to this file no more: it was moved or deleted.
    var isReplaced: Bool {
        guard let now = try? File.status(at: path) else { return true }
        return now.inode != file.inode || now.device != file.device
    }

    /// Closes. With no reader left the write-ahead log is copied and removed.
    func close() {
        tables = nil
        // Fails only for statements that still live, and those were the tables'.
        try? queue.close()
    }

    private static func connect(_ path: FilePath) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "log"
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { try $0.execute(sql: SQL.writerSetup) }
        return try DatabaseQueue(path: path.string, configuration: configuration)
    }

    private struct State {
        let applicationID: Int32
        let version: Int32
        let tables: Int64

        var isNew: Bool { applicationID == 0 && version == 0 && tables == 0 }
        var isForeign: Bool { !isNew && applicationID != DatabaseFormat.applicationID }
    }

    private static func readState(_ queue: DatabaseQueue) throws -> State {
        try queue.inDatabase { database in
            var state: State?
            try BoundStatement(database, sql: SQL.state).forEachRow { row in
                state = State(
                    applicationID: Int32(truncatingIfNeeded: row.integer(0)),
                    version: Int32(truncatingIfNeeded: row.integer(1)), tables: row.integer(2))
            }
            guard let state else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
            return state
        }
    }

    private static func migrate(_ queue: DatabaseQueue, _ steps: [String]) throws {
        for step in steps {
            try queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    try database.execute(sql: step)
                    return .commit
                }
            }
        }
    }

    /// Gives table `access` its present form, if it has no rows: to rewrite many would take long.
    private static func pack(_ queue: DatabaseQueue) throws {
        try queue.inDatabase { database in
            let form = try AccessForm(database)
            if form.isPacked || form.hasRows { return }
            try database.inTransaction(.immediate) {
                try database.execute(sql: SQL.access4)
                return .commit
            }
        }
    }

    /// After the first migration: the header that a plain read finds then names the program, whatever the log holds.
    private static func configureWAL(_ database: Database, _ durability: LogDurability) throws {
        let mode = try String.fetchOne(database, sql: SQL.journalWAL)
        guard mode == "wal" else {
            throw DatabaseError(
                resultCode: .SQLITE_IOERR,
                message: "this file system cannot share memory between readers and writer (journal mode \(mode ?? "?"))"
            )
        }
        try database.execute(sql: SQL.writerWAL)
        if durability == .power { try database.execute(sql: SQL.synchronousFull) }
    }

    private static func checkpoint(_ database: Database, _ mode: Database.CheckpointMode) throws -> Checkpoint {
        let result = try database.checkpoint(mode)
        return Checkpoint(walPages: result.walFrameCount, copiedPages: result.checkpointedFrameCount)
    }

    private func refine<Value>(_ body: () throws -> Value) throws(DatabaseError) -> Value {
        do {
            return try body()
        } catch {
            throw DatabaseError(refining: error)
        }
    }
}
