// Which form table `access` has: that of schema 4, or that of a log that was begun before.
internal import GRDB
internal import Schema

/// What there is to know of the table before it is written.
struct AccessForm {
    let hasRows: Bool
    /// Whether facts share a column.
    let isPacked: Bool

    init(_ database: Database) throws {
        let row = try Row.fetchOne(database, sql: SQL.accessForm)
        hasRows = row?["has_rows"] ?? true
        isPacked = row?["is_packed"] ?? false
    }
}
