// How a difference between the two servers is told, matched and accounted for.

/// A difference that is meant to be.
struct IntendedDifference: Sendable {
    /// What differs.
    enum Change: Sendable {
        /// Lines of the transcripts that only one of the two has.
        case lines(python: [String], ours: [String])
        /// A line that both have, in other words; what stands for `*` must be the same.
        case rewritten(python: String, ours: String)
        /// The exchange goes another way: what is answered, by status lines without version; the rest is not compared.
        case answers(python: [String], ours: [String])
    }

    let name: String
    /// The exchanges it is seen in.
    let exchanges: [Pattern]
    let change: Change
    /// The section or report that says so.
    let reason: String
    /// Minor versions of Python 3 that it holds for.
    let versions: ClosedRange<Int>
    /// Whether only some releases of these versions show it.
    let isRare: Bool

    init(
        _ name: String, in exchanges: [String], _ change: Change, because reason: String,
        versions: ClosedRange<Int> = 11...99, isRare: Bool = false
    ) {
        self.name = name
        self.exchanges = exchanges.map(Pattern.init)
        self.change = change
        self.reason = reason
        self.versions = versions
        self.isRare = isRare
    }
}

/// A text in which `*` stands for any text.
struct Pattern: Sendable {
    let text: String

    func matches(_ other: String) -> Bool {
        var rest = other[...]
        let parts = text.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text == other }
        guard rest.hasPrefix(parts[0]) else { return false }
        rest = rest.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }

    /// What `*` stands for in a text that matches and has one of them.
    func star(in other: String) -> Substring? {
        guard matches(other), let star = text.firstIndex(of: "*") else { return nil }
        let tail = text[text.index(after: star)...]
        return other[star...].dropLast(tail.count)
    }
}

/// Holds the table against what is seen, and remembers which of its parts were.
struct DifferenceLedger {
    private let table: [IntendedDifference]
    private var seen: Set<String> = []

    init(_ table: [IntendedDifference], minorVersion: Int) {
        self.table = table.filter { $0.versions.contains(minorVersion) }
    }

    /// What differs in an exchange without being in the table: one line each.
    mutating func unintended(_ exchange: Exchange, python: Transcript, ours: Transcript) -> [String] {
        let entries = table.indices.filter { index in
            table[index].exchanges.contains { $0.matches(exchange.id) }
        }
        for index in entries {
            guard case .answers(let pythonAnswers, let ourAnswers) = table[index].change else { continue }
            if ours.lines != python.lines, matches(python.answers, pythonAnswers), matches(ours.answers, ourAnswers) {
                note(index, exchange)
                return []
            }
        }
        let answers = python.answers == ours.answers ? [] : ["python: \(python.answers)", "ours:   \(ours.answers)"]
        let pythonLines = python.lines.map { rewritten($0, entries, exchange, ours: ours.lines) }
        let lines: [String] = ours.lines.difference(from: pythonLines).compactMap { change in
            switch change {
            case .remove(_, let line, _): isIntended(line, \.0, "-", entries, exchange) ? nil : "python: \(line)"
            case .insert(_, let line, _): isIntended(line, \.1, "+", entries, exchange) ? nil : "ours:   \(line)"
            }
        }
        return lines.isEmpty ? [] : answers + lines
    }

    /// Parts of the table that nothing showed.
    var unseen: [String] {
        table.indices.filter { !table[$0].isRare }.flatMap { index in
            let entry = table[index]
            var parts = entry.exchanges.map { "exchange \($0.text)" }
            if case .lines(let python, let ours) = entry.change {
                parts += python.map { "- \($0)" } + ours.map { "+ \($0)" }
            }
            return parts.filter { !seen.contains("\(index) \($0)") }.map { "\(entry.name): \($0)" }
        }
    }

    /// A line of Python's as ours is meant to be, if ours has it so.
    private mutating func rewritten(
        _ line: String, _ entries: [Int], _ exchange: Exchange, ours: [String]
    ) -> String {
        for index in entries {
            guard case .rewritten(let from, let to) = table[index].change,
                let star = Pattern(text: from).star(in: line)
            else { continue }
            let wanted = to.replacing("*", with: star, maxReplacements: 1)
            guard ours.contains(wanted) else { continue }
            note(index, exchange)
            return wanted
        }
        return line
    }

    private mutating func isIntended(
        _ line: String, _ side: (([String], [String])) -> [String], _ mark: String, _ entries: [Int],
        _ exchange: Exchange
    ) -> Bool {
        for index in entries {
            guard case .lines(let python, let ours) = table[index].change,
                let text = side((python, ours)).first(where: { Pattern(text: $0).matches(line) })
            else { continue }
            seen.insert("\(index) \(mark) \(text)")
            note(index, exchange)
            return true
        }
        return false
    }

    private mutating func note(_ index: Int, _ exchange: Exchange) {
        for pattern in table[index].exchanges where pattern.matches(exchange.id) {
            seen.insert("\(index) exchange \(pattern.text)")
        }
    }

    private func matches(_ answers: [String], _ patterns: [String]) -> Bool {
        answers.count == patterns.count && zip(answers, patterns).allSatisfy { Pattern(text: $1).matches($0) }
    }
}
