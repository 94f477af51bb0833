// What the writer does with summaries beside the rows that it stores.
internal import GRDB

extension LogTables {
    /// Requests with this key or a greater one may not be in the stored summaries yet.
    var summedBefore: Int64 { summaries.marks.complete }

    /// Stores all summaries, so that rows may be removed.
    mutating func storeSummaries() throws(DatabaseError) {
        try catchUp()
        try summaries.storeAll()
    }

    /// Sums some rows of an earlier schema up; false when there are none left.
    mutating func sumOlderRows() throws(DatabaseError) -> Bool {
        try catchUp()
        return try summaries.addOlder()
    }
}
