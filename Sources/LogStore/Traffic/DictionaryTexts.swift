// The texts of a dictionary by their ids: a few are looked up, for many the whole dictionary is read once.
internal import GRDB
internal import Schema

/// Texts of one dictionary table, in the read that it was made in.
struct DictionaryTexts {
    private let one: RowCursor
    private let all: RowCursor

    /// Texts of a table.
    init(_ database: Database, table: String) throws {
        one = try RowCursor(database, sql: SQL.textOf(table), arguments: [0])
        all = try RowCursor(database, sql: SQL.texts(table))
    }

    /// The text of an id; `nil`: it was removed.
    func text(_ id: Int64) throws -> [UInt8]? {
        one.restart(id)
        return try one.next() ? one.text(0) : nil
    }

    /// Hands all texts on in the order of their ids, once.
    func forEach(_ body: (Int64, [UInt8]) -> Void) throws {
        while try all.next() { body(all.integer(0), all.text(1) ?? []) }
    }
}

/// Something worked out from each text of a dictionary, at the first sight of its id.
///
/// A look at a text by its id costs six times what it costs to read it with all others. So when the ids seen come to a
/// sixth of the dictionary the rest of it is read in one go: a short span of a great log reads little, and a long one
/// does not look up each text.
struct TextValues<Value> {
    private let texts: DictionaryTexts
    private let work: ([UInt8]?) -> Value
    private var values: [Value?] = []
    /// Those of great ids, while they are few: an array that reaches up to them would cost more than the texts.
    private var rareValues: [Int64: Value] = [:]
    private var lookups = 0
    private var isRead = false

    /// The greatest id that has a place in memory; the writer gives ids up to a million.
    static var idLimit: Int64 { 4_000_000 }

    /// Lookups before all values have their place in the array, and ids that have it from the beginning.
    private static var rareLimit: Int { 1000 }
    private static var smallID: Int64 { 4096 }

    /// - Parameter work: What to make of a text; `nil`: the row of the dictionary is gone.
    init(_ texts: DictionaryTexts, work: @escaping ([UInt8]?) -> Value) {
        self.texts = texts
        self.work = work
    }

    /// The value of an id.
    @inline(__always)
    mutating func value(_ id: Int64) throws -> Value {
        if id >= 0, id < values.count, let value = values[Int(id)] { return value }
        return try find(id)
    }

    @inline(never)
    private mutating func find(_ id: Int64) throws -> Value {
        guard id >= 0, id < Self.idLimit else { return work(try texts.text(id)) }
        if lookups < Self.rareLimit, id >= Self.smallID {
            if let value = rareValues[id] { return value }
            lookups += 1
            let value = work(try texts.text(id))
            rareValues[id] = value
            return value
        }
        if id >= values.count {
            let count = min(Int(Self.idLimit), max(Int(id) + 1, 2 * values.count))
            values.append(contentsOf: repeatElement(nil, count: count - values.count))
        }
        if let value = rareValues[id] {
            values[Int(id)] = value
            return value
        }
        lookups += 1
        // `values` is as long as the greatest id seen, or twice that.
        if lookups >= Self.rareLimit, 6 * lookups >= values.count, !isRead { try readAll() }
        if let value = values[Int(id)] { return value }
        let value = work(try texts.text(id))
        values[Int(id)] = value
        return value
    }

    private mutating func readAll() throws {
        isRead = true
        var values = values
        let work = work
        try texts.forEach { id, text in
            guard id >= 0, id < Self.idLimit else { return }
            while id >= values.count {
                values.append(contentsOf: repeatElement(nil, count: max(1024, values.count)))
            }
            if values[Int(id)] == nil { values[Int(id)] = work(text) }
        }
        self.values = values
    }
}
