// Which columns a scan reads, and in which order: pure.
internal import Schema

/// A column of table `access` that a scan may read, in the order of the table, which is the cheapest one to read.
enum ScannedColumn: String, CaseIterable {
    case id, worker, connection, method, status, outcome
    case `protocol`
    case host, path, client, referer, agent
    case bytesIn = "bytes_in"
    case bytesOut = "bytes_out"
    case durationUs = "duration_us"
    case lateUs = "late_us"
    case flags

    /// The table that holds its texts; `nil`: the column holds its value itself.
    var dictionary: String? {
        switch self {
        case .host, .path, .client, .referer, .agent: rawValue
        default: nil
        }
    }
}

/// The statement of a scan.
struct ScanPlan: Sendable {
    /// The columns, in their order in the statement.
    let columns: [ScannedColumn]

    /// The text; it takes `:since_id` and `:until_id`.
    let sql: String

    /// A scan that reads some columns and those that a filter needs.
    init(_ wanted: Set<ScannedColumn>, filter: RequestFilter, isNewestFirst: Bool = false) {
        let columns = wanted.union(Self.columns(of: filter)).union([.id])
        self.columns = ScannedColumn.allCases.filter(columns.contains)
        let conditions = filter.expressions.map(\.text)
        sql = SQL.scan(
            columns: self.columns.map(\.rawValue),
            condition: conditions.isEmpty ? nil : conditions.joined(separator: "\n) AND ("),
            isNewestFirst: isNewestFirst)
    }

    /// The index of a column in the statement; -1: it is not read.
    func index(_ column: ScannedColumn) -> Int32 {
        columns.firstIndex(of: column).map { Int32($0) } ?? -1
    }

    /// What a filter looks at in Swift.
    private static func columns(of filter: RequestFilter) -> Set<ScannedColumn> {
        var columns = Set(filter.conditions.map { $0.property.column })
        if filter.minimumUs != nil || filter.maximumUs != nil { columns.insert(.durationUs) }
        return columns
    }
}

extension RequestFilter.Property {
    /// The column that tells.
    var column: ScannedColumn {
        switch self {
        case .host: .host
        case .path, .static: .path
        case .client: .client
        case .referer: .referer
        case .agent, .crawlers: .agent
        case .method: .method
        case .status: .status
        case .outcome: .outcome
        case .worker: .worker
        }
    }
}
