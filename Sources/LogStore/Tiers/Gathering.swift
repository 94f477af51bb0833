// What was gathered of an hour or a day and is not stored yet.

/// Counters, sketches and keys of some requests of one hour or day.
struct Gathering {
    var summary = TrafficSummary()
    private var paths = KeyTable(hasLatency: true)
    private var clients = KeyTable()
    private var hosts = KeyTable()
    private var agents = KeyTable()
    private var referers = KeyTable()
    /// By what ``RequestFacts/kind`` holds.
    private var kinds = KeyTable()
    private var notFound = KeyTable()

    var isEmpty: Bool { summary.counts.requests == 0 }

    /// Adds the keys of a request; the summary is left alone.
    @inline(__always)
    mutating func addKeys(_ facts: borrowing RequestFacts) {
        paths.add(facts.path, facts)
        clients.add(facts.client, facts)
        hosts.add(facts.host, facts)
        agents.add(facts.agent, facts)
        referers.add(facts.referer, facts)
        kinds.add(facts.kind, facts)
        if facts.status == 404 { notFound.add(facts.path, facts) }
    }

    /// Adds what was gathered of another part of the same span.
    mutating func merge(_ other: Gathering) {
        summary.merge(other.summary)
        paths.merge(other.paths)
        clients.merge(other.clients)
        hosts.merge(other.hosts)
        agents.merge(other.agents)
        referers.merge(other.referers)
        kinds.merge(other.kinds)
        notFound.merge(other.notFound)
    }

    /// Forgets all, and keeps the memory.
    mutating func removeAll() {
        summary = TrafficSummary()
        paths.removeAll()
        clients.removeAll()
        hosts.removeAll()
        agents.removeAll()
        referers.removeAll()
        kinds.removeAll()
        notFound.removeAll()
    }

    /// The busiest keys of a field.
    ///
    /// - Parameters:
    ///   - limit: how many lines; of ``floor`` of them the counts do not matter.
    ///   - text: the text of a number below 0.
    func list(_ field: TierField, limit: Int, floor: Int, text: (Int64) -> [UInt8]) -> TierList {
        func name(_ key: Int64) -> TierKey { key == 0 ? .none : key > 0 ? .number(key) : .text(text(key)) }
        let table: KeyTable
        switch field {
        case .path: table = paths
        case .client: table = clients
        case .host: table = hosts
        case .agent: table = agents
        case .referer: table = referers
        case .notFound: table = notFound
        case .status, .method, .httpVersion, .outcome, .worker:
            return list(ofKinds: field, limit: limit, floor: floor, text: text)
        }
        return table.list(limit: limit, floor: floor, name: name)
    }

    private func list(ofKinds field: TierField, limit: Int, floor: Int, text: (Int64) -> [UInt8]) -> TierList {
        var counts: [Int64: TrafficCounts] = [:]
        for entry in kinds.entries {
            counts[RequestFacts.part(field, ofKind: entry.key), default: TrafficCounts()].merge(entry.counts)
        }
        var list = TierList()
        list.others = kinds.others
        for (part, counts) in counts {
            let key: TierKey
            switch field {
            case .outcome, .worker: key = .number(part)
            case .method where part == -Int64(UInt8.max):
                list.others.merge(counts)
                continue
            case .method: key = part == 0 ? .none : .text(text(part))
            default: key = part == 0 ? .none : .number(part)
            }
            list.lines.append(TierLine(key: key, counts: counts))
        }
        list.cut(to: limit, floor: floor)
        return list
    }
}
