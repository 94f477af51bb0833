// Coded siblings: chosen by Accept-Encoding, never stale, and without a look at the disk while they are hot.
import Foundation
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct PrecompressedTests {
    private func fill(_ directory: TemporaryDirectory) throws {
        for (name, text) in [
            ("page.html", "the page itself"), ("page.html.br", "brotli"), ("page.html.zst", "zstandard"),
            ("page.html.gz", "gzip"), ("one.css", "the style"), ("one.css.gz", "gzip of it"), ("none.js", "script"),
        ] {
            try directory.write(text, to: "tree/\(name)")
            try directory.date("tree/\(name)")
        }
        try directory.write(Probe.pattern(0, 100_000), to: "tree/large.bin")
        try directory.write(Probe.pattern(5, 50_000), to: "tree/large.bin.zst")
        try directory.date("tree/large.bin")
    }

    @Test func theClientsChoice() throws {
        try serve {
            try fill($0)
        } _: { server, _ in
            let client = try server.client()
            for (target, accept, body, coding) in [
                ("/page.html", "gzip, deflate, br, zstd", "brotli", "br"), ("/page.html", "zstd", "zstandard", "zstd"),
                ("/page.html", "gzip;q=0.5, br;q=0.1", "gzip", "gzip"),
                ("/page.html", "identity", "the page itself", nil),
                ("/page.html", "br;q=0", "the page itself", nil), ("/page.html", nil, "the page itself", nil),
                ("/one.css", "br, gzip", "gzip of it", "gzip"), ("/one.css", "br", "the style", nil),
                ("/none.js", "br, gzip", "script", nil),
            ] as [(String, String?, String, String?)] {
                for method in ["GET", "HEAD", "GET"] {
                    let answer = try client.request(
                        method, target, headers: accept.map { ["Accept-Encoding: \($0)"] } ?? [])
                    #expect(answer.status == 200 && answer["Content-Encoding"] == coding, "\(target) \(accept ?? "-")")
                    #expect(method == "HEAD" ? answer.body.isEmpty : answer.text == body)
                    #expect(answer["Content-Length"] == "\(body.utf8.count)")
                    let type = MediaTypes.type(of: Array(target.utf8), in: MediaTypes.table) ?? ""
                    #expect(answer["Content-Type"] == "\(type); charset=utf-8", "the type of what is coded")
                    #expect(answer["Vary"] == (target == "/none.js" ? nil : "Accept-Encoding"))
                }
            }
            // By its own name a sibling is a file like any other.
            let own = try client.request("GET", "/page.html.gz", headers: ["Accept-Encoding: gzip"])
            #expect(own["Content-Type"] == "application/gzip" && own["Content-Encoding"] == nil && own["Vary"] == nil)
        }
    }

    @Test func eachCodingHasATagAndRangesOfItsOwn() throws {
        try serve {
            try fill($0)
        } _: { server, _ in
            let client = try server.client()
            func get(_ target: String, _ fields: String...) throws -> HTTPAnswer {
                try client.request("GET", target, headers: fields)
            }
            var tags: Set<String> = []
            for coding in ["br", "zstd", "gzip", "identity"] {
                let answer = try get("/page.html", "Accept-Encoding: \(coding)")
                let tag = try #require(answer["ETag"])
                tags.insert(tag)
                let again = try get("/page.html", "Accept-Encoding: \(coding)", "If-None-Match: \(tag)")
                #expect(again.status == 304 && again["ETag"] == tag && again["Vary"] == "Accept-Encoding")
                let other = try get("/page.html", "Accept-Encoding: deflate", "If-None-Match: \(tag)")
                #expect(other.status == (coding == "identity" ? 304 : 200))
                let part = try get("/page.html", "Accept-Encoding: \(coding)", "Range: bytes=1-2", "If-Range: \(tag)")
                #expect(part.status == 206 && part.body == Array(answer.body[1...2]))
                #expect(part["Content-Range"] == "bytes 1-2/\(answer.body.count)" && part["Vary"] == "Accept-Encoding")
                #expect(part["Content-Encoding"] == (coding == "identity" ? nil : coding))
                // Several ranges of a coded file would be a multipart body under a false Content-Encoding.
                let parts = try get("/page.html", "Accept-Encoding: \(coding)", "Range: bytes=0-0,2-2")
                #expect(parts.status == (coding == "identity" ? 206 : 200))
            }
            #expect(tags.count == 4)
            let large = try get("/large.bin", "Accept-Encoding: zstd")
            #expect(large.body == Probe.pattern(5, 50_000) && large["Content-Encoding"] == "zstd")
            let part = try get("/large.bin", "Accept-Encoding: zstd", "Range: bytes=-10")
            #expect(part.status == 206 && part.body == Array(Probe.pattern(5, 50_000).suffix(10)))
            #expect(try get("/large.bin").body == Probe.pattern(0, 100_000))
        }
    }

    @Test func staleAndMissingAndStrangeSiblingsAreNotUsed() throws {
        try serve { directory in
            try fill(directory)
            try directory.date("tree/one.css.gz", 1_699_999_999)
            for name in ["fraction.css", "fraction.css.gz", "fraction.css.br"] {
                try directory.write(name, to: "tree/\(name)")
            }
            try directory.date("tree/fraction.css", 1_700_000_000.5)
            // A tool that sets whole seconds, and one that has seen the file half a second before.
            try directory.date("tree/fraction.css.gz", 1_700_000_000)
            try directory.date("tree/fraction.css.br", 1_700_000_000.25)
            try directory.write("original", to: "tree/odd.txt")
            try directory.date("tree/odd.txt")
            try directory.write("x", to: "tree/odd.txt.br/file")
            makeFIFO(directory.appending("tree/odd.txt.zst").string)
            try directory.link("tree/odd.txt.gz", to: "../outside.txt")
        } _: { server, directory in
            let client = try server.client()
            let all = ["Accept-Encoding: br, zstd, gzip"]
            #expect(try client.request("GET", "/one.css", headers: all).text == "the style")
            #expect(try client.request("GET", "/one.css", headers: all)["Vary"] == nil)
            #expect(try client.request("GET", "/fraction.css", headers: all).text == "fraction.css.gz")
            #expect(try client.request("GET", "/odd.txt", headers: all).text == "original")
            // A change of the original makes its siblings stale within a second, and a new sibling comes into use.
            #expect(try client.request("GET", "/page.html", headers: all).text == "brotli")
            try directory.date("tree/page.html", 1_700_000_001)
            func page() throws -> HTTPAnswer { try client.request("GET", "/page.html", headers: all) }
            #expect(try eventually { try page().text == "the page itself" && page()["Vary"] == nil })
            try directory.write("new gzip", to: "tree/page.html.gz")
            #expect(try eventually { try page().text == "new gzip" })
            try File.remove(directory.appending("tree/page.html.gz"))
            #expect(try eventually { try page().text == "the page itself" })
        }
    }

    @Test func indexPagesHaveSiblingsToo() throws {
        try serve { directory in
            try directory.write("index", to: "tree/index.html")
            try directory.write("coded", to: "tree/index.html.br")
        } _: { server, _ in
            let answer = try server.client().request("GET", "/", headers: ["Accept-Encoding: br"])
            #expect(answer.text == "coded" && answer["Content-Type"] == "text/html; charset=utf-8")
        }
    }

    @Test func switchedOff() throws {
        try serve(configure: { $0.usesPrecompressedFiles = false }) {
            try fill($0)
        } _: { server, _ in
            let answer = try server.client().request("GET", "/page.html", headers: ["Accept-Encoding: br"])
            #expect(answer.text == "the page itself" && answer["Vary"] == nil)
        }
    }

    @Test("a hot file and its codings are answered although their directory has gone, until the second is over")
    func hotFilesCostNoLook() throws {
        try withTemporaryDirectory { directory in
            try fill(directory)
            var configuration = ServerConfiguration()
            configuration.directory = directory.appending("tree").string
            let tree = try FileTree(configuration)
            let page = Array("/page.html".utf8)
            let start: Int64 = 1_000_000_000
            func look(_ nowNs: Int64) throws -> (String, String?) {
                guard case .file(let file) = try tree.open(page, nowNs: nowNs) else { return ("directory", nil) }
                #expect(!file.siblings.isEmpty)
                let coded = tree.open(.brotli, beside: page, nowNs: nowNs)
                return (String(decoding: file.content ?? [], as: UTF8.self), coded?.entityTag)
            }
            let first = try look(start)
            #expect(first.0 == "the page itself" && first.1?.hasSuffix("-br\"") == true)
            for name in try directory.names(in: "tree") { try File.remove(directory.appending("tree/\(name)")) }
            #expect(try look(start + 999_999_999) == first)
            #expect(throws: Errno.noSuchFileOrDirectory) { try look(start + 1_000_000_000) }
        }
    }

    @Test("what lies beside a file that is not kept is looked at once a second")
    func findingsOfLargeFiles() throws {
        try withTemporaryDirectory { directory in
            try fill(directory)
            var configuration = ServerConfiguration()
            configuration.directory = directory.appending("tree").string
            let tree = try FileTree(configuration)
            func codings(_ nowNs: Int64) throws -> [ContentCoding] {
                guard case .file(let file) = try tree.open(Array("/large.bin".utf8), nowNs: nowNs) else { return [] }
                #expect(file.content == nil)
                return ContentCoding.allCases.filter(file.siblings.contains)
            }
            #expect(try codings(1_000_000_000) == [.zstandard])
            try directory.write("new", to: "tree/large.bin.br")
            #expect(try codings(1_999_999_999) == [.zstandard])
            #expect(try codings(2_000_000_000) == [.brotli, .zstandard])
            #expect(tree.open(.gzip, beside: Array("/large.bin".utf8), nowNs: 2_000_000_000) == nil)
        }
    }
}
