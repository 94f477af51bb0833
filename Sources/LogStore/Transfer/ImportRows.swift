// Rows of `access` that are made from lines of other servers.
internal import GRDB
internal import LinuxSyscalls
internal import LogLines
internal import Schema

/// What one transaction of an import stores. As ``LogTables``, it lives no longer than the first error.
struct ImportRows: ~Copyable {
    /// The worker of imported rows, which no worker of this server answered.
    static let worker: Int64 = -1
    /// How far behind a taken key to look for a free one at a time: a millisecond.
    private static let stretch: Int64 = 1_000 << 8

    private let rows: RowGroup
    private let lastKey: BoundStatement
    private var path: TextDictionary
    private var host: TextDictionary
    private var client: TextDictionary
    private var referer: TextDictionary
    private var agent: TextDictionary
    private var keys = ImportKeys()

    /// The number of the transaction.
    var batch: Int64 = 0
    /// The keys that were given in it.
    private(set) var firstID = Int64.max
    private(set) var lastID = Int64.min

    /// Nothing is prepared yet.
    init(_ database: Database) {
        rows = RowGroup(database)
        lastKey = BoundStatement(database, sql: SQL.importLastKey)
        path = TextDictionary(database, table: "path")
        host = TextDictionary(database, table: "host")
        client = TextDictionary(database, table: "client")
        referer = TextDictionary(database, table: "referer")
        agent = TextDictionary(database, table: "agent")
    }

    /// Begins another transaction.
    mutating func begin(_ batch: Int64) {
        self.batch = batch
        (firstID, lastID) = (.max, .min)
    }

    /// One row, in the table after the next ``flush(_:)``.
    mutating func insert(_ parser: borrowing LogLineParser, _ line: RawSpan) throws(DatabaseError) {
        let request = parser.request
        precondition(hasRoom(for: line))
        let facts = AccessFacts(
            status: request.status ?? 0, outcome: request.outcome, protocolNumber: request.protocolNumber ?? 0,
            flags: request.isKept ? 2 : 0, worker: Self.worker, signal: 0)
        rows.set(.facts, facts.word)
        rows.set(.connection, batch)
        rows.setReceived(method: parser.text(request.method, of: line), bytes: request.bytesIn)
        try rows.set(.host, parser.text(request.host, of: line), &host)
        try rows.set(.path, parser.text(request.path, of: line), &path)
        if request.hasQuery { rows.setText(.query, parser.text(request.query, of: line)) } else { rows.setNull(.query) }
        try rows.set(.client, parser.text(request.client, of: line), &client)
        try rows.set(.referer, parser.text(request.referer, of: line), &referer)
        try rows.set(.agent, parser.text(request.agent, of: line), &agent)
        rows.set(.bytesOut, request.bytesOut)
        rows.set(.durationUs, request.durationUs ?? 0)
        let key = keys.next(us: request.completedUs)
        rows.set(.id, key)
        let rest = RequestRest(
            sendingUs: request.ttfbUs.map { (request.durationUs ?? 0) - $0 },
            lateUs: DatabaseFormat.unixMicroseconds(ofID: key) &- request.completedUs)
        rows.endRow(rest, clientHash: Bytes.stableHash(parser.text(request.client, of: line)))
    }

    /// Whether a row of the line can be inserted before the next ``flush(_:)``.
    func hasRoom(for line: RawSpan) -> Bool {
        !rows.isFull && rows.hasRoom(forTexts: line.byteCount, method: line.byteCount)
    }

    /// Has everything given so far in the table and in the summaries.
    mutating func flush(_ summaries: inout SummaryWriter) throws(DatabaseError) {
        var isInserted = false
        if rows.isFull { isInserted = try rows.insertAll() }
        if !isInserted {
            for row in 0..<rows.count {
                while try rows.insert(row) == false { try giveFreeKey(to: row) }
            }
        }
        for row in 0..<rows.count {
            firstID = min(firstID, rows.integer(.id, of: row))
            lastID = max(lastID, rows.integer(.id, of: row))
        }
        try summaries.add(rows)
        rows.removeAll()
    }

    /// Rows of this server, or of another import, have the key: the row goes behind those that follow it closely.
    private mutating func giveFreeKey(to row: Int) throws(DatabaseError) {
        let taken = rows.integer(.id, of: row)
        let completedUs = DatabaseFormat.unixMicroseconds(ofID: taken) &- rows.lateUs(of: row)
        lastKey.bind(1, taken)
        lastKey.bind(2, taken + Self.stretch)
        let key = max(taken, try lastKey.number() ?? taken) + 1
        rows.setKey(key, lateUs: DatabaseFormat.unixMicroseconds(ofID: key) &- completedUs, of: row)
        keys.skip(us: completedUs, behind: key)
    }
}
