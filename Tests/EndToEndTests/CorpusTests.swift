// The corpus of messages over real sockets: what follows a refused request never runs, what follows another runs once.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct CorpusTests {
        /// A request that would be seen in the log.
        private static func request(_ path: String, close: Bool = false) -> [UInt8] {
            Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\(close ? "Connection: close\r\n" : "")\r\n".utf8)
        }

        @Test func nothingBehindARefusedRequestRuns() throws {
            let cases = CorpusCase.invalid.filter(\.options.isEmpty)
            try #require(cases.count > 300)
            try withDaemon { daemon, _ in
                for message in cases {
                    let client = try daemon.connect()
                    try client.send(message.bytes + Self.request("/smuggled"))
                    let answer = try client.receive()
                    let words = message.expected.split(separator: " ")
                    #expect(answer.status == Int(words[1]), "\(message.name)")
                    #expect(answer["Connection"] == "close", "\(message.name)")
                    #expect(try client.isClosedByServer(), "\(message.name)")
                }
                try daemon.stop()
                let paths = "SELECT count(*) FROM requests WHERE path IN ('/smuggled', '/hidden')"
                #expect(try daemon.count(paths) == 0)
                #expect(try daemon.count("SELECT count(*) FROM requests") == cases.count)
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE status < 400") == 0)
            }
        }

        @Test func whatFollowsAnAcceptedRequestRunsOnce() throws {
            // What follows the message in its file would stand before the request that is counted.
            let cases = CorpusCase.valid.filter { $0.options.isEmpty && !$0.expected.contains("\nrest ") }
            try #require(cases.count > 100)
            try withFixture { daemon, _ in
                var expected: [String] = []
                for (number, message) in cases.enumerated() {
                    let client = try daemon.connect()
                    try client.send(message.bytes + Self.request("/behind-\(number)", close: true))
                    let answer = try client.receive(answersHead: message.expected.hasPrefix("request HEAD "))
                    let isRefused = message.facts.contains("unsupported-expectation")
                    let isTunnel = message.expected.hasPrefix("request CONNECT ")
                    #expect(answer.status == (isRefused ? 417 : isTunnel ? 501 : 200), "\(message.name)")
                    if message.facts.contains("keep-alive"), !isRefused, !isTunnel {
                        expected.append("/behind-\(number)")
                        let next = try client.receive()
                        #expect(next.status == 200 && next.text == "well", "\(message.name)")
                    }
                    #expect(try client.isClosedByServer(), "\(message.name)")
                }
                let rows = "SELECT count(*) FROM requests"
                let count = cases.count + expected.count
                #expect(eventually { (try? daemon.query(rows)) == [["\(count)"]] })
                let ran = try daemon.query("SELECT path FROM requests WHERE path LIKE '/behind-%'")
                #expect(ran.map { $0[0] }.sorted() == expected.sorted())
                let hosts = "SELECT host FROM requests WHERE host = 'b'"
                // One target says b, the Host field beside it a.
                #expect(try daemon.query(hosts) == [["b"]])
                let hidden = "SELECT count(*) FROM requests WHERE path = '/hidden'"
                #expect(try daemon.query(hidden) == [["0"]])
            }
        }

        @Test("an error in a pipeline: what is before it is answered in order, what is behind it never runs")
        func errorsInAPipeline() throws {
            let cases = CorpusCase.invalid.filter(\.options.isEmpty)
            try withFixture { daemon, _ in
                for message in cases {
                    let client = try daemon.connect()
                    let before =
                        Self.request("/first") + Array("POST /second HTTP/1.1\r\nHost: x\r\n".utf8)
                        + Array("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".utf8)
                    try client.send(before + message.bytes + Self.request("/smuggled"))
                    #expect(try client.receive().status == 200, "\(message.name)")
                    #expect(try client.receive().status == 200, "\(message.name)")
                    let words = message.expected.split(separator: " ")
                    #expect(try client.receive().status == Int(words[1]), "\(message.name)")
                    #expect(try client.isClosedByServer(), "\(message.name)")
                }
                let rows = "SELECT count(*) FROM requests"
                #expect(eventually { (try? daemon.query(rows)) == [["\(cases.count * 3)"]] })
                let counts = "SELECT path, count(*) FROM requests WHERE status = 200 GROUP BY path ORDER BY path"
                #expect(
                    try daemon.query(counts) == [
                        ["/first", "\(cases.count)"], ["/second", "\(cases.count)"],
                    ])
            }
        }
    }
}
