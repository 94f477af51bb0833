// Turns what the kernel and SQLite answer into the refusals that an operator reads.
internal import GRDB
internal import SystemPackage

extension LogStoreError {
    /// A system call on `subject` failed.
    init(_ operation: String, _ subject: String, _ error: Errno) {
        let reason: Reason
        let advice: String
        switch error {
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            reason = .notPermitted
            advice = "let this user write there, or name another file with --log-db"
        case .noSpace, Errno(rawValue: 122):  // EDQUOT
            reason = .diskFull
            advice = "make room, or name a file on another disk with --log-db"
        case .ioError:
            reason = .inputOutput
            advice = "look after the disk"
        default:
            reason = .cannotCreate
            advice = "name another file with --log-db"
        }
        self.init(reason, operation, subject, cause: "\(error)", advice: advice)
    }

    /// SQLite refused an operation on the database `subject`.
    init(_ operation: String, _ subject: String, _ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_NOTADB:
            self = .notADatabase(operation, subject)
        case .SQLITE_CORRUPT:
            self = .damaged(operation, subject, cause: "the database is damaged (\(error.message ?? "malformed"))")
        case .SQLITE_FULL:
            self.init(operation, subject, Errno.noSpace)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(operation, subject, Errno.permissionDenied)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .otherWriter, operation, subject, cause: "another program holds it locked",
                advice: "end what writes to it (lsof \(subject)) and start again")
        case .SQLITE_CANTOPEN:
            self.init(operation, subject, Errno.noSuchFileOrDirectory)
        default:
            let cause = "SQLite says: \(error.message ?? "\(error.resultCode)") (\(error.extendedResultCode.rawValue))"
            self.init(.inputOutput, operation, subject, cause: cause, advice: "look after the disk")
        }
    }

    /// A ring file could not be attached.
    init(_ operation: String, _ subject: String, _ error: RingSourceError) {
        switch error {
        case .database(let error): self.init(operation, subject, error)
        case .file(let error):
            self.init(.inputOutput, operation, subject, cause: "\(error)", advice: "start again")
        }
    }

    /// The file is something else.
    static func notADatabase(_ operation: String, _ subject: String) -> LogStoreError {
        LogStoreError(
            .notADatabase, operation, subject, cause: "it is not an SQLite database",
            advice: "name another file with --log-db, or move this one away")
    }

    /// The file is a database, but not of this program.
    static func foreignDatabase(_ operation: String, _ subject: String, applicationID: Int32) -> LogStoreError {
        let number = String(UInt32(bitPattern: applicationID), radix: 16)
        return LogStoreError(
            .foreignDatabase, operation, subject,
            cause: "it is a database of another program (application_id 0x\(number))",
            advice: "name another file with --log-db")
    }

    /// The database comes from the future.
    static func newerSchema(_ operation: String, _ subject: String, version: Int32) -> LogStoreError {
        LogStoreError(
            .newerSchema, operation, subject,
            cause: "its schema is version \(version) and this program knows \(DatabaseFormat.schemaVersion)",
            advice: "install a newer release, or name another file with --log-db")
    }

    /// The pages contradict each other.
    static func damaged(_ operation: String, _ subject: String, cause: String) -> LogStoreError {
        LogStoreError(
            .damaged, operation, subject, cause: cause,
            advice: "move it away, with its -wal file, and start again; `sqlite3 FILE .recover` reads what can be read")
    }
}
