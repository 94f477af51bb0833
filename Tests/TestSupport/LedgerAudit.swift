// Holds what the clients saw against what the database says: every request that was begun is one row.
internal import SystemPackage

/// What two witnesses of the same requests disagree about.
public struct LedgerAudit: Sendable {
    /// Answered whole, or in part, without a row.
    public private(set) var lost: [Int] = []
    /// With more rows than one.
    public private(set) var doubled: [Int] = []
    /// Answered whole with a row that says something else.
    public private(set) var wrong: [Int] = []
    /// Rows of numbers that were never sent.
    public private(set) var invented: [Int] = []
    /// Rows by outcome.
    public private(set) var outcomes: [String: Int] = [:]

    /// One line for each kind of disagreement; empty when the witnesses agree.
    public var findings: [String] {
        [
            ("answered without a row", lost), ("with more rows than one", doubled),
            ("answered, but the row says something else", wrong), ("rows that nobody sent", invented),
        ].filter { !$0.1.isEmpty }.map { "\($0.1.count) \($0.0): \($0.1.prefix(5))" }
    }

    /// Compares a ledger with the rows of a log.
    public init(_ ledger: Ledger, _ daemon: Daemon) throws {
        var counts = [UInt8](repeating: 0, count: ledger.fates.count)
        var contradicted: Set<Int> = []
        for row in try daemon.query(LedgerAudit.ranges(of: ledger.tag)) {
            let numbers = row.map { Int($0) ?? -1 }
            guard row.count == 5, numbers[2] > 0 else { throw TestFailure("a row of the audit: \(row)") }
            outcomes[row[0], default: 0] += numbers[2] * (numbers[4] - numbers[3] + 1)
            for number in numbers[3]...numbers[4] {
                guard ledger.fates.indices.contains(number), ledger.fates[number] != .unsent else {
                    invented.append(number)
                    continue
                }
                counts[number] = UInt8(clamping: Int(counts[number]) + numbers[2])
                if !ledger.agrees(with: row[0], status: numbers[1], number) { contradicted.insert(number) }
            }
        }
        wrong = contradicted.sorted()
        for (number, fate) in ledger.fates.enumerated() {
            if counts[number] > 1 { doubled.append(number) }
            if counts[number] == 0, fate == .answered || fate == .cut { lost.append(number) }
        }
    }

    /// The rows of a tag, numbers in a row that say the same as one: outcome, status, rows a number, first, last.
    private static func ranges(of tag: String) -> String {
        """
        SELECT outcome, status, rows, min(number), max(number) FROM (
            SELECT *, number - row_number() OVER (PARTITION BY outcome, status, rows ORDER BY number) AS range FROM (
                SELECT CAST(substr(query, \(tag.utf8.count + 2)) AS INTEGER) AS number, outcome,
                    coalesce(status, 0) AS status, count(*) AS rows
                FROM requests WHERE query GLOB '\(tag)=[0-9]*' GROUP BY 1, 2, 3))
        GROUP BY outcome, status, rows, range
        """
    }
}

extension Ledger {
    /// Whether a row may say this of a number: what came whole is `ok` with the status that came.
    fileprivate func agrees(with outcome: String, status: Int, _ number: Int) -> Bool {
        switch fates[number] {
        case .unsent: false
        case .sent, .broken, .cut: true
        case .answered: outcome == "ok" && status == Int(statuses[number])
        // A refusal of the full log is a row of its own kind, if it is one.
        case .refused: (outcome == "ok" || outcome == "shed") && status == Int(statuses[number])
        }
    }
}
