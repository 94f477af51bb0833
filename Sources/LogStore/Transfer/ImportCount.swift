// What came of an import: counted, and as a report.

/// A line that was not imported.
public struct BadLogLine: Sendable {
    /// Counted from 1.
    public let number: Int64
    /// Why not.
    public let fault: String
    /// Its beginning, as it stands: hostile.
    public let text: [UInt8]
}

/// What came of a file.
public struct ImportCount: Sendable {
    /// What it is called.
    public var name: String
    /// The format that was used.
    public var format = ""
    /// Whether the format was guessed.
    public var isGuessed = false
    /// Bytes on disk that were read, of how many.
    public var fileBytes: (read: Int64, all: Int64) = (0, 0)
    /// Lines that were imported before.
    public var knownLines: Int64 = 0
    /// Lines that were not.
    public var lines: Int64 = 0
    /// Requests that were imported.
    public var requests: Int64 = 0
    /// Lines that are not of the format.
    public var badLines: Int64 = 0
    /// Lines of before 2020, where keys begin.
    public var earlyLines: Int64 = 0
    /// Lines of a time that has not come: more than ten minutes ahead of the clock.
    public var futureLines: Int64 = 0
    /// Whether the last line is not written to its end yet; the next import takes it.
    public var hasUnfinishedLine = false
    /// The first lines that are bad.
    public var badExamples: [BadLogLine] = []
}

extension Report {
    /// What was imported, a row for each file.
    public static func imports(_ counts: [ImportCount]) -> Report {
        let columns = [
            "file", "format", "lines", "requests", "known_lines", "bad_lines", "early_lines", "future_lines",
        ]
        let rows = counts.map { count in
            let numbers = [
                count.lines, count.requests, count.knownLines, count.badLines, count.earlyLines, count.futureLines,
            ]
            return [.text(count.name), .text(count.format)] + numbers.map { ReportValue.integer($0) }
        }
        return Report(
            name: "import", span: .all, generatedAtUs: WallClock.nowUs(),
            panels: [ReportPanel("import", columns: columns, rows: rows)],
            rowsRead: Int(counts.reduce(0) { $0 + $1.lines }), newestUs: nil)
    }
}
