// What is served by which option: hidden names, links, other origins, further fields, and the hooks of subclasses.
import Foundation
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct FileRulesTests {
    @Test(arguments: [false, true])
    func hiddenFiles(_ shown: Bool) throws {
        try serve(configure: { $0.servesHiddenFiles = shown }) { directory in
            for path in [
                ".secret", ".git/config", "dir/.env", "dir/.git/x/y", "..name", ".well-known/a", ".well-known/.b",
                "dir/.well-known/c", ".well-knownx", "dir/a.b", "dir/a.", "plain",
            ] { try directory.write(path, to: "tree/\(path)") }
            try directory.write("coded", to: "tree/dir/.env.gz")
        } _: { server, _ in
            for target in [
                "/.secret", "/.git/config", "/dir/.env", "/dir/.git/x/y", "/..name", "/.well-known/.b",
                "/dir/.well-known/c", "/.well-knownx", "/%2esecret", "/x/../.secret", "/.git%2fconfig",
            ] {
                #expect(try server.client().request("GET", target).status == (shown ? 200 : 404), "\(target)")
            }
            for target in ["/.git/", "/.git", "/dir/.git/x/"] {
                let expected = shown ? target.hasSuffix("/") ? 200 : 301 : 404
                #expect(try server.client().request("GET", target).status == expected, "\(target)")
            }
            let client = try server.client()
            for target in ["/.well-known/a", "/dir/a.b", "/dir/a.", "/plain", "/.well-known/"] {
                #expect(try client.request("GET", target).status == 200, "\(target)")
            }
            #expect(try client.request("GET", "/.well-known").status == 301)
            let root = try client.request("GET", "/").text
            let dir = try client.request("GET", "/dir/").text
            #expect(root.contains("href=\".well-known/\"") && dir.contains("href=\"a.b\""))
            for (page, name) in [
                (root, ".secret"), (root, "..name"), (root, ".git"), (dir, ".env"), (dir, ".well-known"),
            ] {
                #expect(page.contains("href=\"\(name)") == shown, "\(name)")
            }
        }
    }

    @Test(arguments: [false, true])
    func symbolicLinks(_ followed: Bool) throws {
        try serve(guarding: "log/access.db", configure: { $0.followsSymbolicLinks = followed }) { directory in
            try directory.write("secret", to: "log/access.db")
            try directory.write("secret", to: "log/access.db-wal")
            try directory.write("other", to: "log/other")
            try directory.write("inside", to: "tree/dir/inside.txt")
            try directory.link("tree/within", to: "dir/inside.txt")
            try directory.link("tree/dirlink", to: "dir")
            try directory.link("tree/out", to: "../outside.txt")
            try directory.link("tree/absolute", to: directory.appending("outside.txt").string)
            try directory.link("tree/logs", to: "../log")
            try directory.link("tree/database", to: "../log/access.db")
            try directory.link("tree/wal", to: directory.appending("log/access.db-wal").string)
            try directory.link("tree/dead", to: "nowhere")
            makeFIFO(directory.appending("tree/fifo").string)
        } _: { server, _ in
            func status(_ target: String) throws -> Int { try server.client().request("GET", target).status }
            for target in ["/within", "/dirlink/inside.txt"] { #expect(try status(target) == 200, "\(target)") }
            for target in ["/out", "/absolute", "/logs/other", "/logs/"] {
                #expect(try status(target) == (followed ? 200 : 404), "\(target)")
            }
            // The log is never served, whichever way leads to it.
            for target in ["/database", "/wal", "/logs/access.db", "/logs/access.db-wal", "/dead", "/../outside.txt"] {
                #expect(try status(target) == 404, "\(target)")
            }
            // What is not answered is not listed.
            let page = try server.client().request("GET", "/").text
            let names = page.split(separator: "\n").filter { $0.hasPrefix("<tr><td>") }
                .compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
            let links =
                followed ? ["absolute", "dir/", "dirlink/", "logs/", "out", "within"] : ["dir/", "dirlink/", "within"]
            #expect(names == links)
            if followed {
                let logs = try server.client().request("GET", "/logs/").text
                #expect(logs.contains("other") && !logs.contains("access.db"))
            }
        }
    }

    @Test func otherOrigins() throws {
        try serve(configure: { $0.corsOrigin = "https://example.org" }) {
            try $0.write("x", to: "tree/a.txt")
        } _: { server, _ in
            let client = try server.client()
            let exposed = "Accept-Ranges, Content-Encoding, Content-Range, Date, ETag"
            for (method, target, status) in [
                ("GET", "/a.txt", 200), ("HEAD", "/a.txt", 200), ("GET", "/", 200), ("OPTIONS", "/a.txt", 204),
                ("GET", "/missing", 404),
            ] {
                let answer = try client.request(method, target, headers: ["Origin: https://example.org"])
                #expect(answer.status == status && answer["Access-Control-Allow-Origin"] == "https://example.org")
                #expect(answer["Access-Control-Expose-Headers"] == exposed, "\(method) \(target)")
            }
            let preflight = try server.client().request(
                "OPTIONS", "/a.txt",
                headers: [
                    "Origin: https://example.org", "Access-Control-Request-Method: GET",
                    "Access-Control-Request-Headers: range",
                ])
            #expect(preflight.status == 204 && preflight.body.isEmpty && preflight["Content-Length"] == nil)
            #expect(preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS")
            #expect(preflight["Access-Control-Allow-Headers"] == "*" && preflight["Access-Control-Max-Age"] == "86400")
        }
        try serve {
            try $0.write("x", to: "tree/a.txt")
        } _: { server, _ in
            let client = try server.client()
            let fields = ["Origin: https://example.org", "Access-Control-Request-Method: GET"]
            for (method, target) in [("GET", "/a.txt"), ("OPTIONS", "/a.txt"), ("OPTIONS", "*")] {
                let answer = try client.request(method, target, headers: fields)
                #expect(!answer.headers.contains { $0.name.hasPrefix("Access-Control") }, "\(method) \(target)")
                #expect(answer["Allow"] == (method == "OPTIONS" ? "GET, HEAD, OPTIONS" : nil))
            }
        }
    }

    @Test func furtherFieldsTypesAndNames() throws {
        try serve(configure: {
            $0.extraFields = [("X-Frame-Options", "DENY"), ("Link", "<a>"), ("Link", "<b>")]
            $0.cacheControl = "no-cache"
            $0.defaultContentType = "text/plain"
            $0.indexPages = ["home.htm"]
        }) { directory in
            for name in ["README", "page.html", "home/home.htm", "index/index.html", "bin.bin"] {
                try directory.write("x", to: "tree/\(name)")
            }
        } _: { server, _ in
            let client = try server.client()
            let date = "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT"
            for (target, field, status, isCached) in [
                ("/README", "X: y", 200, true), ("/README", date, 304, true),
                ("/README", "Range: bytes=0-0", 206, true),
                ("/", "X: y", 200, true), ("/home", "X: y", 301, false), ("/missing", "X: y", 404, false),
            ] {
                let answer = try client.request("GET", target, headers: [field])
                #expect(answer.status == status && answer["X-Content-Type-Options"] == "nosniff", "\(target)")
                #expect(answer["X-Frame-Options"] == (status < 400 ? "DENY" : nil), "\(target)")
                #expect(answer.all("Link") == (status < 400 ? ["<a>", "<b>"] : []), "\(target)")
                #expect(answer["Cache-Control"] == (isCached ? "no-cache" : nil), "\(target)")
            }
            let other = try server.client()
            #expect(try other.request("GET", "/README")["Content-Type"] == "text/plain; charset=utf-8")
            #expect(try other.request("GET", "/page.html")["Content-Type"] == "text/html; charset=utf-8")
            #expect(try other.request("GET", "/bin.bin")["Content-Type"] == "application/octet-stream")
            #expect(try other.request("GET", "/home/").text == "x")
            #expect(try other.request("GET", "/index/").text.contains("Directory listing"))
        }
    }

    @Test func withoutListings() throws {
        try serve(configure: { $0.listsDirectories = false }) { directory in
            try directory.write("x", to: "tree/dir/a.txt")
            try directory.write("index", to: "tree/with/index.html")
        } _: { server, _ in
            let refused = try server.client().request("GET", "/dir/")
            #expect(refused.status == 404 && refused.text.contains("No permission to list directory"))
            let client = try server.client()
            #expect(try client.request("GET", "/with/").text == "index")
            #expect(try client.request("GET", "/dir/a.txt").text == "x")
        }
    }

    @Test(
        "which fields an operator may add",
        arguments: [
            ("X-Frame-Options", "DENY", true), ("Link", "", true), ("Vary", "Origin", true), ("", "x", false),
            ("a b", "x", false), ("a:b", "x", false), ("a\r\nb", "x", false), ("a", "x\r\ny: z", false),
            ("a", "\0", false),
            ("Content-Length", "1", false), ("transfer-encoding", "chunked", false), ("CONNECTION", "close", false),
            ("Content-Type", "x/y", false), ("ETag", "\"x\"", false), ("Date", "x", false), ("Server", "x", false),
        ])
    func extraFields(_ name: String, _ value: String, _ isAllowed: Bool) {
        #expect((ServerConfiguration.objection(toField: name, value: value) == nil) == isAllowed)
    }

    @Test("one by one or at once, the fields are the same")
    func fieldsAtOnce() throws {
        final class OneByOne: Files {
            override class var sendsFieldsAtOnce: Bool { false }
        }
        func fields(_ handler: Files.Type) throws -> [[String]] {
            try serve(handler, configure: { $0.cacheControl = "no-cache, note=\"\u{e9}\"" }) { directory in
                for name in ["a.txt", "a.txt.gz", "large.bin"] {
                    try directory.write(Probe.pattern(0, name == "large.bin" ? 50_000 : 20), to: "tree/\(name)")
                    try directory.date("tree/\(name)")
                }
            } _: { server, _ in
                let client = try server.client()
                var all: [[String]] = []
                for _ in 0..<2 {
                    for (target, accept) in [("/a.txt", "br"), ("/a.txt", "gzip"), ("/large.bin", "gzip")] {
                        let answer = try client.request("GET", target, headers: ["Accept-Encoding: \(accept)"])
                        all.append(answer.headers.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" })
                    }
                }
                return all
            }
        }
        let once = try fields(Files.self)
        #expect(try once == fields(OneByOne.self))
        #expect(once[1].contains("Content-Encoding: gzip") && once[2].contains("Content-Length: 50000"))
    }

    @Test func fieldsAtOnceForARequestWithoutVersionThatHasAHead() throws {
        final class Early: Files {
            override class var defaultRequestVersion: String { "HTTP/1.0" }
        }
        try serve(Early.self) { directory in
            try directory.write("early", to: "tree/a.txt")
        } _: { server, _ in
            let client = try server.client()
            try client.send("GET /a.txt\r\n")
            let answer = String(decoding: try client.receiveUntilClosed(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nearly"))
            for name in ["Content-Type", "Content-Length", "Last-Modified", "ETag"] {
                #expect(answer.contains("\r\n\(name): "), "\(name)")
            }
        }
    }

    @Test func hooksOfSubclasses() throws {
        final class Hooked: Files {
            override class var allowedMethods: String { "GET, HEAD, OPTIONS, BREW" }
            override func translatePath(_ path: [UInt8]) -> [UInt8] {
                path.starts(with: "/alias/".utf8) ? Array("/dir/".utf8) + path.dropFirst(7) : path
            }
            override func listDirectory(_ path: [UInt8]) throws {
                if self.path.hasPrefix("/dir/sub") { return try super.listDirectory(path) }
                try sendResponse(200)
                try endHeaders()
                try wfile.write("own list of \(String(decoding: path, as: UTF8.self))")
            }
        }
        try serve(Hooked.self) { directory in
            try directory.write("aliased", to: "tree/dir/a.txt")
            try directory.write("x", to: "tree/dir/sub/in-sub.txt")
            try directory.write("x", to: "tree/dir/.hidden")
        } _: { server, _ in
            let client = try server.client()
            #expect(try client.request("GET", "/alias/a.txt").text == "aliased")
            #expect(try client.request("GET", "/alias/").text == "own list of /dir/")
            #expect(try client.request("GET", "/dir/sub/").text.contains("in-sub.txt"))
            #expect(try client.request("OPTIONS", "/")["Allow"] == "GET, HEAD, OPTIONS, BREW")
            #expect(try client.request("GET", "/alias/.hidden").status == 404)
        }
    }
}
