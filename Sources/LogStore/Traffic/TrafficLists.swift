// Turns counted slots into the lines of lists: looks their texts up, folds them, and joins those of several logs.
internal import GRDB

/// The lists of an answer while logs are added to it.
struct TrafficLists {
    private let question: TrafficQuestion

    /// Whether one log alone answers, so that the texts of lines that are not shown need not be known.
    private let isSingle: Bool
    private var lines: [TrafficField: [TrafficKey: TrafficLine]] = [:]

    /// How many keys of a list have their own percentiles when all are asked for; each takes 15 KB.
    static let latencyLimit = 1000

    init(_ question: TrafficQuestion, isSingle: Bool) {
        self.question = question
        self.isSingle = isSingle
    }

    /// Adds what was counted in one log.
    mutating func add(_ counted: CountedTraffic, _ database: Database) throws {
        for field in question.fields {
            let keys = field == .notFound ? counted.notFound : counted.lists[field.column]
            guard let keys else { continue }
            let isWhole = !isSingle || field.isFolded
            let slots = keys.top(isWhole ? nil : question.keyLimit)
            let busiest = Array(slots.prefix(Self.latencyLimit))
            let maximaUs = busiest.map { keys.tallies[$0].durationMaxUs }
            let latencies = keys.latencies?.sketches(busiest, maximaUs: maximaUs) ?? []
            let texts = try field.column.dictionary.map {
                TextValues(try DictionaryTexts(database, table: $0)) { $0 }
            }
            var names = KeyNames(field: field, texts: texts)
            for (place, slot) in slots.enumerated() {
                let line = TrafficLine(
                    key: try names.key(keys.keys[slot]), counts: keys.tallies[slot].counts,
                    latency: place < latencies.count ? latencies[place] : nil,
                    newestUs: DatabaseFormat.unixMicroseconds(ofID: keys.tallies[slot].newestID))
                merge(line, into: field)
            }
        }
    }

    private mutating func merge(_ line: TrafficLine, into field: TrafficField) {
        guard var sum = lines[field]?[line.key] else {
            lines[field, default: [:]][line.key] = line
            return
        }
        sum.counts.merge(line.counts)
        if let latency = line.latency { sum.latency?.merge(latency) } else { sum.latency = nil }
        sum.newestUs = max(sum.newestUs ?? Int64.min, line.newestUs ?? Int64.min)
        lines[field]?[line.key] = sum
    }

    /// The lists, each with the key of the most requests first.
    func finish() -> [TrafficField: [TrafficLine]] {
        var lists: [TrafficField: [TrafficLine]] = [:]
        for field in question.fields {
            let sorted = (lines[field] ?? [:]).values.sorted {
                ($0.counts.requests, $0.counts.durationUs, $1.key.order)
                    > ($1.counts.requests, $1.counts.durationUs, $0.key.order)
            }
            lists[field] = question.keyLimit.map { Array(sorted.prefix($0)) } ?? sorted
        }
        return lists
    }
}

/// What the keys of a field are called.
struct KeyNames {
    let field: TrafficField
    var texts: TextValues<[UInt8]?>?

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
            default: try texts?.value(id).map(field.folded) ?? .none
            }
        }
    }
}

extension TrafficKey {
    /// Text, by which keys with as many requests are put in order.
    fileprivate var order: String {
        if case .text(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
}
