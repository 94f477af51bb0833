// What a CGI script is told: variables, arguments, and nothing that a client could slip in.
import AccessLog
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ScriptEnvironmentTests {
    private static let script = """
        printf 'Content-Type: text/plain\\n\\n'
        tr '\\0' '\\n' < /proc/$$/environ; for word; do echo "argument=$word"; done
        """

    private func environment(_ server: ScriptServer, _ request: String) throws -> [String: String] {
        let client = try server.client()
        try client.send(request)
        let lines = try client.receive().text.split(separator: "\n")
        #expect(Set(lines.map { $0.prefix { $0 != "=" } }).count == lines.count, "a name comes once")
        return Dictionary(
            lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test func variablesOfARequest() throws {
        try ScriptServer.run(["cgi-bin/env": Self.script]) { server in
            let request = """
                POST /cgi-bin/env/a%20b?x=1&y=%20 HTTP/1.1\r
                Host: Example.COM:81\r
                User-Agent: test\r
                Content-Type: text/x\r
                Transfer-Encoding: chunked\r
                Connection: keep-alive\r
                Cookie: a=1\r
                Cookie: b=2\r
                X-Two: 1\r
                x-two: 2\r
                \r
                3\r
                abc\r
                0\r
                \r

                """
            let variables = try environment(server, request)
            let tree = server.directory.appending("tree").string
            let expected = [
                "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "POST",
                "SERVER_SOFTWARE": "SimpleHTTP/1.0 Swift/6", "SERVER_NAME": "Example.COM",
                "SERVER_PORT": "\(server.logged.server.port)", "SERVER_ADDR": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1",
                "REMOTE_HOST": "127.0.0.1", "REQUEST_URI": "/cgi-bin/env/a%20b?x=1&y=%20",
                "QUERY_STRING": "x=1&y=%20", "SCRIPT_NAME": "/cgi-bin/env", "SCRIPT_FILENAME": tree + "/cgi-bin/env",
                "PATH_INFO": "/a b", "PATH_TRANSLATED": tree + "/a b", "DOCUMENT_ROOT": tree, "CONTENT_LENGTH": "3",
                "CONTENT_TYPE": "text/x", "HTTP_HOST": "Example.COM:81", "HTTP_USER_AGENT": "test",
                "HTTP_COOKIE": "a=1; b=2", "HTTP_X_TWO": "1, 2",
            ]
            for (name, value) in expected { #expect(variables[name] == value, "\(name)") }
            #expect(variables["REMOTE_PORT"].flatMap { Int($0) } ?? 0 > 0)
            #expect(variables["PATH"] == CurrentProcess.environment("PATH"))
            try server.logged.waitForRequests(1)
            let id = String(server.logged.requests[0].requestID, radix: 16)
            #expect(variables["REQUEST_ID"]?.count == 16 && variables["REQUEST_ID"]?.hasSuffix(id) == true)
            let known = Set(expected.keys).union(["REMOTE_PORT", "REQUEST_ID"])
            let others = variables.keys.filter { $0.hasPrefix("HTTP_") || $0.hasPrefix("REMOTE_") }
            #expect(Set(others).isSubset(of: known), "\(others)")
        }
    }

    @Test func theSimplestRequestSetsNothingItDoesNotSay() throws {
        try ScriptServer.run(["cgi-bin/env": Self.script]) { server in
            let variables = try environment(server, "GET http://[::1]:99/cgi-bin/env HTTP/1.1\r\nHost: other\r\n\r\n")
            #expect(variables["QUERY_STRING"] == "" && variables["PATH_INFO"] == "")
            #expect(variables["HTTP_HOST"] == "[::1]:99" && variables["SERVER_NAME"] == "[::1]")
            for name in ["CONTENT_LENGTH", "CONTENT_TYPE", "PATH_TRANSLATED", "AUTH_TYPE", "REMOTE_USER"] {
                #expect(variables[name] == nil, "\(name)")
            }
            let old = try environment(server, "GET /cgi-bin/env HTTP/1.0\r\n\r\n")
            #expect(old["SERVER_PROTOCOL"] == "HTTP/1.0" && old["SERVER_NAME"] == "test" && old["HTTP_HOST"] == nil)
            let empty = try environment(server, "POST /cgi-bin/env HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
            #expect(empty["CONTENT_LENGTH"] == "0")
        }
    }

    @Test func whatAClientMayNotSay() throws {
        let request = """
            GET /cgi-bin/env?list HTTP/1.1\r
            Host: h\r
            Proxy: http://evil/\r
            X_Forwarded_For: 1.2.3.4\r
            X-Forwarded.For: 1.2.3.4\r
            Authorization: Basic YWRhOnNlY3JldA==\r
            Proxy-Authorization: Basic YWRhOnNlY3JldA==\r
            Content-Length: 1\r
            Connection: close\r
            Keep-Alive: timeout=5\r
            TE: trailers\r
            Upgrade: h2c\r
            \r
            x
            """
        try ScriptServer.run(["cgi-bin/env": Self.script]) { server in
            let variables = try environment(server, request)
            #expect(variables.keys.filter { $0.hasPrefix("HTTP_") } == ["HTTP_HOST"])
            #expect(variables["REMOTE_USER"] == nil && variables["AUTH_TYPE"] == nil)
            #expect(variables["argument"] == "list")
        }
        try ScriptServer.run(["cgi-bin/env": Self.script], configure: { $0.cgiPassesCredentials = true }) { server in
            let variables = try environment(server, request)
            #expect(variables["REMOTE_USER"] == "ada" && variables["AUTH_TYPE"] == "Basic")
            #expect(variables["HTTP_AUTHORIZATION"] == "Basic YWRhOnNlY3JldA==")
            #expect(variables["HTTP_PROXY"] == nil && variables["HTTP_PROXY_AUTHORIZATION"] == nil)
            for value in ["Basic YTpiOmM=", "Basic *", "Basic YQ==", "Digest x y"] {
                let odd = try environment(
                    server, "GET /cgi-bin/env HTTP/1.1\r\nHost: h\r\nAuthorization: \(value)\r\n\r\n")
                #expect(odd["REMOTE_USER"] == nil, "\(value)")
            }
        }
    }

    @Test func argumentsAreTheWordsOfAQueryWithoutEquals() {
        func words(_ query: String) -> [String] {
            CGIEnvironment.arguments(query: Array(query.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(words("one+two%21+%2B") == ["one", "two!", "+"] && words("one++two") == ["one", "", "two"])
        for query in ["", "a=b", "a+b=c", "%zz", "a+%", "a%00b", "-s", "a+%2Ds"] {
            #expect(words(query).isEmpty, "\(query)")
        }
        #expect(words("a%3Db") == ["a=b"])
    }
}

@Suite struct ErrorLinesTests {
    private func lines(_ pieces: [String]) -> [String] {
        var lines = ErrorLines()
        var result: [String] = []
        for piece in pieces { lines.take(Array(piece.utf8)) { result.append($0) } }
        lines.end { result.append($0) }
        return result
    }

    @Test func linesComeWholeHoweverTheyArrive() {
        #expect(lines(["a\nb", "c\r\n\n\r\n", "d"]) == ["a", "bc", "d"])
        #expect(lines(Array("a\nbc\r\nd").map(String.init)) == ["a", "bc", "d"])
        #expect(lines([]) == [] && lines(["\n\n"]) == [])
    }

    @Test func longLinesAndMuchOfThemAreCut() {
        let long = String(repeating: "x", count: ErrorLines.lineBytes)
        #expect(lines([long, "\n", long, "x\ny"]) == [long, long + ErrorLines.cutMark, "y"])
        let many = lines(Array(repeating: long + "\n", count: 100))
        #expect(many.count == 62 && many.last == ErrorLines.endMark)
        #expect(lines(Array(repeating: "\n", count: 100_000)) == [])
        #expect(lines(Array(repeating: "z\n", count: 100_000)).count == 1_010)
    }
}
