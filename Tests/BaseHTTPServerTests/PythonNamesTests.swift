// Every name of Python's BaseHTTPServer page does what the page says.
import AccessLog
import Foundation
import HTTPMessage
import HTTPTypes
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct PythonNamesTests {
    @Test func everyMethodHasItsFunction() throws {
        final class All: Probe {
            private func answer(_ name: String) throws {
                try sendResponse(200)
                try sendHeader("X-Ran", "\(name) \(command)")
                try endHeaders()
            }
            override func do_GET() throws { try answer("do_GET") }
            override func do_HEAD() throws { try answer("do_HEAD") }
            override func do_POST() throws { try answer("do_POST") }
            override func do_PUT() throws { try answer("do_PUT") }
            override func do_DELETE() throws { try answer("do_DELETE") }
            override func do_PATCH() throws { try answer("do_PATCH") }
            override func do_OPTIONS() throws { try answer("do_OPTIONS") }
            override func do_TRACE() throws { try answer("do_TRACE") }
            override func perform(_ command: String) throws {
                if command == "SPAM" { try answer("do_SPAM") } else { try super.perform(command) }
            }
        }
        try RunningServer.run(All.self) { server in
            let client = try server.client()
            for name in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "SPAM"] {
                #expect(try client.request(name, "/")["X-Ran"] == "do_\(name) \(name)")
            }
            #expect(try client.request("get", "/").status == 501, "case matters")
        }
    }

    @Test func methodsWithoutAFunctionAreUnsupported() throws {
        final class Bare: BaseHTTPRequestHandler {
            override func logMessage(_ message: String) {}
        }
        try RunningServer.run(Bare.self) { server in
            for name in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "SPAM", "X'"] {
                let answer = try server.client().request(name, "/")
                #expect(answer.status == 501 && answer.version == "HTTP/1.0")
                #expect(answer.reason == "Unsupported method (\(name == "X'" ? "\"X'\"" : "'\(name)'"))")
            }
            let connect = try server.client()
            try connect.send("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n")
            #expect(try connect.receive().status == 501)
        }
    }

    @Test func instanceVariablesTellTheRequest() throws {
        final class Telling: Probe {
            override func do_POST() throws {
                try sendResponse(200)
                try endHeaders()
                let headers = headers.map { "\($0.name.rawName)=\($0.value)" }.joined(separator: "&")
                path += "!"
                try wfile.write(
                    [
                        clientAddress.host, "\(clientAddress.port > 0)", command, path, requestVersion, requestLine,
                        header("x-ONE") ?? "-", header("X-Two") ?? "-", headers, "\(rfile.remaining)",
                        "\(server.serverPort > 0)", server.serverName,
                    ].joined(separator: "\n"))
            }
        }
        try RunningServer.run(Telling.self) { server in
            let client = try server.client()
            try client.send(
                "POST /a%20b?c=d HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 3\r\n\r\nxyz")
            #expect(
                try client.receive().text.split(separator: "\n").map(String.init) == [
                    "127.0.0.1", "true", "POST", "/a%20b?c=d!", "HTTP/1.1", "POST /a%20b?c=d HTTP/1.1", "1", "-",
                    "Host=h&X-One=1&x-one=2&Content-Length=3", "3", "true", "127.0.0.1",
                ])
        }
    }

    @Test func classVariablesShapeTheAnswer() throws {
        final class Shaped: Probe {
            override class var serverVersion: String { "Mine/2" }
            override class var sysVersion: String { "" }
            override class var errorMessageFormat: String { "%(code)d|%(message)s|%(explain)s|%%|%(x)s|100%" }
            override class var errorContentType: String { "text/plain" }
            override class var responses: [Int: (phrase: String, explanation: String)] {
                [404: ("Gone fishing", "Why <")]
            }
            override func do_GET() throws { try sendError(path == "/other" ? 499 : 404) }
        }
        try RunningServer.run(Shaped.self) { server in
            let answer = try server.client().request("GET", "/")
            #expect(answer.reason == "Gone fishing" && answer["Server"] == "Mine/2")
            #expect(answer["Content-Type"] == "text/plain")
            #expect(answer.text == "404|Gone fishing|Why &lt;|%|%(x)s|100%")
            #expect(try server.client().request("GET", "/other").text.hasPrefix("499|???|???"))
        }
    }

    @Test func responsesGiveThePhrases() throws {
        final class Phrased: Probe {
            override class var responses: [Int: (phrase: String, explanation: String)] {
                [200: ("Fine", ""), 599: ("", "")]
            }
        }
        try RunningServer.run(Phrased.self) { server in
            let client = try server.client()
            let reasons = try [200, 200, 404, 599].map { try client.request("GET", "/status?\($0)").reason }
            #expect(reasons == ["Fine", "Fine", "", ""])
        }
    }

    @Test func headsAreISO88591() throws {
        final class Latin: Probe {
            override func do_GET() throws {
                #expect(throws: ResponseError.invalidReasonPhrase) { try sendResponse(200, "日") }
                try sendResponse(200, "\u{c0}\u{ff}")
                #expect(throws: ResponseError.invalidField(name: "X-Far")) { try sendHeader("X-Far", "日") }
                try sendHeader("X-Back", header("X-Sent") ?? "")
                try sendHeader("Connection", "close")
                try endHeaders()
            }
        }
        try RunningServer.run(Latin.self) { server in
            let client = try server.client()
            let sent: [UInt8] = [0xe9, 0x20, 0xff, 0x80]
            try client.send([UInt8]("GET / HTTP/1.1\r\nHost: h\r\nX-Sent: ".utf8) + sent + [13, 10, 13, 10])
            let answer = try client.receiveToEnd()
            #expect(answer.starts(with: [UInt8]("HTTP/1.1 200 ".utf8) + [0xc0, 0xff, 13, 10]))
            #expect(answer.firstRange(of: [UInt8]("X-Back: ".utf8) + sent + [13, 10]) != nil)
        }
    }

    @Test func slashesAtTheStartOfAPathAreOne() throws {
        final class Telling: Probe {
            override func do_GET() throws {
                try sendResponse(200)
                try endHeaders()
                try wfile.write("\(path) \(requestLine)")
            }
        }
        try RunningServer.run(Telling.self) { server in
            let client = try server.client()
            for (target, path) in [("/", "/"), ("//", "/"), ("///h//x", "/h//x"), ("/a//", "/a//")] {
                #expect(try client.request("GET", target).text == "\(path) GET \(target) HTTP/1.1")
            }
        }
    }

    @Test func finishRequestMakesTheHandler() throws {
        final class Counting: Probe {
            var place = 0
            override func do_GET() throws {
                try sendResponse(200)
                try endHeaders()
                try wfile.write("\(place)")
            }
        }
        final class CountingServer: ObservedServer {
            private var count = 0
            override func finishRequest(_ request: Connection) throws -> BaseHTTPRequestHandler {
                count += 1
                let handler = Counting(request, clientAddress: request.clientAddress, server: self)
                handler.place = count
                return handler
            }
        }
        try RunningServer.run({ try CountingServer(host: "127.0.0.1", port: 0, handler: Probe.self) }) {
            (server: RunningServer) throws in
            #expect(try server.client().request("GET", "/").text == "1")
            #expect(try server.client().request("GET", "/").text == "2")
        }
    }

    @Test func errorsAreEscapedAndSafeInTheStatusLine() throws {
        final class Failing: Probe {
            override func do_GET() throws {
                try sendError(404, "<script>\r\nX-Evil: 1\0\u{7f}", explain: "a<b & \"c\"")
            }
        }
        try LoggedServer.run(Failing.self) { logged in
            let answer = try logged.server.client().request("GET", "/")
            #expect(answer.reason == "<script>  X-Evil: 1  ")
            #expect(answer["X-Evil"] == nil && answer["Connection"] == "close")
            #expect(answer["Content-Type"] == "text/html;charset=utf-8")
            #expect(answer.text.contains("&lt;script&gt;") && !answer.text.contains("<script>"))
            #expect(answer.text.contains("a&lt;b &amp; \"c\""))
            try logged.waitForRequests(1)
            #expect(
                logged.errors.map(\.message) == ["code 404, message <script>\r\nX-Evil: 1\0\u{7f}"], "data as it came")
        }
    }

    @Test func datesAndVersions() throws {
        final class Dated: Probe {
            override func do_GET() throws {
                try sendResponse(200)
                try endHeaders()
                let dates = [784_111_777.9, -1, 0, .infinity, -.infinity, .nan].map { dateTimeString($0) }
                try wfile.write(
                    ([versionString(), logDateTimeString(), addressString()] + dates).joined(separator: "\n"))
            }
        }
        try RunningServer.run(Dated.self) { server in
            let answer = try server.client().request("GET", "/")
            let lines = answer.text.split(separator: "\n")
            #expect(lines[0] == "BaseHTTP/1.0 Swift/6" && answer["Server"] == "BaseHTTP/1.0 Swift/6")
            #expect(lines[1].wholeMatch(of: #/\d\d/[A-Z][a-z][a-z]/\d{4} \d\d:\d\d:\d\d/#) != nil)
            #expect(lines[2] == "127.0.0.1")
            #expect(lines[3] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(lines[4] == "Wed, 31 Dec 1969 23:59:59 GMT")
            #expect(lines[6] == "Fri, 31 Dec 9999 23:59:59 GMT" && lines.count == 9)
            let date = try #require(answer["Date"])
            let bytes = Array(date.utf8)
            let seconds = HTTPDate.parse(bytes.rawBytes) ?? 0
            #expect(abs(seconds - Clock.realtimeUs() / 1_000_000) < 60)
        }
    }

    @Test func responsesHoldTheCodes() {
        let responses = BaseHTTPRequestHandler.responses
        #expect(responses[404]?.phrase == "Not Found" && responses[404]?.explanation.isEmpty == false)
        #expect(responses[200]?.phrase == "OK" && responses[306] == nil && responses.count > 50)
        #expect(BaseHTTPRequestHandler.protocolVersion == "HTTP/1.0")
        #expect(BaseHTTPRequestHandler.defaultRequestVersion == "HTTP/0.9")
        #expect(BaseHTTPRequestHandler.messageClass == HTTPFields.self)
    }

    @Test func logFunctionsMayBeOverridden() throws {
        final class Quiet: Probe {
            override func logRequest(_ code: Int?, size: Int?) { observer?.note("request \(code ?? 0)") }
            override func logError(_ message: String) { observer?.note("error \(message)") }
        }
        try LoggedServer.run(Quiet.self) { logged in
            let client = try logged.server.client()
            #expect(try client.request("GET", "/hello").status == 200)
            #expect(try client.request("SPAM", "/").status == 501)
            try logged.waitForRequests(2)
            #expect(logged.requests.map(\.status) == [200, 501], "the rows come all the same")
            #expect(logged.errors.isEmpty)
            #expect(
                logged.server.observer.notes.filter { $0.hasPrefix("request") || $0.hasPrefix("error") } == [
                    "request 200", "error code 501, message Unsupported method ('SPAM')", "request 501",
                ])
        }
    }

    @Test func messagesBecomeRows() throws {
        final class Speaking: BaseHTTPRequestHandler {
            override func do_GET() throws {
                logMessage("spoken\u{1b}")
                logRequest(70_000)
                try sendResponseOnly(200)
                try endHeaders()
            }
        }
        try LoggedServer.run(Speaking.self) { logged in
            #expect(try logged.server.client().request("GET", "/").status == 200)
            try logged.waitForRequests(1)
            let message = try #require(logged.rows.first { $0.kind == .message })
            #expect(message.message == "spoken\u{1b}" && message.requestID == logged.requests[0].requestID)
            #expect(logged.requests[0].status == 65_535 && !logged.requests[0].hasErrors)
        }
    }

    @Test func linesOnStandardErrorAreThoseOfPython() throws {
        final class Plain: BaseHTTPRequestHandler {
            override func do_GET() throws {
                logMessage("marked é \u{1b}[31m\r\n\u{9b}\\")
                try sendResponse(200)
                try endHeaders()
            }
        }
        let text = try withTemporaryDirectory { directory in
            let path = try directory.write("", to: "stderr").string
            try withStandardError(into: path) {
                try RunningServer.run(Plain.self) { server in
                    _ = try server.client().request("GET", "/marked?a\"b")
                    _ = try server.client().request("SPAM", "/marked-2")
                }
            }
            return try String(contentsOfFile: path, encoding: .utf8)
        }
        let lines = text.split(separator: "\n").filter { $0.contains("marked") || $0.contains("SPAM") }
        let head = #/127\.0\.0\.1 - - \[\d\d/[A-Z][a-z][a-z]/\d{4} \d\d:\d\d:\d\d\] /#
        #expect(lines.allSatisfy { $0.prefixMatch(of: head) != nil })
        #expect(
            lines.map { String($0.replacing(head, with: "")) } == [
                #"marked é \x1b[31m\x0d\x0a\x9b\\"#, #""GET /marked?a"b HTTP/1.1" 200 -"#,
                "code 501, message Unsupported method ('SPAM')", #""SPAM /marked-2 HTTP/1.1" 501 -"#,
            ])
    }
}
