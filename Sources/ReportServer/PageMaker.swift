// Makes the pages of `httpstats serve` from the log, each question once a second at most.
internal import LinuxSyscalls
internal import LogStore

/// Makes pages and keeps them for a moment.
final class PageMaker {
    /// The overview as it is sent whole, and in parts.
    private struct Overview {
        let html: String
        let parts: [(html: String, digest: String)]
    }

    private let names: [String]
    private let logs: ReportServer.Logs
    private let clock: () -> Int64
    private var overviews = AnswerCache<Overview>()
    private var tables = AnswerCache<String>()

    /// How many requests a list holds.
    private static let requestLimit = 200

    init(
        names: [String], clock: @escaping () -> Int64 = { Clock.monotonicNs() }, logs: @escaping ReportServer.Logs
    ) {
        self.names = names
        self.logs = logs
        self.clock = clock
    }

    /// The page of figures, plots and lists.
    func overview(_ address: PageAddress) throws(PageError) -> String {
        try overview(address, isWatched: false).html
    }

    /// What has changed of it since an event.
    func events(_ address: PageAddress, lastID: String?) -> String {
        do throws(PageError) {
            return EventText.parts(try overview(address, isWatched: true).parts, lastID: lastID)
        } catch {
            return EventText.failure(error.reason)
        }
    }

    /// The newest requests that meet the conditions.
    func requests(_ address: PageAddress) throws(PageError) -> String {
        try table(address) { fleet in
            let selection = try address.selection(nowUs: WallClock.nowUs())
            let (panel, keys) = try fleet.newestRequests(selection, limit: Self.requestLimit)
            return TablePage(
                title: "Requests", panels: [("The newest \(panel.rows.count) requests", panel)], address: address
            ) { _, row, column in
                column == panel.keyColumn ? PageAddress("/request/\(keys[row])") : nil
            }.html
        }
    }

    /// All that is known of a request.
    func request(_ address: PageAddress, id: String) throws(PageError) -> String {
        guard let key = Int64(id), key > 0 else { throw PageError(status: 404, reason: "There is no such request") }
        return try table(address) { fleet in
            let (request, messages) = try fleet.request(key: key)
            if request.rows.isEmpty {
                throw PageError(status: 404, reason: "There is no such request, or not any more")
            }
            return TablePage(
                title: "Request", panels: [("Request", request), ("Messages", messages)], address: PageAddress("/")
            ).html
        }
    }

    private func overview(_ address: PageAddress, isWatched: Bool) throws(PageError) -> Overview {
        try translated {
            try overviews.answer(address.text, isWatched: isWatched, clock: clock) {
                var overview: Overview?
                try logs { fleet in
                    let page = try fleet.page(address, names: names, nowUs: WallClock.nowUs(), isLive: true)
                    overview = Overview(html: page.html, parts: page.parts.map { ($0.html, $0.digest) })
                }
                guard let overview else { throw PageError(status: 500, reason: "no log was opened") }
                return overview
            }
        }
    }

    private func table(_ address: PageAddress, _ make: (LogFleet) throws -> String) throws(PageError) -> String {
        try translated {
            try tables.answer(address.text, isWatched: false, clock: clock) {
                var html = ""
                try logs { html = try make($0) }
                return html
            }
        }
    }

    /// What is wrong with the question, with the log, or with the time that it takes.
    private func translated<T>(_ body: () throws -> T) throws(PageError) -> T {
        do {
            return try body()
        } catch let error as PageError {
            throw error
        } catch let error as LogReadError {
            let status = error.kind == .query ? 400 : error.kind == .timedOut ? 504 : 500
            throw PageError(status: status, reason: error.description)
        } catch {
            // A span or a condition that was not understood.
            throw PageError(status: 400, reason: "\(error)")
        }
    }
}
