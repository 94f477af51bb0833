// Why an access log could not be read, in the classes that a script can tell apart.
import GRDB
import SystemPackage

/// A failure to read an access log.
public struct LogReadError: Error, Equatable, CustomStringConvertible {
    /// The classes of failures; `httpstats` gives each an exit status of its own.
    public enum Kind: Sendable, Equatable {
        /// No file, no permission, or a file that is no access log.
        case unreadable
        /// The schema is newer than this program.
        case newer
        /// Locked, interrupted by a time limit, or changed while it was read.
        case timedOut
        /// SQLite found the file malformed.
        case damaged
        /// The SQL of the user is at fault.
        case query
    }

    /// What class of failure it is.
    public let kind: Kind

    /// What failed, on what, why, and what to do next; one line.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// Translates what SQLite says of a database.
    init(_ error: DatabaseError, path: FilePath) {
        let cause = error.message ?? "\(error.resultCode)"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.timedOut, "cannot read \(path): \(cause); another process keeps it locked, try again")
        case .SQLITE_INTERRUPT:
            self.init(.timedOut, "reading \(path) took longer than --timeout allows; ask for a shorter span")
        case .SQLITE_CORRUPT:
            self.init(.damaged, "\(path) is damaged: \(cause); save what is left with: sqlite3 FILE .recover")
        case .SQLITE_NOTADB:
            self.init(.damaged, "\(path) is damaged or no SQLite database: \(cause)")
        case .SQLITE_ERROR:
            self.init(.query, "\(cause)")
        case .SQLITE_READONLY, .SQLITE_AUTH:
            self.init(.query, "\(cause); httpstats only reads")
        default:
            self.init(
                .unreadable,
                "cannot read \(path): \(cause); reading needs permission for the file, its -wal and its -shm")
        }
    }
}
