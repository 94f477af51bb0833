// Turns counted slots into the lines of lists: looks their texts up, folds them, and joins those of several logs.
internal import GRDB

/// The lists of an answer while logs are added to it.
struct TrafficLists {
    private let question: TrafficQuestion

    /// Whether one log alone answers, so that the texts of lines that are not shown need not be known.
    private let isSingle: Bool
    private var lines: [TrafficField: [TrafficKey: TrafficLine]] = [:]
    private var pairs: [TrafficKey: TrafficLine] = [:]

    /// How many keys of a list have their own percentiles when all are asked for; each takes some KB.
    static let latencyLimit = 1000

    /// The same of a list whose keys are folded to fewer: one without them takes those of its template away.
    static let foldedLatencyLimit = 20_000

    init(_ question: TrafficQuestion, isSingle: Bool) {
        self.question = question
        self.isSingle = isSingle
    }

    /// Adds what was counted in one log, and what its summaries hold.
    mutating func add(_ counted: CountedTraffic, _ tierLists: [TierField: TierList], _ database: Database) throws {
        for field in question.fields {
            guard let keys = field == .notFound ? counted.notFound : counted.lists[field.column] else { continue }
            let isWhole = !isSingle || field.isFolded
            var found: [KeyedLine]
            if let list = tierLists[field.tierField] {
                found = merged(
                    lines(keys, limit: nil, isFolded: field.isFolded), list, listedUntilID: counted.listedUntilID)
                if !isWhole, let limit = question.keyLimit { found = Array(found.prefix(limit)) }
            } else {
                found = lines(keys, limit: isWhole ? nil : question.keyLimit, isFolded: field.isFolded)
            }
            var names = try KeyNames(field, database)
            for (key, line) in found {
                Self.merge(line.with(key: try names.key(key)), into: &lines[field, default: [:]])
            }
        }
        if let pair = question.pair, let tally = counted.pairs { try add(tally, pair, database) }
    }

    /// Adds the pairs that were counted in one log.
    private mutating func add(_ tally: PairTally, _ pair: FieldPair, _ database: Database) throws {
        let isFolded = pair.fields.contains(where: \.isFolded)
        let limit = !isSingle || isFolded ? nil : question.keyLimit
        var (first, second) = (try KeyNames(pair.first, database), try KeyNames(pair.second, database))
        for (key, line) in lines(tally.pairs, limit: limit, isFolded: isFolded) {
            let name = try tally.values(key).map {
                TrafficKey.pair(try first.key($0.first), try second.key($0.second))
            }
            Self.merge(line.with(key: name ?? .others), into: &pairs)
        }
    }

    /// A line whose text is not looked up yet.
    private typealias KeyedLine = (key: KeyTally.Key, line: TrafficLine)

    /// What was scanned, the key with the most requests first.
    private func lines(_ keys: KeyTally, limit: Int?, isFolded: Bool) -> [KeyedLine] {
        let slots = keys.top(limit)
        let busiest = Array(slots.prefix(isFolded ? Self.foldedLatencyLimit : Self.latencyLimit))
        let maximaUs = busiest.map { keys.tallies[$0].durationMaxUs }
        let latencies = keys.latencies?.sketches(busiest, maximaUs: maximaUs) ?? []
        return slots.enumerated().map { place, slot in
            let line = TrafficLine(
                key: .none, counts: keys.tallies[slot].counts,
                latency: place < latencies.count ? latencies[place] : nil,
                newestUs: DatabaseFormat.unixMicroseconds(ofID: keys.tallies[slot].newestID))
            return (keys.keys[slot], line)
        }
    }

    /// What was scanned together with a list of the summaries.
    ///
    /// - Parameter listedUntilID: The key after the last request of the summaries: a scanned request before it is not
    ///   known to be the newest of its key.
    private func merged(_ scanned: [KeyedLine], _ list: TierList, listedUntilID: Int64) -> [KeyedLine] {
        var lines = list.lines.map { line -> KeyedLine in
            let latency = question.needsLatencyByKey ? line.latency : nil
            return (KeyTally.Key(line.key), TrafficLine(key: .none, counts: line.counts, latency: latency))
        }
        if list.others.requests > 0 { lines.append((.others, TrafficLine(key: .none, counts: list.others))) }
        var places = Dictionary(uniqueKeysWithValues: lines.indices.map { (lines[$0].key, $0) })
        let listedUntilUs = DatabaseFormat.unixMicroseconds(ofID: listedUntilID)
        for (key, line) in scanned {
            guard let place = places[key] else {
                places[key] = lines.count
                lines.append((key, line))
                continue
            }
            lines[place].line.counts.merge(line.counts)
            if let latency = line.latency {
                lines[place].line.latency?.merge(latency)
            } else {
                lines[place].line.latency = nil
            }
            lines[place].line.newestUs = line.newestUs.flatMap { $0 >= listedUntilUs ? $0 : nil }
        }
        return lines.sorted {
            ($0.line.counts.requests, $0.line.counts.durationUs) > ($1.line.counts.requests, $1.line.counts.durationUs)
        }
    }

    private static func merge(_ line: TrafficLine, into lines: inout [TrafficKey: TrafficLine]) {
        guard var sum = lines[line.key] else {
            lines[line.key] = line
            return
        }
        sum.counts.merge(line.counts)
        if let latency = line.latency { sum.latency?.merge(latency) } else { sum.latency = nil }
        // A key whose newest request is not known in one log is not known in all.
        if let newestUs = line.newestUs, let known = sum.newestUs {
            sum.newestUs = max(newestUs, known)
        } else {
            sum.newestUs = nil
        }
        lines[line.key] = sum
    }

    /// The lists, each with the key of the most requests first.
    func finish() -> [TrafficField: [TrafficLine]] {
        var lists: [TrafficField: [TrafficLine]] = [:]
        for field in question.fields { lists[field] = sorted(lines[field] ?? [:]) }
        return lists
    }

    /// The list by two properties, likewise.
    func finishPairs() -> [TrafficLine] { sorted(pairs) }

    private func sorted(_ lines: [TrafficKey: TrafficLine]) -> [TrafficLine] {
        let sorted = lines.values.sorted {
            ($0.counts.requests, $0.counts.durationUs, $1.key.order)
                > ($1.counts.requests, $1.counts.durationUs, $0.key.order)
        }
        return question.keyLimit.map { Array(sorted.prefix($0)) } ?? sorted
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

/// What the keys of a field are called.
struct KeyNames {
    private let field: TrafficField

    /// The texts of the ids of a dictionary; `nil`: numbers are numbers.
    private var texts: TextValues<[UInt8]?>?

    /// What was folded, by id: in a list of pairs an id comes again and again.
    private var folded: [Int64: TrafficKey] = [:]

    init(_ field: TrafficField, _ database: Database) throws {
        self.field = field
        texts = try field.column.dictionary.map { table in
            TextValues(try DictionaryTexts(database, table: table)) { $0 }
        }
    }

    /// The key of the answer for one of the scan.
    mutating func key(_ key: KeyTally.Key) throws -> TrafficKey {
        switch key {
        case .none: .none
        case .others: .others
        case .text(let text): field.folded(text)
        case .id(let id):
            switch field {
            case .outcome: .text(Array(RequestOutcome.name(id).utf8))
            case .protocol: .text(Array(RequestProtocol.name(id).utf8))
            case .status, .worker, .method: .text(Array(String(id).utf8))
            default: try text(id)
            }
        }
    }

    /// The key of an id of a dictionary.
    private mutating func text(_ id: Int64) throws -> TrafficKey {
        if let key = folded[id] { return key }
        let key = try texts?.value(id).map(field.folded) ?? .none
        if field.isFolded { folded[id] = key }
        return key
    }
}

extension TrafficKey {
    /// Text, by which keys with as many requests are put in order.
    fileprivate var order: String {
        switch self {
        case .none, .others: ""
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .pair(let first, let second): first.order + "\0" + second.order
        }
    }
}
