// Targets cut, decoded and reduced: nothing leaves the root, whatever it is written with.
import FuzzTargets
import HTTPMessage
import Testing

@Suite("Target paths")
struct TargetPathTests {
    /// The decoded path, escaped, or the status of the rejection.
    static func decode(_ path: String) -> String {
        var result = Array("left over".utf8)
        do throws(Rejection) {
            try TargetPath.decode(path.utf8.span.octets, into: &result)
            return escape(result)
        } catch {
            return "\(error.status)"
        }
    }

    @Test(arguments: [
        ("/", "/"), ("", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/a/b.html", "/a/b.html"), ("/a%20b", "/a b"),
        ("//", "/"), ("//a", "/a"), ("/a//b", "/a/b"), ("/a///", "/a/"), ("/./", "/"), ("/.", "/"), ("/a/.", "/a/"),
        ("/./a/./b/.", "/a/b/"), ("/..", "/"), ("/../", "/"), ("/../..", "/"), ("/../a", "/a"), ("/a/..", "/"),
        ("/a/../", "/"), ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/b/../c", "/a/c"), ("/a/b/../../..", "/"),
        ("/a/b/../../../../etc/passwd", "/etc/passwd"), ("/a/../../b/", "/b/"),
        ("/%2e%2e/etc", "/etc"), ("/%2E%2e/%2E./.%2e/etc", "/etc"), ("/a/%2e%2e%2fetc", "/etc"),
        ("/..%2f..%2fetc", "/etc"),
        ("/%2e", "/"), ("/a%2fb", "/a/b"), ("/a%2F", "/a/"), ("/a%2f%2fb", "/a/b"),
        ("/...", "/..."), ("/....//....//etc", "/..../..../etc"), ("/..a", "/..a"), ("/a..", "/a.."), ("/.a", "/.a"),
        ("/a.", "/a."),
        ("/.../..", "/"), ("/..;/a", "/..;/a"), ("/%252e%252e/etc", "/%2e%2e/etc"),
        ("/..\\..\\etc", "/..\\\\..\\\\etc"),
        ("/..%5c..", "/..\\\\.."), ("/%c0%ae%c0%ae/etc", "/\\xc0\\xae\\xc0\\xae/etc"), ("/%ff", "/\\xff"),
        ("/%E4%bd%A0", "/\\xe4\\xbd\\xa0"),
        ("/a+b", "/a+b"), ("/%0d%0a", "/\\r\\n"), ("/%3F%23", "/?#"), ("/a/%20/..", "/a/"), ("a/b", "/a/b"),
        ("..", "/"), ("*", "/*"),
    ])
    func decoded(_ path: String, _ expected: String) {
        #expect(Self.decode(path) == expected)
    }

    @Test(arguments: [
        "/%", "/%2", "/a%", "/%zz", "/%2g", "/%g2", "/%u002e", "/%%32%65", "/% 2", "/%+2", "/%00", "/a%00.html",
        "/\u{0}",
    ])
    func refused(_ path: String) {
        #expect(Self.decode(path) == "400")
    }

    @Test("every path of a few critical segments stays reduced and beneath the root")
    func invariants() {
        let segments = ["", ".", "..", "a", "%2e", "%2E%2e", ".%2e", "%2f", "..%2f", "b.", "%5c.."]
        for first in segments {
            for second in segments {
                for third in segments {
                    for fourth in segments {
                        let path = "/\(first)/\(second)/\(third)/\(fourth)"
                        let result = Self.decode(path)
                        let words = result.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
                        #expect(result.hasPrefix("/") && !words.contains(".") && !words.contains(".."), "\(path)")
                        #expect(!words.dropLast().contains(""), "\(path) gave \(result)")
                        #expect(
                            Self.decode(result.replacing("\\\\", with: "\\")) == result, "\(path) isn't reduced at once"
                        )
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("/", "/", nil), ("/a?b", "/a", "b"), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("/a#b", "/a", nil),
        ("/a?b#c", "/a", "b"),
        ("/a#b?c", "/a", nil), ("http://h", "", nil), ("http://h/", "/", nil), ("http://h/a?b", "/a", "b"),
        ("HTTPS://h:1?b", "", "b"),
        ("http://h#f", "", nil), ("//h/a", "//h/a", nil), ("*", "*", nil), ("/http://h/a", "/http://h/a", nil),
        ("httpx://h/a", "httpx://h/a", nil),
        ("", "", nil),
    ])
    func cut(_ target: String, _ path: String, _ query: String?) {
        let parts = TargetPath.split(target: target.utf8.span.octets)
        let bytes = Array(target.utf8)
        #expect(String(decoding: bytes[parts.path], as: UTF8.self) == path)
        #expect(parts.query.map { String(decoding: bytes[$0], as: UTF8.self) } == query)
    }

    @Test(arguments: [
        ("http://h", "h"), ("http://h:80/a", "h:80"), ("https://[::1]?a", "[::1]"), ("HtTp://h#f", "h"), ("/a", nil),
        ("h:80", nil), ("http:/h", nil),
        ("https:h", nil), ("http://", ""),
    ])
    func authority(_ target: String, _ expected: String?) {
        let bytes = Array(target.utf8)
        let authority = TargetPath.authority(of: bytes.span.octets)
        #expect(authority.map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
    }

    @Test func percentEscapes() {
        #expect(TargetPath.percentDecoded("a%2fb%00+%C3%a9".utf8) == Array("a/b\0+\u{e9}".utf8))
        for text in ["%", "%4", "%g0", "a%0x"] { #expect(TargetPath.percentDecoded(text.utf8) == nil) }
    }
}
