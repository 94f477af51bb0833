// The lists of an answer as panels: what requests are counted by, and the filter that each of their lines stands for.

/// A list of an answer.
struct PageList {
    let field: TrafficField
    let lines: [TrafficLine]
    /// All requests of the answer.
    let total: Int64

    /// The lists that a page shows, in this order.
    static let shown: [TrafficField] = [
        .path, .client, .status, .notFound, .host, .method, .referer, .agentClass, .agent, .outcome,
    ]

    /// What stands above the list.
    var title: String {
        switch field {
        case .path: "Paths"
        case .template: "Templates"
        case .client: "Clients"
        case .host: "Hosts"
        case .agent: "Agents"
        case .agentClass: "Kinds of agents"
        case .agentFamily: "Programs"
        case .referer: "Referers"
        case .site: "Referring sites"
        case .status: "Status"
        case .method: "Methods"
        case .protocol: "Protocols"
        case .outcome: "Outcomes"
        case .worker: "Workers"
        case .notFound: "Not found"
        }
    }

    /// The list as a panel; the first column is the key.
    var panel: ReportPanel {
        let hasLatency = lines.contains { $0.latency != nil }
        return ReportPanel(
            field.rawValue,
            columns: [
                field == .notFound ? "path" : field.rawValue, "requests", "requests_percent", "status_4xx",
                "status_5xx", "bytes_out", hasLatency ? "p95_ms" : "duration_mean_ms",
            ],
            rows: lines.map { line in
                let counts = line.counts
                let us = hasLatency ? line.latency?.percentile(0.95).map(Double.init) : counts.durationMeanUs
                return [
                    .text(line.key), .integer(counts.requests),
                    .real(total == 0 ? 0 : 100 * Double(counts.requests) / Double(total)),
                    .integer(counts.status4xx), .integer(counts.status5xx), .integer(counts.bytesOut),
                    us.map { .real($0 / 1000) } ?? .null,
                ]
            })
    }

    /// The items of an address that ask for the requests of a line; `nil`: no filter says that.
    func filter(_ line: TrafficLine) -> [PageAddress.Item]? {
        let name = field == .notFound ? "path" : field.rawValue
        let status = field == .notFound ? [PageAddress.Item("status", "404")] : []
        switch (field, line.key) {
        case (.template, _), (.agentClass, _), (.agentFamily, _), (.site, _), (.protocol, _), (_, .others), (_, .pair):
            return nil
        case (.outcome, .none), (.worker, .none): return nil
        case (_, .none): return [PageAddress.Item(name, field == .status ? "none" : "-")] + status
        case (.client, .text(let bytes)), (.status, .text(let bytes)), (.outcome, .text(let bytes)),
            (.worker, .text(let bytes)):
            return [PageAddress.Item(name, String(decoding: bytes, as: UTF8.self))]
        case (_, .text(let bytes)):
            return Self.pattern(bytes).map { [PageAddress.Item(name, $0)] + status }
        }
    }

    /// A pattern that matches a text alone: what a pattern would take for more stands in brackets, and so does the
    /// first letter, as a mark there negates, and a pattern without brackets need not be the whole of an agent.
    ///
    /// - Returns: `nil` for what is no UTF-8 or too long for a pattern.
    static func pattern(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else { return nil }
        var pattern = ""
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let isPlain =
                index == 0 ? scalar == "/" || !scalar.isASCII || scalar == "^" : !"*?[".unicodeScalars.contains(scalar)
            if isPlain { pattern.unicodeScalars.append(scalar) } else { pattern += "[\(scalar)]" }
        }
        return pattern.utf8.count <= 1024 ? pattern : nil
    }
}
