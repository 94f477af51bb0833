// Which form table `access` has: that of schema 4, or that of a log that was begun before.
internal import GRDB
internal import Schema

/// What there is to know of the table before it is written.
struct AccessForm {
    let hasRows: Bool
    /// Whether facts share a column.
    let isPacked: Bool

    init(_ database: Database) throws(DatabaseError) {
        var form = (hasRows: true, isPacked: false)
        try BoundStatement(database, sql: SQL.accessForm).forEachRow { row in
            form = (row.integer(0) != 0, row.integer(1) != 0)
        }
        (hasRows, isPacked) = form
    }
}
