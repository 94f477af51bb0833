// Who gets in: people on this machine, people who know the token, and no page of another site.
import Testing

@testable import ReportServer

@Suite struct AdmissionTests {
    private let open = Admission(token: nil, session: "abcdefghijkl")
    private let closed = Admission(token: "correct-horse-battery", session: "abcdefghijkl")

    private func status(_ verdict: Admission.Verdict) -> Int? {
        if case .refused(let status, _) = verdict { status } else { nil }
    }

    @Test(arguments: [
        "localhost", "localhost:8001", "127.0.0.1:8001", "[::1]:8001", "[::1]", "LOCALHOST", "me.localhost",
    ])
    func namesOfThisMachine_areAdmitted(host: String) {
        #expect(open.verdict(Admission.Visitor(host: host)) == .admitted)
    }

    @Test(arguments: [
        nil, "", "example.org", "127.0.0.1.example.org", "localhost.example.org", "example.org:8001", "::1:x",
    ])
    func otherNames_areRefused_unlessATokenIsWanted(host: String?) {
        #expect(status(open.verdict(Admission.Visitor(host: host))) == 421)
        let visitor = Admission.Visitor(host: host, authorization: "Bearer correct-horse-battery")
        #expect(closed.verdict(visitor) == .admitted)
    }

    @Test(arguments: ["cross-site", "same-site"]) func pagesOfOtherSites_mayLinkHere_butNotLoad(site: String) {
        for mode in [nil, "cors", "no-cors", "websocket"] {
            let visitor = Admission.Visitor(host: "localhost", fetchSite: site, fetchMode: mode)
            #expect(status(open.verdict(visitor)) == 403)
        }
        let visitor = Admission.Visitor(host: "localhost", fetchSite: site, fetchMode: "navigate")
        #expect(open.verdict(visitor) == .admitted)
        #expect(open.verdict(Admission.Visitor(host: "localhost", fetchSite: "same-origin")) == .admitted)
    }

    @Test func token_isWantedOnce_thenTheCookieHolds() {
        #expect(closed.verdict(Admission.Visitor(host: "a", token: "correct-horse-battery")) == .welcomed)
        let cookie = "other=1; \(closed.cookieName)=abcdefghijkl"
        #expect(closed.verdict(Admission.Visitor(host: "a", cookie: cookie)) == .admitted)
        #expect(
            closed.verdict(Admission.Visitor(host: "a", authorization: "bearer correct-horse-battery")) == .admitted)
    }

    @Test(arguments: [
        Admission.Visitor(host: "localhost"), Admission.Visitor(host: "localhost", token: ""),
        Admission.Visitor(host: "localhost", token: "correct-horse-batter"),
        Admission.Visitor(host: "localhost", token: "correct-horse-battery1"),
        Admission.Visitor(host: "localhost", authorization: "Basic correct-horse-battery"),
        Admission.Visitor(host: "localhost", authorization: "Bearer "),
        Admission.Visitor(host: "localhost", cookie: "httpstats-abcdefgh="),
        Admission.Visitor(host: "localhost", cookie: "httpstats-abcdefgh=abcdefghijk"),
        Admission.Visitor(host: "localhost", cookie: "xhttpstats-abcdefgh=abcdefghijkl"),
        Admission.Visitor(host: "localhost", cookie: "httpstats-abcdefgh=correct-horse-battery"),
    ]) func wrongTokens_areRefused(visitor: Admission.Visitor) {
        #expect(status(closed.verdict(visitor)) == 401)
    }

    @Test func comparison_isOfTheWhole() {
        #expect(Admission.isEqual("abc", "abc") && Admission.isEqual("", ""))
        for given in ["", "ab", "abcd", "abd", "ABC"] { #expect(!Admission.isEqual(given, "abc")) }
    }
}
