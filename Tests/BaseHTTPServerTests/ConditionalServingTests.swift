// Validators and conditions over a socket: tags that follow the file, 304 and 412.
import Foundation
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ConditionalServingTests {
    private func withFiles(_ body: (RunningServer, TemporaryDirectory) throws -> Void) throws {
        try serve(configure: { $0.cacheControl = "max-age=60" }) { directory in
            for (name, size) in [("small.txt", 100), ("large.bin", 100_000)] {
                try directory.write(Probe.pattern(0, size), to: "tree/\(name)")
                try directory.date("tree/\(name)", 784_111_777.5)
            }
            try directory.write("x", to: "tree/small.txt.gz")
            try directory.write("listed", to: "tree/list/a.txt")
        } _: { server, directory in
            try body(server, directory)
        }
    }

    // Spans cannot stand in expectations.
    private func isTag(_ text: String) -> Bool { EntityTag.isValid(text.utf8.span.octets) }
    private func unixSeconds(_ date: String) -> Int64? { HTTPDate.parse(date.utf8.span.octets) }

    /// The fields that RFC 9110 section 15.4.5 wants of a 304 (and Last-Modified), and none that describe a body.
    @Test(arguments: ["/small.txt", "/large.bin"], ["GET", "HEAD"])
    func notModifiedHasTheFieldsOfTheWhole(_ target: String, _ method: String) throws {
        try withFiles { server, _ in
            let client = try server.client()
            let full = try client.request("GET", target)
            let tag = try #require(full["ETag"])
            #expect(isTag(tag) && tag.hasPrefix("\""))
            #expect(full["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            for condition in [
                "If-None-Match: \(tag)", "If-None-Match: W/\(tag)", "If-None-Match: \"x\", \(tag)", "If-None-Match: *",
                "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-Modified-Since: Monday, 07-Nov-94 00:00:00 GMT",
            ] {
                let answer = try client.request(method, target, headers: [condition])
                #expect(answer.status == 304 && answer.body.isEmpty, "\(condition)")
                for name in ["ETag", "Last-Modified", "Cache-Control", "Vary", "X-Content-Type-Options", "Server"] {
                    #expect(answer[name] == full[name], "\(name)")
                }
                #expect(answer["Date"] != nil && answer["Cache-Control"] == "max-age=60")
                #expect((answer["Vary"] == "Accept-Encoding") == (target == "/small.txt"))
                for name in ["Content-Length", "Content-Type", "Content-Range", "Content-Encoding", "Accept-Ranges"] {
                    #expect(answer[name] == nil, "\(name)")
                }
            }
            // The connection lived on through all of it.
            #expect(try client.request("GET", target).status == 200)
        }
    }

    @Test func conditionsThatDoNotHoldAre412() throws {
        try withFiles { server, _ in
            let tag = try #require(try server.client().request("GET", "/small.txt")["ETag"])
            for (condition, status) in [
                ("If-Match: \"x\"", 412), ("If-Match: W/\(tag)", 412), ("If-Match: \(tag)", 200), ("If-Match: *", 200),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200), ("If-Unmodified-Since: nonsense", 200),
            ] {
                for method in ["GET", "HEAD"] {
                    let answer = try server.client().request(method, "/small.txt", headers: [condition])
                    #expect(answer.status == status, "\(method) \(condition)")
                }
            }
            // A listing has no tag and no date.
            let client = try server.client()
            #expect(try client.request("GET", "/list/", headers: ["If-None-Match: \(tag)"]).status == 200)
            #expect(try client.request("GET", "/list/", headers: ["If-None-Match: *"]).status == 304)
            #expect(try client.request("GET", "/list/", headers: ["If-Match: \(tag)"]).status == 412)
            // What is not there has no conditions (RFC 9110 section 13.2.1).
            #expect(try server.client().request("GET", "/missing", headers: ["If-Match: *"]).status == 404)
        }
    }

    @Test("a tag changes with the size and with each nanosecond of the time, and says nothing else")
    func tags() throws {
        func status(_ seconds: Int64, _ nanoseconds: Int64, _ size: Int64) throws -> FileStatus {
            try withTemporaryDirectory { directory in
                let path = try directory.write([UInt8](repeating: 0, count: Int(size)), to: "file")
                var times = [timespec(), timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))]
                #expect(unsafe utimensat(AT_FDCWD, path.string, &times, 0) == 0)
                return try File.status(at: path)
            }
        }
        let base = try status(784_111_777, 5, 10)
        #expect(ServedFile.entityTag(base, nil, isWeak: false) == "\"ae1b981bc490a05-a\"")
        #expect(ServedFile.entityTag(base, nil, isWeak: true) == "W/\"ae1b981bc490a05-a\"")
        #expect(ServedFile.entityTag(base, .gzip, isWeak: false) == "\"ae1b981bc490a05-a-gzip\"")
        for other in [try status(784_111_777, 6, 10), try status(784_111_778, 5, 10), try status(784_111_777, 5, 11)] {
            #expect(ServedFile.entityTag(other, nil, isWeak: false) != ServedFile.entityTag(base, nil, isWeak: false))
        }
        let ancient = ServedFile.entityTag(try status(-5, 0, 0), nil, isWeak: false)
        #expect(isTag(ancient))
    }

    @Test("a file changed just now has a weak tag, which no range and no If-Match takes for the file's")
    func recentFilesHaveWeakTags() throws {
        try withFiles { server, directory in
            let client = try server.client()
            for name in ["small.txt", "large.bin"] {
                // Now, and in the future: both may change again without a trace.
                for seconds in [Date().timeIntervalSince1970, Date().timeIntervalSince1970 + 5000] {
                    try directory.write(Probe.pattern(1, name == "small.txt" ? 100 : 100_000), to: "tree/new-\(name)")
                    try directory.date("tree/new-\(name)", seconds)
                    let full = try client.request("GET", "/new-\(name)")
                    let tag = try #require(full["ETag"])
                    #expect(tag.hasPrefix("W/\""))
                    #expect(try client.request("GET", "/new-\(name)", headers: ["If-None-Match: \(tag)"]).status == 304)
                    let date = try #require(full["Last-Modified"])
                    #expect(try #require(unixSeconds(date)) <= Int64(Date().timeIntervalSince1970))
                    for condition in [tag, String(tag.dropFirst(2)), date] {
                        let fields = ["Range: bytes=0-0", "If-Range: \(condition)"]
                        #expect(try client.request("GET", "/new-\(name)", headers: fields).status == 200)
                    }
                    #expect(try client.request("GET", "/new-\(name)", headers: ["Range: bytes=0-0"]).status == 206)
                    let match = ["If-Match: \(tag)"]
                    #expect(try server.client().request("GET", "/new-\(name)", headers: match).status == 412)
                }
            }
        }
    }

    @Test func aChangedFileHasAnotherTag() throws {
        try withFiles { server, directory in
            let client = try server.client()
            func tag() throws -> String? { try client.request("GET", "/small.txt")["ETag"] }
            let first = try tag()
            try directory.write(Probe.pattern(3, 100), to: "tree/small.txt")
            try directory.date("tree/small.txt", 784_111_777.6)
            #expect(try eventually { try tag() != first })
        }
    }
}
