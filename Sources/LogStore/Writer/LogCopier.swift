// Keeps the database open and rows flowing into it: whatever SQLite answers, it tries again until everything is stored.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import SystemPackage

/// The writer's connection, through failures and reopenings.
final class LogCopier {
    /// Pages written between two checkpoints under load: 32 MiB.
    static let checkpointPages = 4_000
    /// Pages of the write-ahead log above which commits pause for a checkpoint that lets it begin again: 64 MiB.
    static let walPageLimit = 8_192
    /// Time between two rows that complain about a reader who holds the write-ahead log, in nanoseconds: 10 minutes.
    static let complaintIntervalNs: Int64 = 600_000_000_000

    /// A time without a successful commit.
    private struct Outage {
        let beganNs: Int64
        var attempts = 0
        /// How many of them in a row ended with what is wrong in the file.
        var damages = 0
        var error: LogStoreError
    }

    private let configuration: LogWriterConfiguration
    private(set) var database: LogDatabase
    /// The ring files that are copied.
    var sources: [RingSource] = []
    private let drain = LogDrain()
    private var outage: Outage?
    private var mustReopen = false
    /// Sentences that become rows with the next commit.
    private var notes: [(LogLevel, String)] = []
    private var pagesSinceCheckpoint = 0
    private var complainedNs: Int64?

    private let checkpointPages: Int
    private let walPageLimit: Int

    /// Opens the database.
    init(
        _ configuration: LogWriterConfiguration, checkpointPages: Int = LogCopier.checkpointPages,
        walPageLimit: Int = LogCopier.walPageLimit
    ) throws(LogStoreError) {
        self.configuration = configuration
        self.checkpointPages = checkpointPages
        self.walPageLimit = walPageLimit
        do throws(LogStoreError) {
            database = try Self.open(configuration)
        } catch {
            guard error.isDamage, DamagedDatabase.isAccessLog(configuration.database) else { throw error }
            let name = try DamagedDatabase.setAside(configuration.database)
            database = try Self.open(configuration)
            say(.critical, Self.sentence(on: error, setAsideAs: name))
        }
    }

    private static func open(_ configuration: LogWriterConfiguration) throws(LogStoreError) -> LogDatabase {
        try LogDatabase(
            configuration.database, durability: configuration.durability,
            summaryDelayNs: configuration.settlingMs * 1_000_000)
    }

    /// Whether a record waits in any ring.
    var hasMore: Bool { sources.contains { $0.hasMore } || !notes.isEmpty }

    /// Whether the last transaction failed: wait ``backOffMs`` before the next.
    var isFailing: Bool { outage != nil }

    /// What the last transaction failed with, while that lasts.
    var lastError: LogStoreError? { outage?.error }

    /// How long to wait after a failure, in milliseconds: 50, doubling to 250.
    var backOffMs: Int64 { min(250, 50 << Int64(min(outage?.attempts ?? 0, 5))) }

    /// Has a sentence of the log about itself become a row, and says it at once to whoever watches.
    func say(_ level: LogLevel, _ text: String) {
        configuration.report(text)
        // While nothing can be stored sentences must not pile up.
        if notes.count < 100 { notes.append((level, text)) }
    }

    /// Copies one batch, in one transaction with its positions. Answers how many records; 0 also when it failed, which
    /// ``isFailing`` tells.
    ///
    /// - Throws: when the database can never be written again: it is another program's, or damaged.
    func copy() throws(LogStoreError) -> Int {
        var count = 0
        let stored = try transaction { tables throws(DatabaseError) in
            count = try self.drain.copy(self.sources, into: &tables)
        }
        return stored ? count : 0
    }

    /// Runs a transaction; false when it failed and nothing of it is stored.
    func transaction(_ body: (inout LogTables) throws(DatabaseError) -> Void) throws(LogStoreError) -> Bool {
        try maintain { _, tables in try body(&tables) }
    }

    /// As ``transaction(_:)``, for what is done rarely and needs statements of its own.
    func maintain(_ body: (Database, inout LogTables) throws -> Void) throws(LogStoreError) -> Bool {
        if mustReopen { try reopen() }
        if mustReopen { return false }
        let beganNs = Clock.monotonicNs()
        do throws(DatabaseError) {
            try database.maintain { database, tables in
                try body(database, &tables)
                for note in notes { try tables.note(note.0, note.1) }
                if let outage { try tables.note(.error, Self.sentence(on: outage)) }
            }
        } catch {
            fail(LogStoreError("write", configuration.database.string, error), beganNs)
            return false
        }
        // Everything before this line may be repeated after a failure, nothing behind it: COMMIT has returned.
        drain.release(sources)
        notes.removeAll()
        if let outage {
            configuration.report(Self.sentence(on: outage))
            self.outage = nil
        }
        pagesSinceCheckpoint += database.takeWrittenPages()
        if pagesSinceCheckpoint >= checkpointPages { checkpoint() }
        return true
    }

    /// For a moment without work: copies the write-ahead log into the database.
    func checkpointIfWritten() {
        if pagesSinceCheckpoint > 0, !isFailing { checkpoint() }
    }

    /// Notices that the file was moved or deleted under the writer, and goes on with a new one of its name.
    func lookAfterFile() {
        guard !mustReopen, database.isReplaced else { return }
        say(.warning, "\(configuration.database) was moved or deleted; the log goes on in a new file of that name")
        mustReopen = true
    }

    /// Removes the positions of ring files that are gone; a writer that was killed after it had removed the file left
    /// them.
    func forgetMissingSources() throws(LogStoreError) {
        let known = Set(sources.map(\.id))
        guard let stored = try? database.read({ tables throws(DatabaseError) in try tables.sources() }) else { return }
        let missing = stored.filter { !known.contains($0) && RingDirectory.isMissing($0, of: configuration.database) }
        if missing.isEmpty { return }
        _ = try transaction { tables throws(DatabaseError) in
            for source in missing { try tables.forgetPositions(source: source) }
        }
    }

    /// Closes the database; the write-ahead log is copied and removed if no reader is left.
    func close() {
        checkpointIfWritten()
        database.close()
    }

    private func checkpoint() {
        pagesSinceCheckpoint = 0
        do throws(DatabaseError) {
            let result = try database.checkpoint()
            guard result.walPages > walPageLimit else { return }
            let isRestarted = try database.restartWAL()
            if !isRestarted { complain(pages: result.walPages) }
        } catch {
            fail(LogStoreError("checkpoint", configuration.database.string, error))
        }
    }

    private func complain(pages: Int) {
        let now = Clock.monotonicNs()
        if let complainedNs, now - complainedNs < Self.complaintIntervalNs { return }
        complainedNs = now
        say(
            .warning,
            "A reader holds a snapshot of \(configuration.database), so its -wal file cannot shrink and has "
                + "\(pages * 8 / 1_024) MiB; end the reader (lsof \(configuration.database)-wal)")
    }

    /// - Parameter beganNs: when what failed was begun; SQLite waits for a lock before it says so.
    private func fail(_ error: LogStoreError, _ beganNs: Int64 = Clock.monotonicNs()) {
        if outage == nil { configuration.report("\(error); trying again, nothing is lost") }
        var now = outage ?? Outage(beganNs: beganNs, error: error)
        now.attempts += 1
        now.damages = error.isDamage ? now.damages + 1 : 0
        now.error = error
        outage = now
        mustReopen = true
    }

    /// Closes and opens anew: keys, dictionaries and positions are read again, as if this writer had been killed.
    private func reopen() throws(LogStoreError) {
        // What is wrong with a file the second time is wrong with it for good.
        let isDamaged = (outage?.damages ?? 0) > 1 && !database.isReplaced
        database.close()
        if isDamaged, let error = outage?.error {
            do throws(LogStoreError) {
                say(.critical, Self.sentence(on: error, setAsideAs: try DamagedDatabase.setAside(database.path)))
            } catch {
                return fail(error)
            }
        }
        do throws(LogStoreError) {
            database = try Self.open(configuration)
        } catch {
            switch error.reason {
            case .notADatabase, .damaged:
                // The file that this writer had open, or one that was the log once: the next attempt sets it aside.
                guard !database.isReplaced || DamagedDatabase.isAccessLog(database.path) else { throw error }
                return fail(error)
            case .foreignDatabase, .newerSchema: throw error
            case .notPermitted, .cannotCreate, .diskFull, .otherWriter, .inputOutput: return fail(error)
            }
        }
        do throws(DatabaseError) {
            for source in sources { try source.rewind(database) }
            mustReopen = false
        } catch {
            fail(LogStoreError("read", configuration.database.string, error))
        }
    }

    private static func sentence(on damage: LogStoreError, setAsideAs name: FilePath) -> String {
        "\(damage.subject) cannot be used: \(damage.cause); it was set aside as \(name), and the log goes on in a new "
            + "file; `sqlite3 \(name) .recover` reads what can be read"
    }

    private static func sentence(on outage: Outage) -> String {
        let seconds = (Clock.monotonicNs() - outage.beganNs) / 1_000_000_000
        return "The log could not be written for \(seconds) s (\(outage.attempts) attempts): \(outage.error.cause); "
            + "it was stored afterwards"
    }
}
