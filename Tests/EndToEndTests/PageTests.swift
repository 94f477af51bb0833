// The pages: a file that needs nothing, and a server that lets in whom it should and asks the log sparingly.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

/// `httpstats serve` on a free port.
final class PageServer {
    let program: RunningProgram
    let port: UInt16

    init(_ daemon: Daemon, _ options: [String] = []) throws {
        program = try RunningProgram("httpstats", ["serve", "--db", daemon.database.string, "0"] + options)
        port = try program.waitForLine(Daemon.port)
    }

    func connect() throws -> HTTPClient {
        try HTTPClient(port: port)
    }

    /// A page; of one that is still being made the one in its place is not what is meant.
    func page(_ target: String, headers: [String] = []) throws -> HTTPAnswer {
        let visitor = try connect()
        var answer = try visitor.request("GET", target, headers: headers)
        _ = try eventually {
            if answer.status == 202 { answer = try visitor.request("GET", target, headers: headers) }
            return answer.status != 202
        }
        return answer
    }
}

extension DaemonTests {
    @Suite struct PageTests {
        @Test func html_isOneFile() throws {
            try withDaemon { daemon, _ in
                let client = try daemon.connect()
                for _ in 0..<5 { _ = try client.request("GET", "/") }
                _ = try client.request("GET", "/&/b")
                #expect(daemon.eventuallyCounts(6, "SELECT count(*) FROM requests"))
                let file = try RunningProgram.run("httpstats", ["html", "--db", daemon.database.string])
                #expect(file.end == .exited(status: 0), "\(file.standardError)")
                let html = file.standardOutput
                #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n") && html.utf8.count < 200_000)
                #expect(html.contains("<dt>requests</dt><dd>6</dd>") && html.contains("<bdi>/&amp;/b</bdi>"))
                let filtered = try RunningProgram.run(
                    "httpstats", ["html", "--db", daemon.database.string, "--status", "404"]
                ).standardOutput
                #expect(filtered.contains("<dt>requests</dt><dd>1</dd>"))
                #expect(filtered.contains("<code><bdi>status</bdi>=<bdi>404</bdi></code>"))
            }
        }

        @Test func server_leadsFromFiguresToRequests() throws {
            try withDaemon { daemon, _ in
                for (method, target) in [("GET", "/"), ("GET", "/missing"), ("POST", "/")] {
                    _ = try daemon.connect().request(method, target)
                }
                #expect(daemon.eventuallyCounts(3, "SELECT count(*) FROM requests"))
                let server = try PageServer(daemon)
                let visitor = try server.connect()
                let page = try server.page("/?last=1h")
                #expect(page.status == 200 && page["Content-Type"] == "text/html; charset=utf-8")
                #expect(page["Referrer-Policy"] == "no-referrer" && page["Cache-Control"] == "no-store")
                #expect(page["Access-Control-Allow-Origin"] == nil)
                #expect(page["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
                #expect(page.text.contains("href=\"/requests?last=1h&amp;path=/missing\">1</a>"))
                let list = try server.page("/requests?last=1h&status=501")
                let link = try #require(list.text.firstMatch(of: /"(\/request\/\d+)"/)?.1)
                #expect(list.text.matches(of: /\/request\//).count == 1)
                let request = try server.page(String(link))
                #expect(request.text.contains("<dt>method</dt><dd><bdi>POST</bdi></dd>"))
                #expect(request.text.contains("Unsupported method"), "its message")
                #expect(try visitor.request("HEAD", "/").body.isEmpty)
                for (target, status) in [
                    ("/nothing", 404), ("/request/1", 404), ("/request/x", 404), ("/?last=x", 400), ("/?no=1", 400),
                    ("/?where=nothing%3D1", 400), ("/?where=1;DELETE+FROM+access", 400),
                    ("/?" + String(repeating: "path=/a&", count: 65), 400),
                ] { #expect(try server.page(target).status == status, "\(target)") }
                #expect(try visitor.request("POST", "/").status == 405)
                try visitor.send("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
                #expect(try visitor.receive().status == 421)
                #expect(server.program.standardError.isEmpty, "\(server.program.standardError)")
                server.program.killAll()
            }
        }

        @Test func token_isWantedOfOthers_andKeptToItself() throws {
            try withDaemon { daemon, directory in
                let refused = try RunningProgram.run(
                    "httpstats", ["serve", "--db", daemon.database.string, "0", "--bind", ""])
                #expect(refused.end == .exited(status: 2) && refused.standardError.contains("--token-file"))
                let short = try RunningProgram.run(
                    "httpstats", ["serve", "--db", daemon.database.string, "0", "--token", "short"])
                #expect(short.end == .exited(status: 2) && short.standardError.contains("16"))
                let token = "correct-horse-battery-staple"
                try directory.write(token + "\n", to: "token")
                let server = try PageServer(daemon, ["--token-file", directory.appending("token").string])
                let visitor = try server.connect()
                #expect(try visitor.request("GET", "/").status == 401)
                #expect(try visitor.request("GET", "/events").status == 401)
                #expect(try visitor.request("GET", "/?token=correct-horse-battery-staplf").status == 401)
                let welcome = try visitor.request("GET", "/?last=1h&token=\(token)")
                #expect(welcome.status == 303 && welcome["Location"] == "/?last=1h")
                let cookie = try #require(welcome["Set-Cookie"])
                #expect(cookie.hasSuffix("; HttpOnly; SameSite=Strict; Path=/") && !cookie.contains(token))
                let field = "Cookie: " + cookie.prefix { $0 != ";" }
                let page = try server.page("/?last=1h", headers: [field])
                #expect(page.status == 200 && !page.text.contains(token))
                #expect(try server.page("/", headers: ["Authorization: Bearer \(token)"]).status == 200)
                #expect(!(server.program.standardError + server.program.standardOutput).contains("battery"))
                server.program.killAll()
            }
        }

        @Test func slowPage_holdsNoOtherUp() throws {
            try withDaemon { daemon, _ in
                for _ in 0..<40 { _ = try daemon.connect().request("GET", "/") }
                #expect(daemon.eventuallyCounts(40, "SELECT count(*) FROM requests"))
                let server = try PageServer(daemon, ["--timeout", "60"])
                let visitor = try server.connect()
                // Many megabytes for each row.
                let slow = "/?where=length(replace(hex(zeroblob(3000000%2Bstatus)),'0','ab'))>0"
                let waiting = try visitor.request("GET", slow)
                #expect(waiting.status == 202 && waiting["Retry-After"] == "1")
                #expect(waiting.text.contains("http-equiv=\"refresh\"") && waiting.text.contains("so far"))
                #expect(try server.page("/?path=/").status == 200)
                #expect(try visitor.request("GET", slow).status == 202, "the quick one came first")
                #expect(try server.page(slow).text.contains(">40</a>"))
                server.program.killAll()
            }
        }

        @Test func requestThatCrashed_showsItsFrames() throws {
            try withFixture { daemon, _ in
                _ = try daemon.connect().request("GET", "/trap/index")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM crashes WHERE frames <> ''"))
                let server = try PageServer(daemon)
                let list = try server.page("/requests?outcome=crashed")
                let link = try #require(list.text.firstMatch(of: /"(\/request\/\d+)"/)?.1)
                let page = try server.page(String(link)).text
                #expect(page.contains("<h2>Crash</h2>") && page.contains("<h2>Worker</h2>"))
                #expect(page.contains("<dt>client got</dt><dd><bdi>error</bdi></dd>") && page.contains("do_GET"))
                server.program.killAll()
            }
        }

        @Test func events_bringWhatChanged() throws {
            try withDaemon { daemon, _ in
                _ = try daemon.connect().request("GET", "/")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let server = try PageServer(daemon)
                let visitor = try server.connect()
                let target = "/events?last=15m"
                var first = try visitor.request("GET", target)
                #expect(first["Content-Type"] == "text/event-stream; charset=utf-8")
                // A page that takes its time has nothing new to tell meanwhile.
                _ = try eventually {
                    if !first.text.contains("\nid: ") { first = try visitor.request("GET", target) }
                    return first.text.contains("\nid: ")
                }
                let id = try #require(first.text.firstMatch(of: /\nid: ([^\n]+)\n/)?.1)
                #expect(first.text.contains("id=\"list-path\"") && first.text.contains("id=\"list-host\""))
                _ = try daemon.connect().request("GET", "/missing")
                var later = first
                // An answer that took long is kept four times as long.
                let came = try eventually {
                    later = try visitor.request("GET", target, headers: ["Last-Event-ID: \(id)"])
                    return later.text.contains("/missing")
                }
                #expect(came && later.text.hasPrefix("retry: 1000\nid: "))
                #expect(later.text.contains("id=\"list-not_found\"") && !later.text.contains("id=\"panel-none\""))
                server.program.killAll()
            }
        }
    }

    @Suite(.needs("chromium", "python3"), .timeLimit(.minutes(3))) struct PageBrowserTests {
        @Test func file_isReadWithoutScripts_andAsksForNothing() throws {
            try withDaemon { daemon, directory in
                _ = try daemon.connect().request("GET", "/%3Cscript%3Edocument.title=1%3C/script%3E")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let html = try RunningProgram.run("httpstats", ["html", "--db", daemon.database.string]).standardOutput
                try directory.write(html, to: "report.html")
                let path = directory.appending("report.html").string
                let browser = try DrivenBrowser(
                    in: directory, "file://\(path)",
                    expectations: [
                        "document.readyState === 'complete' && document.querySelectorAll('svg.plot').length === 4",
                        "getComputedStyle(document.querySelector('path.rate')).fill !== 'rgb(0, 0, 0)'",
                        "document.scripts.length === 0 && document.title.startsWith('Requests')",
                        "document.documentElement.scrollWidth <= innerWidth",
                    ])
                let (complaints, addresses) = try browser.end()
                #expect(complaints.isEmpty, "\(complaints)")
                #expect(addresses == ["file://\(path)"])
            }
        }

        @Test func livePage_keepsItselfFresh() throws {
            try withDaemon { daemon, directory in
                _ = try daemon.connect().request("GET", "/")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let server = try PageServer(daemon)
                let url = "http://127.0.0.1:\(server.port)/?last=1h"
                let count = "document.querySelector('#facts dd').textContent"
                let browser = try DrivenBrowser(
                    in: directory, url,
                    expectations: [
                        "document.querySelector('.live').textContent.startsWith('Live') && \(count) === '1'",
                        "document.querySelector('#figures details').open = true",
                        "\(count) === '3' && document.querySelector('#list-path').textContent.includes('/missing')",
                        "document.querySelector('#figures details').open",
                        "document.querySelector('.live button').click() || true",
                        "document.querySelector('.live').textContent.startsWith('Paused')",
                    ])
                try browser.wait(for: 1)
                for _ in 0..<2 { _ = try daemon.connect().request("GET", "/missing") }
                let (complaints, addresses) = try browser.end()
                #expect(complaints.isEmpty, "\(complaints)")
                #expect(addresses.first == url && addresses.count >= 3)
                let events = "http://127.0.0.1:\(server.port)/events?last=1h"
                #expect(
                    addresses.dropFirst().allSatisfy { $0 == events || $0.hasSuffix("/favicon.ico") }, "\(addresses)")
                server.program.killAll()
            }
        }
    }
}
