// One request with everything that the log knows of it.
import GRDB
import Schema

extension LogFleet {
    /// The report `request`.
    ///
    /// Numbers are unique in one log. Machines that serve much at the same time may have given the same one, so that a
    /// report on several logs has all that they know of it, and says which log each row is of.
    ///
    /// - Parameter number: The request.
    /// - Returns: The request with all its fields, its messages, its crash and the frames of that, and the life of its
    ///   worker; empty when no log has it.
    /// - Throws: ``LogReadError``.
    public func request(_ number: RequestNumber) throws -> Report {
        var draft = ReportDraft(name: "request", selection: Selection(span: .all))
        var found: [[ReportPanel]] = []
        for reader in readers {
            let (panels, newest) = try reader.read { database in
                let id = try Int64.fetchOne(database, sql: SQL.requestFind, arguments: ["request_id": number.value])
                return (
                    try Self.panels(of: number, id: id, database), try Int64.fetchOne(database, sql: SQL.newest)
                )
            }
            found.append(panels)
            draft.cost.add(newest: newest)
        }
        draft.panels = gathered(found)
        draft.cost.rows = draft.panels.reduce(0) { $0 + $1.rows.count }
        draft.matches = draft.cost.rows
        return draft.report
    }

    /// The panels that each log has of the same thing; those of several logs begin with the name of theirs.
    func gathered(_ found: [[ReportPanel]]) -> [ReportPanel] {
        guard readers.count > 1 else { return found.first ?? [] }
        var gathered: [ReportPanel] = []
        for (log, panels) in zip(names, found) {
            for panel in panels {
                let rows = panel.rows.map { [.text(log)] + $0 }
                if let index = gathered.firstIndex(where: { $0.name == panel.name }) {
                    let others = gathered[index]
                    gathered[index] = ReportPanel(
                        panel.name, columns: others.columns.map(\.name), rows: others.rows + rows,
                        key: panel.columns[panel.keyColumn].name)
                } else {
                    gathered.append(
                        ReportPanel(
                            panel.name, columns: ["log"] + panel.columns.map(\.name), rows: rows,
                            key: panel.columns[panel.keyColumn].name, isRecord: panel.isRecord))
                }
            }
        }
        return gathered
    }

    /// The panels; none when the log has nothing of the request.
    ///
    /// - Parameter id: The key of its row; `nil`: it has none.
    static func panels(of number: RequestNumber, id: Int64?, _ database: Database) throws -> [ReportPanel] {
        func panel(_ name: String, _ sql: String, _ arguments: StatementArguments) throws -> ReportPanel {
            try LogReader.panel(name, database, sql: sql, arguments: arguments)
        }
        let messages = try panel("messages", SQL.requestMessages, ["request_id": number.value])
        var panels: [ReportPanel] = []
        if let id { panels.append(try panel("request", SQL.requestShow, ["id": id]).record) }
        if !messages.rows.isEmpty { panels.append(messages) }
        let version = try Row.fetchOne(database, sql: SQL.identity)?[1] as Int32?
        if let version, version >= 2 {
            let crash = try panel("crash", SQL.requestCrash, ["request_id": number.value])
            if !crash.rows.isEmpty { panels += Self.crashPanels(crash) }
        }
        if let id {
            let worker = try panel("worker", SQL.requestWorker, ["id": id])
            if !worker.rows.isEmpty { panels.append(worker.record) }
        }
        return panels
    }

    /// The crash without its last column, whose lines are a list of their own.
    private static func crashPanels(_ crash: ReportPanel) -> [ReportPanel] {
        guard let row = crash.rows.first, case .text(let text) = row.last else { return [crash.record] }
        let record = ReportPanel(
            "crash", columns: crash.columns.dropLast().map(\.name), rows: [Array(row.dropLast())], isRecord: true)
        let lines = text.split(separator: UInt8(ascii: "\n"))
        let frames = ReportPanel(
            "frames", columns: ["number", "frame"],
            rows: lines.enumerated().map { [.integer(Int64($0)), .text(Array($1))] }, key: "frame")
        return [record, frames]
    }
}

extension ReportPanel {
    /// The panel as one thing with properties.
    fileprivate var record: ReportPanel {
        ReportPanel(name, columns: columns.map(\.name), rows: Array(rows.prefix(1)), isRecord: true)
    }
}
