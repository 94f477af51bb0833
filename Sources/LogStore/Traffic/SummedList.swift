// A list of one log that summaries hold in part: their lines together with what was scanned beside them.

/// Lines whose texts are not looked up yet, each with a slot. The slot behind the last one is that of the others.
struct SummedList {
    private var sum: TierListSum
    private var others: TrafficCounts

    /// Of each line; `nil`: not known.
    private var newestUs: [Int64?]

    /// Puts both together.
    ///
    /// - Parameters:
    ///   - listedUntilID: The key after the last request of the summaries: a scanned request before it is not known to
    ///     be the newest of its key.
    ///   - latencyLimit: How many of the scanned keys have their own percentiles, when they are asked for.
    init(_ sum: consuming TierListSum, _ scanned: KeyTally, listedUntilID: Int64, latencyLimit: Int) {
        others = sum.list.others
        newestUs = Array(repeating: nil, count: sum.list.lines.count)
        self.sum = sum
        let sketches = scanned.sketches(latencyLimit)
        for slot in scanned.keys.indices {
            let tally = scanned.tallies[slot]
            guard let key = TierKey(scanned.keys[slot]) else {
                others.merge(tally.counts)
                continue
            }
            let latency = sketches.isEmpty ? nil : sketches[slot]
            let index = self.sum.add(TierLine(key: key, counts: tally.counts, latency: latency))
            let us = DatabaseFormat.unixMicroseconds(ofID: tally.newestID)
            if index == newestUs.count {
                newestUs.append(us)
            } else if tally.newestID >= listedUntilID {
                newestUs[index] = us
            }
        }
    }

    /// The slots with the most requests, the most first, and that of the others if there are any.
    func top(_ count: Int?) -> [Int] {
        var ranking = Ranking(count)
        for (slot, line) in sum.list.lines.enumerated() {
            ranking.add(slot, requests: line.counts.requests, durationUs: line.counts.durationUs)
        }
        return ranking.slots() + (others.requests > 0 ? [newestUs.count] : [])
    }

    /// The line of a slot.
    func line(_ slot: Int) -> KeyedLine {
        if slot == newestUs.count { return KeyedLine(key: .others, line: TrafficLine(key: .others, counts: others)) }
        let line = sum.list.lines[slot]
        return KeyedLine(
            key: KeyTally.Key(line.key),
            line: TrafficLine(key: .none, counts: line.counts, latency: line.latency, newestUs: newestUs[slot]))
    }
}

/// A line whose text is not looked up yet.
struct KeyedLine {
    let key: KeyTally.Key
    let line: TrafficLine
}

extension KeyTally {
    /// The durations of the keys with the most requests, by slot; empty when they are not asked for.
    func sketches(_ limit: Int) -> [LatencySketch?] {
        guard let latencies else { return [] }
        let busiest = top(limit)
        let found = latencies.sketches(busiest, maximaUs: busiest.map { tallies[$0].durationMaxUs })
        var sketches = [LatencySketch?](repeating: nil, count: keys.count)
        for (slot, sketch) in zip(busiest, found) { sketches[slot] = sketch }
        return sketches
    }

    /// The lines with the most requests, the most first.
    func lines(_ limit: Int?, latencyLimit: Int) -> [KeyedLine] {
        let sketches = sketches(latencyLimit)
        return top(limit).map { slot in
            let line = TrafficLine(
                key: .none, counts: tallies[slot].counts, latency: sketches.isEmpty ? nil : sketches[slot],
                newestUs: DatabaseFormat.unixMicroseconds(ofID: tallies[slot].newestID))
            return KeyedLine(key: keys[slot], line: line)
        }
    }
}

extension KeyTally.Key {
    /// The key of a line of a summary.
    init(_ key: TierKey) {
        switch key {
        case .none: self = .none
        case .number(let number): self = .id(number)
        case .text(let text): self = .text(text)
        }
    }
}

extension TierKey {
    /// The key of a line of a summary that a scanned one has; `nil`: it is among the others.
    init?(_ key: KeyTally.Key) {
        switch key {
        case .none: self = .none
        case .id(let number): self = .number(number)
        case .text(let text): self = .text(text)
        case .others: return nil
        }
    }
}
