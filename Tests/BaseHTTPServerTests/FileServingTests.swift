// SimpleHTTPRequestHandler over real trees: what is served, what is not, and how it changes under way.
import AccessLog
import Foundation
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct FileServingTests {
    @Test func filesHaveTypeLengthAndDate() throws {
        try serve { directory in
            try directory.write("<p>", to: "tree/page.html")
            try directory.write("x", to: "tree/PIC.JPG")
            try directory.write("x", to: "tree/plain")
            try directory.write("", to: "tree/empty.txt")
            try directory.write([UInt8](repeating: 7, count: 100_000), to: "tree/large.bin")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 784_111_777.5)],
                ofItemAtPath: directory.appending("tree/page.html").string)
        } _: { server, _ in
            let client = try server.client()
            let page = try client.request("GET", "/page.html")
            #expect(page.status == 200 && page.text == "<p>")
            #expect(page["Content-Type"] == "text/html; charset=utf-8" && page["Content-Length"] == "3")
            #expect(page["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(page["Server"] == "SimpleHTTP/1.0 Swift/6")
            #expect(try client.request("GET", "/PIC.JPG")["Content-Type"] == "image/jpeg")
            #expect(try client.request("GET", "/plain")["Content-Type"] == "application/octet-stream")
            #expect(try client.request("GET", "/empty.txt").body.isEmpty)
            #expect(try client.request("GET", "/large.bin").body == [UInt8](repeating: 7, count: 100_000))
            for path in ["/page.html", "/large.bin", "/"] {
                let full = try client.request("GET", path)
                let head = try client.request("HEAD", path)
                #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == full["Content-Length"])
            }
            #expect(try client.request("POST", "/page.html").status == 501)
        }
    }

    @Test func modifiedSince() throws {
        try serve { directory in
            try directory.write("<p>", to: "tree/page.html")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 784_111_777.5)],
                ofItemAtPath: directory.appending("tree/page.html").string)
        } _: { server, _ in
            let client = try server.client()
            func status(_ headers: String...) throws -> Int {
                try client.request("GET", "/page.html", headers: headers).status
            }
            #expect(try status("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 304)
            #expect(try status("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT") == 304)
            #expect(try status("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT") == 200)
            #expect(try status("If-Modified-Since: nonsense") == 200)
            #expect(try status("If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT", "If-None-Match: \"x\"") == 200)
        }
    }

    @Test func subclassMayAnswerHeadByGet() throws {
        final class Lazy: SimpleHTTPRequestHandler {
            override class var protocolVersion: String { "HTTP/1.1" }
            override func logMessage(_ message: String) {}
            override func do_HEAD() throws { try do_GET() }
            override func sendHeader(_ name: String, _ value: String) throws {
                if path == "/unframed.bin", name == "Content-Length" { return }
                try super.sendHeader(name, path == "/short.bin" && name == "Content-Length" ? "10" : value)
            }
        }
        try withTemporaryDirectory { directory in
            let large = Probe.pattern(0, 400_000)
            for name in ["large.bin", "unframed.bin", "short.bin"] { try directory.write(large, to: name) }
            let path = directory.path.string
            try RunningServer.run(Lazy.self, configure: { $0.directory = path }) { server in
                let client = try server.client()
                #expect(try client.request("HEAD", "/large.bin")["Content-Length"] == "400000")
                #expect(try client.request("GET", "/unframed.bin").body == large)
                #expect(try client.request("GET", "/short.bin").body == Array(large.prefix(10)))
                #expect(try client.request("GET", "/large.bin").body == large)
            }
        }
    }

    @Test func pipelineBehindALargeFileGoesOn() throws {
        try serve { directory in
            try directory.write(Probe.pattern(0, 3_000_000), to: "tree/large.bin")
            try directory.write("small", to: "tree/small.txt")
        } _: { server, _ in
            let client = try server.client()
            let pair = "GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\nGET /small.txt HTTP/1.1\r\nHost: h\r\n\r\n"
            try client.send(pair + pair)
            client.shutdownWrite()
            for _ in 0..<2 {
                #expect(try client.receive().body == Probe.pattern(0, 3_000_000))
                #expect(try client.receive().text == "small")
            }
            #expect(try client.isClosedByServer())
        }
    }

    @Test func directories() throws {
        try serve { directory in
            try directory.write("index", to: "tree/with/index.html")
            try directory.write("second", to: "tree/second/index.htm")
            try directory.write("x", to: "tree/list/b&<i>.txt")
            try directory.write("x", to: "tree/list/A%41 \"q'.txt")
            try directory.write("x", to: "tree/list/sub/x")
            try directory.link("tree/list/link", to: "sub")
            try directory.link("tree/list/out", to: "../../outside.txt")
            makeFIFO(directory.appending("tree/list/fifo").string)
            makeFile(named: Array(directory.appending("tree/list").string.utf8) + [0x2f, 0xff, 0xe9])
        } _: { server, _ in
            let client = try server.client()
            #expect(try client.request("GET", "/with/").text == "index")
            #expect(try client.request("GET", "/second/").text == "second")
            let redirect = try client.request("GET", "/with?a=b&c")
            #expect(redirect.status == 301 && redirect["Location"] == "/with/?a=b&c")
            #expect(redirect["Content-Length"] == "0")
            let list = try client.request("GET", "/list/")
            #expect(list.status == 200 && list["Content-Type"] == "text/html; charset=utf-8")
            for target in ["/list/A%2541%20%22q%27.txt", "/list/b%26%3Ci%3E.txt", "/list/%FF%E9"] {
                #expect(try client.request("GET", target).status == 200)
            }
            try client.send("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.receive().status == 200, "the root, not a redirect to //")
        }
    }

    @Test(arguments: [
        ("//evil.example/..%2f", "/"), ("//list", "/list/"), ("/\\list", nil), ("/%5clist", nil),
        ("///list?//x", "/list/?//x"),
        ("/list//../list", "/list//../list/"), ("http://h//list", "/list/"),
    ])
    func redirectsStayHere(_ target: String, _ location: String?) throws {
        try serve { directory in
            try directory.write("x", to: "tree/list/x")
        } _: { server, _ in
            let client = try server.client()
            try client.send("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = try client.receive()
            if let found = answer["Location"] {
                #expect(found.hasPrefix("/") && !found.hasPrefix("//") && !found.hasPrefix("/\\"))
                if let location, location != "/" { #expect(found == location) }
            } else {
                #expect(location == nil || location == "/")
            }
        }
    }

    @Test func nothingOutsideIsServed() throws {
        try serve { directory in
            try directory.write("inside", to: "tree/dir/inside.txt")
            try directory.link("tree/out", to: "../outside.txt")
            try directory.link("tree/up", to: "..")
            try directory.link("tree/absolute", to: "/etc/passwd")
            try directory.link("tree/within", to: "dir/inside.txt")
            try directory.link("tree/dir-link", to: "dir")
            try directory.link("tree/loop", to: "loop")
            makeFIFO(directory.appending("tree/fifo").string)
        } _: { server, _ in
            for target in [
                "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/dir/../../outside.txt", "/out",
                "/up/outside.txt", "/absolute",
                "/loop", "/fifo", "/dir/inside.txt/", "/dir/inside.txt/x", "/missing",
                "/" + String(repeating: "a", count: 300), "/" + String(repeating: "a/", count: 3000),
            ] {
                let answer = try server.client().request("GET", target)
                #expect(answer.status == 404, "\(target.prefix(40)): \(answer.status)")
            }
            for target in ["/a%00b", "/%", "/%g0", "/x%2"] {
                #expect(try server.client().request("GET", target).status == 400)
            }
            #expect(try server.client().request("GET", "/within").text == "inside")
            #expect(try server.client().request("GET", "/dir-link/inside.txt").text == "inside")
        }
    }

    @Test func socketIsNoFile() throws {
        try serve { _ in
        } _: { server, directory in
            let path = directory.appending("tree/sock").string
            let listener = try ListeningSocket(.unix(path), backlog: 1)
            #expect(try server.client().request("GET", "/sock").status == 404)
            _ = listener.rawValue
        }
    }

    @Test(arguments: ["tree/logs/access.db", "tree/logs/link.db"])
    func logIsNeverServedNorListed(_ guarding: String) throws {
        try serve(guarding: guarding) { directory in
            for name in ["access.db", "access.db-wal", "access.db-shm", "access.db-ring-0123"] {
                try directory.write("secret", to: "tree/logs/\(name)")
            }
            try directory.write("open", to: "tree/logs/other.db")
            try directory.write("open", to: "tree/elsewhere/access.db")
            try directory.link("tree/logs/link.db", to: "access.db")
            try directory.link("tree/way", to: "logs")
            try directory.link("tree/alias", to: "logs/access.db-wal")
        } _: { server, directory in
            for target in [
                "/logs/access.db", "/logs/access.db-wal", "/logs/access.db-shm", "/logs/access.db-ring-0123",
                "/way/access.db",
                "/alias", "/logs/%61ccess.db", "/logs//access.db", "/logs/./access.db", "/logs/x/../access.db",
                "/logs%2Faccess.db", "/logs/access.db/", "/logs/access%2Edb",
            ] {
                #expect(try server.client().request("GET", target).status == 404, "\(target)")
                #expect(try server.client().request("HEAD", target).status == 404, "\(target)")
            }
            let client = try server.client()
            #expect(try client.request("GET", "/logs/other.db").text == "open")
            #expect(try client.request("GET", "/elsewhere/access.db").text == "open")
            for target in ["/logs/", "/way/"] {
                let list = try client.request("GET", target).text
                #expect(list.contains("other.db") && !list.contains("access.db"))
            }
            // The tree may move.
            try FileManager.default.moveItem(
                atPath: directory.appending("tree").string, toPath: directory.appending("moved").string)
            #expect(try server.client().request("GET", "/logs/access.db-wal").status == 404)
            #expect(try server.client().request("GET", "/logs/other.db").status == 200)
            try FileManager.default.moveItem(
                atPath: directory.appending("moved").string, toPath: directory.appending("tree").string)
        }
    }

    @Test func changesAreSeenWithinASecond() throws {
        let old = Date(timeIntervalSince1970: 1_700_000_000)
        func write(_ directory: TemporaryDirectory, _ text: String, date: Date) throws {
            try directory.write(text, to: "tree/file.txt")
            try FileManager.default.setAttributes(
                [.modificationDate: date], ofItemAtPath: directory.appending("tree/file.txt").string)
        }
        try serve {
            try write($0, "first", date: old)
        } _: { server, directory in
            let client = try server.client()
            func text() throws -> String {
                let answer = try client.request("GET", "/file.txt")
                return "\(answer.status) \(answer.text)"
            }
            #expect(try text() == "200 first")
            try write(directory, "other", date: old.addingTimeInterval(1))
            #expect(try eventually { try text() == "200 other" })
            try write(directory, "longer than it was", date: old.addingTimeInterval(2))
            #expect(try eventually { try text() == "200 longer than it was" })
            try directory.write("replaced", to: "tree/new")
            try File.rename(directory.appending("tree/new"), to: directory.appending("tree/file.txt"))
            #expect(try eventually { try text() == "200 replaced" })
            // Just written, it may change again within one tick of its times.
            for number in 0..<50 {
                try directory.write("text \(number + 10)", to: "tree/file.txt")
                if number == 0 { #expect(try eventually { try text() == "200 text 10" }) }
                #expect(try text() == "200 text \(number + 10)")
            }
            try File.remove(directory.appending("tree/file.txt"))
            #expect(
                try eventually { try server.client().request("GET", "/file.txt").status == 404 })
        }
    }

    @Test func fileThatShrinksIsCutAndItsClientToldByTheEnd() throws {
        try withTemporaryDirectory { directory in
            try directory.write([UInt8](repeating: 1, count: 30_000_000), to: "large.bin")
            let path = directory.path.string
            try LoggedServer.run(Files.self, configure: { $0.directory = path }) { logged in
                let client = try logged.server.client()
                try client.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(eventually { logged.server.observer.turns > 2 })
                let file = try File.open(directory.appending("large.bin"), .writeOnly)
                try File.truncate(file.rawValue, to: 1000)
                #expect(throws: HTTPClientError.self) { try client.receive() }
                try logged.waitForRequests(1)
                #expect(logged.requests[0].outcome == .aborted && logged.requests[0].bytesOut < 30_000_000)
                #expect(try logged.server.client().request("GET", "/large.bin").body.count == 1000)
            }
        }
    }
}
