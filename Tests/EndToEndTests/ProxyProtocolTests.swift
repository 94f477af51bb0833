// The PROXY protocol from peers that are trusted, and from those that are not.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ProxyProtocolTests {
        static let request = "GET /?n=1 HTTP/1.1\r\nHost: h\r\n\r\n"

        @Test func trustedPeer_tellsOfTheClient() throws {
            try withDaemon(["--proxy-protocol", "10.0.0.0/8,127.0.0.0/8", "--cgi"]) {
                try $0.installScript(
                    "#!/bin/sh\necho 'Content-Type: text/plain'\necho\necho $REMOTE_ADDR $REMOTE_PORT\n",
                    at: "site/cgi-bin/client")
            } _: { daemon, _ in
                let client = try daemon.connect()
                try client.send("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n")
                #expect(try client.request("GET", "/").status == 200)
                #expect(try client.request("GET", "/cgi-bin/client").text == "192.0.2.7 4711\n")
                let second = try daemon.connect()
                try second.send(
                    binary(family: 0x21, Array(repeating: 0, count: 15) + [9] + Array(repeating: 1, count: 20)))
                #expect(try second.request("GET", "/cgi-bin/client").text == "::9 257\n")
                // The proxy looks whether the server lives: as itself, or without a word.
                let third = try daemon.connect()
                try third.send(binary(command: 0x20, family: 0, []))
                #expect(try third.request("GET", "/").status == 200)
                let silent = try daemon.connect()
                silent.shutdownWrite()
                #expect(try silent.isClosedByServer())
                try daemon.stop()
                let rows = try daemon.query("SELECT client, status, count(*) FROM requests GROUP BY 1, 2 ORDER BY 1")
                #expect(rows == [["127.0.0.1", "200", "1"], ["192.0.2.7", "200", "2"], ["::9", "200", "1"]])
                #expect(try daemon.count("SELECT count(*) FROM errors") == 0)
            }
        }

        @Test func headerCutAnywhere_isReadBeforeTheRequest() throws {
            let headers = [
                Array("PROXY TCP6 2001:db8::5 ::1 4711 80\r\n".utf8),
                binary(family: 0x11, [192, 0, 2, 9, 127, 0, 0, 1, 0, 1, 0, 2, 4, 0, 1, 0]),
            ]
            try withDaemon(["--proxy-protocol", "127.0.0.1"]) { daemon, _ in
                var count = 0
                for header in headers {
                    for cut in 1...(header.count + 1) {
                        let bytes = header + Self.request.utf8
                        let client = try daemon.connect()
                        try client.send(Array(bytes[..<cut]))
                        try client.send(Array(bytes[cut...]))
                        #expect(try client.receive().status == 200, "cut at \(cut)")
                        count += 1
                    }
                }
                try daemon.stop()
                let rows = try daemon.query("SELECT client, count(*) FROM requests GROUP BY client ORDER BY client")
                let (one, other) = (headers[1].count + 1, headers[0].count + 1)
                #expect(rows == [["192.0.2.9", "\(one)"], ["2001:db8::5", "\(other)"]] && count == one + other)
            }
        }

        @Test func trustedPeerWithoutHeader_isClosedAndToldOf() throws {
            try withDaemon(["--proxy-protocol", "127.0.0.1"]) { daemon, _ in
                for text in [Self.request, "PROXY TCP4 nonsense\r\n", "PROXY TC"] {
                    let client = try daemon.connect()
                    try client.send(text)
                    if text.hasSuffix("TC") { client.shutdownWrite() }
                    #expect(try client.receiveUntilClosed() == [], "\(text)")
                }
                #expect(daemon.eventuallyCounts(3, "SELECT count(*) FROM errors"))
                try daemon.stop()
                let messages = try daemon.query("SELECT message FROM errors ORDER BY id")
                    .map { $0[0].replacing("\"", with: "") }
                let start = "no header of the PROXY protocol from a peer that must send one: "
                #expect(
                    messages.sorted()
                        == ["it begins otherwise", "it is cut", "its line is malformed"].map { start + $0 })
                #expect(try daemon.count("SELECT count(*) FROM requests") == 0)
            }
        }

        @Test func untrustedPeer_isNotBelieved() throws {
            try withDaemon(["--proxy-protocol", "10.0.0.0/8,unix"]) { daemon, _ in
                #expect(try daemon.connect().request("GET", "/").status == 200)
                let liar = try daemon.connect()
                try liar.send("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n" + Self.request)
                #expect(try liar.receive().status == 400)
                let second = try daemon.connect()
                try second.send(binary(family: 0x11, [192, 0, 2, 9, 127, 0, 0, 1, 0, 1, 0, 2]) + Self.request.utf8)
                #expect(try second.receive().status == 400)
                try daemon.stop()
                #expect(try daemon.query("SELECT DISTINCT client FROM requests") == [["127.0.0.1"]])
            }
        }

        @Test func unixPeers_areTrustedByTheirWord() throws {
            try withTemporaryDirectory { directory in
                try directory.write("home", to: "site/index.html")
                let path = directory.appending("web.socket").string
                let daemon = try Daemon(in: directory, ["-b", "unix:\(path)", "--proxy-protocol", "unix"])
                let client = try HTTPClient(port: 0, address: .unix(path))
                try client.send("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n")
                #expect(try client.request("GET", "/").status == 200)
                let other = try HTTPClient(port: 0, address: .unix(path))
                try other.send(binary(family: 0x31, [UInt8](repeating: 65, count: 216)))
                #expect(try other.request("GET", "/").status == 200)
                #expect(try daemon.connect().request("GET", "/").status == 200, "TCP without a header")
                try daemon.stop()
                let clients = try daemon.query("SELECT client FROM requests ORDER BY client")
                #expect(clients == [["127.0.0.1"], ["192.0.2.7"], ["unix:"]])
            }
        }

        @Test(.needs("curl")) func curl_sendsAHeader() throws {
            try withDaemon(["--proxy-protocol", "127.0.0.1"]) { daemon, _ in
                let finished = try RunningProgram.run(
                    InstalledProgram.path(of: "curl"),
                    ["-qsS", "--max-time", "20", "--haproxy-protocol", "http://127.0.0.1:\(daemon.port)/"])
                #expect(finished.standardOutput.contains("<title>home</title>"), "\(finished)")
            }
        }

        @Test func badPeer_isOneClearLine() throws {
            let finished = try RunningProgram.run("basehttpd", ["--proxy-protocol", "10.0.0.0/33", "--log-db", "none"])
            #expect(finished.end == .exited(status: 64) && finished.standardError.contains("proxy-protocol must be"))
        }

        private func binary(command: UInt8 = 0x21, family: UInt8, _ rest: [UInt8]) -> [UInt8] {
            [13, 10, 13, 10, 0, 13, 10] + "QUIT\n".utf8 + [command, family, 0, UInt8(rest.count)] + rest
        }
    }
}
