// How top lays its screen out: a head, then workers, lists and requests, each with its share of the rows.
internal import AccessLog
public import LinuxSyscalls

extension TopView {
    /// The lines of the screen, at most as many as it has; none is wider than it, escape sequences aside.
    public func lines(_ size: TerminalSize, isColoured: Bool, nowUs: Int64) -> [String] {
        var style = OutputStyle(columns: size.columns, isColoured: isColoured)
        style.isASCII = isASCII
        var lines = head(size, nowUs: nowUs)
        let room = max(0, size.rows - lines.count - 1)
        lines += (isHelpShown ? [""] + Self.help : sections(size, style, room: room)).prefix(room)
        lines += Array(repeating: "", count: max(0, size.rows - 1 - lines.count))
        lines = Array(lines.prefix(max(0, size.rows - 1)))
        lines.append(keyLine)
        return lines.map { Self.clipped($0, to: size.columns) }
    }

    // MARK: Head

    private func head(_ size: TerminalSize, nowUs: Int64) -> [String] {
        let few = [title(nowUs: nowUs), totals]
        if size.rows < 12 { return few }
        return few + [load(columns: size.columns), latencyLine, statusLine]
    }

    private func title(nowUs: Int64) -> String {
        let uptime = trees.filter { !$0.isDead }.map(\.createdUs).min().map { nowUs - $0 }
        let state =
            trees.isEmpty
            ? "no server" : uptime.map { "up \(NumberText.age(seconds: Double($0) / 1e6))" } ?? "the server is dead"
        return "httpstats top  \(ISOTime.text(us: nowUs).dropLast(5))Z  \(state)  "
            + Self.visible(Array(database.utf8), isASCII: isASCII)
    }

    private var totals: String {
        var running = 0
        var connections: UInt64 = 0
        var lost: UInt64 = 0
        var waiting: UInt64 = 0
        for tree in trees {
            for slot in tree.slots {
                if slot.state == .assigned, !tree.isDead {
                    running += 1
                    connections += slot.connections
                }
                lost += slot.shed + slot.dropped
                waiting += slot.backlogBytes
            }
        }
        let bytes = rates.values.reduce(0) { $0 + $1.bytes }
        let inFlight = trees.reduce(0) { $0 + $1.requests.count }
        return "\(running) workers  \(NumberText.fixed(requestsPerSecond, decimals: 1)) requests/s  "
            + "\(NumberText.bytes(bytes))/s  \(inFlight) in flight  \(connections) connections  "
            + (lost > 0 ? "\(lost) shed or unlogged  " : "") + "log \(NumberText.bytes(Double(waiting))) behind"
    }

    private func load(columns: Int) -> String {
        let most = "peak \(NumberText.fixed(history.max() ?? 0, decimals: 0))/s  "
        let room = max(0, columns - 9 - most.count)
        return "load     " + most + Sparkline.text(history.suffix(room), isASCII: isASCII)
    }

    private var latencyLine: String {
        if let complaint = traffic.complaint { return "rows     " + complaint }
        guard traffic.latency.count > 0 else { return "latency  no request in 10 s" }
        let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map { name, share in
            "\(name) \(NumberText.milliseconds(Double(traffic.latency.percentile(share) ?? 0) / 1000))"
        }
        let longest = NumberText.milliseconds(Double(traffic.latency.maximumUs) / 1000)
        return "latency  " + shares.joined(separator: "  ") + "  max \(longest) ms in 10 s"
            + (traffic.isSample ? " (sample)" : "")
    }

    private var statusLine: String {
        let counts = traffic.counts
        guard counts.requests > 0 else { return "status   no request in 60 s" }
        let classes = [
            ("1xx", counts.status1xx), ("2xx", counts.status2xx), ("3xx", counts.status3xx),
            ("4xx", counts.status4xx), ("5xx", counts.status5xx), ("none", counts.withoutStatus),
        ]
        let shares = classes.filter { $0.1 > 0 }.map { name, count in
            "\(name) \(NumberText.fixed(100 * Double(count) / Double(counts.requests), decimals: 1)) %"
        }
        let failed = counts.failed > 0 ? "  \(NumberText.grouped(counts.failed)) failed" : ""
        return "status   " + shares.joined(separator: "  ") + "\(failed) in 60 s"
    }

    // MARK: Sections

    /// Each section may have what the others leave, and at least a third of the rows.
    private func sections(_ size: TerminalSize, _ style: OutputStyle, room: Int) -> [String] {
        var parts = [Self.lines(of: workerPanel(size), style), lists(size, style), Self.lines(of: requestPanel, style)]
        if parts[0].isEmpty { parts[0] = ["No server has this log open."] }
        parts = parts.filter { !$0.isEmpty }
        // An empty line is above each.
        let rows = max(0, room - parts.count)
        let share = rows / max(1, parts.count)
        var given = parts.map { min($0.count, share) }
        // Requests that hang are what one looks for; then the lists.
        for index in parts.indices.reversed() {
            given[index] = min(parts[index].count, given[index] + rows - given.reduce(0, +))
        }
        // A head without a line below it says nothing.
        return zip(parts, given).flatMap { part, count in count > 1 || part.count == 1 ? [""] + part.prefix(count) : []
        }
    }

    private func workerPanel(_ size: TerminalSize) -> ReportPanel {
        var rows: [(worker: LogSlotStatus, rate: Double, ageNs: Int64, cells: [ReportValue])] = []
        for tree in trees {
            for slot in tree.slots where tree.isDead || slot.state == .assigned || slot.state == .ended {
                let rate = rates[Life(tree, slot)]?.requests
                let request = tree.requests.first { $0.slot == slot.slot && $0.isRunning }
                let ageNs = request.flatMap { tree.ageNs(sinceNs: $0.startMonotonicNs) }
                let cells: [ReportValue] = [
                    .integer(Int64(slot.slot)), .integer(Int64(slot.processID)),
                    .text(tree.activity(of: slot).rawValue), rate.map { .real($0) } ?? .null,
                    .integer(Int64(clamping: slot.requests)),
                    .integer(Int64(tree.requests.count { $0.slot == slot.slot })),
                    .integer(Int64(clamping: slot.connections)), .integer(Int64(clamping: slot.bytesOut)),
                    slot.residentBytes == 0 ? .null : .integer(Int64(clamping: slot.residentBytes)),
                    ageNs.map { .real(Double($0) / 1e6) } ?? .null,
                    request.map { .text($0.method + [32] + $0.target) } ?? .null,
                ]
                rows.append((slot, rate ?? 0, ageNs ?? -1, cells))
            }
        }
        rows.sort { left, right in
            switch sort {
            case .slot: left.worker.slot < right.worker.slot
            case .rate: left.rate > right.rate
            case .age: left.ageNs > right.ageNs
            case .connections: left.worker.connections > right.worker.connections
            case .memory: left.worker.residentBytes > right.worker.residentBytes
            }
        }
        var panel = ReportPanel("workers", titled: Self.workerColumns, rows: rows.map(\.cells))
        // What a worker does now is worth more of a narrow line than what it did since it began.
        if size.columns < 100 { panel.details = ["requests", "bytes_out"] }
        return panel
    }

    private static let workerColumns = [
        ReportColumn("slot"), ReportColumn("pid"), ReportColumn("state"),
        ReportColumn("requests_per_second", title: "req/s"), ReportColumn("requests"),
        ReportColumn("in_flight", title: "open"), ReportColumn("connections", title: "conns"),
        ReportColumn("bytes_out", title: "sent"), ReportColumn("resident_bytes", title: "memory"),
        ReportColumn("running_ms", title: "running"), ReportColumn("path", title: "request"),
    ]

    /// The busiest paths, and beside them the busiest clients where there is room.
    private func lists(_ size: TerminalSize, _ style: OutputStyle) -> [String] {
        let (paths, clients) = (traffic.paths, traffic.clients)
        if paths.isEmpty && clients.isEmpty { return [] }
        let isWide = size.columns >= 70
        var (left, right) = (style, style)
        left.columns = isWide ? size.columns * 6 / 10 : size.columns
        right.columns = size.columns - (left.columns ?? 0) - 2
        let lefts = Self.lines(of: listPanel("path", paths, hasDetails: true), left)
        let rights = isWide ? Self.lines(of: listPanel("client", clients, hasDetails: size.columns >= 150), right) : []
        return (0..<max(lefts.count, rights.count)).map { index in
            let text = index < lefts.count ? Self.clipped(lefts[index], to: left.columns ?? 0) : ""
            guard index < rights.count else { return text }
            let gap = (left.columns ?? 0) + 2 - Self.width(text)
            return text + String(repeating: " ", count: max(0, gap)) + rights[index]
        }
    }

    private func listPanel(_ title: String, _ lines: [TopTraffic.Line], hasDetails: Bool) -> ReportPanel {
        let columns = [
            ReportColumn("requests"), ReportColumn("count", title: "errors"), ReportColumn("mean_ms", title: "mean ms"),
            ReportColumn("bytes_out", title: "sent"), ReportColumn("path", title: "\(title), 60 s"),
        ]
        let rows = lines.map { line in
            [
                .integer(line.counts.requests), .integer(Order.errors.value(line.counts)),
                line.counts.durationMeanUs.map { .real($0 / 1000) } ?? .null, .integer(line.counts.bytesOut),
                .text(line.text),
            ] as [ReportValue]
        }
        var panel = ReportPanel(title, titled: columns, rows: rows)
        // What the list is ordered by is always among its columns.
        if !hasDetails { panel.details = order == .bytes ? ["mean_ms"] : ["mean_ms", "bytes_out"] }
        if hasDetails, order != .bytes { panel.details = ["bytes_out"] }
        return panel
    }

    /// The oldest first: what hangs stands on top.
    private var requestPanel: ReportPanel {
        let filter = effectiveFilter
        let aged = trees.flatMap { tree in
            tree.requests.filter { filter.matches($0.target) || filter.matches($0.client) }.map {
                (request: $0, ageNs: tree.ageNs(sinceNs: $0.startMonotonicNs))
            }
        }
        let rows = aged.sorted { ($0.ageNs ?? 0) > ($1.ageNs ?? 0) }.map { request, ageNs in
            [
                ageNs.map { .real(Double($0) / 1e6) } ?? .null, .integer(Int64(request.slot)),
                .text(request.activity.rawValue), .text(request.client),
                request.status == 0 ? .null : .integer(Int64(request.status)), .text(request.requestIDText),
                .text(request.method + [32] + request.target),
            ] as [ReportValue]
        }
        return ReportPanel("requests", titled: Self.requestColumns, rows: rows)
    }

    private static let requestColumns = [
        ReportColumn("age_ms", title: "age"), ReportColumn("slot"), ReportColumn("state"), ReportColumn("client"),
        ReportColumn("status"), ReportColumn("request_id"), ReportColumn("path", title: "request in flight"),
    ]
}

/// Lines of text with styles.
extension TopView {
    private static func lines(of panel: ReportPanel, _ style: OutputStyle) -> [String] {
        if panel.rows.isEmpty { return [] }
        var formatter = TableFormatter(style: style)
        formatter.begin(panel, isFollowed: false)
        panel.rows.forEach { formatter.add($0) }
        formatter.end()
        return String(decoding: formatter.takeOutput(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// A text of the log, or typed, that a terminal can be shown.
    static func visible(_ bytes: [UInt8], isASCII: Bool) -> String {
        let text = Escaping.visible(bytes)
        if !isASCII { return String(decoding: text, as: UTF8.self) }
        return text.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "?" }.joined()
    }

    /// The line up to the width of the screen; escape sequences take no room.
    static func clipped(_ line: String, to columns: Int) -> String {
        walk(line, to: columns).text
    }

    /// The columns that a line takes.
    static func width(_ line: String) -> Int {
        walk(line, to: .max).width
    }

    private static func walk(_ line: String, to columns: Int) -> (text: String, width: Int) {
        var result = String.UnicodeScalarView()
        var width = 0
        var isEscape = false
        for scalar in line.unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if isEscape {
                result.append(scalar)
                // Only sequences of our own are in a line, and each ends with this letter.
                if scalar == "m" { isEscape = false }
            } else if width + TextWidth.columns(scalar) <= columns {
                result.append(scalar)
                width += TextWidth.columns(scalar)
            }
        }
        return (String(result), width)
    }
}
