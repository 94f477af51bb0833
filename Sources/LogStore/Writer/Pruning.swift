// Removes the oldest rows, and what only they named, in steps short enough to stand between two commits.
internal import Foundation
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// What is to be removed; with both, whatever either wants.
public struct PruneGoal: Equatable, Sendable {
    /// Rows before this moment, microseconds since 1970 UTC; nil: none for their age.
    public var beforeUs: Int64?
    /// The oldest rows while the log takes more bytes than this; nil: it may take any number.
    ///
    /// What is measured are the pages of the database that hold something, its dictionaries and indexes among them,
    /// and ``walShareBytes`` for the `-wal`.
    public var maximumBytes: Int64?
    /// Summaries of minutes before this moment, microseconds since 1970 UTC; nil: none. Only the writer's own goal.
    var minutesBeforeUs: Int64?
    /// Likewise of hours. Days are kept.
    var hoursBeforeUs: Int64?

    /// What a `-wal` may take between two writes: `journal_size_limit`.
    static let walShareBytes: Int64 = 64 << 20

    /// A goal.
    public init(beforeUs: Int64? = nil, maximumBytes: Int64? = nil) {
        self.beforeUs = beforeUs
        self.maximumBytes = maximumBytes
    }

    /// Bytes of pages with something in them that are no more than ``maximumBytes`` allows.
    var pageBytes: Int64? { maximumBytes.map { $0 - min(Self.walShareBytes, $0 / 2) } }
}

/// What was removed.
public struct PruneCount: Equatable, Sendable {
    /// Rows of requests.
    public var requests: Int64 = 0
    /// Rows of errors and messages.
    public var messages: Int64 = 0
    /// Rows of processes that ended.
    public var lives: Int64 = 0
    /// Texts that no row names any more.
    public var texts: Int64 = 0
    /// Bytes given back to the file system.
    public var freedBytes: Int64 = 0

    /// Nothing yet.
    public init() {}
}

/// One run towards a goal. It may be killed after any step: the next run finds less to do.
///
/// 1. Requests and messages in the order of their keys, as many of one time as of the other.
/// 2. The lives of processes that ended before the oldest row that is left, and the crashes before it.
/// 3. Summaries of minutes and hours beyond their own age.
/// 4. The texts that no row and no summary names: first all are read for the texts that they do name, then the dictionaries are
///    gone through. Rows that are stored meanwhile are read at each step before a text is removed in the same
///    transaction, so none is removed that a row names.
/// 5. Pages that hold nothing are given back.
struct Pruning {
    /// Time that a step may take, in nanoseconds, as far as its smallest part allows: 10 ms.
    static let stepNs: Int64 = 10_000_000
    /// Requests, and messages, of the smallest part of a step.
    static let rowsAtATime = 500
    /// Rows whose texts are noted, and numbers of texts that are looked at, in the smallest part of a step.
    static let textsAtATime: Int64 = 1_000
    /// Lists of hours and days whose texts are noted in the smallest part of a step.
    static let listsAtATime = 4

    private enum Phase: Equatable {
        case olderSummaries, rows, lives, summaries, beginTexts, noteTexts
        case removeTexts(dictionary: Int, afterID: Int64)
        case endTexts, pages, done
    }

    let goal: PruneGoal
    /// Whether texts that no row names are looked for, which reads all rows.
    let removesTexts: Bool
    /// Whether all pages that hold nothing are given back, or a few left for the next rows.
    let freesAllPages: Bool
    private(set) var count = PruneCount()
    private var phase = Phase.olderSummaries
    /// Rows with smaller keys were removed.
    private var removedBefore: Int64 = 0
    /// Up to where rows were read for their texts.
    private var notedAccess: Int64 = -1
    private var notedErrors: Int64 = -1
    private var notedLists: Int64 = -1

    init(_ goal: PruneGoal, removesTexts: Bool, freesAllPages: Bool) {
        self.goal = goal
        self.removesTexts = removesTexts
        self.freesAllPages = freesAllPages
    }

    var isDone: Bool { phase == .done }

    /// The next step, inside a transaction.
    mutating func step(_ database: Database, _ tables: inout LogTables) throws {
        let deadline = Clock.monotonicNs() + Self.stepNs
        let before = count
        repeat {
            switch phase {
            case .olderSummaries:
                // Rows of an earlier schema are summed up before any of them goes.
                let hasMore = try tables.sumOlderRows()
                if !hasMore { phase = .rows }
            case .rows: try removeRows(database, &tables)
            case .lives: try removeLives(database)
            case .summaries: try removeSummaries(database)
            case .beginTexts: try beginTexts(database, tables.isBehindEarlierEpoch)
            case .noteTexts:
                let hasMore = try noteTexts(database)
                if !hasMore { phase = .removeTexts(dictionary: 0, afterID: 0) }
            case .removeTexts(let dictionary, let afterID):
                try removeTexts(database, &tables, LogTables.dictionaries[dictionary], dictionary, afterID)
            case .endTexts:
                try database.execute(sql: SQL.pruneLiveEnd)
                try database.execute(sql: SQL.textsLooked, arguments: [Clock.realtimeUs()])
                phase = .pages
            case .pages: try freePages(database)
            case .done: break
            }
        } while phase != .done && Clock.monotonicNs() < deadline
        for (key, removed) in [
            ("pruned_requests", count.requests - before.requests),
            ("pruned_messages", count.messages - before.messages),
        ] where removed > 0 {
            try database.execute(sql: SQL.metaCount, arguments: [key, removed])
        }
    }

    private mutating func removeRows(_ database: Database, _ tables: inout LogTables) throws {
        let size = try DatabaseSize(database)
        let isTooLarge = goal.pageBytes.map { size.usedBytes > $0 } ?? false
        let wanted = isTooLarge ? Int64.max : goal.beforeUs.map(DatabaseFormat.firstID(atUnixMicroseconds:)) ?? 0
        // The newest row stays: the next start reads the last key from it.
        let next = try Int64.fetchOne(database, sql: SQL.pruneBound, arguments: ["count": Self.rowsAtATime])
        let bound = min(wanted, tables.lastKey, next ?? .max)
        // Summaries outlive rows: none goes that is not in them.
        if bound > tables.summedBefore { try tables.storeSummaries() }
        try database.execute(sql: SQL.pruneAccess, arguments: ["before_id": bound])
        let requests = Int64(database.changesCount)
        try database.execute(sql: SQL.pruneError, arguments: ["before_id": bound])
        let messages = Int64(database.changesCount)
        count.requests += requests
        count.messages += messages
        removedBefore = max(removedBefore, bound)
        if requests + messages == 0 { phase = .lives }
    }

    private mutating func removeLives(_ database: Database) throws {
        let beforeUs = DatabaseFormat.unixMicroseconds(ofID: removedBefore)
        try database.execute(
            sql: SQL.pruneWorkerRun, arguments: ["before_us": beforeUs, "count": Self.rowsAtATime])
        let lives = database.changesCount
        count.lives += Int64(lives)
        try database.execute(sql: SQL.pruneCrash, arguments: ["before_id": removedBefore, "count": Self.rowsAtATime])
        if lives + database.changesCount == 0 { phase = .summaries }
    }

    private mutating func removeSummaries(_ database: Database) throws {
        var removed = 0
        for (tier, beforeUs) in [(Tier.minute, goal.minutesBeforeUs), (.hour, goal.hoursBeforeUs)] {
            guard let beforeUs else { continue }
            let before = tier.start(ofKey: DatabaseFormat.firstID(atUnixMicroseconds: beforeUs))
            let rows = tier.rows(0..<before)
            let arguments: StatementArguments = [
                "since_id": rows.lowerBound, "until_id": rows.upperBound, "count": Self.rowsAtATime,
            ]
            try database.execute(sql: SQL.pruneTop, arguments: arguments)
            var changes = database.changesCount
            if changes == 0 {
                try database.execute(sql: SQL.pruneRollup, arguments: arguments)
                changes = database.changesCount
            }
            if changes > 0 { try database.execute(sql: SQL.pruneRemains("\(tier)"), arguments: [before]) }
            removed += changes
        }
        if removed == 0 { phase = removesTexts ? .beginTexts : .pages }
    }

    private mutating func beginTexts(_ database: Database, _ isBehindEarlierEpoch: Bool) throws {
        // While keys run behind those of an earlier epoch the newest rows are not the last ones: another day then.
        if isBehindEarlierEpoch {
            phase = .pages
            return
        }
        try database.execute(sql: SQL.pruneLiveBegin)
        (notedAccess, notedErrors, notedLists) = (-1, -1, -1)
        phase = .noteTexts
    }

    /// Notes the texts of some rows; false when there are no more rows.
    private mutating func noteTexts(_ database: Database) throws -> Bool {
        func note(_ table: String, _ sql: String, _ noted: inout Int64) throws -> Bool {
            let next = try Int64.fetchOne(
                database, sql: SQL.pruneLiveNext(table), arguments: ["after_id": noted, "count": Self.textsAtATime])
            guard let next else { return false }
            try database.execute(sql: sql, arguments: ["after_id": noted, "last_id": next])
            noted = next
            return true
        }
        let ofRequests = try note("access", SQL.pruneLiveAccess, &notedAccess)
        let ofMessages = try note("error", SQL.pruneLiveError, &notedErrors)
        let ofLists = try noteTextsOfLists(database)
        return ofRequests || ofMessages || ofLists
    }

    /// Notes the texts of some lists; false when there are no more. What is added to a list that was noted comes from
    /// rows, and those are noted, too.
    private mutating func noteTextsOfLists(_ database: Database) throws -> Bool {
        var texts: [String: Set<Int64>] = [:]
        let rows = try Row.fetchCursor(
            database, sql: SQL.topNext, arguments: ["after_id": notedLists, "count": Self.listsAtATime])
        var hasMore = false
        while let row = try rows.next() {
            hasMore = true
            notedLists = row[0]
            guard let field = TierField(rawValue: Int(notedLists & 15)), let dictionary = field.dictionary,
                let list = try? TierList(blob: [UInt8](row[1] as Data), hasLatency: field.hasLatency)
            else { continue }
            for case .number(let number) in list.lines.map(\.key) { texts[dictionary, default: []].insert(number) }
        }
        for (dictionary, numbers) in texts {
            for number in numbers {
                try database.cachedStatement(sql: SQL.pruneLiveAdd).execute(arguments: [dictionary, number])
            }
        }
        return hasMore
    }

    private mutating func removeTexts(
        _ database: Database, _ tables: inout LogTables, _ name: String, _ index: Int, _ afterID: Int64
    ) throws {
        guard tables.lastKey >= max(notedAccess, notedErrors) else {
            // Keys began again: rows may have come that are not behind those that were noted.
            phase = .endTexts
            return
        }
        while try noteTexts(database) {}
        let lastID = afterID + Self.textsAtATime
        try database.execute(sql: SQL.pruneTexts(name), arguments: ["after_id": afterID, "last_id": lastID])
        let removed = Int64(database.changesCount)
        if removed > 0 {
            count.texts += removed
            try database.execute(sql: SQL.metaCount, arguments: ["removed_\(name)", removed])
            tables.forgetTexts()
        }
        let greatest = try Int64.fetchOne(database, sql: SQL.dictionaryLast(name)) ?? 0
        if lastID < greatest {
            phase = .removeTexts(dictionary: index, afterID: lastID)
        } else if index + 1 < LogTables.dictionaries.count {
            phase = .removeTexts(dictionary: index + 1, afterID: 0)
        } else {
            phase = .endTexts
        }
    }

    private mutating func freePages(_ database: Database) throws {
        let size = try DatabaseSize(database)
        // A log of constant size needs the pages of its oldest rows for the newest.
        let kept = freesAllPages ? 0 : max(256, size.usedPages / 32)
        if size.freePages <= kept {
            phase = .done
            return
        }
        try database.execute(sql: SQL.pruneVacuum)
        let left = try DatabaseSize(database)
        count.freedBytes += (size.freePages - left.freePages) * size.pageBytes
        if left.freePages == size.freePages { phase = .done }
    }
}

/// How large a database is, as it would be if the `-wal` were copied into it.
struct DatabaseSize: Equatable {
    let usedPages: Int64
    let freePages: Int64
    let pageBytes: Int64

    init(_ database: Database) throws {
        let row = try Row.fetchOne(database, sql: SQL.pruneSize)
        usedPages = row?["used"] ?? 0
        freePages = row?["free"] ?? 0
        pageBytes = row?["page_bytes"] ?? 0
    }

    var usedBytes: Int64 { usedPages * pageBytes }
}
