// Messages folded to patterns: what one cause logged again and again becomes one row.
internal import GRDB
internal import HTTPMessage
internal import LinuxSyscalls
internal import Schema

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
        /// The different texts, by their hashes.
        var texts = DistinctNumbers()
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

    /// A text with what is made of it once, however often it was logged.
    struct Text {
        let bytes: [UInt8]
        let pattern: [UInt8]
        let hash: Int64

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            pattern = MessagePattern.fold(bytes)
            hash = Int64(bitPattern: Bytes.stableHash(bytes.span.octets))
        }
    }

    /// How many patterns are told apart; what comes later is one more, without a name.
    static let patternLimit = 5000

    private var groups: [Group] = []
    private var places: [Key: Int] = [:]
    private(set) var count = 0

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - entry: What the log says of it.
    ///   - text: Its text.
    mutating func add(_ entry: Entry, _ text: Text) {
        count += 1
        let index = place(Key(pattern: text.pattern, level: entry.level), entry, text)
        groups[index].count += 1
        groups[index].texts.add(text.hash)
        if entry.timeUs < groups[index].first.timeUs { groups[index].first = entry }
        if entry.timeUs >= groups[index].last.timeUs {
            groups[index].last = entry
            groups[index].text = text.bytes
            if entry.requestID != nil { groups[index].requestID = entry.requestID }
        }
        if let requestID = entry.requestID {
            groups[index].requests.add(requestID)
            if groups[index].requestID == nil { groups[index].requestID = requestID }
        }
    }

    private mutating func place(_ key: Key, _ entry: Entry, _ text: Text) -> Int {
        if let index = places[key] { return index }
        let isKept = groups.count < Self.patternLimit
        let key = isKept ? key : Key(pattern: Array("(others)".utf8), level: entry.level)
        if let index = places[key] { return index }
        places[key] = groups.count
        groups.append(Group(pattern: key.pattern, level: key.level, first: entry, last: entry, text: text.bytes))
        return groups.count - 1
    }

    private static let levels = [
        "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug",
    ]

    /// The columns of ``panel(limit:)``.
    static let columns = [
        "first_seen", "last_seen", "level", "count", "requests", "messages", "request_id", "pattern", "message",
    ]

    /// A row for each pattern and level, the one seen last first.
    func panel(limit: Int?) -> ReportPanel {
        let sorted = groups.sorted {
            $0.last.timeUs == $1.last.timeUs ? $0.count > $1.count : $0.last.timeUs > $1.last.timeUs
        }
        let rows = sorted.prefix(limit ?? sorted.count).map { group -> [ReportValue] in
            let level = Int(group.level)
            return [
                .time(us: group.first.timeUs), .time(us: group.last.timeUs),
                Self.levels.indices.contains(level) ? .text(Self.levels[level]) : .integer(group.level),
                .integer(group.count), .integer(group.requests.count), .integer(group.texts.count),
                group.requestID.map { .text(RequestNumber(value: $0).text) } ?? .null, .text(group.pattern),
                .text(group.text),
            ]
        }
        return ReportPanel("rows", columns: Self.columns, rows: rows, key: "pattern")
    }

    /// The same for a report about other things: without the columns that lead on from here.
    func shortPanel(_ name: String, limit: Int?) -> ReportPanel {
        let whole = panel(limit: limit)
        let places = ["first_seen", "last_seen", "level", "count", "requests", "message"].compactMap { column in
            Self.columns.firstIndex(of: column)
        }
        return ReportPanel(
            name, columns: places.map { Self.columns[$0] }, rows: whole.rows.map { row in places.map { row[$0] } },
            key: "message")
    }
}

extension LogFleet {
    /// The report `errors`.
    ///
    /// - Parameters:
    ///   - selection: When the messages were logged, and what the requests that they belong to are like; a message
    ///     without a request meets only conditions on the worker.
    ///   - limit: The greatest number of rows; `nil`: all.
    /// - Returns: A row for each pattern and level of messages, the one seen last first.
    /// - Throws: ``LogReadError``.
    public func errors(_ selection: Selection, limit: Int?) throws -> Report {
        try report(.errors, selection, shape: ReportShape(limit: limit))
    }

    /// The newest messages of a selection by pattern, for reports and pages about other things.
    ///
    /// - Throws: ``LogReadError``.
    public func messages(_ selection: Selection, limit: Int?) throws -> ReportPanel {
        var cost = ReadCost()
        return try errorDigest(selection, &cost).shortPanel("messages", limit: limit)
    }

    /// Reads the messages of all logs.
    func errorDigest(_ selection: Selection, _ cost: inout ReadCost) throws -> ErrorDigest {
        var digest = ErrorDigest()
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
            cost.add(ReadPart(tier: .rows, keys: selection.span.keys), sql: SQL.errorsScan)
        }
        cost.rows += digest.count
        return digest
    }
}

extension ErrorDigest {
    /// Adds the messages of a log.
    fileprivate mutating func add(_ database: Database, _ selection: Selection) throws {
        var known = TextValues(try DictionaryTexts(database, table: "message")) { Text($0 ?? []) }
        var probe = selection.filter.isEmpty ? nil : try RequestProbe(database, selection.filter)
        let cursor = try RowCursor(
            database, sql: SQL.errorsScan,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        while try cursor.next() {
            let entry = Entry(
                timeUs: DatabaseFormat.unixMicroseconds(ofID: cursor.integer(0)) - cursor.integer(1),
                requestID: cursor.optionalInteger(2), level: cursor.integer(3))
            if try probe?.accepts(number: entry.requestID, worker: cursor.optionalInteger(5)) == false { continue }
            switch cursor.kind(4) {
            case .integer: add(entry, try known.value(cursor.integer(4)))
            case .text: add(entry, Text(cursor.text(4) ?? []))
            case .null: break
            }
        }
    }
}
