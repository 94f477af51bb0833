// The daemon's options of served files: on the command line, in the configuration file, and with values that cannot be.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct FileOptionsTests {
        private func fill(_ directory: TemporaryDirectory) throws {
            for path in ["dir/a.txt", "dir/.hidden", "dir/README", "own/home.htm", "page.css", "page.css.gz"] {
                try directory.write(path, to: "site/\(path)")
            }
            try directory.write("outside", to: "outside")
            try directory.link("site/out", to: "../outside")
        }

        @Test func withoutOptions() throws {
            try withDaemon {
                try fill($0)
            } _: { daemon, _ in
                let client = try daemon.connect()
                let page = try client.request("GET", "/page.css", headers: ["Accept-Encoding: gzip"])
                #expect(page["Content-Encoding"] == "gzip" && page["Vary"] == "Accept-Encoding")
                #expect(page["ETag"] != nil && page["Accept-Ranges"] == "bytes" && page["Cache-Control"] == nil)
                let part = try client.request("GET", "/dir/a.txt", headers: ["Range: bytes=4-"])
                #expect(part.status == 206 && part.text == "a.txt")
                #expect(try client.request("GET", "/dir/").text.contains("a.txt"))
                #expect(try client.request("OPTIONS", "/")["Allow"] == "GET, HEAD, OPTIONS")
                for target in ["/dir/.hidden", "/out"] {
                    #expect(try daemon.connect().request("GET", target).status == 404, "\(target)")
                }
            }
        }

        static let options = [
            "--index", "home.htm", "--no-listing", "--show-hidden", "--follow-symlinks", "--no-precompressed",
            "--content-type", "text/plain", "--cache-control", "max-age=5", "-H", "X-Frame-Options", "DENY",
            "--header", "Link: <a>", "--cors",
        ]
        static let file = """
            index: home.htm
            listing: false
            show-hidden: true
            follow-symlinks: true
            precompressed: false
            content-type: text/plain
            cache-control: max-age=5
            header: {X-Frame-Options: DENY, Link: <a>}
            cors: "*"
            """

        @Test(arguments: [true, false])
        func everyOption(inFile: Bool) throws {
            try withTemporaryDirectory { directory in
                try fill(directory)
                try directory.write(Self.file, to: "server.yaml")
                let daemon = try Daemon(
                    in: directory, inFile ? ["--config", directory.appending("server.yaml").string] : Self.options)
                let client = try daemon.connect()
                let read = try client.request("GET", "/dir/README")
                #expect(read["Content-Type"] == "text/plain; charset=utf-8" && read["Cache-Control"] == "max-age=5")
                #expect(read["X-Frame-Options"] == "DENY" && read["Link"] == "<a>")
                #expect(read["Access-Control-Allow-Origin"] == "*")
                #expect(try client.request("GET", "/own/").text == "own/home.htm")
                #expect(try client.request("GET", "/dir/.hidden").status == 200)
                #expect(try client.request("GET", "/out").text == "outside")
                let page = try client.request("GET", "/page.css", headers: ["Accept-Encoding: gzip"])
                #expect(page["Content-Encoding"] == nil && page["Vary"] == nil)
                #expect(try client.request("GET", "/dir/").status == 404)
                try daemon.stop()
            }
        }

        @Test func commandLineWinsOverTheFile() throws {
            try withTemporaryDirectory { directory in
                try fill(directory)
                try directory.write(
                    "listing: false\ncors: https://a.example\nheader: ['A: b', 'A: c']", to: "server.yaml")
                let daemon = try Daemon(
                    in: directory,
                    ["--config", directory.appending("server.yaml").string, "--listing", "--cors", "https://b.example"])
                let answer = try daemon.connect().request("GET", "/dir/")
                #expect(answer.status == 200 && answer["Access-Control-Allow-Origin"] == "https://b.example")
                #expect(answer.headers.filter { $0.name == "A" }.map(\.value) == ["b", "c"])
                try daemon.stop()
            }
        }

        @Test(arguments: [
            (["--index", "a/b"], "index"), (["--index", ""], "index"), (["--content-type", "text"], "content-type"),
            (["--content-type", "a/b\r\nX: y"], "content-type"), (["--cache-control", ""], "cache-control"),
            (["--cors", "example.org"], "cors"), (["--cors", "https://a.example/"], "cors"),
            (["--cors", "https://a.example, https://b.example"], "cors"), (["-H", "X-A"], "header"),
            (["-H", "Bad Name", "x"], "header"), (["-H", "X-A", "a\r\nb: c"], "header"),
            (["-H", "Content-Length", "5"], "header"), (["--header", "Transfer-Encoding: chunked"], "header"),
            (["-H", "connection: close"], "header"), (["-H", "X-A", "caf\u{e9}\u{7}"], "header"),
        ])
        func badValuesAreNamed(_ options: [String], _ name: String) throws {
            let finished = try RunningProgram.run("basehttpd", ["--check"] + options)
            #expect(finished.end == .exited(status: 64), "\(finished.standardError)")
            let lines = finished.standardError.split(separator: "\n")
            #expect(lines.count == 1 && lines[0].hasPrefix("basehttpd: \(name) must be "), "\(lines)")
            #expect(finished.standardOutput.isEmpty)
        }

        @Test(arguments: [
            "cors: example.org", "header: {Date: x}", "header: 5x", "listing: perhaps", "index: [a/b]",
            "show-hidden: 3",
        ])
        func badValuesInTheFileAreNamed(_ text: String) throws {
            try withTemporaryDirectory { directory in
                let file = try directory.write(text, to: "server.yaml").string
                let finished = try RunningProgram.run("basehttpd", ["--check", "--config", file])
                #expect(finished.end == .exited(status: 78), "\(finished.standardError)")
                let option = text.prefix { $0 != ":" }
                #expect(
                    finished.standardError.split(separator: "\n").count == 1
                        && finished.standardError.hasPrefix("basehttpd: \(file)")
                        && finished.standardError.contains(option), "\(finished.standardError)")
            }
        }
    }
}
