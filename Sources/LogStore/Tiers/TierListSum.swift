// Adds lists of one field up: the place of each key is looked up in a table that is made once for all of them.

/// The sum of lists.
struct TierListSum {
    /// What was added, in no order.
    private(set) var list: TierList

    private var places: [TierKey: Int]

    /// Begins with a list.
    init(_ list: TierList = TierList()) {
        self.list = list
        places = Dictionary(minimumCapacity: list.lines.count)
        for index in list.lines.indices { places[list.lines[index].key] = index }
    }

    /// Adds a list.
    mutating func add(_ other: TierList) {
        list.others.merge(other.others)
        for line in other.lines {
            guard let place = places[line.key] else {
                places[line.key] = list.lines.count
                list.lines.append(line)
                continue
            }
            list.lines[place].counts.merge(line.counts)
            if let latency = line.latency {
                list.lines[place].latency = list.lines[place].latency ?? LatencySketch()
                list.lines[place].latency?.merge(latency)
            }
        }
    }
}
