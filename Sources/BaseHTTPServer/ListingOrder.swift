// How a directory's page is sorted, from the query of its target and into the links of its heads.

/// A column of a directory's page, and the way it is sorted.
struct ListingOrder: Equatable {
    enum Column: String, CaseIterable {
        case name, size, time
    }

    var column = Column.name
    var isDescending = false

    init(column: Column = .name, isDescending: Bool = false) {
        self.column = column
        self.isDescending = isDescending
    }

    /// Reads `sort=size&order=descending`, in any order, the first of each; what it does not know does not count.
    init(query: String?) {
        guard let query else { return }
        let pairs = query.split(separator: "&")
        func value(_ key: String) -> Substring? {
            pairs.first { $0.hasPrefix(key) }?.dropFirst(key.count)
        }
        column = value("sort=").flatMap { Column(rawValue: String($0)) } ?? .name
        isDescending = value("order=") == "descending"
    }

    /// The query of the link in a column's head: the other way round, in the column that is sorted already.
    func query(of column: Column) -> String {
        let isTurned = column == self.column && !isDescending
        return "?sort=\(column.rawValue)&order=\(isTurned ? "descending" : "ascending")"
    }

    /// `aria-sort` of a column's head; nil for the others.
    func ariaSort(of column: Column) -> String? {
        column == self.column ? isDescending ? "descending" : "ascending" : nil
    }

    /// The entries in this order. Names are sorted as Python does, in lower case; what is equal otherwise, by name.
    func sorted(_ entries: [ListedEntry]) -> [ListedEntry] {
        let keyed = entries.map { (key: $0.text.lowercased(), entry: $0) }
        let sorted = keyed.sorted { left, right in
            let (first, second) = isDescending ? (right, left) : (left, right)
            switch column {
            case .name: break
            case .size:
                let sizes = (first.entry.size ?? -1, second.entry.size ?? -1)
                if sizes.0 != sizes.1 { return sizes.0 < sizes.1 }
            case .time:
                let times = (first.entry.modifiedSeconds, second.entry.modifiedSeconds)
                if times.0 != times.1 { return times.0 < times.1 }
            }
            if first.key != second.key { return first.key < second.key }
            return first.entry.name.lexicographicallyPrecedes(second.entry.name)
        }
        return sorted.map(\.entry)
    }
}
