// Makes the pages of `httpstats serve` from the log, each question once a second at most.
internal import LinuxSyscalls
internal import LogStore

/// Makes pages and keeps them for a moment. It belongs to the event loop; the log is read beside that.
final class PageMaker {
    /// A page as it is sent whole; one that keeps itself fresh has parts.
    struct Page: Sendable {
        let html: String
        var parts: [(html: String, digest: String)] = []
    }

    /// What there is of a page.
    enum State {
        case made(Page)
        /// It takes its time, so far these seconds; `nil`: others come first.
        case open(passedSeconds: Int?)
    }

    private let names: [String]
    private let logs: ReportServer.Logs
    private var cache = AnswerCache<Page>()
    private let questions = OpenQuestions<Page>()

    /// How many requests a list holds.
    private static let requestLimit = 200

    /// For how long the loop waits for a page that it has begun to make. Most are made by then, and their readers see
    /// none in between; everybody else waits as long at most.
    private static let patienceMs = 250

    init(names: [String], logs: @escaping ReportServer.Logs) {
        self.names = names
        self.logs = logs
    }

    /// A page.
    func page(_ address: PageAddress) throws(PageError) -> State {
        let make = try maker(address)
        return try state(address, isWatched: false, make)
    }

    /// What has changed of the overview since an event.
    func events(_ address: PageAddress, lastID: String?) -> String {
        do throws(PageError) {
            let address = address.at("/")
            switch try state(address, isWatched: true, try maker(address)) {
            case .made(let page): return EventText.parts(page.parts, lastID: lastID)
            case .open: return EventText.nothing
            }
        } catch {
            return EventText.failure(error.reason)
        }
    }

    private func state(
        _ address: PageAddress, isWatched: Bool, _ make: @escaping @Sendable () throws -> Page
    ) throws(PageError) -> State {
        let question = address.text
        takeFinished()
        var look = cache.look(question, isWatched: isWatched, nowNs: Clock.monotonicNs())
        if case .due(let old) = look {
            cache.begin(question, isWatched: isWatched, nowNs: Clock.monotonicNs())
            // Who has the page already can wait for the next one elsewhere.
            questions.ask(question, patienceMs: isWatched && old != nil ? 0 : Self.patienceMs, make)
            takeFinished()
            look = cache.look(question, isWatched: isWatched, nowNs: Clock.monotonicNs())
        }
        switch look {
        case .answered(let answer), .open(let answer?, _): return .made(try Self.page(of: answer))
        case .open(nil, let sinceNs?):
            return .open(passedSeconds: Int((Clock.monotonicNs() - sinceNs) / 1_000_000_000))
        case .open(nil, nil), .due: return .open(passedSeconds: nil)
        }
    }

    private func takeFinished() {
        for one in questions.takeFinished() { cache.finish(one.question, one.answer, nowNs: one.timeNs) }
    }

    /// The page, or what is wrong with the question, with the log, or with the time that it takes.
    private static func page(of answer: Result<Page, any Error>) throws(PageError) -> Page {
        do {
            return try answer.get()
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

/// The pages.
extension PageMaker {
    /// What makes the page at an address, on any thread.
    private func maker(_ address: PageAddress) throws(PageError) -> @Sendable () throws -> Page {
        let make: @Sendable (LogFleet) throws -> Page
        switch address.path {
        case "/":
            let names = names
            make = { fleet in
                let page = try fleet.page(address, names: names, nowUs: WallClock.nowUs(), isLive: true)
                return Page(html: page.html, parts: page.parts.map { ($0.html, $0.digest) })
            }
        case "/requests": make = { Page(html: try Self.requests(address, $0)) }
        case let path where path.hasPrefix("/request/"):
            guard let key = Int64(path.dropFirst(9)), key > 0 else { throw Self.noRequest }
            make = { Page(html: try Self.request(key, $0)) }
        default: throw PageError(status: 404, reason: "There is no such page")
        }
        let logs = logs
        return {
            var page: Page?
            try logs { page = try make($0) }
            guard let page else { throw PageError(status: 500, reason: "no log was opened") }
            return page
        }
    }

    /// The newest requests that meet the conditions.
    private static func requests(_ address: PageAddress, _ fleet: LogFleet) throws -> String {
        let selection = try address.selection(nowUs: WallClock.nowUs())
        let (panel, keys) = try fleet.newestRequests(selection, limit: requestLimit)
        return TablePage(
            title: "Requests", panels: [("The newest \(panel.rows.count) requests", panel)], address: address
        ) { _, row, column in
            column == panel.keyColumn ? PageAddress("/request/\(keys[row])") : nil
        }.html
    }

    /// All that is known of a request.
    private static func request(_ key: Int64, _ fleet: LogFleet) throws -> String {
        let panels = try fleet.request(key: key)
        if panels.isEmpty { throw noRequest }
        return TablePage(
            title: "Request", panels: panels.map { ($0.name.prefix(1).uppercased() + $0.name.dropFirst(), $0) },
            address: PageAddress("/")
        ).html
    }

    private static var noRequest: PageError {
        PageError(status: 404, reason: "There is no such request, or not any more")
    }
}
