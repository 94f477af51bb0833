// What a browser meets: pages, listings, redirects, ranges of connections, and nothing outside the directory.
import LinuxSyscalls
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct FileServingTests {
        @Test func servesTheIndexPageAndKnowsWhatIsUnchanged() throws {
            try withDaemon { daemon, _ in
                let client = try daemon.connect()
                let page = try client.request("GET", "/")
                #expect(page.status == 200 && page.text.contains("<title>home</title>"))
                #expect(page["Content-Type"]?.hasPrefix("text/html") == true)
                let date = try #require(page["Last-Modified"])
                let again = try client.request("GET", "/index.html", headers: ["If-Modified-Since: \(date)"])
                #expect(again.status == 304 && again.body.isEmpty)
                let older = ["If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT"]
                #expect(try client.request("GET", "/", headers: older).status == 200)
                let head = try client.request("HEAD", "/")
                #expect(head.status == 200 && head["Content-Length"] == "\(page.body.count)")
            }
        }

        @Test func sendsErrorPages() throws {
            try withDaemon { daemon, _ in
                for (method, target, status) in [
                    ("GET", "/missing?a=b", 404), ("HEAD", "/missing", 404), ("BREW", "/", 501), ("POST", "/", 501),
                ] {
                    let client = try daemon.connect()
                    let answer = try client.request(method, target)
                    #expect(answer.status == status, "\(method) \(target)")
                    #expect(method == "HEAD" || answer.text.contains("Error code: \(status)"), "\(method) \(target)")
                    // As in Python, an error ends the connection, and says so.
                    #expect(try answer["Connection"] == "close" && client.isClosedByServer())
                }
            }
        }

        @Test func listsDirectoriesAndRedirectsToThem() throws {
            try withDaemon {
                try $0.write("x", to: "site/dir/a & <b>.txt")
                try $0.write("x", to: "site/dir/sub/c.txt")
            } _: { daemon, _ in
                let client = try daemon.connect()
                let redirect = try client.request("GET", "/dir?x=1")
                #expect(redirect.status == 301 && redirect["Location"]?.hasSuffix("/dir/?x=1") == true)
                let listing = try client.request("GET", "/dir/")
                #expect(listing.status == 200 && listing.text.contains("a &amp; &lt;b&gt;.txt"))
                #expect(listing.text.contains("a%20%26%20%3Cb%3E.txt") && listing.text.contains("sub/"))
                #expect(try client.request("GET", "/dir/a%20%26%20%3Cb%3E.txt").text == "x")
            }
        }

        @Test func answersAPipelineInOrder() throws {
            try withDaemon {
                for number in 0..<100 { try $0.write("\(number)", to: "site/\(number).txt") }
            } _: { daemon, _ in
                let client = try daemon.connect()
                try client.send((0..<100).map { "GET /\($0).txt HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                for number in 0..<100 { #expect(try client.receive().text == "\(number)") }
            }
        }

        @Test func sendsABigFileWhole() throws {
            let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try withDaemon {
                try $0.write(bytes, to: "site/big.bin")
            } _: { daemon, _ in
                let client = try daemon.connect()
                for _ in 0..<2 { #expect(try client.request("GET", "/big.bin").body == bytes) }
                #expect(try daemon.connect().request("GET", "/").status == 200)
            }
        }

        @Test func waitsForASlowClientAndAnswersAHalfClosedOne() throws {
            try withDaemon { daemon, _ in
                let slow = try daemon.connect()
                for byte in "GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8 { try slow.send([byte]) }
                let half = try daemon.connect()
                try half.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                half.shutdownWrite()
                #expect(try half.receive().status == 200)
                #expect(try half.isClosedByServer())
                #expect(try slow.receive().status == 200)
            }
        }

        @Test func neverLeavesItsDirectory() throws {
            try withDaemon {
                try $0.write("the secret", to: "secret")
                try $0.write("x", to: "site/dir/file")
                try $0.link("site/out", to: "../secret")
                try $0.link("site/out-dir", to: "..")
                try $0.link("site/inside", to: "dir/file")
            } _: { daemon, _ in
                #expect(try daemon.connect().request("GET", "/inside").text == "x")
                for target in [
                    "/../secret", "/dir/../../secret", "/%2e%2e/secret", "/..%2fsecret", "/dir/%2e%2e/%2e%2e/secret",
                    "/out", "/out-dir/secret", "//../secret", "/dir/..%2f..%2fsecret", "/%2e%2e%2f%2e%2e/etc/passwd",
                    "/index.html%00.png", "/..%5csecret",
                ] {
                    let answer = try daemon.connect().request("GET", target)
                    #expect((400..<500).contains(answer.status), "\(target): \(answer.status)")
                    #expect(!answer.text.contains("the secret") && !answer.text.contains("root:"), "\(target)")
                }
            }
        }

        @Test func neverServesItsDatabase() throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                let daemon = try Daemon(in: directory, database: "site/access.db")
                #expect(try daemon.connect().request("GET", "/").status == 200)
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let names = try directory.names(in: "site").filter { $0 != "index.html" }
                #expect(names.contains("access.db"))
                for name in names + ["./access.db", "%61ccess.db", "access.db-wal", "access.db-shm"] {
                    #expect(try daemon.connect().request("GET", "/\(name)").status == 404, "\(name)")
                }
                try daemon.stop()
            }
        }
    }
}
