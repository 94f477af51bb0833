// What the log is not told: parts of addresses, and values of query parameters.
import AccessLog
import HTTPMessage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct PrivacyTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.0"), ("255.255.255.255", "255.255.255.0"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8::1", "2001:db8::"), ("2001:db8:0:1::", "2001:db8::"), ("2001:0:7::1", "2001:0:7::"),
        ("::1", "::"), ("::", "::"), ("fe80::1%eth0", "fe80::"), ("::ffff:192.0.2.7", "::ffff:192.0.2.0"),
        ("1:2:3:4:5:6:7::", "1:2:3::"), ("::2:3:4:5:6:7:8", "0:2:3::"),
        ("", ""), ("unix", "unix"), ("300.1.1.1", "300.1.1.1"), ("1:2:3", "1:2:3"), ("1::2::3", "1::2::3"),
        ("12345::", "12345::"), ("g::", "g::"),
    ])
    func shortIsTheNetwork(host: String, network: String) {
        #expect(ClientText.network(of: host) == network)
    }

    @Test func hashStandsForAnAddressOnADay() {
        var one = ClientText(.hash, key: SipKey(1, 2))
        var same = ClientText(.hash, key: SipKey(1, 2))
        var other = ClientText(.hash, key: SipKey(1, 3))
        let text = one.text(of: "192.0.2.7", unixSeconds: 86_400 * 20_000)
        #expect(text.count == 18 && text.hasPrefix("h-") && text.dropFirst(2).allSatisfy(\.isHexDigit))
        #expect(same.text(of: "192.0.2.7", unixSeconds: 86_400 * 20_001 - 1) == text)
        #expect(other.text(of: "192.0.2.7", unixSeconds: 86_400 * 20_000) != text)
        #expect(one.text(of: "192.0.2.8", unixSeconds: 86_400 * 20_000) != text)
        #expect(one.text(of: "192.0.2.7", unixSeconds: 86_400 * 20_001) != text, "another day, another name")
        #expect(one.text(of: "192.0.2.7", unixSeconds: 86_400 * 20_000) == text)
    }

    /// The vectors of the paper's reference implementation, for the key 00 01 … 0f and the texts 00 01 … of a length.
    @Test(
        arguments: [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
        ] as [(Int, UInt64)])
    func sipHashIsAsPublished(count: Int, hash: UInt64) {
        let key = SipKey(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        #expect(key.hash((0..<UInt8(count)).map { $0 }) == hash)
    }

    @Test(arguments: [
        ("/a?token=abc", "/a?token=***"), ("/a?x=1&token=abc&y=2", "/a?x=1&token=***&y=2"),
        ("/a?token=a&token=b", "/a?token=***&token=***"), ("/a?TOKEN=abc", "/a?TOKEN=***"),
        ("/a?%74oken=abc", "/a?%74oken=***"), ("/a?%54%4Fken=abc", "/a?%54%4Fken=***"),
        ("/a?token=a=b=c", "/a?token=***"), ("/a?token=a;b=c&d=e", "/a?token=***&d=e"),
        ("/a?x=1;token=abc", "/a?x=1;token=***"), ("/a?token=a%26b", "/a?token=***"), ("/a?token=", "/a?token=***"),
        ("/a?my+key=1&my%20key=2", "/a?my+key=***&my%20key=***"), ("/a?b?token=x", "/a?b?token=***"),
        ("https://h/cb?code=1#token=2", "https://h/cb?code=1#token=***"),
        // No value, another name, no query.
        ("/a?token", "/a?token"), ("/a?token&x=1", "/a?token&x=1"), ("/a?tokens=1", "/a?tokens=1"),
        ("/a?xtoken=1", "/a?xtoken=1"), ("/token=1;token=2", "/token=1;token=2"), ("/a?", "/a?"), ("", ""),
        ("/a?%=1&%7=2&%7", "/a?%=1&%7=2&%7"), ("/a?=1&&;=2", "/a?=1&&;=2"),
    ])
    func valuesOfNamedParametersAreHidden(target: String, hidden: String) throws {
        let mask = try #require(QueryMask(["Token", "my key"]))
        #expect(String(decoding: mask.masked(target.utf8.span.octets), as: UTF8.self) == hidden)
    }

    @Test func noValueSurvives_whateverStandsAroundIt() throws {
        let mask = try #require(QueryMask(["token"]))
        var random = SystemRandomNumberGenerator()
        let pieces = ["&", ";", "?", "#", "=", "%", "%74", "+", "a", "token", "/", " ", "'", "x=1", "%3D", "\u{e9}"]
        for _ in 0..<20_000 {
            let before = (0..<Int.random(in: 0..<6, using: &random)).map { _ in pieces.randomElement(using: &random)! }
            let after = (0..<Int.random(in: 0..<6, using: &random)).map { _ in pieces.randomElement(using: &random)! }
            let text = "/p?" + before.joined() + "&token=SECRET" + after.joined()
            let hidden = String(decoding: mask.masked(text.utf8.span.octets), as: UTF8.self)
            #expect(!hidden.contains("SECRET"), "\(text)")
            #expect(String(decoding: mask.masked(hidden.utf8.span.octets), as: UTF8.self) == hidden, "\(text)")
        }
    }

    @Test func theRingHoldsWhatTheLogMayKnow_alsoOfRequestsInFlight() throws {
        try LoggedServer.run(
            Probe.self,
            configure: {
                $0.logMaskedParameters = ["token"]
                $0.logClient = .short
            }
        ) { logged in
            let client = try logged.server.client()
            try client.send(
                "GET /hello?token=SECRET&a=b HTTP/1.1\r\nHost: h\r\nReferer: http://r/?x=1&token=SECRET\r\n\r\n")
            #expect(try client.receive().status == 200)
            // Refused, with its request line in the message of the error.
            try client.send("GET /x?token=SECRET extra HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.receive().status == 400)
            try logged.waitForRequests(2)
            #expect(
                logged.requests[0].query == "token=***&a=b" && logged.requests[0].referer == "http://r/?x=1&token=***")
            #expect(logged.requests.allSatisfy { $0.client == "127.0.0.0" })
            #expect(!logged.errors.isEmpty && logged.errors.allSatisfy { $0.client == "127.0.0.0" })
            #expect(try logged.fileHolds("token=***") && !logged.fileHolds("SECRET"))
        }
    }
}
