// Sets files aside that cannot be the log any more, so that it goes on in a new one and they can be looked at.
internal import Foundation
internal import LinuxSyscalls
internal import SystemPackage

/// A database whose pages contradict each other, and what belongs to it.
enum DamagedDatabase {
    /// Whether a file was an access log: its header says so, whatever the rest says.
    ///
    /// Offsets: SQLite file format, section 1.3.
    static func isAccessLog(_ path: FilePath) -> Bool {
        guard let file = try? File.open(path, .readOnly), let header = try? File.read(file.rawValue, at: 0, count: 72)
        else { return false }
        let applicationID = header.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        return header.count == 72 && header.starts(with: "SQLite format 3\0".utf8)
            && Int32(bitPattern: applicationID) == DatabaseFormat.applicationID
    }

    /// Gives the database, its `-wal` and its `-shm` other names.
    ///
    /// Killed in between it leaves a `-wal` without its database, which ``setAsideOrphan(of:)`` finds.
    ///
    /// - Returns: the new name of the database; those of the others begin with it.
    static func setAside(_ database: FilePath) throws(LogStoreError) -> FilePath {
        let name = freeName(beside: database)
        do throws(Errno) {
            try File.rename(database, to: name)
            for suffix in ["-wal", "-shm"] { try renameIfThere(database, suffix, to: name) }
        } catch {
            throw LogStoreError("set aside", database.string, error)
        }
        return name
    }

    /// Sets a `-wal` aside whose database is gone or empty: SQLite would delete it.
    static func setAsideOrphan(of database: FilePath) {
        if let status = try? File.status(at: database), status.size > 0 { return }
        guard let wal = try? File.status(at: FilePath(database.string + "-wal")), wal.size > 0 else { return }
        try? renameIfThere(database, "-wal", to: freeName(beside: database))
    }

    /// `access.db-damaged-20261122T220000Z`, or that with a number behind it.
    private static func freeName(beside database: FilePath) -> FilePath {
        let time = Date.now.formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
        let name = "\(database)-damaged-\(time)"
        let names = sequence(first: 1) { $0 + 1 }.lazy.map { FilePath($0 == 1 ? name : "\(name)-\($0)") }
        let isFree = { (name: FilePath) in
            ["", "-wal"].allSatisfy { (try? File.status(at: FilePath(name.string + $0))) == nil }
        }
        return names.first(where: isFree) ?? FilePath(name)
    }

    private static func renameIfThere(_ database: FilePath, _ suffix: String, to name: FilePath) throws(Errno) {
        do {
            try File.rename(FilePath(database.string + suffix), to: FilePath(name.string + suffix))
        } catch Errno.noSuchFileOrDirectory {
            // Removed by the last one that closed it.
        }
    }
}
