// Steps through a scan, whose statement hands over each row whole; unsafe, as RowCursor.swift is.
//
// To ask a statement for its columns one by one costs as much as reading them: each of the calls looks for the
// statement's lock. A function in the statement is given all values of a row in one call.
internal import GRDB
internal import GRDBSQLite

/// The requests of ranges of keys, one after the other. It belongs to the read that it was made in.
@safe
final class ScanCursor {
    private let statement: Statement
    private let handle: OpaquePointer
    private let values: UnsafeMutablePointer<ScannedValues>
    private let sinceIndex: Int32
    private let untilIndex: Int32

    /// Prepares the statement of a plan.
    init(_ database: Database, _ plan: ScanPlan) throws {
        statement = try database.makeStatement(sql: plan.sql)
        unsafe handle = statement.sqliteStatement
        unsafe values = .allocate(capacity: 1)
        unsafe values.initialize(to: ScannedValues(plan.stored))
        unsafe sinceIndex = sqlite3_bind_parameter_index(handle, ":since_id")
        unsafe untilIndex = sqlite3_bind_parameter_index(handle, ":until_id")
        let rowIndex = unsafe sqlite3_bind_parameter_index(handle, ":row")
        unsafe sqlite3_bind_pointer(handle, rowIndex, values, ScannedValues.pointerType, nil)
    }

    deinit {
        unsafe values.pointee.forgetTexts()
        unsafe values.deallocate()
    }

    /// Begins with a range of keys. The greatest number of all is in none, so a row that has it is not found: no server
    /// gives it.
    func restart(_ keys: ClosedRange<Int64>) {
        let (untilID, isTooGreat) = keys.upperBound.addingReportingOverflow(1)
        restart(keys.lowerBound..<(isTooGreat ? Int64.max : untilID))
    }

    /// Begins with a range of keys.
    func restart(_ keys: Range<Int64>) {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_bind_int64(handle, sinceIndex, keys.lowerBound)
        unsafe sqlite3_bind_int64(handle, untilIndex, keys.upperBound)
    }

    /// Moves to the next row; `false`: there is none.
    @inline(__always)
    func next() throws(DatabaseError) -> Bool { unsafe try RowCursor.step(handle) }
}

/// The present row.
extension ScanCursor {
    /// What a column holds; one that is not read holds nothing.
    @inline(__always)
    func kind(_ column: ScannedColumn) -> RowCursor.Kind {
        unsafe values.pointee.kinds[column.rawValue]
    }

    /// The integer of a column; 0 when it is NULL.
    @inline(__always)
    func integer(_ column: ScannedColumn) -> Int64 {
        unsafe values.pointee.integers[column.rawValue]
    }

    /// The integer of a column, or `nil`.
    @inline(__always)
    func optionalInteger(_ column: ScannedColumn) -> Int64? {
        kind(column) == .integer ? integer(column) : nil
    }

    /// A text of at most seven bytes as a number, with its length in the upper byte; 0: it is NULL or longer.
    @inline(__always)
    func shortText(_ column: ScannedColumn) -> UInt64 {
        kind(column) == .text ? UInt64(bitPattern: integer(column)) : 0
    }

    /// A copy of the text of a column byte for byte; `nil` when it is NULL.
    func text(_ column: ScannedColumn) -> [UInt8]? {
        guard kind(column) == .text else { return nil }
        if let long = unsafe values.pointee.texts[column.rawValue] {
            guard let start = unsafe sqlite3_value_blob(long) else { return [] }
            return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(long))))
        }
        var rest = integer(column)
        var bytes: [UInt8] = []
        while rest > 0xff {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        return bytes.reversed()
    }
}

/// The function that hands over rows.
extension ScanCursor {
    /// Lets the statements of a connection call `scan_row(:row, …)`. Nothing else can: who has no row to fill, as a
    /// user's statement, gets an error.
    static func register(_ database: Database) throws(DatabaseError) {
        let code = unsafe sqlite3_create_function_v2(
            database.sqliteConnection, "scan_row", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, nil,
            { context, count, arguments in
                guard count > 0, let arguments = unsafe arguments,
                    let row = unsafe sqlite3_value_pointer(arguments[0], ScannedValues.pointerType)
                else {
                    unsafe sqlite3_result_error(context, "scan_row() is a part of reports and for them only", -1)
                    return
                }
                let values = unsafe row.assumingMemoryBound(to: ScannedValues.self)
                for index in 1..<Int(count) {
                    let isTaken = unsafe values.pointee.take(arguments[index], at: index - 1)
                    if !isTaken { unsafe sqlite3_result_error_nomem(context) }
                }
            }, nil, nil, nil)
        if code != SQLITE_OK { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}

/// The values of one row, by column.
@safe
private struct ScannedValues {
    typealias ByColumn<Value> = InlineArray<20, Value>

    /// What tells a pointer to one of these from other pointers; SQLite keeps the address.
    static var pointerType: UnsafePointer<CChar> {
        let name: StaticString = "ScannedValues"
        return unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    var kinds = ByColumn<RowCursor.Kind>(repeating: .null)

    /// Integers, and short texts as ``ScanCursor/shortText(_:)`` has them.
    var integers = ByColumn<Int64>(repeating: 0)

    /// Copies of longer texts.
    var texts: ByColumn<OpaquePointer?>

    /// The columns of the values that the function is given, in their order.
    private var columns = ByColumn<Int>(repeating: 0)

    /// The methods that have numbers, as short texts.
    private var methods = InlineArray<9, Int64>(repeating: 0)

    init(_ columns: [ScannedColumn]) {
        unsafe texts = InlineArray(repeating: nil)
        for (index, column) in columns.enumerated() {
            self.columns[index] = (column == .methodNumber ? .method : column).rawValue
        }
        for (index, name) in MethodNumbers.names.enumerated() {
            methods[index] = name.utf8.reduce(Int64(name.utf8.count)) { $0 << 8 | Int64($1) }
        }
    }

    /// Takes a value of the row; `false`: there is no memory for its text.
    @inline(__always)
    mutating func take(_ value: OpaquePointer?, at index: Int) -> Bool {
        let column = columns[index]
        switch unsafe sqlite3_value_type(value) {
        case SQLITE_INTEGER:
            let integer = unsafe sqlite3_value_int64(value)
            if column == ScannedColumn.facts.rawValue {
                take(AccessFacts(word: integer))
            } else if column == ScannedColumn.received.rawValue {
                take(integer >> 4, ScannedColumn.bytesIn.rawValue)
            } else if column == ScannedColumn.method.rawValue, integer >= 0, integer < methods.count {
                take(shortText: methods[Int(integer)], column)
            } else {
                take(integer, column)
            }
        case SQLITE_TEXT, SQLITE_BLOB: return unsafe takeText(value, column)
        default:
            kinds[column] = .null
            integers[column] = 0
        }
        return true
    }

    @inline(__always)
    private mutating func take(_ integer: Int64, _ column: Int) {
        kinds[column] = .integer
        integers[column] = integer
    }

    @inline(__always)
    private mutating func take(_ facts: AccessFacts) {
        // 0 stands for none of them.
        take(facts.status, ScannedColumn.status.rawValue)
        if facts.status == 0 { kinds[ScannedColumn.status.rawValue] = .null }
        take(facts.protocolNumber, ScannedColumn.protocol.rawValue)
        if facts.protocolNumber == 0 { kinds[ScannedColumn.protocol.rawValue] = .null }
        take(facts.outcome, ScannedColumn.outcome.rawValue)
        take(facts.worker, ScannedColumn.worker.rawValue)
        take(facts.flags, ScannedColumn.flags.rawValue)
    }

    @inline(__always)
    private mutating func take(shortText: Int64, _ column: Int) {
        kinds[column] = .text
        integers[column] = shortText
        if unsafe texts[column] != nil { forgetText(column) }
    }

    @inline(never)
    private mutating func takeText(_ value: OpaquePointer?, _ column: Int) -> Bool {
        let count = unsafe Int(sqlite3_value_bytes(value))
        if count <= 7 {
            var packed = Int64(count)
            if let start = unsafe sqlite3_value_blob(value) {
                for index in 0..<count {
                    packed = packed << 8 | Int64(unsafe start.load(fromByteOffset: index, as: UInt8.self))
                }
            }
            take(shortText: packed, column)
            return true
        }
        take(shortText: 0, column)
        unsafe texts[column] = sqlite3_value_dup(value)
        return unsafe texts[column] != nil
    }

    private mutating func forgetText(_ column: Int) {
        unsafe sqlite3_value_free(texts[column])
        unsafe texts[column] = nil
    }

    mutating func forgetTexts() {
        for column in unsafe texts.indices { forgetText(column) }
    }
}
