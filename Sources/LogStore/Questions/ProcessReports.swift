// The reports about processes: crashes, with the requests that they ended, and the lives of all processes.
internal import GRDB
internal import Schema

extension LogFleet {
    /// The report `crashes`: a row for each request whose worker died while it answered it, and for each crash outside
    /// any request, the newest first.
    ///
    /// A crash outside any request meets only conditions on the worker.
    func crashes(_ selection: Selection, limit: Int?, _ draft: inout ReportDraft) throws {
        var panels: [ReportPanel] = []
        for reader in readers {
            try reader.require(schema: 2, for: draft.name)
            let (panel, newest) = try reader.read { database in
                let statement = try database.makeStatement(sql: SQL.reportCrashes)
                var panel = ReportPanel("rows", columns: statement.columnNames)
                for found in try Self.crashKeys(database, selection, limit: limit) {
                    let rows = try Row.fetchCursor(
                        statement, arguments: ["access": found.request, "crash": found.crash])
                    while let row = try rows.next() { panel.rows.append(row.reportValues()) }
                }
                return (panel, try Int64.fetchOne(database, sql: SQL.newest))
            }
            panels.append(panel)
            draft.cost.add(newest: newest)
            draft.cost.add(ReadPart(tier: .rows, keys: selection.span.keys), sql: SQL.crashKeys)
        }
        draft.cost.add(sql: SQL.reportCrashes)
        var panel = joined(panels, sortColumn: "time", limit: limit)
        // A hundred names are no cell of a table; request has them line by line.
        panel.details = ["frames"]
        draft.add(panel)
    }

    /// The report `workers`: a row for each life of a process that touches the span, the newest first.
    func workers(_ selection: Selection, limit: Int?, _ draft: inout ReportDraft) throws {
        let (filter, workers) = (selection.filter, selection.filter.workers)
        guard filter.isEmpty || workers != nil else {
            throw LogReadError(
                .query,
                "workers is about processes, so of the conditions it takes --worker alone; balance shows which worker "
                    + "served the requests that meet others")
        }
        var panels: [ReportPanel] = []
        for reader in readers {
            let (panel, newest) = try reader.read { database in
                let arguments = LogReader.arguments(span: selection.span, limit: filter.isEmpty ? limit : nil)
                var panel = try LogReader.panel("rows", database, sql: SQL.reportWorkers, arguments: arguments)
                if let workers { panel.keepWorkers { workers.accepts($0) } }
                return (panel, try Int64.fetchOne(database, sql: SQL.newest))
            }
            panels.append(panel)
            draft.cost.add(newest: newest)
        }
        draft.cost.add(sql: SQL.reportWorkers)
        var panel = joined(panels, sortColumn: "started", limit: limit)
        panel.rows = Array(panel.rows.prefix(limit ?? panel.rows.count))
        draft.add(panel)
    }

    /// The crashes to show: the key of the request that each ended, or its own where it ended none.
    private static func crashKeys(
        _ database: Database, _ selection: Selection, limit: Int?
    ) throws -> [(request: Int64?, crash: Int64?)] {
        var probe = selection.filter.isEmpty ? nil : try RequestProbe(database, selection.filter)
        let cursor = try RowCursor(
            database, sql: SQL.crashKeys,
            arguments: ["since_id": selection.span.sinceID, "until_id": selection.span.untilID])
        var found: [(request: Int64?, crash: Int64?)] = []
        while found.count < limit ?? Int.max, try cursor.next() {
            let (key, isRequest) = (cursor.integer(0), cursor.integer(1) == 1)
            let isWanted =
                try isRequest
                ? probe?.accepts(key: key) : probe?.accepts(number: nil, worker: cursor.optionalInteger(2))
            if isWanted != false { found.append(isRequest ? (key, nil) : (nil, key)) }
        }
        return found
    }
}

extension ReportPanel {
    /// Removes the rows of processes that are not the workers wanted.
    fileprivate mutating func keepWorkers(_ isWanted: (Int64) -> Bool) {
        guard let role = columns.firstIndex(where: { $0.name == "role" }),
            let slot = columns.firstIndex(where: { $0.name == "slot" })
        else { return }
        rows.removeAll { row in
            guard row[role] == .text("worker"), case .integer(let number) = row[slot] else { return true }
            return !isWanted(number)
        }
    }
}

extension ReportDraft {
    /// Adds a panel of rows that were read one by one.
    fileprivate mutating func add(_ panel: ReportPanel) {
        panels.append(panel)
        cost.rows += panel.rows.count
        matches += panel.rows.count
    }
}
