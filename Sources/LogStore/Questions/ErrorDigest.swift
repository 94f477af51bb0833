// Messages folded to patterns: what one cause logged again and again becomes one row.
import GRDB
import Schema

/// The messages of a span by pattern and level.
struct ErrorDigest {
    /// What the log says of a message.
    struct Entry {
        let timeUs: Int64
        /// `nil`: it belongs to no request.
        let requestID: Int64?
        /// syslog's number.
        let level: Int64
    }

    private struct Group {
        let pattern: [UInt8]
        let level: Int64
        var count: Int64 = 0
        /// The different texts, as far as they are told apart.
        var texts: Set<[UInt8]> = []
        var requests = DistinctNumbers()
        var first: Entry
        var last: Entry
        /// The newest text, and the newest request that a text of the pattern belongs to.
        var text: [UInt8]
        var requestID: Int64?
    }

    private struct Key: Hashable {
        let pattern: [UInt8]
        let level: Int64
    }

    /// How many patterns are told apart; what comes later is one more, without a name.
    static let patternLimit = 5000

    /// How many texts of a pattern are told apart.
    static let textLimit = 1000

    private var groups: [Group] = []
    private var places: [Key: Int] = [:]
    private(set) var count = 0

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - entry: What the log says of it.
    ///   - text: Its text.
    ///   - pattern: What ``MessagePattern`` makes of the text.
    mutating func add(_ entry: Entry, text: [UInt8], pattern: [UInt8]) {
        count += 1
        let index = place(Key(pattern: pattern, level: entry.level), entry, text)
        groups[index].count += 1
        if groups[index].texts.count < Self.textLimit { groups[index].texts.insert(text) }
        if entry.timeUs < groups[index].first.timeUs { groups[index].first = entry }
        if entry.timeUs >= groups[index].last.timeUs {
            groups[index].last = entry
            groups[index].text = text
            if entry.requestID != nil { groups[index].requestID = entry.requestID }
        }
        if let requestID = entry.requestID {
            groups[index].requests.add(requestID)
            if groups[index].requestID == nil { groups[index].requestID = requestID }
        }
    }

    private mutating func place(_ key: Key, _ entry: Entry, _ text: [UInt8]) -> Int {
        if let index = places[key] { return index }
        let isKept = groups.count < Self.patternLimit
        let key = isKept ? key : Key(pattern: Array("(others)".utf8), level: entry.level)
        if let index = places[key] { return index }
        places[key] = groups.count
        groups.append(
            Group(pattern: key.pattern, level: key.level, first: entry, last: entry, text: text))
        return groups.count - 1
    }

    private static let levels = [
        "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug",
    ]

    /// The columns of ``rows(limit:)``.
    static let columns = [
        "first_seen", "last_seen", "level", "count", "requests", "messages", "request_id", "pattern", "message",
    ]

    /// A row for each pattern and level, the one seen last first.
    func rows(limit: Int?) -> [[ReportValue]] {
        let sorted = groups.sorted {
            $0.last.timeUs == $1.last.timeUs ? $0.count > $1.count : $0.last.timeUs > $1.last.timeUs
        }
        return sorted.prefix(limit ?? sorted.count).map { group in
            let level = Int(group.level)
            return [
                .text(ISOTime.text(us: group.first.timeUs)), .text(ISOTime.text(us: group.last.timeUs)),
                Self.levels.indices.contains(level) ? .text(Self.levels[level]) : .integer(group.level),
                .integer(group.count), .integer(group.requests.count), .integer(Int64(group.texts.count)),
                group.requestID.map { .text(RequestNumber(value: $0).text) } ?? .null, .text(group.pattern),
                .text(group.text),
            ]
        }
    }
}

extension LogFleet {
    /// The report `errors`.
    ///
    /// - Parameters:
    ///   - selection: When the messages were logged, and what the requests that they belong to are like: with
    ///     conditions, messages without a request are left out.
    ///   - limit: The greatest number of rows; `nil`: all.
    /// - Returns: A row for each pattern and level of messages, the one seen last first.
    /// - Throws: ``LogReadError``.
    public func errors(_ selection: Selection, limit: Int?) throws -> Report {
        var digest = ErrorDigest()
        var cost = ReadCost()
        for reader in readers {
            // A read may run twice, so it works on a copy.
            let before = digest
            let newest: Int64?
            (digest, newest) = try reader.read { database in
                var digest = before
                try digest.add(database, selection)
                return (digest, try Int64.fetchOne(database, sql: SQL.newest))
            }
            cost.add(newest: newest)
        }
        cost.rows = digest.count
        let panel = ReportPanel(
            "rows", columns: ErrorDigest.columns, rows: digest.rows(limit: limit), key: "pattern")
        return Report(
            "errors", span: selection.span, nowUs: WallClock.nowUs(), panels: [panel], cost: cost,
            matches: digest.count)
    }
}

extension ErrorDigest {
    /// Adds the messages of a log.
    fileprivate mutating func add(_ database: Database, _ selection: Selection) throws {
        /// Texts of the dictionary with their patterns; each is folded once.
        var known = TextValues(try DictionaryTexts(database, table: "message")) { text in
            (text: text ?? [], pattern: MessagePattern.fold(text ?? []))
        }
        var requests = selection.filter.isEmpty ? nil : MatchingRequests(database, selection.filter)
        let cursor = try RowCursor(
            database, sql: SQL.errorsScan,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        while try cursor.next() {
            let entry = Entry(
                timeUs: DatabaseFormat.unixMicroseconds(ofID: cursor.integer(0)) - cursor.integer(1),
                requestID: cursor.optionalInteger(2), level: cursor.integer(3))
            if requests != nil, try requests?.contains(entry.requestID) != true { continue }
            switch cursor.kind(4) {
            case .integer:
                let (text, pattern) = try known.value(cursor.integer(4))
                add(entry, text: text, pattern: pattern)
            case .text:
                let text = cursor.text(4) ?? []
                add(entry, text: text, pattern: MessagePattern.fold(text))
            case .null: break
            }
        }
    }
}

/// Which requests with messages meet the conditions of a filter.
private struct MatchingRequests {
    private let database: Database
    private let filter: RequestFilter
    private var verdicts: [Int64: Bool] = [:]

    /// How many verdicts are remembered.
    private static let memory = 100_000

    init(_ database: Database, _ filter: RequestFilter) {
        self.database = database
        self.filter = filter
    }

    /// Whether a request meets the conditions; a message without one does not.
    mutating func contains(_ requestID: Int64?) throws -> Bool {
        guard let requestID else { return false }
        if let verdict = verdicts[requestID] { return verdict }
        if verdicts.count >= Self.memory { verdicts = [:] }
        let verdict = try look(requestID)
        verdicts[requestID] = verdict
        return verdict
    }

    private func look(_ requestID: Int64) throws -> Bool {
        let ids = try RowCursor(database, sql: SQL.requestsWithMessages, arguments: ["request_id": requestID])
        let plan = ScanPlan([], filter: filter)
        while try ids.next() {
            let id = ids.integer(0)
            var matcher = try RequestMatcher(filter, plan: plan, database)
            let row = try RowCursor(database, sql: plan.sql, arguments: ["since_id": id, "until_id": id + 1])
            if try row.next(), try matcher.accepts(row) { return true }
        }
        return false
    }
}
