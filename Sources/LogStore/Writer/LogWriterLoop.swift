// The loop of the log writer: lock, open, salvage, then sleep, gather and copy until told to stop.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import SystemPackage

/// One run of the writer.
///
/// Nothing here is worth keeping when the process is killed. `isStop` is asked when the stop descriptor is readable.
final class LogWriterLoop {
    /// Time between two looks at the directory, in nanoseconds.
    static let lookIntervalNs: Int64 = 1_000_000_000
    /// Time between two looks at the rings of another living tree, whose workers do not ring this writer's bell, in
    /// milliseconds.
    static let foreignPollMs: Int64 = 50
    /// A gathering writer looks whether a ring fills up each so many milliseconds.
    static let gatherSliceMs: Int64 = 10
    /// Time between two steps of pruning while there is nothing to copy, in milliseconds.
    static let pruningPauseMs: Int64 = 10

    private let configuration: LogWriterConfiguration
    private let ring: LogRingFile
    private let doorbell: CInt
    /// Waits for the stop descriptors alone, or for them and the bell.
    private let quiet: EventPoll
    private let alert: EventPoll
    private var isStopping = false
    private var nextLookNs: Int64 = 0
    /// See ``LogWriterConfiguration/settlingMs``.
    private let settledNs: Int64
    /// When rows were stored last; a writer that has just begun is not idle.
    private var lastRowNs = Clock.monotonicNs()
    private var lastBatch = 0
    private var retention: Retention
    private var requests: PruneRequests
    private var pruning: Pruning?
    /// Whether rows of an earlier schema may have to be summed up.
    private var sumsOlderRows = true

    /// Prepares the waiting.
    ///
    /// - Parameters:
    ///   - doorbell: an event descriptor.
    ///   - stops: one of them is readable when `isStop` is worth asking.
    init(
        _ configuration: LogWriterConfiguration, ring: LogRingFile, doorbell: CInt, stops: [CInt]
    ) throws(LogStoreError) {
        self.configuration = configuration
        self.ring = ring
        self.doorbell = doorbell
        settledNs = Clock.monotonicNs() + configuration.settlingMs * 1_000_000
        retention = Retention(configuration)
        requests = PruneRequests(configuration.database)
        do throws(Errno) {
            quiet = try EventPoll(capacity: 4)
            alert = try EventPoll(capacity: 4)
            for stop in stops {
                try quiet.add(stop, .read, token: 0)
                try alert.add(stop, .read, token: 0)
            }
            try alert.add(doorbell, .read, token: 1)
        } catch {
            throw LogStoreError("wait for records of", configuration.database.string, error)
        }
    }

    /// Runs until told to stop.
    func run(isStop: () -> Bool, ready: () -> Void) throws(LogStoreError) {
        _ = try LogDatabaseCheck.makeDirectory(of: configuration.database)
        let lock = try LogDatabaseLock(beside: configuration.database)
        if configuration.succeedsWriter { ready() }
        guard try take(lock, isStop) else { return }
        let copier = try LogCopier(configuration)
        defer { copier.close() }
        let keeper = try RingKeeper(copier, own: ring, database: configuration.database)
        try keeper.beginLife()
        // The database takes rows. What a dead tree left is copied beside those that come: no client waits for it.
        if !configuration.succeedsWriter { ready() }
        // What waits goes before all else, so that a writer that is killed over and over makes its way.
        if copier.hasMore { lastBatch = try copier.copy() }
        try copier.forgetMissingSources()
        while !isStopping { try turn(copier, keeper, isStop) }
        try finish(copier, keeper, isStop)
    }

    /// Waits for the writer before this one. False when told to stop meanwhile.
    private func take(_ lock: borrowing LogDatabaseLock, _ isStop: () -> Bool) throws(LogStoreError) -> Bool {
        let patienceNs = configuration.lockPatienceMs * 1_000_000
        let deadline = configuration.succeedsWriter ? Int64.max : Clock.monotonicNs() + patienceNs
        var isSaid = configuration.succeedsWriter
        while !lock.tryLock() {
            if !isSaid { configuration.report("waiting for the writer of \(configuration.database) before this one") }
            isSaid = true
            if Clock.monotonicNs() >= deadline {
                let file = "\(configuration.database)-lock"
                throw LogStoreError(
                    .otherWriter, "lock", file, cause: "another server writes this log",
                    advice: "end it (lsof \(file) names it), or name another file with --log-db")
            }
            wait(50, quiet, isStop)
            if isStopping { return false }
        }
        return true
    }

    /// One round: look after files, then copy if there is something to copy, else sleep.
    private func turn(_ copier: LogCopier, _ keeper: RingKeeper, _ isStop: () -> Bool) throws(LogStoreError) {
        try keeper.settle()
        let now = Clock.monotonicNs()
        if now >= nextLookNs {
            nextLookNs = now + Self.lookIntervalNs
            try keeper.look()
            if now - lastRowNs >= Self.lookIntervalNs { copier.checkpointIfWritten() }
            if pruning == nil, !copier.isFailing {
                pruning = requests.next() ?? retention.due(nowNs: now, copier.database)
            }
        }
        if pruning != nil, !copier.isFailing { try prune(copier) }
        let sumsOlderRows = sumsOlderRows && now >= settledNs
        if sumsOlderRows, !copier.isFailing { try sumOlderRows(copier) }
        guard copier.hasMore || copier.isFailing else {
            // A run of pruning takes half of the time at most.
            let isBusy = pruning != nil || sumsOlderRows
            return isBusy ? wait(Self.pruningPauseMs, quiet, isStop) : doze(copier, keeper, isStop)
        }
        gather(copier, isStop)
        lastBatch = try copier.copy()
        lastRowNs = Clock.monotonicNs()
        if copier.isFailing { wait(copier.backOffMs, quiet, isStop) }
    }

    /// One step of the run that removes old rows.
    private func prune(_ copier: LogCopier) throws(LogStoreError) {
        guard var pruning else { return }
        let isStored = try copier.maintain { try pruning.step($0, &$1) }
        // After a failure the connection is another one, and what the run has noted lies in the old one.
        self.pruning = isStored && requests.report(pruning) && !pruning.isDone ? pruning : nil
    }

    /// One step of summing up what an earlier release stored.
    private func sumOlderRows(_ copier: LogCopier) throws(LogStoreError) {
        var hasMore = true
        let isStored = try copier.maintain { hasMore = try $1.sumOlderRows() }
        if isStored { sumsOlderRows = hasMore }
    }

    /// Waits for company, so that a transaction holds many rows; not when a ring fills up or the last batch was a full
    /// one.
    private func gather(_ copier: LogCopier, _ isStop: () -> Bool) {
        if lastBatch >= LogDrain.rowLimit { return }
        var rest = configuration.gatherMs
        while rest > 0, !isStopping, !copier.sources.contains(where: \.isFilling) {
            wait(min(rest, Self.gatherSliceMs), quiet, isStop)
            rest -= Self.gatherSliceMs
        }
    }

    /// Sleeps until the bell rings or it is time to look after the files.
    private func doze(_ copier: LogCopier, _ keeper: RingKeeper, _ isStop: () -> Bool) {
        // The order is load-bearing: a worker publishes and then reads the flag, so one of the two sees the other.
        ring.setWriterSleeping(true)
        defer { ring.setWriterSleeping(false) }
        if copier.hasMore { return }
        let untilLook = max(0, nextLookNs - Clock.monotonicNs()) / 1_000_000 + 1
        wait(keeper.hasForeign ? min(untilLook, Self.foreignPollMs) : untilLook, alert, isStop)
    }

    /// The last round: everything that was published and everything that retired workers left.
    private func finish(_ copier: LogCopier, _ keeper: RingKeeper, _ isStop: () -> Bool) throws(LogStoreError) {
        let deadline = Clock.monotonicNs() + configuration.stopPatienceMs * 1_000_000
        repeat {
            _ = try copier.copy()
            try keeper.settle()
            if copier.isFailing {
                wait(copier.backOffMs, quiet, isStop)
            } else if keeper.isOwnDrained, !keeper.isSettling {
                try keeper.endLife()
                return
            }
        } while Clock.monotonicNs() < deadline
        configuration.report(
            "\(configuration.database) could not be written in time; \(ring.path) keeps the rest for the next start")
    }

    /// Waits on one of the polls. Ends early for the stop, and on `alert` for the bell.
    private func wait(_ milliseconds: Int64, _ poll: EventPoll, _ isStop: () -> Bool) {
        // Once told to stop the descriptor may stay readable; nothing more is expected of it.
        guard let count = try? poll.wait(timeoutMs: CInt(clamping: milliseconds)) else { return }
        for index in 0..<count {
            if poll.token(at: index) == 1 {
                EventDescriptor.clear(doorbell)
            } else if isStop() {
                isStopping = true
            }
        }
    }
}
