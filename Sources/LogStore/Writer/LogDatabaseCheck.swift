// What a process that must not open SQLite (the master, before it forks) can tell about the database all the same.
internal import LinuxSyscalls
public import SystemPackage

/// A look at the database file by plain reads: the same refusals as the writer's, before there is a writer.
///
/// A handle of SQLite must never cross a fork, so the master looks at the header instead. The writer checks again with
/// SQLite.
public enum LogDatabaseCheck {
    /// Room that must be free on the disk, in bytes: a new database and its first transactions.
    static let requiredBytes: Int64 = 1 << 20

    /// Makes the directory of the database and checks that the log can be written.
    ///
    /// Directories that are missing are made with mode 0750: the log holds addresses of clients. Nothing else is
    /// changed.
    ///
    /// - Parameter path: the database, which need not exist.
    /// - Throws: what keeps a log writer from using it.
    public static func verify(_ path: FilePath) throws(LogStoreError) {
        let directory = try makeDirectory(of: path)
        do throws(Errno) {
            let probe = try File.openUnnamed(in: directory)
            try File.allocate(probe.rawValue, length: requiredBytes)
        } catch {
            throw LogStoreError("write the access log in", directory.string, error)
        }
        try verifyHeader(path)
    }

    /// The directory that holds the database, its lock and its rings; made if it is missing.
    static func makeDirectory(of path: FilePath) throws(LogStoreError) -> FilePath {
        let parent = path.removingLastComponent()
        let directory = parent.isEmpty ? FilePath(".") : parent
        do throws(Errno) {
            try File.makeDirectories(
                directory, permissions: [.ownerReadWriteExecute, .groupReadExecute])
        } catch {
            throw LogStoreError("make the directory", directory.string, error)
        }
        return directory
    }

    /// Refuses a file that is there and is not an access log. Offsets: SQLite file format, section 1.3.
    private static func verifyHeader(_ path: FilePath) throws(LogStoreError) {
        let operation = "open the access log"
        let header: [UInt8]
        do throws(Errno) {
            let file = try File.open(path, .readWrite)
            let status = try File.status(of: file.rawValue)
            guard status.kind == .regular else { throw Errno.notSupported }
            header = try File.read(file.rawValue, at: 0, count: 100)
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch {
            throw LogStoreError(operation, path.string, error)
        }
        // An unfinished transaction of the time before WAL: SQLite undoes it when the writer opens the file.
        if (try? File.status(at: FilePath(path.string + "-journal")).size) ?? 0 > 0 { return }
        if header.isEmpty { return }
        guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8) else {
            throw .notADatabase(operation, path.string)
        }
        let version = bigEndian(header[60..<64])
        let applicationID = bigEndian(header[68..<72])
        guard applicationID == DatabaseFormat.applicationID else {
            throw .foreignDatabase(operation, path.string, applicationID: applicationID)
        }
        guard version <= DatabaseFormat.schemaVersion else {
            throw .newerSchema(operation, path.string, version: version)
        }
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int32 {
        Int32(bitPattern: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }
}
