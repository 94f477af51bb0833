// User-Agent fields as programs send them, and what they are taken for.
import LogStore
import Testing

@Suite struct AgentProfileTests {
    @Test(arguments: [
        ("", AgentClass.unknown, ""), ("-", .unknown, ""), ("Mozilla/5.0", .unknown, "Mozilla"),
        ("MyApp/1.0", .unknown, "MyApp"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", .browser, "Firefox"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
                + "Safari/537.36", .browser, "Chrome"
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
                + "Safari/537.36 Edg/140.0.0.0", .browser, "Edge"
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "Version/18.5 Mobile/15E148 Safari/604.1", .browser, "Safari"
        ),
        ("Mozilla/5.0 (Linux; Android 11; CUBOT) Chrome/90.0 Safari/537.36", .browser, "Chrome"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            .aiCrawler, "GPTBot"
        ),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            .aiCrawler, "ClaudeBot"
        ),
        // A crawler that the table does not know, behind the name of a browser.
        ("Mozilla/5.0 (compatible; ExampleSpider/1.0) Chrome/140.0 Safari/537.36", .crawler, "ExampleSpider"),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", .aiCrawler, "CCBot"),
        ("Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)", .aiCrawler, "Bytespider"),
        (
            "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)", .aiCrawler,
            "meta-externalagent"
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", .crawler, "Googlebot"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
                + "+http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", .crawler, "Bingbot"
        ),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", .crawler, "facebookexternalhit"),
        ("Mozilla/5.0 (compatible; NeverHeardOfBot/0.1; Chrome/99)", .crawler, "NeverHeardOfBot"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", .monitor, "UptimeRobot"),
        ("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", .monitor, "Pingdom"),
        ("kube-probe/1.29", .monitor, "Kubernetes probe"),
        ("check_http/v2.3.3 (nagios-plugins 2.3.3)", .monitor, "Nagios"),
        ("Feedly/1.0 (+https://feedly.com/f/crawler; 12 subscribers)", .feedReader, "Feedly"),
        ("curl/8.5.0", .tool, "curl"), ("python-requests/2.32.3", .tool, "python-requests"),
        ("Go-http-client/1.1", .tool, "Go-http-client"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36", .tool,
            "Headless Chrome"
        ),
    ])
    func agent_isTakenForWhatItSays(_ agent: String, _ agentClass: AgentClass, _ family: String) {
        let profile = AgentProfile(agent: Array(agent.utf8))
        #expect(profile.agentClass == agentClass)
        #expect(profile.family == family)
    }

    @Test func hostileAgent_hasABoundedFamily() {
        let long = AgentProfile(agent: Array((String(repeating: "x", count: 300) + "bot").utf8))
        #expect(long.agentClass == .unknown && long.family.isEmpty)
        #expect(AgentProfile(agent: [0xff, 0x1b, 0x5b]).family.utf8.allSatisfy { $0 >= 0x20 })
        #expect(AgentProfile(agent: Array(String(repeating: "curl ", count: 100_000).utf8)).family == "curl")
    }
}
