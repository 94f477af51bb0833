// Binds values straight into a prepared statement through SQLite's C API; unsafe, as RowGroup.swift is.
//
// GRDB's own way of passing arguments costs 6 µs a row, this one 1.5 µs, because a text is bound where it lies (in the
// ring's mapping) instead of being copied into a String and an array.
internal import GRDB
internal import GRDBSQLite
internal import LinuxSyscalls

/// A statement prepared by GRDB whose parameters are bound one by one. It is prepared when it is used first: a log
/// writer has some sixty, of which its first transaction needs a few.
///
/// Texts are not copied (SQLITE_STATIC): they must live until ``run()`` or ``number()`` has returned. Both therefore
/// demand that every parameter was bound anew since the last run, so no pointer outlives its text.
@safe
final class BoundStatement {
    private let database: Database
    private let sql: () -> String
    private var statement: Statement?
    private var handle: OpaquePointer?
    /// What preparing failed with; the next run tells.
    private var failure: DatabaseError?
    private var allParameters: UInt64 = 0
    private var bound: UInt64 = 0

    /// A statement that has at most 63 parameters numbered from 1.
    init(_ database: Database, sql: @autoclosure @escaping () -> String) {
        self.database = database
        self.sql = sql
    }

    /// nil: it cannot be prepared.
    @inline(__always)
    private var prepared: OpaquePointer? {
        if let handle = unsafe handle { return unsafe handle }
        return unsafe prepare()
    }

    private func prepare() -> OpaquePointer? {
        do {
            let statement = try database.makeStatement(sql: sql())
            let handle = unsafe statement.sqliteStatement
            let count = unsafe sqlite3_bind_parameter_count(handle)
            precondition(count < 64)
            allParameters = (1 << UInt64(count)) - 1
            self.statement = statement
            unsafe self.handle = handle
            return unsafe handle
        } catch {
            failure = DatabaseError(refining: error)
            return nil
        }
    }

    /// Binds an integer.
    @inline(__always)
    func bind(_ parameter: Int32, _ value: Int64) {
        bound |= 1 << UInt64(parameter - 1)
        unsafe sqlite3_bind_int64(prepared, parameter, value)
    }

    /// Binds an integer, or NULL for none.
    @inline(__always)
    func bind(_ parameter: Int32, _ value: Int64?) {
        if let value { bind(parameter, value) } else { bindNull(parameter) }
    }

    /// Binds NULL.
    @inline(__always)
    func bindNull(_ parameter: Int32) {
        bound |= 1 << UInt64(parameter - 1)
        unsafe sqlite3_bind_null(prepared, parameter)
    }

    /// Binds bytes as a text, as they are: neither checked for UTF-8 nor cut at a NUL.
    @inline(__always)
    func bindText(_ parameter: Int32, _ text: RawSpan) {
        bound |= 1 << UInt64(parameter - 1)
        unsafe text.withUnsafeBytes { bytes in
            // An empty span may have no address, and an address of nil would bind NULL.
            guard let base = bytes.baseAddress else { return bindText(parameter, "") }
            let start = unsafe base.assumingMemoryBound(to: CChar.self)
            unsafe sqlite3_bind_text(prepared, parameter, start, CInt(bytes.count), nil)
        }
    }

    /// Binds a text of this program.
    func bindText(_ parameter: Int32, _ text: StaticString) {
        bound |= 1 << UInt64(parameter - 1)
        let start = unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        unsafe sqlite3_bind_text(prepared, parameter, start, CInt(text.utf8CodeUnitCount), nil)
    }

    /// Binds bytes, which must live as long as a text.
    func bindBlob(_ parameter: Int32, _ bytes: RawSpan) {
        bound |= 1 << UInt64(parameter - 1)
        unsafe bytes.withUnsafeBytes { bytes in
            // An address of nil would bind NULL.
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                unsafe sqlite3_bind_zeroblob(prepared, parameter, 0)
                return
            }
            unsafe sqlite3_bind_blob(prepared, parameter, base, CInt(bytes.count), nil)
        }
    }

    /// Runs a statement that answers no row.
    @inline(__always)
    func run() throws(DatabaseError) {
        let handle = unsafe try ready()
        _ = unsafe try step(handle)
        unsafe sqlite3_reset(handle)
    }

    /// Runs a statement that answers at most one number; nil when there is no row.
    @inline(__always)
    func number() throws(DatabaseError) -> Int64? {
        let handle = unsafe try ready()
        let hasRow = unsafe try step(handle)
        let value = hasRow ? unsafe sqlite3_column_int64(handle, 0) : nil
        unsafe sqlite3_reset(handle)
        return value
    }

    /// Runs an INSERT; false when the key is taken, with the parameters still bound for another try with another key.
    @inline(__always)
    func insert() throws(DatabaseError) -> Bool {
        let handle = unsafe try ready()
        let code = unsafe sqlite3_step(handle)
        unsafe sqlite3_reset(handle)
        if code == SQLITE_DONE {
            bound = 0
            return true
        }
        if code == ResultCode.SQLITE_CONSTRAINT_PRIMARYKEY.rawValue { return false }
        throw unsafe DatabaseError(code, of: handle)
    }

    /// Runs a statement that answers numbers.
    func numbers() throws(DatabaseError) -> [Int64] {
        var numbers: [Int64] = []
        let handle = unsafe try ready()
        while unsafe try step(handle) { numbers.append(unsafe sqlite3_column_int64(handle, 0)) }
        unsafe sqlite3_reset(handle)
        return numbers
    }

    /// Runs a statement; the row is one of this statement, good for the time of the call.
    func forEachRow(_ body: (borrowing BoundRow) throws(DatabaseError) -> Void) throws(DatabaseError) {
        let handle = unsafe try ready()
        defer { unsafe sqlite3_reset(handle) }
        while unsafe try step(handle) { try body(unsafe BoundRow(handle)) }
    }

    /// Pages that the connection of this statement wrote since the last call.
    func takeWrittenPages() -> Int {
        var pages: CInt = 0
        var greatest: CInt = 0
        unsafe sqlite3_db_status(database.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &greatest, 1)
        return Int(pages)
    }

    /// The statement, with every parameter bound.
    @inline(__always)
    private func ready() throws(DatabaseError) -> OpaquePointer {
        guard let handle = unsafe prepared else { throw failure ?? DatabaseError(resultCode: .SQLITE_ERROR) }
        precondition(bound == allParameters, "a parameter keeps the value of the run before")
        return unsafe handle
    }

    @inline(__always)
    private func step(_ handle: OpaquePointer) throws(DatabaseError) -> Bool {
        bound = 0
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw unsafe DatabaseError(code, of: handle)
    }
}

/// The row that a statement answers.
@safe
struct BoundRow: ~Copyable, ~Escapable {
    private let handle: OpaquePointer

    @_lifetime(immortal)
    fileprivate init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    /// An integer; 0 for NULL.
    @inline(__always)
    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// Whether the column holds a text.
    @inline(__always)
    func isText(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_TEXT }

    /// `Bytes.hash` of a text.
    func hash(_ column: Int32) -> UInt64 {
        let start = unsafe sqlite3_column_blob(handle, column)
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return unsafe Bytes.hash(RawSpan(_unsafeBytes: bytes))
    }

    /// The bytes of a text or blob.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

extension DatabaseError {
    /// GRDB throws without a type; all that it throws is its own error.
    init(refining error: any Error) {
        self = error as? DatabaseError ?? DatabaseError(message: "\(error)")
    }

    /// What a step of a statement failed with; the statement is ready for another one.
    init(_ code: CInt, of statement: OpaquePointer) {
        let message = unsafe sqlite3_db_handle(statement).flatMap { unsafe sqlite3_errmsg($0) }.map {
            unsafe String(cString: $0)
        }
        unsafe sqlite3_reset(statement)
        self.init(resultCode: ResultCode(rawValue: code), message: message)
    }
}
