// Lines of other servers are read as those servers write them, and refused when they are something else.
import LogLines
import Testing

struct LogLineParserTests {
    /// 2026-03-01T12:00:00Z.
    static let noonUs: Int64 = 1_772_366_400_000_000

    @Test func combined_hasItsParts() throws {
        let line = #"2001:db8::1 - John Doe [01/Mar/2026:13:00:00 +0100] "GET /a%20b?c=d HTTP/1.1" 304 - "-" "curl/8""#
        let found = try parse("combined", line)
        #expect(found.request.completedUs == Self.noonUs)
        #expect(found.request.status == 304 && found.request.bytesOut == 0 && found.request.protocolNumber == 11)
        #expect(found["client"] == "2001:db8::1" && found["method"] == "GET" && found["path"] == "/a%20b")
        #expect(found["query"] == "c=d" && found["referer"] == "" && found["agent"] == "curl/8")
        #expect(found.request.durationUs == nil && found.request.outcome == 0)
    }

    @Test(arguments: [
        (#"a\x22b"#, "a\"b"), (#"a\"b\\c"#, "a\"b\\c"), (#"\n\t\r\b\v\f"#, "\n\t\r\u{8}\u{B}\u{C}"), (#"\u00e4"#, "ä"),
        (#"\ud83d\ude00"#, "😀"), (#"\q\x4"#, #"\q\x4"#), (#"\ud83d"#, #"\ud83d"#), (#"\\x41"#, #"\x41"#),
    ])
    func escapes_areUndone(written: String, meant: String) throws {
        let line = #"::1 - - [01/Mar/2026:12:00:00 +0000] "GET /\#(written)?q HTTP/1.1" 200 1 "-" "\#(written)""#
        let found = try parse("combined", line)
        #expect(found["agent"] == meant)
        #expect(found["path"] == "/" + meant && found["query"] == "q")
    }

    @Test func apacheFormat_isUnderstood() throws {
        let format = #"%{X-Forwarded-For}i %a %{c}a %v:%p "%m %U%q %H" %!200,304>s %{%FT%T%z}t %D %^FB %I %O %X %{ms}T"#
        let line =
            #"- 10.0.0.1 10.0.0.9 www.example.com:4 "PUT /x?y HTTP/2" 201 2026-03-01T12:00:00+0000 1500 700 90 10 X 9"#
        let found = try parse(format, line)
        #expect(found.request.durationUs == 9_000 && found.request.ttfbUs == 700)
        #expect(found.request.completedUs == Self.noonUs + 9_000, "Apache's time is that of the beginning")
        #expect(found.request.bytesIn == 90 && found.request.bytesOut == 10 && found.request.outcome == 1)
        #expect(found.request.protocolNumber == 20 && found["host"] == "www.example.com" && found["path"] == "/x")
        let directive = try parse(#"LogFormat "%h \"%r\" %{usec}t" timed"#, #"h "GET / HTTP/1.0" 1772366400000001"#)
        #expect(directive.request.completedUs == Self.noonUs + 1 && directive.request.protocolNumber == 10)
    }

    @Test func nginxFormat_isUnderstood() throws {
        let format = """
            log_format timed escape=default '$remote_addr - ${remote_user} [$time_local] "$request" $status '
                '$body_bytes_sent $request_time "$upstream_response_time" $request_completion.';
            """
        let line = #"10.0.0.1 - - [01/Mar/2026:12:00:02 +0000] "GET /" 499 0 1.250 "0.1, 0.2" ."#
        let found = try parse(format, line)
        #expect(found.request.completedUs == Self.noonUs + 2_000_000, "nginx's time is that of the end")
        #expect(found.request.durationUs == 1_250_000 && found.request.outcome == 1)
        #expect(found.request.protocolNumber == 9 && found["path"] == "/")
        let precise = try parse("$msec $request_uri", "1772366400.123 /a?b")
        #expect(precise.request.completedUs == Self.noonUs + 123_000 && precise["query"] == "b")
    }

    @Test func caddy_isUnderstood() throws {
        let line = """
            {"level":"info","ts":1772366400.25,"logger":"http.log.access.log0","msg":"handled request",\
            "request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"10.0.0.9","proto":"HTTP/2.0",\
            "method":"GET","host":"localhost","uri":"/a?b","headers":{"User-Agent":["curl/\\"8","second"],\
            "status":["7"],"request.uri":["/forged"],"X":[]}},"bytes_read":12,"user_id":"","duration":0.000929675,\
            "size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}
            """
        let found = try parse("caddy", line)
        #expect(found.request.completedUs == Self.noonUs + 250_000 && found.request.durationUs == 929)
        #expect(found.request.status == 200 && found.request.bytesOut == 10_900 && found.request.bytesIn == 12)
        #expect(found["client"] == "10.0.0.9" && found["path"] == "/a" && found["agent"] == "curl/\"8")
    }

    @Test func traefik_isUnderstood() throws {
        let line = """
            {"ClientAddr":"10.0.0.1:34034","ClientHost":"10.0.0.1","DownstreamContentSize":12,"DownstreamStatus":404,\
            "Duration":1500000,"RequestHost":"h","RequestMethod":"GET","RequestPath":"/x?q=1",\
            "RequestProtocol":"HTTP/1.1","StartUTC":"2026-03-01T12:00:00.5Z","time":"2026-03-01T12:00:09Z"}
            """
        let found = try parse("traefik", line)
        #expect(found.request.completedUs == Self.noonUs + 501_500 && found.request.durationUs == 1_500)
        #expect(found.request.status == 404 && found["host"] == "h" && found["query"] == "q=1")
    }

    @Test(arguments: [
        ("combined", ""), ("combined", "hello"), ("common", #"::1 - - [32/Mar/2026:12:00:00 +0000] "GET /" 200 1"#),
        ("common", #"::1 - - [01/Mar/2026:25:00:00 +0000] "GET /" 200 1"#),
        ("common", #"::1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 200 1x"#),
        ("common", #"::1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 99999999999999999999 1"#),
        ("combined", #"::1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 200 1 "-" "cut off"#),
        ("combined", #"::1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 200 1 "-" "cut off\""#),
        ("combined", "::1 - - [01/Mar/2026:12:00:00 +0000\0\0] \"GET /\" 200 1 \"-\" \"\""),
        ("json", "{}"), ("json", "[1]"), ("json", #"{"ts":1,"a"}"#), ("json", #"{"ts":1} x"#), ("json", #"{"ts":"#),
        ("json", #"{"":{"ts":1}}"#), ("vhost-combined", #"h:x ::1 - - [01/Mar/2026:12:00:00 +0000] "-" 200 1 "-" "-""#),
        ("json", #"{"ts":1,"status":"x"}"#), ("json", String(repeating: #"{"a":"#, count: 100_000)),
        ("json", String(repeating: "[", count: 100_000)),
    ])
    func otherLines_areRefused(format: String, line: String) throws {
        var parser = LogLineParser(try LogFormat(format))
        let bytes = Array(line.utf8)
        let fault = unsafe parser.parse(bytes.span.bytes)
        #expect(fault != nil, "\(line.prefix(80))")
    }

    @Test(arguments: [
        ("%h %r", "no time"), ("%h%t%r%u", "nothing stands before"), ("%t %Z", "no directive"), ("%t %{x", "brace"),
        ("$time_local $", "name of a variable"), ("%{%s.%N}t", "times are understood"), ("%t %", "at the end"),
        ("log_format x '$time_local", "whole quoted text"), ("%t %q", "behind %U"),
    ])
    func badFormats_areNamed(format: String, reason: String) {
        #expect {
            try LogFormat(format)
        } throws: { error in
            "\(error)".contains(reason)
        }
    }

    @Test(arguments: [
        (#"h:80 ::1 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x""#, "vhost-combined"),
        (#"::1 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x""#, "combined"),
        (#"::1 - J. Doe Sr. [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x""#, "combined"),
        (#"::1 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x" 17 "router""#, "combined"),
        (#"::1 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1"#, "common"),
        (#"{"ts":1772366400.25,"status":200}"#, "json"), ("Mar 1 12:00:00 host program: text", nil as String?),
    ])
    func guess_findsTheFormat(line: String, name: String?) {
        let lines = [Array(line.utf8), Array("a bad line".utf8), Array(line.utf8), []]
        #expect(LogFormat.guess(lines)?.description == name)
    }

    /// What a line says, for expectations.
    struct Found {
        let request: LoggedRequest
        let texts: [String: String]

        subscript(_ name: String) -> String { texts[name] ?? "" }
    }

    private func parse(_ format: String, _ line: String) throws -> Found {
        var parser = LogLineParser(try LogFormat(format))
        let bytes = Array(line.utf8)
        let fault = unsafe parser.parse(bytes.span.bytes)
        try #require(fault == nil, "\(fault.map(\.description) ?? "")")
        let request = parser.request
        let places = [
            "client": request.client, "host": request.host, "method": request.method, "path": request.path,
            "query": request.query, "referer": request.referer, "agent": request.agent,
        ]
        let done = parser
        return Found(request: request, texts: places.mapValues { Self.text(done, $0, bytes) })
    }

    private static func text(_ parser: LogLineParser, _ place: TextPlace, _ line: [UInt8]) -> String {
        unsafe parser.text(place, of: line.span.bytes).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
