// Pages: whole, small, still, and deaf to whatever a request has written into them.
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite struct TrafficPageTests {
    @Test func page_ofAWeek_isOneSmallFile() {
        let html = SampleTraffic.page(SampleTraffic.week()).html
        #expect(html.utf8.count < 200_000, "\(html.utf8.count)")
        for word in ["Requests per minute", "Status classes", "Latency", "Requests by duration", "Paths", "Agents"] {
            #expect(html.contains(word), "\(word)")
        }
        #expect(html.contains("<p><time>2026-03-01 11:39:26 to 2026-03-08 11:39:26</time> UTC</p>"))
        for word in ["<script", "javascript:", " style=", " on", "http:", "https:", "src=", "<link", "@import", "url("]
        {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test func page_isWellFormed_withLinksAndWithout() throws {
        for isLive in [false, true] {
            for traffic in [SampleTraffic.week(hostile: true), SampleTraffic.week(), Traffic()] {
                for part in SampleTraffic.page(traffic, isLive: isLive).parts {
                    // A part is XML but for bare attributes, of which it has none.
                    #expect(XMLCheck.isWellFormed(part.html), "\(part.id)")
                    #expect(part.html.hasPrefix("<section id=\"\(part.id)\">") || part.id == "cost")
                }
            }
        }
    }

    @Test func hostileTexts_stayText_andSmall() throws {
        let html = SampleTraffic.page(SampleTraffic.week(hostile: true), isLive: false).html
        #expect(html.utf8.count < 200_000, "\(html.utf8.count)")
        #expect(html.contains("/&lt;script&gt;alert(1)&lt;/script&gt;") && !html.contains("<script"))
        #expect(html.contains("/\\xE2\\x80\\xAEgnp.exe") && !html.unicodeScalars.contains("\u{202E}"))
        #expect(html.contains("/\\x00\\x1B[2J\\x0A\\x0D\\x09") && html.contains("/\\xFF\\xC3"))
        #expect(html.contains("/&amp;lt;b&amp;gt;") && html.contains("<bdi>/日本語/ü</bdi>"))
        #expect(!html.utf8.contains { $0 < 0x20 && $0 != 0x0A })
        #expect(!html.contains(String(repeating: "\u{301}", count: 5)), "a pile of marks covers the lines above")
        #expect(!html.contains(String(repeating: "&amp;", count: 121)))
    }

    @Test func page_ofOneRequest_showsIt() {
        var traffic = SampleTraffic.week()
        for index in traffic.steps.indices { traffic.steps[index].summary = TrafficSummary() }
        var numbers = SampleNumbers()
        traffic.steps[80].summary.add(&numbers, isBroken: false)
        let parts = SampleTraffic.page(traffic).parts
        #expect(parts.first { $0.id == "rate" }?.html.contains("d=\"M80 160V") == false, "steps of nothing are 0")
        #expect(parts.first { $0.id == "latency" }?.html.contains("M80 ") == true)
        #expect(parts.first { $0.id == "durations" }?.html.contains("class=\"h6\" d=\"M80 ") == true)
    }

    @Test func plots_haveTheirFiguresAsText() throws {
        let parts = SampleTraffic.page(SampleTraffic.week()).parts
        for id in ["rate", "status-classes", "latency", "durations"] {
            let html = try #require(parts.first { $0.id == id }).html
            #expect(html.contains("role=\"img\"") && html.contains("aria-label=\""), "\(id)")
        }
        let figures = try #require(parts.first { $0.id == "figures" }).html
        #expect(figures.components(separatedBy: "<tr>").count == 171, "a head and 169 steps")
        #expect(figures.contains("<th scope=\"row\" class=\"text wide\"><bdi>2026-03-08 11:00</bdi></th>"))
    }

    @Test func livePage_leadsOn() throws {
        let parts = SampleTraffic.page(SampleTraffic.week(hostile: true), isLive: true).parts
        let paths = try #require(parts.first { $0.id == "list-path" }).html
        #expect(paths.contains("href=\"/?last=168h&amp;path=/articles/2026/0/how-to-serve\""), "\(paths)")
        #expect(paths.contains("href=\"/requests?last=168h&amp;path=/articles/2026/0/how-to-serve\""))
        #expect(paths.contains("path=/%3Cscript%3Ealert%281%29%3C/script%3E"))
        let agents = try #require(parts.first { $0.id == "list-status" }).html
        #expect(agents.contains("href=\"/?last=168h&amp;status=none\""))
        let rate = try #require(parts.first { $0.id == "rate" }).html
        #expect(rate.contains("href=\"/?since=2026-03-08T11:00:00Z&amp;until=2026-03-08T12:00:00Z\" tabindex=\"-1\""))
    }

    @Test func foot_tellsWhatIsMissing() {
        var losses = LogLosses()
        let week = TrafficPage.Contents(traffic: SampleTraffic.week(), losses: losses)
        losses.add("The log was full: 7 requests were served without a row")
        for (contents, isTold) in [(week, false), (TrafficPage.Contents(traffic: week.traffic, losses: losses), true)] {
            let page = TrafficPage(
                contents, names: ["a"], address: PageAddress("/"), span: TimeSpan(sinceUs: 1),
                nowUs: SampleTraffic.nowUs, isLive: false)
            #expect(page.html.contains("as the log was full: 7 requests served.") == isTold)
        }
    }

    @Test func waitingPage_comesAgain_andTellsForHowLong() {
        let address = PageAddress("/", [PageAddress.Item("path", "<b>")])
        let page = WaitingPage(address: address, passedSeconds: 3).html
        #expect(page.contains("<meta http-equiv=\"refresh\" content=\"1\">") && page.contains("for 3 s so far"))
        #expect(page.contains("&lt;b&gt;") && !page.contains("<b>") && !page.contains("<script"))
        #expect(WaitingPage(address: address, passedSeconds: nil).html.contains("Other pages"))
    }

    @Test func parts_changeTheirDigestWithTheirText() {
        let week = SampleTraffic.page(SampleTraffic.week()).parts
        var traffic = SampleTraffic.week()
        traffic.lists[.host]?.removeLast()
        let other = SampleTraffic.page(traffic).parts
        let changed = zip(week, other).filter { $0.digest != $1.digest }.map { $0.0.id }
        #expect(changed == ["list-host"])
    }

    @Test(arguments: [(PageStyle.text, PageStyle.hash), (LiveScript.text, LiveScript.hash)])
    func hashes_areThoseOfTheTexts(text: String, hash: String) throws {
        try withTemporaryDirectory { directory in
            try directory.write(text, to: "text")
            let path = directory.appending("text").string
            let digits = try RunningProgram.run("/usr/bin/sha256sum", [path]).standardOutput.prefix(64)
            let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
            #expect(hash == "sha256-" + Data(bytes).base64EncodedString())
        }
    }
}

/// Whether a text is well-formed XML.
private enum XMLCheck {
    static func isWellFormed(_ text: String) -> Bool {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
            if name.isEmpty || tag.contains("<") || tag.count(where: { $0 == "\"" }) % 2 == 1 { return false }
            if tag.hasPrefix("/") {
                guard open.popLast() == name else { return false }
            } else if !tag.hasSuffix("/") && name != "input" {
                open.append(name)
            }
        }
        return open.isEmpty && !rest.contains(">")
    }
}
