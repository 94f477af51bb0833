// What a CGI script's output becomes: heads, bodies, streams, redirects, and what is no answer.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ScriptAnswerTests {
    @Test func documentsKeepTheirStatusAndFields() throws {
        try ScriptServer.run([
            "cgi-bin/plain": "printf 'Content-Type: text/plain\\n\\nhello'",
            "cgi-bin/status": #"printf 'Status: 404 Not Here\r\nX-One: 1\r\nConnection: close\r\n\r\ngone'"#,
            "cgi-bin/length":
                "printf 'Content-Type: a/b\\nContent-Length: 5\\nSet-Cookie: a\\nSet-Cookie: b\\n\\nhello'",
        ]) { server in
            let client = try server.client()
            let plain = try client.request("GET", "/cgi-bin/plain")
            #expect(plain.status == 200 && plain.reason == "OK" && plain.text == "hello")
            #expect(plain["Content-Type"] == "text/plain" && plain["Transfer-Encoding"] == "chunked")
            #expect(plain["Server"]?.hasPrefix("SimpleHTTP/") == true && plain["Date"] != nil)
            let status = try client.request("GET", "/cgi-bin/status")
            #expect(status.status == 404 && status.reason == "Not Here" && status.text == "gone")
            #expect(status["X-One"] == "1" && status["Connection"] == nil && status["Status"] == nil)
            let length = try client.request("POST", "/cgi-bin/length", headers: ["Content-Length: 0"])
            #expect(length["Content-Length"] == "5" && length["Transfer-Encoding"] == nil && length.text == "hello")
            #expect(length.headers.filter { $0.name == "Set-Cookie" }.map(\.value) == ["a", "b"])
            try server.logged.waitForRequests(3)
            #expect(server.logged.requests.map(\.status) == [200, 404, 200])
            #expect(server.logged.requests.allSatisfy { $0.outcome == .ok && $0.isKept && !$0.hasErrors })
            #expect(server.logged.errors.isEmpty)
        }
    }

    @Test func nothingOfABodyReachesThoseWhoMustNotHaveIt() throws {
        try ScriptServer.run([
            "cgi-bin/plain": "printf 'Content-Type: text/plain\\n\\nhello'",
            "cgi-bin/none": "printf 'Status: 204 None\\n\\nhello'",
            "cgi-bin/same": "printf 'Status: 304 Same\\n\\nhello'",
        ]) { server in
            let client = try server.client()
            #expect(try client.request("HEAD", "/cgi-bin/plain").status == 200)
            #expect(try client.request("GET", "/cgi-bin/none").status == 204)
            #expect(try client.request("GET", "/cgi-bin/same").status == 304)
            #expect(try client.request("GET", "/cgi-bin/plain").text == "hello")
        }
    }

    @Test func olderClientsAndServersEndWithTheConnection() throws {
        final class Old: CGIHTTPRequestHandler {}
        let script = ["cgi-bin/plain": "printf 'Content-Type: text/plain\\n\\nhello'"]
        try ScriptServer.run(script) { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/plain HTTP/1.0\r\n\r\n")
            let answer = try client.receive()
            #expect(answer["Transfer-Encoding"] == nil && answer.text == "hello")
        }
        try ScriptServer.run(script, handler: Old.self) { server in
            let client = try server.client()
            let answer = try client.request("GET", "/cgi-bin/plain")
            #expect(answer["Transfer-Encoding"] == nil && answer.version == "HTTP/1.0" && answer.text == "hello")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func bytesLeaveWhileTheScriptRuns() throws {
        try ScriptServer.run([
            "cgi-bin/slow": """
            printf 'Content-Type: text/plain\\n\\n'; cat ../../first
            echo first; cat ../../second; echo second
            """
        ]) { directory in
            makeFIFO(directory.appending("first").string)
            makeFIFO(directory.appending("second").string)
        } _: { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/slow HTTP/1.1\r\nHost: h\r\n\r\nGET /page.txt HTTP/1.1\r\nHost: h\r\n\r\n")
            try client.waitForText("\r\n\r\n")
            #expect(try server.get("/page.txt").text == "a page", "others are served meanwhile")
            server.release("first")
            try client.waitForText("first\n")
            server.logged.drain()
            #expect(server.logged.requests.map(\.path) == ["/page.txt"])
            server.release("second")
            #expect(try client.receive().text == "first\nsecond\n")
            #expect(try client.receive().text == "a page", "what follows on the connection waits for the script")
        }
    }

    @Test func aHalfClosedClientIsAnswered() throws {
        try ScriptServer.run(["cgi-bin/cat": "printf 'Content-Type: text/plain\\n\\n'; cat ../../go; cat"]) {
            makeFIFO($0.appending("go").string)
        } _: { server in
            let client = try server.client()
            try client.send("POST /cgi-bin/cat HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
            client.shutdownWrite()
            try client.waitForText("\r\n\r\n")
            server.release("go")
            #expect(try client.receive().text == "hello")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func localRedirectsAreFollowedHere() throws {
        try ScriptServer.run([
            "cgi-bin/page": "printf 'Location: /page.txt?a#b\\n\\nignored'",
            "cgi-bin/next": "printf 'Location: /cgi-bin/%%73how/info?q=1\\n\\n'",
            "cgi-bin/show": """
            printf 'Content-Type: text/plain\\n\\n'
            echo "$REQUEST_METHOD $PATH_INFO $QUERY_STRING $CONTENT_LENGTH. $CONTENT_TYPE. $HTTP_X_KEPT"; cat
            """,
            "cgi-bin/round": "printf 'Location: /cgi-bin/round\\n\\n'",
            "cgi-bin/away": "printf 'Location: http://other.example/\\nContent-Type: text/plain\\n\\nthere'",
            "cgi-bin/seen": "printf 'Status: 303 See\\nLocation: /page.txt\\n\\n'",
            "cgi-bin/bad": "printf 'Location: /%%zz\\n\\n'",
        ]) { server in
            let client = try server.client()
            #expect(try client.request("GET", "/cgi-bin/page").text == "a page")
            try client.send(
                "POST /cgi-bin/next HTTP/1.1\r\nHost: h\r\nX-Kept: yes\r\nContent-Type: a/b\r\n"
                    + "Content-Length: 4\r\n\r\nbody"
            )
            #expect(try client.receive().text == "GET /info q=1 . . yes\n")
            #expect(try client.request("HEAD", "/cgi-bin/page")["Content-Length"] == "6")
            let away = try client.request("GET", "/cgi-bin/away")
            #expect(away.status == 302 && away["Location"] == "http://other.example/" && away.text == "there")
            let seen = try client.request("GET", "/cgi-bin/seen")
            #expect(seen.status == 303 && seen.reason == "See" && seen["Location"] == "/page.txt")
            // The log has the targets that were sent, and the pipeline behind a replaced target is intact.
            try client.send("GET /cgi-bin/page HTTP/1.1\r\nHost: h\r\n\r\nGET /page.txt HTTP/1.1\r\nHost: h\r\n\r\n")
            for _ in 0..<2 { #expect(try client.receive().text == "a page") }
            #expect(try client.request("GET", "/cgi-bin/bad").status == 400)
            #expect(try server.get("/cgi-bin/round").status == 500)
            let errors = try server.errors(requests: 9)
            #expect(errors.contains("CGI scripts led on to one another more than 10 times"))
            #expect(server.logged.requests.map(\.path).prefix(2) == ["/cgi-bin/page", "/cgi-bin/next"])
        }
    }

    @Test func nonParsedHeadersPassAsTheyAre() throws {
        try ScriptServer.run([
            "cgi-bin/nph-raw": #"printf 'HTTP/1.1 299 Mine\r\nContent-Length: 2\r\nX: y\r\n\r\nok'"#,
            "cgi-bin/nph-bad": "printf 'Content-Type: text/plain\\n\\nhello'",
        ]) { server in
            let client = try server.client()
            let answer = try client.request("GET", "/cgi-bin/nph-raw")
            #expect(answer.status == 299 && answer.text == "ok" && answer.headers.count == 2)
            #expect(try client.isClosedByServer())
            #expect(try server.get("/cgi-bin/nph-bad").status == 500)
            let errors = try server.errors(requests: 2)
            #expect(server.logged.requests.map(\.status) == [299, 500])
            #expect(errors.contains("the CGI script sent no status line"))
        }
    }

    @Test(arguments: [
        ("exit 0", "premature end of the CGI script's headers"),
        ("printf 'Content-Type: text/plain\\n'", "premature end of the CGI script's headers"),
        ("echo '<html>'", "Bad header line of the CGI script ('<html>')"),
        ("printf 'X: a\\000b\\n\\n'", "Bad character in the head of the CGI script ('X: a')"),
        ("printf 'Status: 100 Continue\\n\\n'", "Bad Status of the CGI script ('100 Continue')"),
        ("printf '\\n\\n'", "The CGI script sent neither Content-Type nor Location nor Status"),
        ("head -c 70000 /dev/zero | tr '\\0' x", "Head of the CGI script too long"),
    ])
    func whatIsNoAnswerIsA500(_ script: String, _ message: String) throws {
        try ScriptServer.run(["cgi-bin/bad": script]) { server in
            let answer = try server.get("/cgi-bin/bad")
            #expect(answer.status == 500 && answer.text.contains("Message: Internal Server Error."))
            let errors = try server.errors(requests: 1)
            #expect(errors.contains(message), "\(errors)")
            #expect(server.logged.requests[0].outcome == .ok && server.logged.requests[0].hasErrors)
        }
    }

    @Test func bodiesThatDifferFromTheirLengthAreCutOrEndTheConnection() throws {
        try ScriptServer.run([
            "cgi-bin/more": "printf 'Content-Type: a/b\\nContent-Length: 3\\n\\nhello'",
            "cgi-bin/less": "printf 'Content-Type: a/b\\nContent-Length: 9\\n\\nhello'",
        ]) { server in
            let client = try server.client()
            #expect(try client.request("GET", "/cgi-bin/more").text == "hel")
            #expect(throws: HTTPClientError.self) { try client.request("GET", "/cgi-bin/less") }
            let errors = try server.errors(requests: 2)
            #expect(errors.contains("response body cut: 2 bytes beyond Content-Length"))
            #expect(errors.contains("response body too short: 4 bytes less than Content-Length"))
            #expect(server.logged.requests.map(\.outcome) == [.ok, .aborted])
        }
    }

    @Test func aScriptThatIsKilledLeavesNoAnswerThatLooksWhole() throws {
        try ScriptServer.run([
            "cgi-bin/killed": "printf 'Content-Type: text/plain\\n\\nhalf of it'; kill -KILL $$",
            "cgi-bin/silent": "kill -KILL $$",
        ]) { server in
            #expect(throws: HTTPClientError.self) { try server.get("/cgi-bin/killed") }
            #expect(try server.get("/cgi-bin/silent").status == 500)
            let errors = try server.errors(requests: 2) { $0.count >= 4 }
            #expect(errors.contains("CGI script exit code -9 (SIGKILL)"), "\(errors)")
            #expect(server.logged.requests.map(\.outcome) == [.aborted, .ok])
        }
    }

    @Test func tenMegabytesPassInBothDirections() throws {
        try ScriptServer.run(["cgi-bin/cat": "printf 'Content-Type: text/plain\\n\\n'; exec cat"]) { server in
            let body = Probe.pattern(0, 10_000_000)
            let client = try server.client()
            try client.send("POST /cgi-bin/cat HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n")
            try client.send(body)
            #expect(try client.receive().body == body)
            try client.send("POST /cgi-bin/cat HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in stride(from: 0, to: body.count, by: 1_000_000) {
                try client.send("F4240\r\n")
                try client.send(Array(body[start..<start + 1_000_000]))
                try client.send("\r\n")
            }
            try client.send("0\r\n\r\n")
            #expect(try client.receive().body == body)
        }
    }
}
