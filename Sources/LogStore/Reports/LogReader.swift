// Opens an access log for reading, without leaving a trace, and refuses what it cannot read.
internal import AccessLog
import GRDB
internal import LinuxSyscalls
import Schema
import Synchronization
public import SystemPackage

/// A reading connection to an access log.
///
/// It never writes and never creates a file. SQLite itself would: opening a database in WAL mode creates its `-wal` and
/// `-shm` where they are missing, even for reading, and with the reader's owner. They are missing only while no process
/// has the database open; the file alone is then complete, and is opened as *immutable*, which needs neither. If a
/// writer starts meanwhile, what was read is thrown away and read again through an ordinary connection. The one case
/// that is left is a `-wal` without its `-shm` (a copy of a running server's files): SQLite then rebuilds the `-shm`.
public final class LogReader {
    /// The file that is read, without symbolic links.
    public let path: FilePath

    private var connection: DatabaseQueue

    /// All connections, for ``interrupt``, and the second one, once it was needed.
    private let connections = ConnectionList()

    /// How the file looked when it was opened as immutable; `nil`: the connection is an ordinary one.
    private var quiescent: FileState?

    /// Opens an access log.
    ///
    /// - Parameter path: The database file.
    /// - Throws: ``LogReadError`` when there is none, or one that this program cannot read.
    public init(path: FilePath) throws {
        // SQLite looks for the companions beside the file that a symbolic link leads to.
        let path = LogStoreLocation.resolved(path)
        self.path = path
        let isDirectory: Bool
        do throws(Errno) {
            isDirectory = try File.status(at: path).kind == .directory
        } catch .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels {
            throw LogReadError(
                .unreadable, "no access log at \(path); start basehttpd, or name the file with --db FILE")
        } catch {
            // SQLite says what is in the way.
            isDirectory = false
        }
        if isDirectory {
            throw LogReadError(.unreadable, "\(path) is a directory; --db names the database file in it")
        }
        quiescent = FileState(whenQuiescent: path)
        do {
            connection = try Self.open(path, isImmutable: quiescent != nil)
        } catch let error as DatabaseError {
            throw LogReadError(error, path: path)
        }
        connections.add(connection)
        try read { try Self.checkIdentity($0, path: path) }
    }

    /// Leaves the connections open until the process ends: to close them would take longer than an early end of it.
    public func stayOpen() {
        connections.stay()
    }

    /// Ends what is being read now with an error of the kind `timedOut`. May be called on any thread.
    public var interrupt: @Sendable () -> Void {
        { [connections] in connections.interrupt() }
    }

    /// Reads in one transaction, which sees one state of the log.
    ///
    /// - Parameter body: What to read; it may run twice and must not act on the outside.
    func read<T>(_ body: (Database) throws -> T) throws -> T {
        let result = Result { try connection.read(body) }
        if let quiescent, FileState(whenQuiescent: path) != quiescent {
            try reopen()
            return try translated { try connection.read(body) }
        }
        return try translated(result.get)
    }

    /// Reads in one transaction what is handed on at once and so cannot be read twice.
    func readOnce<T>(_ body: (Database) throws -> T) throws -> T {
        if let quiescent, FileState(whenQuiescent: path) != quiescent { try reopen() }
        let result = Result { try connection.read(body) }
        if let quiescent, FileState(whenQuiescent: path) != quiescent {
            throw LogReadError(.timedOut, "a server began to write \(path) while it was read; ask again")
        }
        return try translated(result.get)
    }

    private func reopen() throws {
        quiescent = nil
        connection = try translated { try Self.open(path, isImmutable: false) }
        connections.forgetSecond()
        connections.add(connection)
    }

    /// Another connection to the same state, for a second thread, which opens it.
    var companion: @Sendable () throws -> DatabaseQueue {
        { [connections, path, isImmutable = quiescent != nil] in
            try connections.second { try Self.open(path, isImmutable: isImmutable) }
        }
    }

    private func translated<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw LogReadError(error, path: path)
        }
    }
}

/// What a log holds.
extension LogReader {
    /// Refuses a report that a log of an earlier schema does not have.
    func require(schema: Int32, for report: String) throws {
        let version = try read { try Row.fetchOne($0, sql: SQL.identity)?[1] as Int32? } ?? 0
        if version < schema {
            throw LogReadError(
                .unreadable,
                "\(path) has schema \(version), which has no report \(report); a start of this release's basehttpd "
                    + "brings it to schema \(DatabaseFormat.schemaVersion)")
        }
    }
}

/// Opening.
extension LogReader {
    /// Prepares a program whose work it is to read logs.
    public static func prepareProcess() {
        Heap.growInLargeSteps()
    }

    private static func open(_ path: FilePath, isImmutable: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "httpstats"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: SQL.readerSetup)
            try ScanCursor.register(database)
        }
        if isImmutable {
            do {
                return try DatabaseQueue(path: immutableURI(path), configuration: configuration)
            } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CANTOPEN {
                // An SQLite that was built without URI names; the plain name below works, or says why not.
            }
        }
        return try DatabaseQueue(path: path.string, configuration: configuration)
    }

    /// The name that has SQLite neither create nor look for companions (https://www.sqlite.org/uri.html).
    private static func immutableURI(_ path: FilePath) -> String {
        let name = path.string.utf8.flatMap { byte -> [UInt8] in
            switch Unicode.Scalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "/", "-", ".", "_", "~": [byte]
            default: [UInt8(ascii: "%")] + Escaping.hex(byte, digits: 2)
            }
        }
        return "file:" + String(decoding: name, as: UTF8.self) + "?mode=ro&immutable=1"
    }

    private static func checkIdentity(_ database: Database, path: FilePath) throws {
        guard let row = try Row.fetchOne(database, sql: SQL.identity) else { return }
        let applicationID: Int32 = row[0]
        let version: Int32 = row[1]
        if applicationID != DatabaseFormat.applicationID {
            throw LogReadError(.unreadable, "\(path) is a database, but no access log of basehttpd")
        }
        if version > DatabaseFormat.schemaVersion {
            throw LogReadError(
                .newer,
                "\(path) has schema \(version), this httpstats reads up to \(DatabaseFormat.schemaVersion); update it"
            )
        }
        if version < 1 {
            throw LogReadError(.unreadable, "\(path) has no tables yet; start basehttpd, which makes them")
        }
    }
}

/// The connections of a reader, which another thread may interrupt.
private final class ConnectionList: Sendable {
    private let connections = Mutex<(all: [DatabaseQueue], second: DatabaseQueue?)>(([], nil))

    /// The list itself, when it is to stay.
    private let keptList = Mutex<ConnectionList?>(nil)

    func add(_ connection: DatabaseQueue) {
        connections.withLock { $0.all.append(connection) }
    }

    /// The second connection, opened now if it is not yet.
    func second(_ open: () throws -> DatabaseQueue) rethrows -> DatabaseQueue {
        if let known = connections.withLock({ $0.second }) { return known }
        let opened = try open()
        connections.withLock {
            $0.all.append(opened)
            $0.second = opened
        }
        return opened
    }

    func forgetSecond() {
        connections.withLock { $0.second = nil }
    }

    func interrupt() {
        connections.withLock { $0.all }.forEach { $0.interrupt() }
    }

    /// Nothing in the list is let go of any more, nor the list itself.
    func stay() {
        keptList.withLock { $0 = self }
    }
}

/// How a database file that nobody has open looks; any writing changes it.
private struct FileState: Equatable {
    let file: FileStatus

    /// `nil` when a process has the database open, or died with it open: its `-wal` lies beside it.
    init?(whenQuiescent path: FilePath) {
        guard (try? File.status(at: FilePath(path.string + "-wal"))) == nil, let file = try? File.status(at: path)
        else { return nil }
        self.file = file
    }
}
