// What `httpstats top` shows: pure, from one look at the shared memory and the one before it.
public import AccessLog
public import LinuxSyscalls

/// The screen of `top`: totals, the workers, and the requests in flight.
public struct TopView: Sendable {
    /// What the list of workers is sorted by.
    public enum Sort: String, CaseIterable, Sendable {
        /// By slot.
        case slot
        /// The busiest first.
        case rate
        /// The one that has handled its request for longest first.
        case age
        /// The one with most connections first.
        case connections
        /// The one with most memory first.
        case memory

        /// The next one, around.
        public var next: Sort {
            let all = Sort.allCases
            return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
        }
    }

    /// The order of the workers.
    public var sort = Sort.slot
    /// Whether the screen stands still.
    public var isPaused = false

    private let database: String
    private var trees: [LogTreeStatus] = []
    /// Of the look before: by start of the tree, slot and generation.
    private var before: [Life: Counters] = [:]
    private var rates: [Life: Counters] = [:]
    private var lastNs: Int64 = 0

    private struct Life: Hashable {
        let createdUs: Int64
        let slot: Int
        let generation: UInt64
    }

    /// Counters at a moment, or what they grew by a second.
    private struct Counters {
        var requests: Double
        var bytes: Double
    }

    /// A screen about a database.
    public init(database: String) {
        self.database = database
    }

    /// Takes in a look at every tree that has the log open.
    public mutating func take(_ trees: [LogTreeStatus]) {
        self.trees = trees
        let now = trees.map(\.takenNs).max() ?? 0
        let seconds = Double(now - lastNs) / 1e9
        var counters: [Life: Counters] = [:]
        rates = [:]
        for tree in trees {
            for slot in tree.slots {
                let life = Life(createdUs: tree.createdUs, slot: slot.slot, generation: slot.generation)
                let present = Counters(requests: Double(slot.requests), bytes: Double(slot.bytesOut))
                counters[life] = present
                // Of a worker that was not there before all is new; at the first look nothing is known.
                guard lastNs > 0, seconds > 0 else { continue }
                let past = before[life] ?? Counters(requests: 0, bytes: 0)
                rates[life] = Counters(
                    requests: max(0, present.requests - past.requests) / seconds,
                    bytes: max(0, present.bytes - past.bytes) / seconds)
            }
        }
        before = counters
        lastNs = now
    }

    /// The lines of the screen, at most as many as it has; none is wider than it, escape sequences aside.
    public func lines(_ size: TerminalSize, isColoured: Bool, nowUs: Int64) -> [String] {
        let style = OutputStyle(columns: size.columns, isColoured: isColoured)
        var lines = [title(nowUs: nowUs), totals, ""]
        let workers = Self.lines(of: workerPanel(nowUs: nowUs), style)
        let requests = Self.lines(of: requestPanel, style)
        // The title, the totals, two empty lines and the keys; requests may have what the workers leave, and at least
        // a third.
        let room = max(0, size.rows - 5)
        let forWorkers = min(workers.count, max(room - requests.count, room * 2 / 3))
        lines += workers.prefix(forWorkers)
        if workers.isEmpty { lines.append("No server has this log open.") }
        lines.append("")
        lines += requests.prefix(max(0, size.rows - lines.count - 1))
        while lines.count < size.rows - 1 { lines.append("") }
        lines = Array(lines.prefix(max(0, size.rows - 1)))
        lines.append(keys)
        return lines.map { Self.clipped($0, to: size.columns) }
    }

    // MARK: Parts

    private func title(nowUs: Int64) -> String {
        let uptime = trees.filter { !$0.isDead }.map(\.createdUs).min().map { nowUs - $0 }
        let state =
            trees.isEmpty
            ? "no server" : uptime.map { "up \(NumberText.age(seconds: Double($0) / 1e6))" } ?? "the server is dead"
        return "httpstats top  \(ISOTime.text(us: nowUs))  \(state)  "
            + String(decoding: Escaping.visible(Array(database.utf8)), as: UTF8.self)
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
        let rate = rates.values.reduce(0) { $0 + $1.requests }
        let bytes = rates.values.reduce(0) { $0 + $1.bytes }
        let inFlight = trees.reduce(0) { $0 + $1.requests.count }
        return "\(running) workers  \(NumberText.fixed(rate, decimals: 1)) requests/s  \(NumberText.bytes(bytes))/s  "
            + "\(inFlight) in flight  \(connections) connections  "
            + (lost > 0 ? "\(lost) shed or unlogged  " : "") + "log \(NumberText.bytes(Double(waiting))) behind"
    }

    private var keys: String {
        "q quit  s sort: \(sort.rawValue)  space \(isPaused ? "go on" : "pause")  + faster  - slower"
    }

    private func workerPanel(nowUs: Int64) -> ReportPanel {
        var rows: [(worker: LogSlotStatus, rate: Double, ageNs: Int64, cells: [ReportValue])] = []
        for tree in trees {
            for slot in tree.slots where tree.isDead || slot.state == .assigned || slot.state == .ended {
                let life = Life(createdUs: tree.createdUs, slot: slot.slot, generation: slot.generation)
                let rate = rates[life]?.requests
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
        return ReportPanel("workers", titled: Self.workerColumns, rows: rows.map(\.cells))
    }

    private static let workerColumns = [
        ReportColumn("slot"), ReportColumn("pid"), ReportColumn("state"),
        ReportColumn("requests_per_second", title: "req/s"), ReportColumn("requests"),
        ReportColumn("in_flight", title: "open"), ReportColumn("connections", title: "conns"),
        ReportColumn("bytes_out", title: "sent"), ReportColumn("resident_bytes", title: "memory"),
        ReportColumn("running_ms", title: "running"), ReportColumn("path", title: "request"),
    ]

    /// The oldest first: what hangs stands on top.
    private var requestPanel: ReportPanel {
        let aged = trees.flatMap { tree in
            tree.requests.map { (request: $0, ageNs: tree.ageNs(sinceNs: $0.startMonotonicNs)) }
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

    private static func lines(of panel: ReportPanel, _ style: OutputStyle) -> [String] {
        if panel.rows.isEmpty { return [] }
        var formatter = TableFormatter(style: style)
        formatter.begin(panel, isFollowed: false)
        panel.rows.forEach { formatter.add($0) }
        formatter.end()
        return String(decoding: formatter.takeOutput(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The line up to the width of the screen; escape sequences take no room.
    static func clipped(_ line: String, to columns: Int) -> String {
        var result = String.UnicodeScalarView()
        var width = 0
        var isEscape = false
        for scalar in line.unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if isEscape {
                result.append(scalar)
                // Only sequences of our own are in a line, and each ends with this letter.
                if scalar == "m" { isEscape = false }
            } else if width < columns {
                result.append(scalar)
                width += 1
            }
        }
        return String(result)
    }
}
