// What of a log was imported before, under whatever name: its bytes say so.
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// How far into a content one is, and the hash of what lies before.
struct ContentPlace: Equatable {
    /// Where the content begins in its file: behind others, when files were put together.
    let start: Int64
    var bytes: Int64 = 0
    var lines: Int64 = 0
    var hash: UInt64 = 0

    /// Goes on behind a line.
    mutating func add(_ line: RawSpan, endingAt offset: Int64, key: UInt64) {
        bytes = offset - start
        lines += 1
        hash = Bytes.hash(line, key: key, after: hash)
    }

    /// Whether a mark belongs here also within a transaction: behind 1, 2, 4, 8 … lines.
    var isMarked: Bool { lines & (lines - 1) == 0 }
}

/// A beginning of a content that is in the log.
struct KnownContent: Equatable {
    /// Its number; what follows belongs to it. nil: what follows is a content of its own.
    let content: Int64?
    let place: ContentPlace
}

/// Finds what is known of a content.
///
/// Known is the longest beginning that agrees with a mark: with the last one of a content, as when a file has grown
/// since, or with one of 64 lines or more, which no two logs have in common but by copying. Where the file ends before
/// the content does, it is known as a whole: an older copy.
struct ContentFinder {
    private static let certainLines: Int64 = 64

    let database: Database
    let key: UInt64

    private struct Mark {
        let bytes: Int64
        let lines: Int64
        let hash: UInt64
    }

    private struct Candidate {
        let content: Int64
        let marks: [Mark]
        var next = 0
    }

    /// What is known of the content that begins where `content` stands; nil when nothing is.
    func find(_ content: LogContent) throws -> KnownContent? {
        var place = ContentPlace(start: content.offset)
        var candidates: [Candidate]?
        var known: KnownContent?
        var goesOn = true
        while goesOn {
            let isThere = try content.next { line, end in
                if end == .unfinished, !content.isFinished {
                    goesOn = false
                    return
                }
                place.add(line, endingAt: content.offset, key: key)
            }
            if !isThere || !goesOn { break }
            var active = try candidates ?? self.candidates(place)
            for index in active.indices.reversed() {
                let mark = active[index].marks[active[index].next]
                if mark.bytes > place.bytes { continue }
                guard mark.bytes == place.bytes, mark.hash == place.hash else {
                    active.remove(at: index)
                    continue
                }
                active[index].next += 1
                let isLast = active[index].next == active[index].marks.count
                if isLast || place.lines >= Self.certainLines {
                    known = KnownContent(content: isLast ? active[index].content : nil, place: place)
                }
                if isLast { active.remove(at: index) }
            }
            candidates = active
            goesOn = !active.isEmpty
        }
        // The file ended, and a content that goes on agreed with all of it.
        if let candidates, !candidates.isEmpty { return KnownContent(content: nil, place: place) }
        return known
    }

    private func candidates(_ place: ContentPlace) throws -> [Candidate] {
        let arguments: StatementArguments = [Int64(bitPattern: place.hash), place.bytes]
        return try Int64.fetchAll(database, sql: SQL.importCandidates, arguments: arguments).map { content in
            let rows = try Row.fetchAll(database, sql: SQL.importMarks, arguments: [content])
            return Candidate(
                content: content,
                marks: rows.map { Mark(bytes: $0[0], lines: $0[1], hash: UInt64(bitPattern: $0[2])) })
        }
    }
}
