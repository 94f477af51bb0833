// Adds up the lines of a list whose keys were folded, or that come from several spans.

/// Lines by key.
struct TrafficLineSums {
    private var lines: [TrafficKey: TrafficLine] = [:]

    /// Adds the requests of a line to those of its key.
    mutating func add(_ line: TrafficLine) {
        guard var sum = lines[line.key] else {
            lines[line.key] = line
            return
        }
        sum.counts.merge(line.counts)
        // Percentiles of some of the requests would pass for those of all.
        if let latency = line.latency { sum.latency?.merge(latency) } else { sum.latency = nil }
        if let newestUs = line.newestUs { sum.newestUs = max(sum.newestUs ?? newestUs, newestUs) }
        lines[line.key] = sum
    }

    /// The lines, the key with the most requests first; equal ones in the order of their keys' bytes.
    ///
    /// - Parameter limit: The greatest number of lines; what is cut off is added to the line `others`, which comes
    ///   last.
    func lines(limit: Int?) -> [TrafficLine] {
        let others = lines[.others]
        let sorted = lines.values.filter { $0.key != .others }.sorted {
            $0.counts.requests == $1.counts.requests
                ? $0.key.orderedBefore($1.key) : $0.counts.requests > $1.counts.requests
        }
        var result = Array(sorted.prefix(limit ?? sorted.count))
        var rest = TrafficLineSums()
        for line in sorted.dropFirst(result.count) + (others.map { [$0] } ?? []) {
            rest.add(line.with(key: .others))
        }
        result += rest.lines.values
        return result
    }
}

extension TrafficLine {
    /// The same requests under another key.
    func with(key: TrafficKey) -> TrafficLine {
        var line = self
        line.key = key
        return line
    }
}

extension TrafficKey {
    /// A fixed order: texts by their bytes, then the others; pairs by their first parts, then by their second.
    func orderedBefore(_ other: TrafficKey) -> Bool {
        switch (self, other) {
        case (.pair(let first, let second), .pair(let otherFirst, let otherSecond)):
            first == otherFirst ? second.orderedBefore(otherSecond) : first.orderedBefore(otherFirst)
        case (.text(let text), .text(let otherText)): text.lexicographicallyPrecedes(otherText)
        case (.text, _): true
        default: false
        }
    }
}
