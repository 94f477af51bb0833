// One run over a file: transaction after transaction, each with rows, marks and what it came to.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import LogLines
internal import Schema

/// Reads a content from where it stands, and stores its requests.
final class ImportRun {
    /// How far ahead of the clock a line may be: no key of the server may come to lie behind it.
    private static let aheadUs = KeySequence.toleranceUs
    private static let firstUs = DatabaseFormat.epochSeconds * 1_000_000
    private static let badExamples = 5
    private static let badExampleBytes = 200

    private let content: LogContent
    private var parser: LogLineParser
    private let key: UInt64
    private var place: ContentPlace
    private var owner: Int64?
    private var rows: ImportRows
    private let mark: BoundStatement

    /// Lines of the present transaction; its number is known from the first one on.
    private var lines: Int64 = 0
    private var hasStarted = false

    /// Whether nothing is left to read.
    private(set) var isAtEnd = false

    init(
        _ database: Database, _ content: LogContent, _ parser: LogLineParser, key: UInt64, place: ContentPlace,
        owner: Int64?
    ) throws {
        (self.content, self.parser, self.key, self.place, self.owner) = (content, parser, key, place, owner)
        rows = ImportRows(database)
        mark = BoundStatement(database, sql: SQL.importMarkStore)
    }

    /// Reads at most so many lines; without one it stores nothing.
    func transaction(
        _ database: Database, _ tables: inout LogTables, limit: Int64, _ count: inout ImportCount
    ) throws {
        let before = count
        let nowUs = Clock.realtimeUs()
        lines = 0
        while lines < limit, !isAtEnd {
            let isThere = try content.next { line, end in
                if end == .unfinished, !content.isFinished {
                    isAtEnd = true
                    count.hasUnfinishedLine = true
                    return
                }
                if lines == 0 { try begin(database, count, nowUs) }
                try take(line, end, &tables.summaries, &count, nowUs)
            }
            if !isThere { isAtEnd = true }
        }
        if lines == 0 { return }
        let isNew = !hasStarted && owner == rows.batch
        if isNew, count.requests + count.earlyLines + count.futureLines == 0, let first = count.badExamples.first {
            throw LogReadError(
                .query,
                "no line of \(count.name) is of the format \(count.format); the first one \(first.fault): "
                    + Self.visible(first.text))
        }
        hasStarted = true
        try rows.flush(&tables.summaries)
        if !place.isMarked { try storeMark() }
        let values: StatementArguments = [
            rows.batch, lines, count.requests - before.requests, count.badLines - before.badLines,
            place.start + place.bytes, rows.firstID == .max ? nil : rows.firstID,
            rows.lastID == .min ? nil : rows.lastID,
        ]
        try database.execute(sql: SQL.importEnd, arguments: values)
    }

    private func begin(_ database: Database, _ count: ImportCount, _ nowUs: Int64) throws {
        let arguments: StatementArguments = [owner, nowUs, count.name, count.format]
        guard let row = try Row.fetchOne(database, sql: SQL.importBegin, arguments: arguments) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
        rows.begin(row[0])
        owner = row[1]
    }

    private func take(
        _ line: RawSpan, _ end: LogLineEnd, _ summaries: inout SummaryWriter, _ count: inout ImportCount, _ nowUs: Int64
    ) throws {
        lines += 1
        count.lines += 1
        place.add(line, endingAt: content.offset, key: key)
        if place.isMarked { try storeMark() }
        let line = line.withoutReturn
        if line.isEmpty { return }
        if end == .cut {
            return note(line, "is longer than \(LogContent.lineLimit) bytes", &count)
        }
        if let fault = parser.parse(line) { return note(line, fault.description, &count) }
        if parser.request.completedUs < Self.firstUs {
            count.earlyLines += 1
        } else if parser.request.completedUs > nowUs + Self.aheadUs {
            count.futureLines += 1
        } else {
            if !rows.hasRoom(for: line) { try rows.flush(&summaries) }
            try rows.insert(parser, line)
            count.requests += 1
        }
    }

    private func note(_ line: RawSpan, _ fault: String, _ count: inout ImportCount) {
        count.badLines += 1
        if count.badExamples.count < Self.badExamples {
            count.badExamples.append(
                BadLogLine(
                    number: count.knownLines + count.lines, fault: fault,
                    text: line.extracting(first: min(line.byteCount, Self.badExampleBytes)).copy()))
        }
    }

    private func storeMark() throws(DatabaseError) {
        mark.bind(1, owner)
        mark.bind(2, place.bytes)
        mark.bind(3, place.lines)
        mark.bind(4, Int64(bitPattern: place.hash))
        try mark.run()
    }

    /// The beginning of a line, for people.
    static func visible(_ line: [UInt8]) -> String {
        String(decoding: Escaping.visible(Array(line.prefix(badExampleBytes))), as: UTF8.self)
    }
}

extension BadLogLine {
    /// For people: escaped, as everything of a log is on its way to a terminal.
    public var description: String { "line \(number) \(fault): \(ImportRun.visible(text))" }
}

extension RawSpan {
    /// A line of a file from a system that ends lines by CR and LF.
    var withoutReturn: RawSpan {
        @_lifetime(copy self)
        get { lastByte == 13 ? extracting(first: byteCount - 1) : self }
    }
}
