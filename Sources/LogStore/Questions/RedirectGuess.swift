// Which existing path a missing one may have meant: the redirect that would mend a broken link.

/// The paths that exist, and what is near to one that does not.
///
/// A path is near when it differs only in case, slashes, extension or index page; when it is the only one with the same
/// last segment; or when few letters differ. Digits must agree: `/item/12` does not mean `/item/13`.
struct RedirectGuess {
    private struct Candidate {
        let path: [UInt8]
        let folded: [UInt8]
        let digits: [UInt8]
    }

    /// How many existing paths are looked at, the busiest.
    static let candidateLimit = 5000

    /// How long a path may be that is looked at.
    static let byteLimit = 256

    private var candidates: [Candidate] = []
    private var byFolded: [[UInt8]: Int] = [:]
    /// By last segment; -1: several have it.
    private var byLastSegment: [[UInt8]: Int] = [:]

    /// Takes the paths that exist.
    ///
    /// - Parameter existing: The busiest first.
    init(_ existing: some Sequence<[UInt8]>) {
        for path in existing.prefix(Self.candidateLimit) where path.count <= Self.byteLimit {
            let folded = Self.folded(path)
            let index = candidates.count
            candidates.append(Candidate(path: path, folded: folded, digits: folded.filter(VaryingWord.isDigit)))
            if byFolded[folded] == nil { byFolded[folded] = index }
            let last = Self.lastSegment(folded)
            if last.count >= 4 { byLastSegment[last] = byLastSegment[last] == nil ? index : -1 }
        }
    }

    /// The path that a missing one may have meant; `nil`: none is near.
    func nearest(to path: [UInt8]) -> [UInt8]? {
        guard path.count <= Self.byteLimit, path.first == UInt8(ascii: "/") else { return nil }
        let folded = Self.folded(path)
        if let index = byFolded[folded] { return other(candidates[index].path, than: path) }
        let last = Self.lastSegment(folded)
        if last.count >= 4, let index = byLastSegment[last], index >= 0 {
            return other(candidates[index].path, than: path)
        }
        return misspelt(folded).flatMap { other($0, than: path) }
    }

    private func other(_ found: [UInt8], than path: [UInt8]) -> [UInt8]? {
        found == path ? nil : found
    }

    /// The existing path that differs in the fewest letters: one in five at most, and three; the busiest of equals.
    private func misspelt(_ folded: [UInt8]) -> [UInt8]? {
        let digits = folded.filter(VaryingWord.isDigit)
        var best: (path: [UInt8], distance: Int)?
        for candidate in candidates where candidate.digits == digits {
            let limit = min(3, folded.count / 5, (best?.distance ?? 4) - 1)
            guard limit > 0 else { break }
            if let distance = Self.distance(folded, candidate.folded, limit: limit) {
                best = (candidate.path, distance)
            }
        }
        return best?.path
    }

    /// A path without what links get wrong: case, doubled and last slashes, index page and extension of pages.
    static func folded(_ path: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(path.count)
        for byte in path where byte != UInt8(ascii: "/") || folded.last != byte {
            folded.append(0x41...0x5a ~= byte ? byte | 0x20 : byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : byte)
        }
        for ending in [".html", ".htm", ".php", ".aspx", ".jsp"]
        where folded.reversed().starts(with: ending.utf8.reversed()) {
            folded.removeLast(ending.utf8.count)
            break
        }
        if folded.reversed().starts(with: "/index".utf8.reversed()) { folded.removeLast(5) }
        if folded.count > 1, folded.last == UInt8(ascii: "/") { folded.removeLast() }
        return folded
    }

    private static func lastSegment(_ folded: [UInt8]) -> [UInt8] {
        Array(folded[(folded.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...])
    }

    /// The edit distance (Levenshtein, 1965) when it is at most a limit: only the band around the diagonal is read.
    static func distance(_ one: [UInt8], _ other: [UInt8], limit: Int) -> Int? {
        guard abs(one.count - other.count) <= limit else { return nil }
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            let band = max(0, index - limit)..<min(other.count, index + limit + 1)
            var diagonal = row[band.lowerBound]
            row[band.lowerBound] = band.lowerBound == 0 ? index + 1 : limit + 1
            var least = row[band.lowerBound]
            for column in band {
                let above = column + 1 > index + limit ? limit + 1 : row[column + 1]
                let value = min(diagonal + (other[column] == byte ? 0 : 1), above + 1, row[column] + 1)
                diagonal = row[column + 1]
                row[column + 1] = value
                least = min(least, value)
            }
            if least > limit { return nil }
        }
        return row[other.count] <= limit ? row[other.count] : nil
    }
}
