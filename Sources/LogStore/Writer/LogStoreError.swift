// Why the log cannot be written: what was tried, on what, what came of it, and what to do next.

/// A refusal of the writing half of the log, in a form that makes one clear line for an operator.
public struct LogStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of refusal; each has one exit status.
    public enum Reason: Sendable, CaseIterable {
        /// The file is no SQLite database.
        case notADatabase
        /// The file is a database of another program.
        case foreignDatabase
        /// The database was written by a newer release of this program.
        case newerSchema
        /// The database is SQLite's, but its pages contradict each other.
        case damaged
        /// The operating system denies access.
        case notPermitted
        /// The file or its directory cannot be made or opened.
        case cannotCreate
        /// No room is left on the disk.
        case diskFull
        /// Another process writes this log.
        case otherWriter
        /// Reading or writing failed.
        case inputOutput
    }

    /// Whether it says that the file's content is at fault.
    var isDamage: Bool { reason == .damaged || reason == .notADatabase }

    /// The kind.
    public let reason: Reason
    /// What was tried, as a verb: `open`, `create`, `lock`.
    public let operation: String
    /// The file that it was tried on.
    public let subject: String
    /// What came of it.
    public let cause: String
    /// What to do next.
    public let advice: String

    init(_ reason: Reason, _ operation: String, _ subject: String, cause: String, advice: String) {
        self.reason = reason
        self.operation = operation
        self.subject = subject
        self.cause = cause
        self.advice = advice
    }

    /// One line without its end: `cannot open access.db: it is no SQLite database; name another file`.
    public var description: String {
        "cannot \(operation) \(subject): \(cause); \(advice)"
    }

    /// The exit status for a program that ends because of it, from `sysexits.h`.
    public var exitStatus: Int32 {
        switch reason {
        case .notADatabase, .damaged: 65  // EX_DATAERR
        case .cannotCreate: 73  // EX_CANTCREAT
        case .diskFull, .inputOutput: 74  // EX_IOERR
        case .otherWriter: 75  // EX_TEMPFAIL
        case .notPermitted: 77  // EX_NOPERM
        case .foreignDatabase, .newerSchema: 78  // EX_CONFIG: the option names the wrong file or the wrong release runs
        }
    }
}
