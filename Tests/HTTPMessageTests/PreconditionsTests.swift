// Every combination of the conditional fields, beside the order of RFC 9110 section 13.2.2 written down as it stands.
import HTTPMessage
import Testing

@Suite("Preconditions")
struct PreconditionsTests {
    static let modified: Int64 = 784_111_777
    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    static func evaluate(
        _ fields: [String], method: String = "GET", tag: String = #""1""#, modified: Int64? = modified
    ) -> Preconditions {
        let head = ["\(method) / HTTP/1.1", "Host: h"] + fields + ["", ""]
        let bytes = Array(head.joined(separator: "\r\n").utf8)
        var parser = RequestParser()
        #expect(parser.parse(bytes.span.octets) == .request, "\(fields)")
        return Preconditions(
            of: parser.head, in: bytes.span.octets, tag: tag.utf8.span.octets, lastModifiedSeconds: modified,
            nowSeconds: 1_763_800_000)
    }

    /// What a field holds, and what that means: nil if it does not count.
    typealias Value = (text: String?, holds: Bool?)

    static let ifMatch: [Value] = [
        (nil, nil), (#""1""#, true), ("*", true), (#""0", "1""#, true), (#""2""#, false), (#"W/"1""#, false),
        ("garbage", false),
    ]
    static let ifUnmodifiedSince: [Value] = [
        (nil, nil), (date, true), (after, true), (before, false), ("garbage", nil), ("\(before), \(before)", nil),
    ]
    static let ifNoneMatch: [Value] = [
        (nil, nil), (#""1""#, false), (#"W/"1""#, false), ("*", false), (#""2""#, true), ("garbage", true),
    ]
    static let ifModifiedSince: [Value] = [
        (nil, nil), (before, true), (date, false), (after, false), ("Sunday, 06-Nov-94 08:49:37 GMT", false),
        ("garbage", nil), ("\(after), \(after)", nil),
    ]
    /// Whether the ranges count.
    static let range: [(range: String?, ifRange: String?, counts: Bool)] = [
        (nil, nil, false), (nil, #""1""#, false), ("bytes=0-1", nil, true), ("bytes=0-1", #""1""#, true),
        ("bytes=0-1", #"W/"1""#, false), ("bytes=0-1", #""2""#, false), ("bytes=0-1", date, true),
        ("bytes=0-1", before, false), ("bytes=0-1", after, false), ("bytes=0-1", "garbage", false),
        ("bytes=0-1", #""1", "2""#, false), ("bytes=0-1", "*", false),
    ]

    /// RFC 9110 section 13.2.2, step by step.
    static func expected(
        _ method: String, _ ifMatch: Bool?, _ ifUnmodifiedSince: Bool?, _ ifNoneMatch: Bool?, _ ifModifiedSince: Bool?,
        rangesCount: Bool
    ) -> Preconditions {
        let isGetOrHead = method == "GET" || method == "HEAD"
        // 1 and 2.
        if let ifMatch {
            if !ifMatch { return .failed }
        } else if ifUnmodifiedSince == false {
            return .failed
        }
        // 3 and 4.
        if let ifNoneMatch {
            if !ifNoneMatch { return isGetOrHead ? .notModified : .failed }
        } else if isGetOrHead, ifModifiedSince == false {
            return .notModified
        }
        // 5 and 6.
        return method == "GET" && rangesCount ? .performOnRanges : .perform
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "get"])
    func everyCombination(_ method: String) {
        for match in Self.ifMatch {
            for unmodified in Self.ifUnmodifiedSince {
                for noneMatch in Self.ifNoneMatch {
                    for modified in Self.ifModifiedSince {
                        for range in Self.range {
                            let lines = [
                                ("If-Range", range.ifRange), ("If-Modified-Since", modified.text),
                                ("Range", range.range), ("If-None-Match", noneMatch.text),
                                ("If-Unmodified-Since", unmodified.text), ("If-Match", match.text),
                            ].compactMap { name, value in value.map { "\(name): \($0)" } }
                            let expected = Self.expected(
                                method, match.holds, unmodified.holds, noneMatch.holds, modified.holds,
                                rangesCount: range.counts)
                            let found = Self.evaluate(lines, method: method)
                            if found != expected { Issue.record("\(method) \(lines): \(found), not \(expected)") }
                        }
                    }
                }
            }
        }
    }

    @Test("what may not be repeated does not count twice; lists go on in the next line")
    func repeated() {
        #expect(Self.evaluate(["Range: bytes=0-1", "Range: bytes=0-1"]) == .perform)
        #expect(Self.evaluate(["Range: bytes=0-1", "If-Range: \"1\"", "If-Range: \"1\""]) == .perform)
        #expect(Self.evaluate(["If-Modified-Since: \(Self.date)", "If-Modified-Since: \(Self.date)"]) == .perform)
        #expect(
            Self.evaluate(["If-Unmodified-Since: \(Self.before)", "If-Unmodified-Since: \(Self.date)"]) == .perform)
        #expect(Self.evaluate(["If-None-Match: \"2\"", "If-None-Match: \"1\""]) == .notModified)
        #expect(Self.evaluate(["If-Match: \"2\"", "If-Match: \"1\""]) == .perform)
        #expect(Self.evaluate(["If-Match: \"2\"", "If-Match: \"3\""]) == .failed)
    }

    @Test("a weak tag says that the date is weak too (RFC 9110 section 8.8.2.2)")
    func weak() {
        let tag = #"W/"1""#
        #expect(Self.evaluate(["If-None-Match: \"1\""], tag: tag) == .notModified)
        #expect(Self.evaluate(["If-Modified-Since: \(Self.date)"], tag: tag) == .notModified)
        #expect(Self.evaluate(["If-Match: \(tag)"], tag: tag) == .failed)
        #expect(Self.evaluate(["If-Match: *"], tag: tag) == .perform)
        #expect(Self.evaluate(["Range: bytes=0-1"], tag: tag) == .performOnRanges)
        for condition in [tag, #""1""#, Self.date] {
            #expect(Self.evaluate(["Range: bytes=0-1", "If-Range: \(condition)"], tag: tag) == .perform)
        }
    }

    @Test("without tag and date, only the asterisk is a condition")
    func withoutValidators() {
        func evaluate(_ field: String) -> Preconditions { Self.evaluate([field], tag: "", modified: nil) }
        #expect(evaluate("If-Match: *") == .perform)
        #expect(evaluate("If-Match: \"1\"") == .failed)
        #expect(evaluate("If-None-Match: *") == .notModified)
        #expect(evaluate("If-None-Match: \"1\"") == .perform)
        #expect(evaluate("If-Modified-Since: \(Self.after)") == .perform)
        #expect(evaluate("If-Unmodified-Since: \(Self.before)") == .perform)
        #expect(Self.evaluate(["Range: bytes=0-1", "If-Range: \(Self.date)"], tag: "", modified: nil) == .perform)
    }
}
