// One dictionary of the database: texts that many rows share, each stored once and named by a number.
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// The writing side of a dictionary table, with the texts that are in use kept in memory.
///
/// All calls happen inside a transaction. After a rollback it must not be used any more: numbers given in it name
/// nothing.
struct TextDictionary: ~Copyable {
    /// Rows of one dictionary table. Scanners ask for random paths without end; past the bound a text lies in its own
    /// row.
    static let maximumRows: Int64 = 1_000_000

    private let find: BoundStatement
    private let all: BoundStatement
    private let add: BoundStatement
    private let last: BoundStatement
    private let removed: BoundStatement
    private let limit: Int64
    private var cache = TextCache()
    /// All texts of the table; nil: not read yet. Those that were removed since may be there, too.
    private var index: TextIndex?
    /// The greatest number of the table; nil: not read yet.
    private var greatest: Int64?
    /// Numbers up to that which have no row any more.
    private var removedCount: Int64 = 0

    /// The dictionary in `table`.
    init(_ database: Database, table: String, limit: Int64 = TextDictionary.maximumRows) {
        find = BoundStatement(database, sql: SQL.dictionaryFind(table))
        all = BoundStatement(database, sql: SQL.dictionaryTexts(table))
        add = BoundStatement(database, sql: SQL.dictionaryAdd(table))
        last = BoundStatement(database, sql: SQL.dictionaryLast(table))
        removed = BoundStatement(database, sql: SQL.dictionaryRemoved(table))
        self.limit = limit
    }

    /// The number of a text, given now if it has none; nil when the dictionary is full and the text not in it.
    mutating func number(of text: RawSpan) throws(DatabaseError) -> Int64? {
        if let number = cache.latestID(of: text) { return number == 0 ? nil : number }
        let hash = Bytes.hash(text)
        if let number = cache.id(of: text, hash: hash) { return number == 0 ? nil : number }
        // 0, which no row has, stands for a text that found no room, so that a frequent one is not looked for each
        // time.
        var number = try find(text, hash)
        if number == nil { number = try addIfRoom(text, hash) }
        cache.insert(text, hash: hash, id: number ?? 0)
        return number
    }

    /// Forgets texts that may be gone: rows of the table were removed.
    mutating func forget() {
        cache.removeAll()
        greatest = nil
    }

    /// The number of a text of the table.
    private mutating func find(_ text: RawSpan, _ hash: UInt64) throws(DatabaseError) -> Int64? {
        if index == nil { try readAll() }
        guard let index else { return nil }
        var search = index.search(hash)
        while let number = index.next(&search) {
            find.bind(1, number)
            find.bindText(2, text)
            if try find.number() != nil { return number }
        }
        return nil
    }

    private mutating func addIfRoom(_ text: RawSpan, _ hash: UInt64) throws(DatabaseError) -> Int64? {
        if greatest == nil {
            greatest = try last.number()
            removedCount = try removed.number() ?? 0
            // Most of what is known is gone.
            let rows = (greatest ?? 0) - removedCount
            if let index, index.count > 1_024, Int64(index.count) > 2 * rows { try readAll() }
        }
        let number = (greatest ?? 0) + 1
        if number - removedCount > limit || number > TextIndex.greatestNumber { return nil }
        add.bind(1, number)
        add.bindText(2, text)
        try add.run()
        greatest = number
        index?.insert(hash, number)
        return number
    }

    private mutating func readAll() throws(DatabaseError) {
        var found = TextIndex()
        try all.forEachRow { row in found.insert(row.hash(1), row.integer(0)) }
        index = found
    }
}
