// What a reader sees while a page takes its time: that it does, and for how long already. It loads itself again.

/// The page in place of one that is still being made.
public struct WaitingPage {
    /// After how many seconds it loads itself again.
    public static let refreshSeconds = 1

    private let address: PageAddress
    private let passedSeconds: Int?

    /// Makes a page.
    ///
    /// - Parameters:
    ///   - address: What was asked for.
    ///   - passedSeconds: For how long the log has been read; `nil`: others are read before.
    public init(address: PageAddress, passedSeconds: Int?) {
        self.address = address
        self.passedSeconds = passedSeconds
    }

    /// The whole page, in UTF-8.
    public var html: String {
        let state =
            passedSeconds.map { "Reading the log, for \($0) s so far." } ?? "Other pages are being made first."
        var body = "<header>\n<h1>Requests</h1>\n\(PageConditions(address: address, isLive: false).html)</header>\n"
        body += "<main>\n<p role=\"status\">\(state) The page appears here by itself.</p>\n</main>\n"
        return HTMLDocument(title: "Reading the log", body: body, refreshSeconds: Self.refreshSeconds).text
    }
}
