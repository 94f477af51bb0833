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
    mutating func add(
        _ counted: CountedTraffic, _ summed: consuming [TierField: TierListSum], _ database: Database
    ) throws {
        for tierField in TierField.allCases {
            let fields = question.fields.filter { $0.tierField == tierField }
            guard let column = fields.first?.column,
                let keys = tierField == .notFound ? counted.notFound : counted.list(column)
            else { continue }
            guard let sum = summed.removeValue(forKey: tierField) else {
                for field in fields {
                    let lines = keys.lines(limit(field), latencyLimit: Self.latencyLimit([field]))
                    try add(lines, field, database)
                }
                continue
            }
            let list = SummedList(
                consume sum, keys, listedUntilID: counted.listedUntilID, latencyLimit: Self.latencyLimit(fields))
            for field in fields { try add(list.top(limit(field)).lazy.map(list.line), field, database) }
        }
        if let pair = question.pair, let tally = counted.pairs { try add(tally, pair, database) }
    }

    /// How many lines of a field are enough to know of one log; `nil`: all.
    private func limit(_ field: TrafficField) -> Int? {
        isSingle && !field.isFolded ? question.keyLimit : nil
    }

    private static func latencyLimit(_ fields: some Sequence<TrafficField>) -> Int {
        fields.contains(where: \.isFolded) ? foldedLatencyLimit : latencyLimit
    }

    private mutating func add(_ found: some Sequence<KeyedLine>, _ field: TrafficField, _ database: Database) throws {
        var names = try KeyNames(field, database)
        for keyed in found {
            Self.merge(keyed.line.with(key: try names.key(keyed.key)), into: &lines[field, default: [:]])
        }
    }

    /// Adds the pairs that were counted in one log.
    private mutating func add(_ tally: PairTally, _ pair: FieldPair, _ database: Database) throws {
        let isFolded = pair.fields.contains(where: \.isFolded)
        let limit = !isSingle || isFolded ? nil : question.keyLimit
        var (first, second) = (try KeyNames(pair.first, database), try KeyNames(pair.second, database))
        for keyed in tally.pairs.lines(limit, latencyLimit: Self.latencyLimit(pair.fields)) {
            let name = try tally.values(keyed.key).map {
                TrafficKey.pair(try first.key($0.first), try second.key($0.second))
            }
            Self.merge(keyed.line.with(key: name ?? .others), into: &pairs)
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

    /// The lists, each with the key of the most requests first, and the others behind the last one.
    func finish() -> [TrafficField: [TrafficLine]] {
        var lists: [TrafficField: [TrafficLine]] = [:]
        for field in question.fields { lists[field] = sorted(lines[field] ?? [:]) }
        return lists
    }

    /// The list by two properties, likewise.
    func finishPairs() -> [TrafficLine] { sorted(pairs) }

    private func sorted(_ lines: [TrafficKey: TrafficLine]) -> [TrafficLine] {
        let sorted = lines.values.filter { $0.key != .others }.sorted {
            ($0.counts.requests, $0.counts.durationUs, $1.key.order)
                > ($1.counts.requests, $1.counts.durationUs, $0.key.order)
        }
        return sorted.prefix(question.keyLimit ?? sorted.count) + (lines[.others].map { [$0] } ?? [])
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
