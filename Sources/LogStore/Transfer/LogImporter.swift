// Brings the logs of other servers into the database, each line once, whatever its file is called.
internal import GRDB
internal import LinuxSyscalls
public import LogLines
internal import Schema
public import SystemPackage

/// Imports files, one after the other. Killed at any moment it leaves whole transactions, and the next run goes on
/// where it ended.
public final class LogImporter {
    /// Lines of one transaction.
    private static let batchLines: Int64 = 50_000
    /// Lines to look at before the format is judged.
    private static let guessLines = 100

    private let log: LogDatabase
    private let lock: LogDatabaseLock
    private let format: LogFormat?
    private let key: UInt64
    private var writtenPages = 0

    /// Opens the log for writing; makes it when there is none.
    ///
    /// - Parameter format: what the lines look like; nil: guessed from the first ones of each file.
    /// - Throws: ``LogStoreError``, when a server writes it among others.
    public init(_ database: FilePath, format: LogFormat? = nil) throws {
        let path = LogStoreLocation.resolved(database)
        _ = try LogDatabaseCheck.makeDirectory(of: path)
        lock = try LogDatabaseLock(beside: path)
        guard lock.tryLock() else {
            throw LogStoreError(
                .otherWriter, "import into", path.string, cause: "a server, or another import, writes it",
                advice: "import into a file of its own: --db FILE; reports take several --db")
        }
        self.format = format
        log = try LogDatabase(path)
        do {
            let stored = try log.look { try Int64.fetchOne($0, sql: SQL.importKey) }
            key = UInt64(bitPattern: stored ?? 1)
        } catch {
            throw LogStoreError("import into", path.string, error)
        }
    }

    deinit {
        log.close()
    }

    /// Imports a file; `-` is standard input.
    ///
    /// - Parameter progress: takes the count so far, now and then.
    /// - Throws: ``LogStoreError``, ``LogReadError``.
    public func run(_ file: String, progress: (ImportCount) -> Void = { _ in }) throws -> ImportCount {
        let content = try LogContent(file)
        var count = ImportCount(name: content.name)
        count.fileBytes.all = content.fileBytes
        do {
            var place = ContentPlace(start: 0)
            var owner: Int64?
            // Behind a content that is known another one may begin that is: files that were put together.
            while let known = try find(content) {
                count.knownLines += known.place.lines
                owner = known.content
                let end = known.place.start + known.place.bytes
                place = known.content == nil ? ContentPlace(start: end) : known.place
                try content.rewind(to: end)
            }
            try content.rewind(to: place.start + place.bytes)
            let format = try self.format ?? formatBefore(owner) ?? guess(content, &count)
            count.format = format.description
            try content.rewind(to: place.start + place.bytes)
            let run = try log.look { database in
                try ImportRun(database, content, LogLineParser(format), key: key, place: place, owner: owner)
            }
            while !run.isAtEnd {
                try transaction(run, &count)
                count.fileBytes.read = content.fileOffset
                progress(count)
            }
        } catch let error as DatabaseError {
            throw LogStoreError("import into", log.path.string, error)
        }
        return count
    }

    private func find(_ content: LogContent) throws -> KnownContent? {
        // The database translates every error that passes through it into one of its own.
        try log.look { database in
            Result { try ContentFinder(database: database, key: key).find(content) }
        }.get()
    }

    private func transaction(_ run: ImportRun, _ count: inout ImportCount) throws {
        var failure: (any Error)?
        do {
            try log.maintain { database, tables in
                do {
                    try run.transaction(database, &tables, limit: Self.batchLines, &count)
                } catch {
                    failure = error
                    throw error
                }
            }
        } catch {
            throw failure ?? error
        }
        writtenPages += log.takeWrittenPages()
        if writtenPages >= LogCopier.checkpointPages {
            writtenPages = 0
            _ = try log.checkpoint()
        }
    }

    /// What the lines of a content that goes on were taken for.
    private func formatBefore(_ owner: Int64?) throws -> LogFormat? {
        guard let owner else { return nil }
        let text = try log.look { try String.fetchOne($0, sql: SQL.importFormat, arguments: [owner]) }
        return text.flatMap { try? LogFormat($0) }
    }

    private func guess(_ content: LogContent, _ count: inout ImportCount) throws -> LogFormat {
        var lines: [[UInt8]] = []
        while lines.count < Self.guessLines {
            let isThere = try content.next { line, end in
                if end == .whole || content.isFinished { lines.append(line.withoutReturn.copy()) }
            }
            if !isThere { break }
        }
        if lines.isEmpty, let format = try? LogFormat("combined") { return format }
        guard let format = LogFormat.guess(lines) else {
            let first = ImportRun.visible(lines.first { !$0.isEmpty } ?? [])
            throw LogReadError(
                .query, "cannot guess the format of \(content.name); give it with --log-format. It begins: \(first)")
        }
        count.isGuessed = true
        return format
    }
}
