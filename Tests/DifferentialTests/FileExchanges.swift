// The exchanges with SimpleHTTPRequestHandler, and the tree that it serves.
import Foundation
import SystemPackage
import TestSupport

extension Exchange {
    /// Kinds of servers that need a directory.
    static let fileKinds: Set = ["files", "persistent-files", "typed-files", "scripts"]

    static let files: [Exchange] =
        [
            "/", "/list/", "/list", "/list?a=b", "//list", "/list/sub/", "/indexed/", "/indexed", "/old/", "/both/",
            "/missing", "/missing/", "/a.txt", "/a.txt?query", "/a.txt/", "/list/../a.txt", "/./a.txt", "//a.txt",
            "/%61.txt", "/A.TXT", "/a%2Etxt", "/list%2Fb%20c.txt", "/..%2f..%2fetc/passwd", "/%00", "/%zz", "/empty",
            "/list/link.txt", "/list/linked/", "/list/out", "/.hidden", "/list/%C3%A9.txt", "/list/%FF", "/a%ff",
            "http://h/a.txt", "http://h/list",
        ].map { .request("files", $0) }
        + [
            "x.html", "x.HTM", "x.css", "x.js", "x.json", "x.svg", "x.png", "x.jpg", "x.gif", "x.pdf", "x.xml", "x.gz",
            "x.tar.gz", "x.Z", "x.bz2", "x.xz", "x.zip", "x.mp4", "x.wasm", "x.c", "x.py", "x.unknown", "plain",
        ].map { .request("files", "/types/\($0)") }
        + [
            .request("files", method: "HEAD", "/a.txt"), .request("files", method: "HEAD", "/types/x.c"),
            .request("files", method: "POST", "/a.txt"), .request("files", method: "PUT", "/a.txt"),
            .request("files", method: "OPTIONS", "/a.txt"), .request("files", method: "SPAM", "/a.txt"),
            .request("files", method: "HEAD", "/missing"),
            .request("persistent-files", "/a.txt"), .request("persistent-files", "/list"),
            .request("persistent-files", "/missing"), .request("persistent-files", method: "HEAD", "/a.txt"),
        ]
        + [
            "Tue, 15 Nov 1994 08:12:31 GMT", "Tue, 15 Nov 1994 08:12:30 GMT", "Tue, 15 Nov 1994 08:12:32 GMT",
            "Tuesday, 15-Nov-94 08:12:31 GMT", "Tue Nov 15 08:12:31 1994", "Tue, 15 Nov 1994 08:12:31 +0000",
            "Tue, 15 Nov 1994 09:12:31 +0100", "yesterday", "",
        ].map { .request("persistent-files", "/a.txt", "HTTP/1.1", ["If-Modified-Since: \($0)"]) }
        + [
            .request(
                "persistent-files", "/a.txt", "HTTP/1.1",
                ["If-Modified-Since: Tue, 15 Nov 1994 08:12:31 GMT", "If-None-Match: \"x\""]),
            .request("persistent-files", "/a.txt", "HTTP/1.1", ["Range: bytes=1-2"]),
        ] + ["/a.txt", "/x.mine", "/alias", "/list/"].map { .request("typed-files", $0) }

    /// Makes the tree, its files as old as the requests say.
    static func makeSite(in directory: TemporaryDirectory) throws {
        let types = [
            "html", "HTM", "css", "js", "json", "svg", "png", "jpg", "gif", "pdf", "xml", "gz", "tar.gz", "Z", "bz2",
            "xz",
            "zip", "mp4", "wasm", "c", "py", "unknown",
        ].map { "types/x.\($0)" }
        let lists = ["B.txt", "a&b<c>.txt", "b c.txt", "é.txt", "q?#%.txt", "\"quoted\".txt", "sub/x"].map {
            "list/\($0)"
        }
        let names = [
            "a.txt", "x.mine", ".hidden", "types/plain", "indexed/index.html", "old/index.htm", "both/index.htm",
            "both/index.html",
        ]
        for name in types + lists + names {
            let path = try directory.write("\(name)\n", to: "site/\(name)").string
            let date = Date(timeIntervalSince1970: 784_887_151)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
        try directory.write("", to: "site/empty")
        try directory.write("secret", to: "outside")
        try directory.link("site/list/link.txt", to: "B.txt")
        try directory.link("site/list/linked", to: "sub")
        try directory.link("site/list/out", to: directory.appending("outside").string)
    }
}
