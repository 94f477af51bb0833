// The state of the server as a page for people and as JSON for programs: pure, from one look at the shared memory.
internal import AccessLog

/// What every worker does now, and which requests are in flight.
struct StatusDocument {
    let tree: LogTreeStatus
    /// When the tree was looked at, microseconds since 1970 UTC.
    let nowUs: Int64
    /// Name and version of the server.
    let server: String

    // MARK: JSON (RFC 8259)

    /// One object: `schema`, `generated_at`, `server`, `started_at`, `uptime_s`, `totals`, `workers` and `requests`,
    /// with the names and units of `httpstats ps`.
    var json: String {
        var json = "{\"schema\":\"server-status/1\",\"generated_at\":\"\(Self.time(nowUs))\""
        json += ",\"server\":\(Self.quoted(server)),\"started_at\":\"\(Self.time(tree.createdUs))\""
        json += ",\"uptime_s\":\(max(0, nowUs - tree.createdUs) / 1_000_000)"
        json += ",\n\"totals\":{" + totals.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
        json += ",\n\"workers\":[" + tree.slots.map { "\n  " + worker($0) }.joined(separator: ",") + "]"
        return json + ",\n\"requests\":[" + tree.requests.map { "\n  " + request($0) }.joined(separator: ",") + "]}\n"
    }

    private func worker(_ slot: LogSlotStatus) -> String {
        let resident = slot.residentBytes == 0 ? "null" : "\(slot.residentBytes)"
        return "{\"slot\":\(slot.slot),\"pid\":\(slot.processID),\"state\":\"\(tree.activity(of: slot).rawValue)\""
            + ",\"age_ms\":\(ageMs(of: slot)),\"generation\":\(slot.generation),\"requests\":\(slot.requests)"
            + ",\"in_flight\":\(inFlight(in: slot)),\"connections\":\(slot.connections),\"bytes_out\":\(slot.bytesOut)"
            + ",\"resident_bytes\":\(resident)"
            + ",\"heartbeat_age_ms\":\(tree.ageNs(sinceNs: slot.heartbeatNs).map { "\($0 / 1_000_000)" } ?? "null")"
            + ",\"shed\":\(slot.shed),\"dropped\":\(slot.dropped),\"waiting_bytes\":\(slot.backlogBytes)}"
    }

    private func request(_ request: LiveRequest) -> String {
        let status = request.status == 0 ? "null" : "\(request.status)"
        return "{\"slot\":\(request.slot),\"age_ms\":\(ageMs(of: request)),\"state\":\"\(request.activity.rawValue)\""
            + ",\"client\":\(Self.quoted(request.client)),\"status\":\(status)"
            + ",\"request_id\":\"\(request.requestIDText)\",\"host\":\(Self.quoted(request.host))"
            + ",\"method\":\(Self.quoted(request.method)),\"path\":\(Self.quoted(request.target))}"
    }

    private static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

    private static func quoted(_ bytes: [UInt8]) -> String {
        String(decoding: Escaping.json(bytes), as: UTF8.self)
    }

    // MARK: What both show

    private var totals: [(name: String, value: UInt64)] {
        func sum(_ value: (LogSlotStatus) -> UInt64) -> UInt64 { tree.slots.reduce(0) { $0 &+ value($1) } }
        return [
            ("requests", sum(\.requests)), ("in_flight", UInt64(tree.requests.count)),
            ("connections", sum { isRunning($0) ? $0.connections : 0 }), ("bytes_out", sum(\.bytesOut)),
            ("shed", sum(\.shed)), ("dropped", sum(\.dropped)), ("waiting_bytes", sum(\.backlogBytes)),
        ]
    }

    private func isRunning(_ slot: LogSlotStatus) -> Bool { slot.state == .assigned && !tree.isDead }
    private func inFlight(in slot: LogSlotStatus) -> Int { tree.requests.count { $0.slot == slot.slot } }
    private func ageMs(of slot: LogSlotStatus) -> Int64 { max(0, nowUs - slot.startUs) / 1_000 }

    private func ageMs(of request: LiveRequest) -> Int64 {
        (tree.ageNs(sinceNs: request.startMonotonicNs) ?? 0) / 1_000_000
    }

    /// `2026-11-22T17:33:13Z`.
    private static func time(_ us: Int64) -> String {
        let date = DirectoryListing.utc(us / 1_000_000)
        return "\(date.day)T\(date.time)Z"
    }
}

// MARK: The page

extension StatusDocument {
    /// The page, in UTF-8.
    var page: String {
        let uptime = Self.duration(ms: max(0, nowUs - tree.createdUs) / 1_000)
        let facts = totals.map { fact in
            let value = fact.name.contains("bytes") ? Self.size(fact.value) : "\(fact.value)"
            return "<div><dt>\(Self.title(fact.name))</dt><dd>\(value)</dd></div>"
        }
        var body = "<h1>Server status</h1>\n<p>\(Escaping.html(server)), up \(uptime), "
        body += "<time>\(Self.time(nowUs))</time></p>\n<dl>\(facts.joined())</dl>\n"
        body += Self.table(
            "Workers",
            ["slot", "pid", "state", "age", "life", "requests", "in flight", "connections", "sent", "memory"],
            tree.slots.map { slot in
                [
                    .number("\(slot.slot)"), .number("\(slot.processID)"), .text(tree.activity(of: slot).rawValue),
                    .number(Self.duration(ms: ageMs(of: slot))), .number("\(slot.generation)"),
                    .number("\(slot.requests)"), .number("\(inFlight(in: slot))"), .number("\(slot.connections)"),
                    .number(Self.size(slot.bytesOut)),
                    .number(slot.residentBytes == 0 ? "" : Self.size(slot.residentBytes)),
                ]
            })
        body += Self.table(
            "Requests in flight", ["slot", "age", "state", "client", "status", "id", "host", "method", "target"],
            tree.requests.map { request in
                [
                    .number("\(request.slot)"), .number(Self.duration(ms: ageMs(of: request))),
                    .text(request.activity.rawValue), .hostile(request.client),
                    .number(request.status == 0 ? "" : "\(request.status)"), .text(request.requestIDText),
                    .hostile(request.host), .hostile(request.method), .hostile(request.target),
                ]
            })
        return HTMLPage(title: "Server status", style: Self.style, body: body).text
    }

    private enum Cell {
        case number(String)
        case text(String)
        case hostile([UInt8])

        var html: String {
            switch self {
            case .number(let text): "<td>\(text)</td>"
            case .text(let text): "<td class=\"text\">\(text)</td>"
            case .hostile(let bytes):
                "<td class=\"text\"><bdi>"
                    + Escaping.html(String(decoding: Escaping.visible(bytes), as: UTF8.self)) + "</bdi></td>"
            }
        }

        var isText: Bool {
            if case .number = self { false } else { true }
        }
    }

    private static func table(_ title: String, _ heads: [String], _ rows: [[Cell]]) -> String {
        var html = "<h2>\(title)</h2>\n"
        guard let first = rows.first else { return html + "<p>None.</p>\n" }
        html += "<table>\n<thead>\n<tr>"
        for (head, cell) in zip(heads, first) {
            html += "<th scope=\"col\"\(cell.isText ? " class=\"text\"" : "")>\(head)</th>"
        }
        html += "</tr>\n</thead>\n<tbody>\n"
        for row in rows { html += "<tr>\(row.map(\.html).joined())</tr>\n" }
        return html + "</tbody>\n</table>\n"
    }

    private static func title(_ name: String) -> String {
        switch name {
        case "in_flight": "in flight"
        case "bytes_out": "sent"
        case "waiting_bytes": "waiting for the log"
        default: name
        }
    }

    private static func size(_ bytes: UInt64) -> String {
        DirectoryListing.readable(bytes: Int64(clamping: bytes))
    }

    /// `840 ms`, `12.3 s`, `7 min`, `5 h`, `12 days`.
    static func duration(ms: Int64) -> String {
        switch ms {
        case ..<1_000: "\(ms) ms"
        case ..<60_000: "\(ms / 1_000).\(ms / 100 % 10) s"
        case ..<3_600_000: "\(ms / 60_000) min"
        case ..<172_800_000: "\(ms / 3_600_000) h"
        default: "\(ms / 86_400_000) days"
        }
    }

    /// Nothing is loaded or run, and no form or frame is allowed; the style is known by its hash.
    static let contentSecurityPolicy = HTMLPage.contentSecurityPolicy(styleHash: styleHash)

    /// SHA-256 of ``style`` in Base64; a test computes it.
    static let styleHash = "sha256-m1psP0DHRx7yxJMq4bCyCFkLzcVPtYrZmVRvCS3Ydmc="

    static let style = """

        body { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.25rem; }
        h2 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
        dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; }
        dt { font-size: 0.875rem; }
        dd { margin: 0; font-size: 1.25rem; }
        table { border-collapse: collapse; display: block; overflow-x: auto; }
        table, dd { font-variant-numeric: tabular-nums; }
        th, td { padding: 0.125rem 0.75rem 0.125rem 0; text-align: end; vertical-align: top; white-space: nowrap; }
        th { border-bottom: 1px solid; }
        .text { text-align: start; }
        td:last-child { white-space: normal; overflow-wrap: anywhere; }
        tbody tr:hover { background: color-mix(in srgb, CanvasText 8%, Canvas); }

        """
}
