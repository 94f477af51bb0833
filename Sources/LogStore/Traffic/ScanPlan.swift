// Which columns a scan reads, and in which order.
internal import GRDB
internal import Schema

/// A column of table `access` that a scan may read, in the order of the table, which is the cheapest one to read.
///
/// The table of schema 4 holds some of them in ``facts``, ``methodNumber`` and ``received``, that of a log begun before
/// in themselves.
enum ScannedColumn: Int, CaseIterable {
    case id, facts, worker, connection, methodNumber, method, status, outcome
    case `protocol`
    case host, path, client, referer, agent, received, bytesIn, bytesOut, durationUs, lateUs, flags

    private static let names = [
        "id", "facts", "worker", "connection", "method_number", "method", "status", "outcome", "protocol", "host",
        "path", "client", "referer", "agent", "received", "bytes_in", "bytes_out", "duration_us", "late_us", "flags",
    ]

    /// Its name in the table.
    var name: String { Self.names[rawValue] }

    /// The table that holds its texts; `nil`: the column holds its value itself.
    var dictionary: String? {
        switch self {
        case .host, .path, .client, .referer, .agent: name
        default: nil
        }
    }

    /// The column that holds it since schema 4. To have SQLite work the one of this name out of it takes longer.
    fileprivate var packed: ScannedColumn {
        switch self {
        case .worker, .status, .outcome, .protocol, .flags: .facts
        case .method: .methodNumber
        case .bytesIn: .received
        default: self
        }
    }
}

/// The statement of a scan of one log.
struct ScanPlan: Sendable {
    /// The columns that the statement reads, in its order.
    let stored: [ScannedColumn]

    /// The text; it takes `:row`, `:since_id` and `:until_id`.
    let sql: String

    /// A scan that reads some columns and those that a filter needs.
    init(
        _ wanted: [ScannedColumn], filter: RequestFilter, isNewestFirst: Bool = false, _ database: Database
    ) throws {
        var columns = wanted + Self.columns(of: filter) + [.id]
        if try AccessForm(database).isPacked { columns = columns.map(\.packed) }
        stored = ScannedColumn.allCases.filter(columns.contains)
        let conditions = filter.expressions.map(\.text)
        sql = SQL.scan(
            columns: stored.map(\.name),
            condition: conditions.isEmpty ? nil : conditions.joined(separator: "\n) AND ("),
            isNewestFirst: isNewestFirst)
    }

    /// What a filter looks at in Swift.
    private static func columns(of filter: RequestFilter) -> [ScannedColumn] {
        let hasBounds = filter.minimumUs != nil || filter.maximumUs != nil
        return filter.conditions.map { $0.property.column } + (hasBounds ? [.durationUs] : [])
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
