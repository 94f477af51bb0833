// Steps a statement and reads its columns straight through SQLite's C API; unsafe, as BoundStatement.swift is.
//
// A row of GRDB costs an allocation or two and a lookup a column; a scan of a million rows has a microsecond for each.
internal import GRDB
internal import GRDBSQLite

/// The rows of a statement, one after the other. It belongs to the read that it was made in.
@safe
final class RowCursor {
    /// What a column of the present row holds.
    enum Kind {
        case integer, text, null
    }

    private let statement: Statement
    private let handle: OpaquePointer

    /// Prepares a statement.
    init(_ database: Database, sql: String, arguments: StatementArguments = []) throws {
        statement = try database.makeStatement(sql: sql)
        try statement.setArguments(arguments)
        unsafe handle = statement.sqliteStatement
    }

    /// Begins again with another value of the parameter `?1`.
    func restart(_ value: Int64) {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_bind_int64(handle, 1, value)
    }

    /// Moves to the next row; `false`: there is none.
    @inline(__always)
    func next() throws(DatabaseError) -> Bool { unsafe try Self.step(handle) }

    /// Moves a statement to its next row; `false`: there is none.
    @inline(__always)
    static func step(_ handle: OpaquePointer) throws(DatabaseError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw unsafe DatabaseError(code, of: handle)
    }

    /// What a column holds; a number with a point counts as NULL, for no column of the log should have one.
    @inline(__always)
    func kind(_ column: Int32) -> Kind {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_TEXT, SQLITE_BLOB: .text
        default: .null
        }
    }

    /// The integer of a column; 0 when it is NULL.
    @inline(__always)
    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// The integer of a column, or `nil`.
    @inline(__always)
    func optionalInteger(_ column: Int32) -> Int64? {
        kind(column) == .integer ? integer(column) : nil
    }

    /// A copy of the text of a column byte for byte; `nil` when it is NULL.
    func text(_ column: Int32) -> [UInt8]? {
        if kind(column) == .null { return nil }
        // As a blob the bytes come as they are stored, and a NUL in them ends nothing.
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
