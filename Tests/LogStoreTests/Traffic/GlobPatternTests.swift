// Patterns: the wildcards of GLOB, and hostile ones that must not take long.
import Testing

@testable import LogStore

@Suite struct GlobPatternTests {
    @Test(arguments: [
        ("/a/*", "/a/b/c", true), ("/a/*", "/b", false), ("*", "", true), ("", "", true), ("", "a", false),
        ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("a?c", "abc", true), ("a?c", "ac", false),
        ("a?c", "aäc", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[^a-c]x", "dx", true),
        ("[^a-c]x", "ax", false), ("[]x]", "]", true), ("[*]", "*", true), ("[*]", "a", false),
        ("*.php", "/x.PHP", false),
    ])
    func text_matchesAsWhole(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        let glob = try #require(GlobPattern(pattern))
        #expect(glob.matches(Array(text.utf8)) == isMatch, "\(pattern) \(text)")
    }

    @Test func case_countsUnlessToldOtherwise() throws {
        let glob = try #require(GlobPattern("Ex[A-C]*", ignoresCase: true))
        #expect(glob.matches(Array("eXbmple".utf8)))
        #expect(!glob.matches(Array("exd".utf8)))
    }

    @Test func partial_holdsWithoutWildcardsOnly() throws {
        #expect(try #require(GlobPattern("curl", isPartial: true)).matches(Array("xx curl/8".utf8)))
        #expect(try !#require(GlobPattern("curl*", isPartial: true)).matches(Array("xx curl/8".utf8)))
    }

    @Test(arguments: ["[", "[a", "[^", "[z-a]", "[a-ä]"]) func openSet_isRefused(_ pattern: String) {
        #expect(GlobPattern(pattern) == nil)
    }

    @Test func hostilePattern_endsSoon() throws {
        #expect(GlobPattern(String(repeating: "a", count: 1025)) == nil)
        let glob = try #require(GlobPattern(String(repeating: "*a", count: 400) + "b"))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 60_000)
        let start = ContinuousClock.now
        #expect(!glob.matches(text))
        // Recursion would take longer than the universe is old.
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
