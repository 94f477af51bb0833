// Parts of files over a socket, byte for byte against the file: from memory and by sendfile, one and several.
import Foundation
import LinuxSyscalls
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct RangeServingTests {
    static let small = Array(Probe.pattern(0, 10_000))
    static let large = Array(Probe.pattern(7, 300_000))

    private func withFiles(_ body: (HTTPClient, RunningServer) throws -> Void) throws {
        try serve { directory in
            for (name, bytes) in [("small.txt", Self.small), ("large.bin", Self.large), ("empty.txt", [])] {
                try directory.write(bytes, to: "tree/\(name)")
                try directory.date("tree/\(name)")
            }
            try directory.write("listed", to: "tree/list/a.txt")
        } _: { server, _ in
            try body(try server.client(), server)
        }
    }

    @Test(arguments: ["/small.txt", "/large.bin"])
    func singleRanges(_ target: String) throws {
        let bytes = target == "/small.txt" ? Self.small : Self.large
        try withFiles { client, _ in
            let last = bytes.count - 1
            for (field, range) in [
                ("0-0", 0..<1), ("5-99", 5..<100), ("\(last)-", last..<last + 1), ("-1", last..<last + 1),
                ("0-", 0..<bytes.count), ("100-99999999", 100..<bytes.count), ("-99999999", 0..<bytes.count),
                ("4000-4999,4500-9999", 4_000..<10_000),
            ] {
                let answer = try client.request("GET", target, headers: ["Range: bytes=\(field)"])
                #expect(answer.status == 206 && answer.body == Array(bytes[range]), "\(field)")
                #expect(
                    answer["Content-Range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
                #expect(answer["Content-Length"] == "\(range.count)" && answer["Accept-Ranges"] == "bytes")
                #expect(answer["Content-Type"] == (target == "/small.txt" ? Self.text : Self.binary))
                for name in ["ETag", "Last-Modified", "Date"] { #expect(answer[name] != nil, "\(name)") }
                #expect(answer["X-Content-Type-Options"] == "nosniff")
            }
        }
    }

    static let text = "text/plain; charset=utf-8"
    static let binary = "application/octet-stream"

    @Test func randomRangesTwoTimesTwoHundred() throws {
        var random = SystemRandomNumberGenerator()
        try withFiles { client, _ in
            for (target, bytes) in [("/small.txt", Self.small), ("/large.bin", Self.large)] {
                for _ in 0..<200 {
                    let first = Int.random(in: 0..<bytes.count, using: &random)
                    let last = Int.random(in: first..<bytes.count, using: &random)
                    let answer = try client.request("GET", target, headers: ["Range: bytes=\(first)-\(last)"])
                    guard answer.status == 206, answer.body == Array(bytes[first...last]) else {
                        Issue.record("\(target) \(first)-\(last): \(answer.status)")
                        return
                    }
                }
            }
        }
    }

    @Test func severalRangesAreAMultipartBodyOfTheStatedLength() throws {
        try withFiles { client, _ in
            for (target, bytes) in [("/small.txt", Self.small), ("/large.bin", Self.large)] {
                for ranges in [
                    [0..<1, 5..<6], [9_000..<10_000, 0..<100], Array((0..<32).map { $0 * 200..<$0 * 200 + 100 }),
                ] {
                    let field = ranges.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",")
                    let answer = try client.request("GET", target, headers: ["Range: bytes=\(field)"])
                    #expect(answer.status == 206 && answer["Content-Range"] == nil)
                    #expect(answer["Content-Length"] == "\(answer.body.count)")
                    let parts = try parts(of: answer)
                    #expect(parts.map(\.body) == ranges.map { Array(bytes[$0]) })
                    #expect(
                        parts.map(\.head)
                            == ranges.map {
                                [
                                    "Content-Type: \(target == "/small.txt" ? Self.text : Self.binary)",
                                    "Content-Range: bytes \($0.lowerBound)-\($0.upperBound - 1)/\(bytes.count)",
                                ]
                            })
                }
            }
        }
    }

    /// Takes a multipart body apart by its boundary alone (RFC 2046 section 5.1.1).
    private func parts(of answer: HTTPAnswer) throws -> [(head: [String], body: [UInt8])] {
        let type = try #require(answer["Content-Type"])
        #expect(type.hasPrefix("multipart/byteranges; boundary="))
        let boundary = try #require(type.split(separator: "=").last)
        #expect(boundary.count >= 16 && boundary.count <= 70)
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let body = [13, 10] + answer.body
        var marks: [Int] = []
        for start in body.indices.dropLast(delimiter.count) where body[start...].starts(with: delimiter) {
            marks.append(start)
        }
        #expect(body[marks[marks.count - 1]...].elementsEqual(delimiter + Array("--\r\n".utf8)))
        return try zip(marks, marks.dropFirst()).map { start, end in
            let part = body[(start + delimiter.count)..<end]
            let blank = try #require(part.indices.first { part[$0...].starts(with: [13, 10, 13, 10]) })
            let head = String(decoding: part[..<blank], as: UTF8.self)
            return (head.split(separator: "\r\n").map(String.init), Array(part[(blank + 4)...]))
        }
    }

    @Test func unsatisfiableRangesAre416() throws {
        try withFiles { first, server in
            var client = first
            for (target, field, size) in [
                ("/small.txt", "bytes=10000-", 10_000), ("/large.bin", "bytes=-0", 300_000),
                ("/empty.txt", "bytes=0-", 0), ("/small.txt", "bytes=20000-30000,99999-", 10_000),
            ] {
                let answer = try client.request("GET", target, headers: ["Range: \(field)"])
                #expect(answer.status == 416 && answer["Content-Range"] == "bytes */\(size)", "\(field)")
                #expect(try client.isClosedByServer())
                client = try server.client()
            }
            // The field of the error does not stay with the handler.
            #expect(try client.request("GET", "/small.txt").all("Content-Range").isEmpty)
        }
    }

    @Test func whatIsNoRangeGetsTheWhole() throws {
        try withFiles { client, _ in
            let many = (0..<33).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
            for field in ["bytes=5-4", "items=0-1", "bytes", "bytes=0-1;2", "bytes=\(many)"] {
                let answer = try client.request("GET", "/large.bin", headers: ["Range: \(field)"])
                #expect(answer.status == 200 && answer.body == Self.large, "\(field)")
            }
            #expect(try client.request("GET", "/empty.txt", headers: ["Range: bytes=-5"]).status == 200)
            let twice = ["Range: bytes=0-1", "Range: bytes=2-3"]
            #expect(try client.request("GET", "/small.txt", headers: twice).body == Self.small)
            // Only GET has ranges (RFC 9110 section 14.2); HEAD has the fields of the whole.
            let head = try client.request("HEAD", "/large.bin", headers: ["Range: bytes=0-1"])
            #expect(head.status == 200 && head["Content-Length"] == "300000" && head["Accept-Ranges"] == "bytes")
            #expect(try client.request("GET", "/list/", headers: ["Range: bytes=0-1"]).status == 200)
        }
    }

    @Test func ifRange() throws {
        try withFiles { client, _ in
            let full = try client.request("GET", "/large.bin")
            let tag = try #require(full["ETag"])
            let date = try #require(full["Last-Modified"])
            for (condition, status) in [
                (tag, 206), (date, 206), ("W/" + tag, 200), ("\"other\"", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
                ("nonsense", 200), ("*", 200),
            ] {
                let answer = try client.request(
                    "GET", "/large.bin", headers: ["Range: bytes=0-9", "If-Range: \(condition)"])
                #expect(answer.status == status && answer.body.count == (status == 206 ? 10 : 300_000), "\(condition)")
            }
        }
    }

    @Test("parts and whole answers in one pipeline keep their order")
    func pipeline() throws {
        try withFiles { client, _ in
            let fields = ["0-4", "5-9,100-104", "-5", "0-"]
            var text = ""
            for field in fields {
                for target in ["/large.bin", "/small.txt"] {
                    text += "GET \(target) HTTP/1.1\r\nHost: h\r\nRange: bytes=\(field)\r\n\r\n"
                }
            }
            try client.send(text)
            for field in fields {
                for bytes in [Self.large, Self.small] {
                    let answer = try client.receive()
                    #expect(answer.status == 206)
                    switch field {
                    case "0-4": #expect(answer.body == Array(bytes[..<5]))
                    case "-5": #expect(answer.body == Array(bytes[(bytes.count - 5)...]))
                    case "0-": #expect(answer.body == bytes)
                    default:
                        #expect(try parts(of: answer).map(\.body) == [Array(bytes[5..<10]), Array(bytes[100..<105])])
                    }
                }
            }
        }
    }
}
