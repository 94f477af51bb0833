// Folds what varies in a path, by the look of its segments: `/user/123` becomes `/user/:id`.

/// A path with placeholders where its segments vary.
///
/// | in the path | becomes |
/// |---|---|
/// | `123` | `:id` |
/// | `6f1c2f1e-0d3a-4a52-9c55-0f6f3d2b7a10` | `:uuid` |
/// | `9f86d081884c7d65` | `:hash` |
/// | `dQw4w9WgXcQ` | `:token` |
/// | `2026-03-01`, `2026-03-01T10:00:00Z` | `:date` |
/// | `3.7.1` | `:version` |
/// | `ada@example.org` | `:email` |
/// | `192.0.2.1` | `:ip` |
/// | `how-to-bake-bread-in-24-hours` | `:slug` |
///
/// Within a segment the same holds for the words between `-`, `_` and `.`: `order-1234.json` becomes `order-:id.json`.
/// `v2` and other short names stay. What only its many siblings give away is the matter of ``LearnedTemplates``.
public enum PathTemplate {
    /// How many segments are looked at; `:rest` stands for all that follow.
    static let segmentLimit = 32

    /// How many bytes are looked at, likewise.
    static let byteLimit = 2048

    /// Folds a path. A template folds to itself.
    ///
    /// - Parameter path: The path without its query, as the log holds it.
    /// - Returns: The template.
    public static func fold(_ path: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(min(path.count, byteLimit) + 8)
        var start = 0
        for _ in 0..<segmentLimit {
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
            if end > byteLimit { break }
            fold(path[start..<end], into: &folded)
            if end == path.count { return folded }
            folded.append(UInt8(ascii: "/"))
            start = end + 1
        }
        return folded + ":rest".utf8
    }

    private static func fold(_ segment: ArraySlice<UInt8>, into folded: inout [UInt8]) {
        if segment.contains(where: VaryingWord.isDigit) {
            if VaryingWord.isIPv4(segment) {
                folded += ":ip".utf8
            } else if let end = VaryingWord.endOfUUID(segment), end == segment.endIndex {
                folded += ":uuid".utf8
            } else if isEmail(segment) {
                folded += ":email".utf8
            } else if isToken(segment) {
                folded += ":token".utf8
            } else if isSlug(segment) {
                folded += ":slug".utf8
                if let start = extensionStart(segment) { folded += segment[start...] }
            } else {
                foldWords(segment, into: &folded)
            }
        } else if isEmail(segment) {
            folded += ":email".utf8
        } else {
            folded += segment
        }
    }

    /// A token that may have a hyphen in it, and is neither a file name nor one of the other identifiers.
    private static func isToken(_ segment: ArraySlice<UInt8>) -> Bool {
        VaryingWord.isToken(segment) && !VaryingWord.isHash(segment) && VaryingWord.endOfUUID(segment) == nil
            && (segment.count >= 40 || extensionStart(segment) == nil)
    }

    /// Folds the words of a segment one by one.
    private static func foldWords(_ segment: ArraySlice<UInt8>, into folded: inout [UInt8]) {
        var index = segment.startIndex
        while index < segment.endIndex {
            let rest = segment[index...]
            if let end = VaryingWord.endOfUUID(rest) {
                folded += ":uuid".utf8
                index = end
            } else if let end = VaryingWord.endOfDate(rest) {
                folded += ":date".utf8
                index = end
            } else {
                var end = rest.firstIndex(where: isSeparator) ?? rest.endIndex
                let word = segment[index..<end]
                if VaryingWord.isNumber(word) {
                    let first = end
                    while let next = endOfNumber(segment, afterPeriodAt: end) { end = next }
                    folded += (end == first ? ":id" : ":version").utf8
                } else if VaryingWord.isHash(word) {
                    folded += ":hash".utf8
                } else if VaryingWord.isToken(word) {
                    folded += ":token".utf8
                } else {
                    folded += word
                }
                index = end
            }
            while index < segment.endIndex, isSeparator(segment[index]) {
                folded.append(segment[index])
                index += 1
            }
        }
    }

    /// Punctuation that parts words. A percent sign is none: `%20` is a byte and not the number 20.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "~"),
            UInt8(ascii: "="), UInt8(ascii: ";"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: "@"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "*"), UInt8(ascii: "'"):
            true
        default: false
        }
    }

    /// The end of the number behind the period at an index.
    private static func endOfNumber(_ segment: ArraySlice<UInt8>, afterPeriodAt index: Int) -> Int? {
        guard index < segment.endIndex, segment[index] == UInt8(ascii: ".") else { return nil }
        let rest = segment[(index + 1)...]
        let end = rest.firstIndex(where: isSeparator) ?? rest.endIndex
        return VaryingWord.isNumber(rest[..<end]) ? end : nil
    }

    /// Three hyphens or more, long, and a figure among the words.
    private static func isSlug(_ segment: ArraySlice<UInt8>) -> Bool {
        guard segment.count >= 24, VaryingWord.endOfDate(segment) == nil else { return false }
        var hyphens = 0
        for byte in segment where byte == UInt8(ascii: "-") { hyphens += 1 }
        return hyphens >= 3 && segment.contains(where: VaryingWord.isLetter)
            && !hasUUID(segment)
    }

    private static func hasUUID(_ segment: ArraySlice<UInt8>) -> Bool {
        segment.indices.contains { index in
            (index == segment.startIndex || isSeparator(segment[index - 1]))
                && VaryingWord.endOfUUID(segment[index...]) != nil
        }
    }

    /// A name, an at sign (also as `%40`), and a domain with a period in it.
    private static func isEmail(_ segment: ArraySlice<UInt8>) -> Bool {
        let domain: ArraySlice<UInt8>
        if let at = segment.firstIndex(of: UInt8(ascii: "@")), at > segment.startIndex {
            domain = segment[(at + 1)...]
        } else if let percent = segment.indices.dropFirst().first(where: { segment[$0...].starts(with: "%40".utf8) }) {
            domain = segment[(percent + 3)...]
        } else {
            return false
        }
        guard let period = domain.lastIndex(of: UInt8(ascii: ".")), period > domain.startIndex else { return false }
        let top = domain[(period + 1)...]
        return top.count >= 2 && top.allSatisfy(VaryingWord.isLetter)
    }

    /// Where the extension of a file name begins, its period included: one to five letters and figures, not all
    /// figures, behind the last period.
    static func extensionStart(_ segment: ArraySlice<UInt8>) -> Int? {
        guard let period = segment.suffix(6).lastIndex(of: UInt8(ascii: ".")), period > segment.startIndex else {
            return nil
        }
        let name = segment[(period + 1)...]
        let isName = name.allSatisfy(VaryingWord.isAlphanumeric) && name.contains(where: VaryingWord.isLetter)
        return isName ? period : nil
    }
}
