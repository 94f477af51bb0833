// Inserts requests many at a time: values are bound as they are given, and one statement inserts a whole group.
//
// Of the 1.3 µs that a row of its own costs in SQLite, a group of 16 saves half a microsecond (starting and ending a
// statement), and leaving alone what a place holds already another tenth.
internal import GRDB
internal import GRDBSQLite
internal import LinuxSyscalls
internal import Schema

/// Columns of `access` that are stored, in the order of the table.
enum AccessColumn: Int, CaseIterable {
    case id, facts, connection, host, path, query, client, referer, agent, received, bytesOut, durationUs, rest

    static let count = allCases.count
}

/// Rows on their way into `access`.
///
/// A row is given column by column, then ended with its rest. Texts are copied: the short ones into their value, the
/// others into an arena that lives as long as the statements, so no pointer that SQLite holds outlives its text.
@safe
final class RowGroup {
    /// Rows of one statement. More gain nothing.
    static let capacity = 16
    /// Bytes of the long texts of one group. A record, whose seven texts have at most 65,535 bytes each, always fits,
    /// and so does a line of ``LogContent/lineLimit``, whatever its method is.
    static let arenaBytes = 2 << 20

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

    private let database: Database
    /// Prepared when they are needed first: a writer that lives for a moment inserts few rows. GRDB finalizes them when
    /// they go.
    private var oneStatement: Statement?
    private var manyStatement: Statement?
    private var one: OpaquePointer?
    private var many: OpaquePointer?
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
    private var rests = InlineArray<16, RequestRest>(repeating: RequestRest())
    /// Where in the arena the rest of each row has room, whatever becomes of its key.
    private var restStarts = InlineArray<16, Int>(repeating: 0)
    /// The methods that have no number.
    private var methods = InlineArray<16, Value>(repeating: Value(kind: Value.null, word: 0))

    private static var columns: Int { AccessColumn.count }

    /// No rows yet.
    init(_ database: Database) {
        self.database = database
        let places = Self.capacity * Self.columns
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

    /// Whether another row fits; an empty group has room for any record's.
    ///
    /// - Parameters:
    ///   - bytes: of all its texts.
    ///   - method: those of its method.
    func hasRoom(forTexts bytes: Int, method: Int) -> Bool {
        bytes + RequestRest.maximumBytes(method: method) <= Self.arenaBytes - arenaUsed
    }

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
        setNull(rowStart &+ column.rawValue)
    }

    /// Gives bytes as a text, as they are: neither checked for UTF-8 nor cut at a NUL.
    @inline(__always)
    func setText(_ column: AccessColumn, _ text: RawSpan) {
        set(rowStart &+ column.rawValue, copy(text))
    }

    /// Gives the request's method, by its number if it has one, and its bytes.
    @inline(__always)
    func setReceived(method: RawSpan, bytes: Int64) {
        let number: Int64
        if let known = MethodNumbers.number(of: method) {
            number = known
        } else if method.isEmpty {
            number = MethodNumbers.none
        } else {
            number = MethodNumbers.other
            methods[count] = copy(method)
        }
        set(.received, max(0, min(bytes, Int64.max >> 4)) << 4 | number)
    }

    /// The row is complete.
    ///
    /// - Parameters:
    ///   - rest: what is behind the columns that were given.
    ///   - clientHash: `Bytes.stableHash` of the client, which is in the row by its number only.
    @inline(__always)
    func endRow(_ rest: RequestRest, clientHash: UInt64 = 0) {
        precondition(!isFull)
        let row = count
        clientHashes[row] = clientHash
        rests[row] = rest
        restStarts[row] = arenaUsed
        count += 1
        rowStart += Self.columns
        let hasMethod = methodNumber(of: row) == MethodNumbers.other
        arenaUsed += RequestRest.maximumBytes(method: hasMethod ? methods[row].kind : 0)
        precondition(arenaUsed <= Self.arenaBytes)
        setRest(of: row)
    }

    /// An integer that was given.
    func integer(_ column: AccessColumn, of row: Int) -> Int64 {
        unsafe Int64(bitPattern: values[place(column, row)].word)
    }

    /// The hash of a row's client.
    func clientHash(of row: Int) -> UInt64 { clientHashes[row] }

    /// How much later the key of a row is than its completion, in microseconds.
    func lateUs(of row: Int) -> Int64 { rests[row].lateUs }

    /// Gives another key.
    func setKey(_ id: Int64, lateUs: Int64, of row: Int) {
        set(place(.id, row), id)
        rests[row].lateUs = lateUs
        setRest(of: row)
    }

    /// The small facts that were given.
    func facts(of row: Int) -> AccessFacts { AccessFacts(word: integer(.facts, of: row)) }

    /// What stands for a row's method: its number in ``MethodNumbers``.
    @inline(__always)
    func methodNumber(of row: Int) -> Int64 { integer(.received, of: row) & 15 }

    /// The method of a row that has ``MethodNumbers/other``.
    func method(of row: Int) -> [UInt8] { bytes(of: methods[row]) }

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
        if let many = unsafe many { return unsafe try step(many) }
        let statement = try prepare(rows: Self.capacity)
        let handle = unsafe statement.sqliteStatement
        for place in 0..<Self.capacity * Self.columns { unsafe bind(handle, place + 1, at: place) }
        manyStatement = statement
        unsafe many = handle
        return unsafe try step(handle)
    }

    /// Inserts one row of the group; false when its key is taken.
    func insert(_ row: Int) throws(DatabaseError) -> Bool {
        let handle: OpaquePointer
        if let one = unsafe one {
            unsafe handle = one
        } else {
            let statement = try prepare(rows: 1)
            oneStatement = statement
            unsafe handle = statement.sqliteStatement
            unsafe one = handle
        }
        for column in 0..<Self.columns { unsafe bind(handle, column + 1, at: row * Self.columns + column) }
        return unsafe try step(handle)
    }

    /// Forgets the rows.
    func removeAll() {
        count = 0
        rowStart = 0
        arenaUsed = 0
    }

    private func prepare(rows: Int) throws(DatabaseError) -> Statement {
        let isPacked = try AccessForm(database).isPacked
        do {
            let statement = try database.makeStatement(sql: SQL.insertAccess(rows: rows, isPacked: isPacked))
            precondition(unsafe sqlite3_bind_parameter_count(statement.sqliteStatement) == CInt(rows * Self.columns))
            return statement
        } catch {
            throw DatabaseError(refining: error)
        }
    }

    /// Has the rest of a row be what follows from its key.
    @inline(__always)
    private func setRest(of row: Int) {
        let rest = rests[row]
        let place = place(.rest, row)
        if rest.isUsual, methodNumber(of: row) != MethodNumbers.other {
            if let sendingUs = rest.sendingUs { set(place, sendingUs) } else { setNull(place) }
        } else {
            setUnusualRest(of: row, place)
        }
    }

    private func setUnusualRest(of row: Int, _ place: Int) {
        let hasMethod = methodNumber(of: row) == MethodNumbers.other
        let text = rests[row].json(method: hasMethod ? method(of: row) : [])
        set(place, copy(text.span.raw, to: restStarts[row]))
    }

    /// Copies a text into a value or behind what is in the arena.
    @inline(__always)
    private func copy(_ text: RawSpan) -> Value {
        let value = copy(text, to: arenaUsed)
        if value.kind > Value.shortTextBytes { arenaUsed += value.kind }
        return value
    }

    /// Copies a text into a value or to a place in the arena.
    @inline(__always)
    private func copy(_ text: RawSpan, to start: Int) -> Value {
        let count = text.byteCount
        var value = Value(kind: count, word: 0)
        unsafe text.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            if count <= Value.shortTextBytes {
                unsafe withUnsafeMutableBytes(of: &value.word) { unsafe $0.copyMemory(from: bytes) }
            } else {
                precondition(count <= Self.arenaBytes - start)
                unsafe (arena + start).copyMemory(from: source, byteCount: count)
                value.word = UInt64(UInt(bitPattern: unsafe arena + start))
            }
        }
        return value
    }

    @inline(__always)
    private func set(_ place: Int, _ value: Int64) {
        if isNew(Value(kind: Value.integer, word: UInt64(bitPattern: value)), at: place), let many = unsafe many {
            unsafe sqlite3_bind_int64(many, CInt(place + 1), value)
        }
    }

    @inline(__always)
    private func setNull(_ place: Int) {
        if isNew(Value(kind: Value.null, word: 0), at: place), let many = unsafe many {
            unsafe sqlite3_bind_null(many, CInt(place + 1))
        }
    }

    @inline(__always)
    private func set(_ place: Int, _ text: Value) {
        if isNew(text, at: place), let many = unsafe many { unsafe bindText(many, place + 1, at: place) }
    }

    /// Notes what is to be bound; false when it is bound already.
    @inline(__always)
    private func isNew(_ value: Value, at place: Int) -> Bool {
        precondition(place >= 0 && place < Self.capacity &* Self.columns, "the group is full")
        if unsafe values[place] == value { return false }
        unsafe values[place] = value
        return true
    }

    private func bind(_ statement: OpaquePointer, _ parameter: Int, at place: Int) {
        let value = unsafe values[place]
        switch value.kind {
        case Value.null: unsafe sqlite3_bind_null(statement, CInt(parameter))
        case Value.integer: unsafe sqlite3_bind_int64(statement, CInt(parameter), Int64(bitPattern: value.word))
        default: unsafe bindText(statement, parameter, at: place)
        }
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
