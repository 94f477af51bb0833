// What the log writer must be told.
public import SystemPackage

/// The settings of a log writer.
public struct LogWriterConfiguration: Sendable {
    /// The database file. Its companions are named after it: `-wal`, `-shm`, `-lock`, `-ring-…`.
    public var database: FilePath
    /// When a commit is safe.
    public var durability = LogDurability.process
    /// Rows older than this are removed, in seconds; nil: none for their age.
    public var retentionSeconds: Int64?
    /// The oldest rows are removed while the log takes more than this, as ``PruneGoal/maximumBytes`` measures it; nil:
    /// it may take any number of bytes.
    public var maximumBytes: Int64?
    /// Summaries of minutes older than this are removed, in seconds; nil: none. They outlive the rows they stand for.
    public var minutesRetentionSeconds: Int64?
    /// Likewise of hours. Those of days are kept.
    public var hoursRetentionSeconds: Int64?
    /// How long to wait for the writer before this one to end, in milliseconds.
    ///
    /// Less than the 10 s that a supervisor grants a child to start, so that the refusal is said and not killed.
    public var lockPatienceMs: Int64 = 5_000
    /// Whether to say that all is ready before the writer of another tree has ended, and to wait for it however long
    /// that takes: in an upgrade it ends only when this tree has shown that it works. The rings buffer meanwhile.
    public var succeedsWriter = false
    /// How long to go on trying, once told to stop, to store what is in the rings, in milliseconds. What is left then
    /// is in the ring file, and the next start stores it.
    public var stopPatienceMs: Int64 = 10_000
    /// How long a woken writer waits for more records, so that a transaction holds many, in milliseconds.
    public var gatherMs: Int64 = 50
    /// How old a writer is before it sums up what its predecessor did not, and removes old rows, in milliseconds. One
    /// that is killed over and over stores rows, and leaves the rest to the first that lives.
    public var settlingMs: Int64 = 1_000
    /// Takes a line that an operator should see at once, as it may not reach the database.
    public var report: @Sendable (String) -> Void = { _ in }

    /// Settings for a database, all others as usual.
    public init(database: FilePath) {
        self.database = database
    }
}
