// What pages ask of a log: the conditions in their address, and the answers that they are made of.
import GRDB
import Schema

extension PageAddress {
    /// The requests that the address asks for: by the names of the command line, of the last 24 hours unless it says
    /// otherwise.
    ///
    /// - Parameter nowUs: The present, in microseconds since 1970 UTC.
    /// - Throws: ``SpanError`` or ``RequestFilterError`` when an item cannot be understood.
    public func selection(nowUs: Int64) throws -> Selection {
        var filter = RequestFilter()
        var milliseconds: [String: Double] = [:]
        for item in items where !PageControls.spanNames.contains(item.name) {
            switch item.name {
            case "where": try filter.add(condition: item.value)
            case "min-ms", "max-ms":
                // What is no number is below 0, which no duration is.
                milliseconds[item.name] = Double(item.value) ?? -1
            default:
                guard let property = RequestFilter.Property(rawValue: item.name) else {
                    let names = RequestFilter.Property.allCases.map(\.rawValue).joined(separator: ", ")
                    throw SpanError(
                        "there is no condition '\(item.name)'; known are last, since, until, \(names), min-ms, max-ms, "
                            + "where")
                }
                try filter.add(property, item.value)
            }
        }
        if !milliseconds.isEmpty {
            try filter.setDuration(minimumMs: milliseconds["min-ms"], maximumMs: milliseconds["max-ms"])
        }
        return Selection(span: try span(nowUs: nowUs), filter: filter)
    }

    private func span(nowUs: Int64) throws -> TimeSpan {
        func value(_ name: String) -> String? { items.last { $0.name == name }?.value }
        let parser = try SpanParser(nowUs: nowUs, zone: value("tz") ?? "UTC")
        let day = value("today") == nil ? value("yesterday").map { _ in -1 } : 0
        var span =
            try day.map(parser.day)
            ?? parser.span(last: value("last"), since: value("since"), until: value("until"), otherwise: 86_400)
        // A page has plots, which begin somewhere.
        span.sinceUs = max(span.sinceUs ?? 0, nowUs - Self.longestUs)
        return span
    }

    /// A hundred years.
    private static let longestUs: Int64 = 100 * 366 * 86_400_000_000
}

extension LogFleet {
    /// The page of figures, plots and lists.
    ///
    /// - Parameters:
    ///   - address: The conditions.
    ///   - names: The names of the logs.
    ///   - nowUs: The present, in microseconds since 1970 UTC.
    ///   - isLive: Whether a server sends it.
    /// - Throws: ``LogReadError``, or what ``PageAddress/selection(nowUs:)`` throws.
    public func page(_ address: PageAddress, names: [String], nowUs: Int64, isLive: Bool) throws -> TrafficPage {
        let selection = try address.selection(nowUs: nowUs)
        return try page(selection, address, names: names, nowUs: nowUs, isLive: isLive)
    }

    /// The same about a selection that was made elsewhere; the address only tells of it.
    public func page(
        _ selection: Selection, _ address: PageAddress, names: [String], nowUs: Int64, isLive: Bool = false
    ) throws -> TrafficPage {
        let traffic = try traffic(TrafficPage.question(selection, nowUs: nowUs))
        let panels = [try messages(selection, limit: 10)].map {
            $0.messages(["message", "level", "count", "requests", "last_seen"])
        }
        return TrafficPage(
            TrafficPage.Contents(traffic: traffic, panels: panels, losses: try losses(selection.span)), names: names,
            address: address, span: selection.span, nowUs: nowUs, isLive: isLive)
    }

    /// The newest requests of a selection.
    ///
    /// - Returns: A panel, and the keys of its rows.
    /// - Throws: ``LogReadError``.
    public func newestRequests(_ selection: Selection, limit: Int) throws -> (panel: ReportPanel, keys: [Int64]) {
        let found = try requests(selection, order: .newest, limit: limit, row: SQL.pageRequestRow).panel
        let panel = ReportPanel(
            "requests", columns: found.columns.dropLast().map(\.name), rows: found.rows.map { $0.dropLast() })
        return (panel, found.rows.map { if case .integer(let key) = $0.last { key } else { 0 } })
    }

    /// A request with all that is known of it, as the report `request` has it.
    ///
    /// - Parameter key: Its key, the `id` of the view `requests`.
    /// - Returns: Its panels; none when no log has the request.
    /// - Throws: ``LogReadError``.
    public func request(key: Int64) throws -> [ReportPanel] {
        let found = try readers.map { reader in
            try reader.read { database in
                try String.fetchOne(database, sql: SQL.requestNumber, arguments: ["id": key])
                    .flatMap(RequestNumber.init).map { try Self.panels(of: $0, id: key, database) } ?? []
            }
        }
        return gathered(found)
    }
}

extension ReportPanel {
    /// The messages as a page has room for them: what they say first, moments without their fractions.
    fileprivate func messages(_ names: [String]) -> ReportPanel {
        let places = names.compactMap { name in columns.firstIndex { $0.name == name } }
        let rows = rows.map { row in
            places.map { place -> ReportValue in
                guard columns[place].name == "last_seen", case .text(let time) = row[place] else { return row[place] }
                return .text(Array(time.prefix(10) + [UInt8(ascii: " ")] + time.dropFirst(11).prefix(8)))
            }
        }
        return ReportPanel("messages", columns: places.map { columns[$0].name }, rows: rows)
    }
}
