// Inserts requests many at a time: values are bound as they are given, and one statement inserts a whole group.
//
// Of the 1.3 µs that a row of its own costs in SQLite, a group of 16 saves half a microsecond (starting and ending a
// statement), and leaving alone what a place holds already another tenth.
internal import GRDB
internal import GRDBSQLite
internal import Schema

/// Columns of `access` that are stored, in the order of the table.
enum AccessColumn: Int, CaseIterable {
    case id, givenID, facts, connection, method, host, path, query, client, referer, agent, bytesIn, bytesOut
    case durationUs, sendingUs, lateUs

    static let count = allCases.count
}

/// Rows on their way into `access`.
///
/// A row is given column by column, then ended. Texts are copied: the short ones into their value, the others into an
/// arena that lives as long as the statements, so no pointer that SQLite holds outlives its text.
@safe
final class RowGroup {
    /// Rows of one statement. More gain nothing.
    static let capacity = 16
    /// Bytes of the long texts of one group. A record, whose seven texts have at most 65,535 bytes each, always fits.
    static let arenaBytes = 512 << 10

    /// What a place of the group's statement has bound now.
    private struct Value: Equatable {
        /// ``null``, ``integer``, or the length of a text in bytes.
        var kind: Int
        /// The integer; the text itself when it is no longer than this; else its address.
        var word: UInt64

        static let null = -1
        static let integer = -2
        static let shortTextBytes = 8
    }

    // GRDB finalizes them when they go.
    private let oneStatement: Statement
    private let manyStatement: Statement
    private let one: OpaquePointer
    private let many: OpaquePointer
    /// Row by row.
    private let values: UnsafeMutablePointer<Value>
    private let arena: UnsafeMutableRawPointer
    private var arenaUsed = 0
    /// The first value of the row that is being given.
    private var rowStart = 0

    /// Rows that were ended.
    private(set) var count = 0

    /// What was given for summaries: of each row the hash of its client.
    private var clientHashes = InlineArray<16, UInt64>(repeating: 0)

    private static var columns: Int { AccessColumn.count }

    /// Prepares the statements that insert one row and ``capacity`` rows.
    init(_ database: Database) throws {
        let isPacked = try AccessForm(database).isPacked
        oneStatement = try database.makeStatement(sql: SQL.insertAccess(rows: 1, isPacked: isPacked))
        manyStatement = try database.makeStatement(sql: SQL.insertAccess(rows: Self.capacity, isPacked: isPacked))
        unsafe one = oneStatement.sqliteStatement
        unsafe many = manyStatement.sqliteStatement
        let places = Self.capacity * Self.columns
        precondition(unsafe sqlite3_bind_parameter_count(many) == CInt(places))
        precondition(unsafe sqlite3_bind_parameter_count(one) == CInt(Self.columns))
        unsafe values = .allocate(capacity: places)
        // What a fresh statement has bound.
        unsafe values.initialize(repeating: Value(kind: Value.null, word: 0), count: places)
        unsafe arena = .allocate(byteCount: Self.arenaBytes, alignment: 8)
    }

    deinit {
        unsafe values.deallocate()
        unsafe arena.deallocate()
    }

    /// Whether it must be inserted before another row can be given.
    var isFull: Bool { count == Self.capacity }

    /// Whether the texts of another row fit; an empty group has room for any record's.
    func hasRoom(forTexts bytes: Int) -> Bool { bytes <= Self.arenaBytes - arenaUsed }

    /// Gives an integer.
    @inline(__always)
    func set(_ column: AccessColumn, _ value: Int64) {
        set(rowStart &+ column.rawValue, value)
    }

    /// Gives an integer, or NULL for none.
    @inline(__always)
    func set(_ column: AccessColumn, _ value: Int64?) {
        if let value { set(column, value) } else { setNull(column) }
    }

    /// Gives NULL.
    @inline(__always)
    func setNull(_ column: AccessColumn) {
        let place = rowStart &+ column.rawValue
        if isNew(Value(kind: Value.null, word: 0), at: place) { unsafe sqlite3_bind_null(many, CInt(place + 1)) }
    }

    /// Gives bytes as a text, as they are: neither checked for UTF-8 nor cut at a NUL.
    @inline(__always)
    func setText(_ column: AccessColumn, _ text: RawSpan) {
        let place = rowStart &+ column.rawValue
        let count = text.byteCount
        var value = Value(kind: count, word: 0)
        unsafe text.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            if count <= Value.shortTextBytes {
                unsafe withUnsafeMutableBytes(of: &value.word) { unsafe $0.copyMemory(from: bytes) }
            } else {
                precondition(hasRoom(forTexts: count))
                let start = unsafe arena + arenaUsed
                unsafe start.copyMemory(from: source, byteCount: count)
                arenaUsed += count
                value.word = UInt64(UInt(bitPattern: start))
            }
        }
        if isNew(value, at: place) { unsafe bindText(many, place + 1, at: place) }
    }

    /// Gives a method, by its number if it has one.
    @inline(__always)
    func setMethod(_ text: RawSpan) {
        if let number = MethodNumbers.number(of: text) {
            set(.method, number)
        } else if text.isEmpty {
            setNull(.method)
        } else {
            setText(.method, text)
        }
    }

    /// The row is complete.
    ///
    /// - Parameter clientHash: `Bytes.stableHash` of the client, which is in the row by its number only.
    @inline(__always)
    func endRow(clientHash: UInt64 = 0) {
        precondition(!isFull)
        clientHashes[count] = clientHash
        count += 1
        rowStart += Self.columns
    }

    /// An integer that was given.
    func integer(_ column: AccessColumn, of row: Int) -> Int64 {
        unsafe Int64(bitPattern: values[place(column, row)].word)
    }

    /// The hash of a row's client.
    func clientHash(of row: Int) -> UInt64 { clientHashes[row] }

    /// Gives another integer.
    func set(_ column: AccessColumn, _ value: Int64, of row: Int) {
        set(place(column, row), value)
    }

    /// The small facts that were given.
    func facts(of row: Int) -> AccessFacts { AccessFacts(word: integer(.facts, of: row)) }

    /// Whether nothing was given.
    func isNull(_ column: AccessColumn, of row: Int) -> Bool { unsafe values[place(column, row)].kind == Value.null }

    /// An integer that was given, or 0 for NULL; nil for a text.
    @inline(__always)
    func number(_ column: AccessColumn, of row: Int) -> Int64? {
        let value = unsafe values[place(column, row)]
        if value.kind == Value.integer { return Int64(bitPattern: value.word) }
        return value.kind == Value.null ? 0 : nil
    }

    /// The bytes of a text that was given.
    func text(_ column: AccessColumn, of row: Int) -> [UInt8] { bytes(of: unsafe values[place(column, row)]) }

    private func bytes(of value: Value) -> [UInt8] {
        var value = value
        if value.kind <= Value.shortTextBytes {
            return unsafe withUnsafeBytes(of: &value.word) { unsafe [UInt8]($0.prefix(value.kind)) }
        }
        let start = unsafe UnsafeRawPointer(bitPattern: UInt(value.word))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: value.kind))
    }

    /// Inserts a full group; false when a key is taken, and nothing was inserted.
    func insertAll() throws(DatabaseError) -> Bool {
        precondition(isFull)
        return unsafe try step(many)
    }

    /// Inserts one row of the group; false when its key is taken.
    func insert(_ row: Int) throws(DatabaseError) -> Bool {
        for column in 0..<Self.columns {
            let place = row * Self.columns + column
            let parameter = CInt(column + 1)
            switch unsafe values[place].kind {
            case Value.null: unsafe sqlite3_bind_null(one, parameter)
            case Value.integer: unsafe sqlite3_bind_int64(one, parameter, Int64(bitPattern: values[place].word))
            default: unsafe bindText(one, column + 1, at: place)
            }
        }
        return unsafe try step(one)
    }

    /// Forgets the rows.
    func removeAll() {
        count = 0
        rowStart = 0
        arenaUsed = 0
    }

    @inline(__always)
    private func set(_ place: Int, _ value: Int64) {
        if isNew(Value(kind: Value.integer, word: UInt64(bitPattern: value)), at: place) {
            unsafe sqlite3_bind_int64(many, CInt(place + 1), value)
        }
    }

    /// Notes what is to be bound; false when it is bound already.
    @inline(__always)
    private func isNew(_ value: Value, at place: Int) -> Bool {
        precondition(place >= 0 && place < Self.capacity &* Self.columns, "the group is full")
        if unsafe values[place] == value { return false }
        unsafe values[place] = value
        return true
    }

    private func bindText(_ statement: OpaquePointer, _ parameter: Int, at place: Int) {
        let count = unsafe values[place].kind
        let start =
            if count <= Value.shortTextBytes {
                unsafe UnsafeRawPointer(values + place) + MemoryLayout<Value>.offset(of: \.word)!
            } else {
                unsafe UnsafeRawPointer(bitPattern: UInt(values[place].word))!
            }
        // Without a destructor: SQLITE_STATIC.
        unsafe sqlite3_bind_text(
            statement, CInt(parameter), start.assumingMemoryBound(to: CChar.self), CInt(count), nil)
    }

    private func place(_ column: AccessColumn, _ row: Int) -> Int {
        precondition(row >= 0 && row < count)
        return row * Self.columns + column.rawValue
    }

    private func step(_ statement: OpaquePointer) throws(DatabaseError) -> Bool {
        let code = unsafe sqlite3_step(statement)
        if code == SQLITE_DONE {
            unsafe sqlite3_reset(statement)
            return true
        }
        if code == ResultCode.SQLITE_CONSTRAINT_PRIMARYKEY.rawValue {
            unsafe sqlite3_reset(statement)
            return false
        }
        throw unsafe DatabaseError(code, of: statement)
    }
}
