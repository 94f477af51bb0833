// curl: what it fetches is what lies on the disk, and the log counts each byte as curl does.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.needs("curl")) struct CurlTests {
        static let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        /// curl asks before it sends a megabyte or more.
        static let interimBytes = "HTTP/1.1 100 Continue\r\n\r\n".utf8.count
        static let page = "<!doctype html><title>home</title>"

        @Test func fetchesManyTargetsOnOneConnection() throws {
            try withDaemon {
                try $0.write(Self.bytes, to: "site/big.bin")
                try $0.write("x", to: "site/dir/a & ü.txt")
                try $0.write([], to: "site/empty")
            } _: { daemon, directory in
                let curl = Curl(daemon, directory)
                try curl(targets: "/", "/big.bin", "/empty", "/dir/a%20%26%20%C3%BC.txt", "/dir/", "/big.bin", "/")
                #expect(curl.transfers.map(\.status) == [200, 200, 200, 200, 200, 200, 200])
                #expect(curl.transfers.map(\.connects) == [1, 0, 0, 0, 0, 0, 0])
                #expect(curl.transfers[0].text == Self.page && curl.transfers[6].text == Self.page)
                #expect(curl.transfers[1].body == Self.bytes && curl.transfers[5].body == Self.bytes)
                #expect(curl.transfers[2].body.isEmpty && curl.transfers[3].text == "x")
                #expect(curl.transfers[4].text.contains("a%20%26%20%C3%BC.txt"))
                #expect(curl.transfers.allSatisfy { $0.version == "1.1" })
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func speaksOlderVersions() throws {
            try withDaemon { daemon, directory in
                let curl = Curl(daemon, directory)
                try curl("--http1.0", targets: "/", "/")
                #expect(
                    curl.transfers.map(\.connects) == [1, 1] && curl.transfers.map(\.text) == [Self.page, Self.page])
                try curl("--http1.0", "--header", "Connection: keep-alive", targets: "/", "/")
                #expect(
                    curl.transfers.map(\.connects) == [1, 0] && curl.transfers.map(\.text) == [Self.page, Self.page])
                // curl takes an answer of HTTP/0.9, and the daemon gives none to those who can read a status line.
                try curl("--http0.9", targets: "/", "/missing")
                #expect(curl.transfers.map(\.status) == [200, 404] && curl.transfers.map(\.version) == ["1.1", "1.1"])
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func sendsHeadsWithoutBodies() throws {
            try withDaemon {
                try $0.write(Self.bytes, to: "site/big.bin")
            } _: { daemon, directory in
                let curl = Curl(daemon, directory)
                try curl("--head", targets: "/big.bin", "/", "/missing", "/")
                #expect(curl.transfers.map(\.status) == [200, 200, 404, 200])
                // A body behind one of these heads would be read as the next answer. An error closes, as in Python.
                #expect(
                    curl.transfers.map(\.connects) == [1, 0, 0, 1] && curl.transfers.allSatisfy { $0.bodyBytes == 0 })
                #expect(curl.transfers[0].text.contains("Content-Length: \(Self.bytes.count)\r\n"))
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func neverLeavesTheDirectory() throws {
            try withDaemon {
                try $0.write("the secret", to: "secret")
                try $0.write("x", to: "site/dir/file")
            } _: { daemon, directory in
                let curl = Curl(daemon, directory)
                let targets = ["/../secret", "/dir/../../secret", "/%2e%2e/secret", "/..%2fsecret", "//../secret"]
                for target in targets {
                    let transfer = try curl("--path-as-is", targets: target)[0]
                    #expect((400..<500).contains(transfer.status) && !transfer.text.contains("the secret"), "\(target)")
                }
                try curl("--path-as-is", targets: "/dir/../dir/file")
                #expect(curl.transfers[0].status == 200 || curl.transfers[0].status == 404)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func asksWhetherAFileHasChanged() throws {
            try withDaemon { daemon, directory in
                let curl = Curl(daemon, directory)
                try curl("--time-cond", directory.appending("site/index.html").string, targets: "/", "/")
                #expect(curl.transfers.map(\.status) == [304, 304] && curl.transfers.map(\.connects) == [1, 0])
                #expect(curl.transfers.allSatisfy { $0.bodyBytes == 0 })
                try curl("--time-cond", "Mon, 01 Jan 2001 00:00:00 GMT", targets: "/")
                #expect(curl.transfers[0].status == 200 && curl.transfers[0].text == Self.page)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func fetchesPartsAndResumes() throws {
            try withDaemon {
                try $0.write(Self.bytes, to: "site/big.bin")
            } _: { daemon, directory in
                let curl = Curl(daemon, directory)
                for (range, expected) in [
                    ("100-199", Self.bytes[100...199]), ("-70", Self.bytes.suffix(70)),
                    ("2999000-", Self.bytes.suffix(1000)),
                ] {
                    let part = try curl("--range", range, targets: "/big.bin", "/big.bin")
                    #expect(part.map(\.status) == [206, 206] && part.map(\.connects) == [1, 0], "\(range)")
                    #expect(part.allSatisfy { $0.body == Array(expected) }, "\(range)")
                }
                try directory.write(Array(Self.bytes.prefix(1_234_567)), to: curl.nextFile)
                try curl("--continue-at", "-", targets: "/big.bin")
                #expect(curl.transfers[0].status == 206 && curl.transfers[0].bodyBytes == Self.bytes.count - 1_234_567)
                #expect(curl.transfers[0].body == Self.bytes)
                try curl("--range", "3000000-", targets: "/big.bin")
                #expect(curl.transfers[0].status == 416)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test(.needs("gzip")) func takesWhatWasCompressedBefore() throws {
            let style = String(repeating: "p { color: #123456 }\n", count: 500)
            try withDaemon {
                let file = try $0.write(style, to: "site/style.css")
                _ = try RunningProgram.run(InstalledProgram.path(of: "gzip"), ["--keep", file.string])
            } _: { daemon, directory in
                let curl = Curl(daemon, directory)
                try curl("--compressed", targets: "/style.css", "/style.css")
                #expect(curl.transfers.map(\.connects) == [1, 0] && curl.transfers.map(\.text) == [style, style])
                #expect(curl.transfers.allSatisfy { $0.bodyBytes < 500 })
                try curl(targets: "/style.css")
                #expect(curl.transfers[0].text == style && curl.transfers[0].bodyBytes == style.utf8.count)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func uploadsByLengthByChunksAndOnExpectation() throws {
            try withFixture { daemon, directory in
                let file = try directory.write(Self.bytes, to: "upload.bin").string
                let curl = Curl(daemon, directory)
                try curl("--data-binary", "a=b", targets: "/form", "/form", uploadsWithHead: true)
                #expect(curl.transfers.map(\.text) == ["a=b", "a=b"] && curl.transfers.map(\.connects) == [1, 0])
                try curl(
                    "--header", "Expect: 100-continue", "--expect100-timeout", "20", "--data-binary", "@\(file)",
                    targets: "/data", "/data", interimBytes: Self.interimBytes)
                #expect(curl.transfers.map(\.status) == [200, 200] && curl.transfers.map(\.connects) == [1, 0])
                #expect(curl.transfers.allSatisfy { $0.body == Self.bytes })
                try curl(
                    "--header", "Transfer-Encoding: chunked", "--data-binary", "@\(file)", targets: "/data",
                    interimBytes: Self.interimBytes)
                #expect(curl.transfers[0].body == Self.bytes)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func readsChunks() throws {
            try withFixture { daemon, directory in
                let file = try directory.write(Self.bytes, to: "upload.bin").string
                let curl = Curl(daemon, directory)
                let interimBytes = Self.interimBytes
                try curl(
                    "--raw", "--upload-file", file, targets: "/put", framingBytes: nil, interimBytes: interimBytes)
                let framingBytes = curl.transfers[0].body.count - Self.bytes.count
                #expect(framingBytes > 0)
                try curl(
                    "--upload-file", file, targets: "/put", framingBytes: framingBytes, interimBytes: interimBytes)
                #expect(curl.transfers[0].body == Self.bytes)
                try curl.expectRowsOfAllTransfers()
            }
        }

        @Test func doesNotSendABodyThatIsRefused() throws {
            try withFixture { daemon, directory in
                let file = try directory.write(Self.bytes, to: "upload.bin").string
                let curl = Curl(daemon, directory)
                try curl(
                    "--header", "Expect: 100-continue", "--expect100-timeout", "20", "--data-binary", "@\(file)",
                    targets: "/refuse")
                #expect(curl.transfers[0].status == 417 && curl.transfers[0].uploadBytes == 0)
                try curl.expectRowsOfAllTransfers()
            }
        }
    }
}
