// Runs one statement of the user's own, which can only read.
import GRDB

extension LogReader {
    /// Runs a statement and hands its rows on as they come.
    ///
    /// - Parameters:
    ///   - sql: One statement that reads; see the views for what there is.
    ///   - begin: Takes the names of the columns, before the first row.
    ///   - row: Takes a row; it answers whether it wants more.
    /// - Throws: ``LogReadError``; of the kind `query` when the statement is at fault.
    public func query(_ sql: String, begin: ([String]) throws -> Void, row: ([ReportValue]) throws -> Bool) throws {
        try readOnce { database in
            let statements = try database.allStatements(sql: sql)
            guard let statement = try statements.next() else {
                throw LogReadError(.query, "there is no statement in it; for example: SELECT * FROM requests LIMIT 5")
            }
            guard try statements.next() == nil else {
                throw LogReadError(.query, "query runs one statement, and there is more behind the first semicolon")
            }
            guard statement.isReadonly else {
                throw LogReadError(.query, "the statement writes, and httpstats only reads")
            }
            try begin(statement.columnNames)
            let rows = try Row.fetchCursor(statement)
            while let next = try rows.next() {
                guard try row(next.reportValues()) else { return }
            }
        }
    }
}
