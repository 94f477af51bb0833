// Paths that are missing, who leads there, and the paths that exist.

/// What a column with a dictionary holds: the id of a text, or the text itself where the dictionary was full.
enum StoredText: Hashable {
    case none
    case id(Int64)
    case text([UInt8])
}

/// A path that is missing; `Text` is how texts are named: by what a log stores, or by themselves.
struct MissingPath<Text: Hashable> {
    var requests: Int64 = 0
    var clients = DistinctNumbers()
    var newestUs: Int64 = 0
    var referers: [Text: Int64] = [:]

    /// How many referers of a path are told apart.
    static var refererLimit: Int { 200 }

    /// Adds a request.
    ///
    /// - Parameter client: The same number for the same client, in all logs.
    mutating func add(referer: Text?, client: Int64, us: Int64) {
        requests += 1
        clients.add(client)
        newestUs = max(newestUs, us)
        guard let referer, referers.count < Self.refererLimit || referers[referer] != nil else { return }
        referers[referer, default: 0] += 1
    }

    /// Adds what another log says of the path.
    mutating func merge<Other>(_ other: MissingPath<Other>, text: (Other) throws -> Text?) rethrows {
        requests += other.requests
        clients.merge(other.clients)
        newestUs = max(newestUs, other.newestUs)
        for (referer, count) in other.referers {
            if let referer = try text(referer) { referers[referer, default: 0] += count }
        }
    }
}

/// The requests that were answered with 404, by path, and the paths that were answered with content.
struct NotFoundTally<Text: Hashable> {
    /// How many missing and how many existing paths are told apart. Scanners ask for any number of paths; what comes
    /// later is only counted.
    static var pathLimit: Int { 250_000 }

    private(set) var missing: [Text: MissingPath<Text>] = [:]
    private(set) var existing: [Text: Int64] = [:]
    private(set) var requests: Int64 = 0
    /// How many rows were looked at.
    var rows = 0

    /// Adds a request with status 404.
    mutating func add(missing path: Text, referer: Text?, client: Int64, us: Int64) {
        requests += 1
        guard missing.count < Self.pathLimit || missing[path] != nil else { return }
        missing[path, default: MissingPath()].add(referer: referer, client: client, us: us)
    }

    /// Adds a request that was answered with content.
    mutating func add(existing path: Text) {
        if existing.count < Self.pathLimit || existing[path] != nil { existing[path, default: 0] += 1 }
    }

    /// Adds what another log holds, under the texts: of the missing paths the busiest 10,000, of the existing ones as
    /// many as are looked at for redirects.
    mutating func merge<Other>(_ other: NotFoundTally<Other>, text: (Other) throws -> Text?) rethrows {
        requests += other.requests
        rows += other.rows
        let busiest = other.missing.sorted { $0.value.requests > $1.value.requests }.prefix(10_000)
        for (path, one) in busiest {
            guard let path = try text(path) else { continue }
            try missing[path, default: MissingPath()].merge(one, text: text)
        }
        let found = other.existing.sorted { $0.value > $1.value }.prefix(RedirectGuess.candidateLimit)
        for (path, count) in found {
            if let path = try text(path) { existing[path, default: 0] += count }
        }
    }
}

extension NotFoundTally<[UInt8]> {
    /// The panel: each missing path, the most asked for first.
    func panel(limit: Int?) -> ReportPanel {
        let guess = RedirectGuess(
            existing.sorted { $0.value == $1.value ? $0.key.lexicographicallyPrecedes($1.key) : $0.value > $1.value }
                .lazy.map(\.key))
        let sorted = missing.sorted {
            $0.value.requests == $1.value.requests
                ? $0.key.lexicographicallyPrecedes($1.key) : $0.value.requests > $1.value.requests
        }
        let rows = sorted.prefix(limit ?? sorted.count).map { path, one -> [ReportValue] in
            let referer = one.referers.max {
                $0.value == $1.value ? $1.key.lexicographicallyPrecedes($0.key) : $0.value < $1.value
            }
            return [
                .integer(one.requests), .percent(one.requests, of: requests), .integer(one.clients.count),
                .time(us: one.newestUs), .text(path),
                guess.nearest(to: path).map { .text($0) } ?? .null, .integer(Int64(one.referers.count)),
                referer.map { .integer($0.value) } ?? .null, referer.map { .text($0.key) } ?? .null,
            ]
        }
        return ReportPanel(
            "rows",
            columns: [
                "requests", "requests_percent", "clients", "last_seen", "path", "redirect_to", "referers",
                "referer_requests", "referer",
            ], rows: Array(rows), key: "path")
    }
}
