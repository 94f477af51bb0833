// The requests of the last minute, second by second, as top shows them: what was read once is not read again.
internal import GRDB
internal import Schema

/// A window of the newest requests of a log. Each look reads what was logged since the one before, and at most so many
/// rows that a busy server does not notice.
public struct RecentTraffic {
    /// How long the window is, in seconds.
    static let seconds: Int64 = 60

    /// Rows that one look reads at most, the newest; of more it is a sample.
    static let rowLimit = 20_000

    /// Different paths, and clients, that are kept for a second.
    static let keyLimit = 1000

    private let reader: LogReader
    private var position: Int64 = 0
    private var past: [Int64: Second] = [:]
    /// Texts of dictionary ids that were shown.
    private var paths: [Int64: [UInt8]] = [:]
    private var clients: [Int64: [UInt8]] = [:]

    /// Whether the last look left rows out.
    public private(set) var isSample = false

    /// What a column with a dictionary holds.
    enum Key: Hashable {
        case none
        case id(Int64)
        case text([UInt8])
    }

    fileprivate struct Second {
        var counts = TrafficCounts()
        var latency = LatencySketch()
        var paths: [Key: TrafficCounts] = [:]
        var clients: [Key: TrafficCounts] = [:]
    }

    /// Begins with the requests of the last minute.
    ///
    /// - Throws: ``LogReadError`` when the log cannot be read.
    public init(_ reader: LogReader, nowUs: Int64) throws {
        self.reader = reader
        position = DatabaseFormat.firstID(atUnixMicroseconds: nowUs - Self.seconds * 1_000_000)
        try look(nowUs: nowUs)
    }

    /// Reads what was logged since the last look.
    ///
    /// - Throws: ``LogReadError``.
    public mutating func look(nowUs: Int64) throws {
        let second = nowUs / 1_000_000
        past = past.filter { $0.key > second - Self.seconds && $0.key <= second }
        // Keys may run a little ahead of the clock; when it was set back, they began again before the last one.
        let untilID = DatabaseFormat.firstID(atUnixMicroseconds: nowUs + 2_000_000)
        if position > untilID { position = DatabaseFormat.firstID(atUnixMicroseconds: nowUs - 1_000_000) }
        let (added, newest, count) = try reader.read { database in
            var added = past
            var newest = position
            var count = 0
            let rows = try Row.fetchCursor(
                database, sql: SQL.topRows,
                arguments: ["after_id": position, "until_id": untilID, "limit": Self.rowLimit])
            while let row = try rows.next() {
                let id: Int64 = row[0]
                newest = max(newest, id)
                count += 1
                let rowSecond = min(second, DatabaseFormat.unixMicroseconds(ofID: id) / 1_000_000)
                added[rowSecond, default: Second()].add(row)
            }
            return (added, newest, count)
        }
        past = added
        position = newest
        isSample = count == Self.rowLimit
    }

    // MARK: What is shown

    /// The sum of the last seconds.
    func total(seconds: Int64, nowUs: Int64) -> (counts: TrafficCounts, latency: LatencySketch) {
        var counts = TrafficCounts()
        var latency = LatencySketch()
        for (second, part) in past where second > nowUs / 1_000_000 - seconds {
            counts.merge(part.counts)
            latency.merge(part.latency)
        }
        return (counts, latency)
    }

    /// The busiest paths of the window.
    ///
    /// - Parameters:
    ///   - order: The greatest first.
    ///   - filter: What their texts must contain.
    mutating func topPaths(_ count: Int, filter: TextFilter, by order: (TrafficCounts) -> Int64) -> [TopTraffic.Line] {
        let tally = sum(\.paths)
        return top(tally, names: &paths, sql: SQL.textOf("path"), count, filter, order)
    }

    /// The busiest clients of the window, likewise.
    mutating func topClients(_ count: Int, filter: TextFilter, by order: (TrafficCounts) -> Int64) -> [TopTraffic.Line]
    {
        let tally = sum(\.clients)
        return top(tally, names: &clients, sql: SQL.textOf("client"), count, filter, order)
    }

    private func sum(_ list: KeyPath<Second, [Key: TrafficCounts]>) -> [Key: TrafficCounts] {
        past.values.reduce(into: [:]) { sum, second in
            for (key, counts) in second[keyPath: list] { sum[key, default: TrafficCounts()].merge(counts) }
        }
    }

    private func top(
        _ tally: [Key: TrafficCounts], names: inout [Int64: [UInt8]], sql: String, _ count: Int,
        _ filter: TextFilter, _ order: (TrafficCounts) -> Int64
    ) -> [TopTraffic.Line] {
        // Names are looked up for what is shown; for all keys of the window when they are filtered by name.
        if names.count > 100_000 { names = [:] }
        var lines: [TopTraffic.Line] = []
        let sorted = tally.sorted { (order($0.value), $0.value.requests) > (order($1.value), $1.value.requests) }
        for (key, counts) in sorted {
            if lines.count == count { break }
            let text = text(of: key, names: &names, sql: sql)
            if filter.matches(text) { lines.append(TopTraffic.Line(text: text, counts: counts)) }
        }
        return lines
    }

    private func text(of key: Key, names: inout [Int64: [UInt8]], sql: String) -> [UInt8] {
        switch key {
        case .none: return [UInt8(ascii: "-")]
        case .text(let bytes): return bytes
        case .id(let id):
            if let name = names[id] { return name }
            let row = try? reader.read { database -> ReportValue? in
                let rows = try Row.fetchCursor(database, sql: sql, arguments: [id])
                return try rows.next()?.reportValue(0)
            }
            guard case .text(let bytes) = row else { return Array("?".utf8) }
            names[id] = bytes
            return bytes
        }
    }
}

extension RecentTraffic.Second {
    /// Adds a row of the columns id, status, outcome, duration_us, bytes_in, bytes_out, path, client.
    fileprivate mutating func add(_ row: Row) {
        let durationUs: Int64 = row[3]
        var one = TrafficCounts()
        one.add(status: row[1] ?? 0, outcome: row[2], bytesIn: row[4], bytesOut: row[5], durationUs: durationUs)
        counts.merge(one)
        latency.add(durationUs)
        Self.add(one, Self.key(row, 6), to: &paths)
        Self.add(one, Self.key(row, 7), to: &clients)
    }

    private static func add(
        _ one: TrafficCounts, _ key: RecentTraffic.Key, to list: inout [RecentTraffic.Key: TrafficCounts]
    ) {
        guard list.count < RecentTraffic.keyLimit || list[key] != nil else { return }
        list[key, default: TrafficCounts()].merge(one)
    }

    private static func key(_ row: Row, _ column: Int) -> RecentTraffic.Key {
        switch row.reportValue(column) {
        case .integer(let id): .id(id)
        case .text(let bytes), .blob(let bytes): .text(bytes)
        case .null, .real: .none
        }
    }
}

/// A part that texts must have, in any case of its ASCII letters.
public struct TextFilter: Sendable, Equatable {
    /// The part; empty: every text has it.
    public var part: [UInt8] = []

    /// Whether a text has it.
    func matches(_ text: [UInt8]) -> Bool {
        if part.isEmpty { return true }
        guard text.count >= part.count else { return false }
        let (text, part) = (text.map(Self.lower), part.map(Self.lower))
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
