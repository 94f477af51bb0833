// The table of status codes and the wording of rejections.
import HTTPMessage
import Testing

@Suite("Phrases")
struct ResponsePhrasesTests {
    @Test func tableIsThatOfPython() {
        let codes = ResponsePhrases.all.map(\.code)
        #expect(codes == codes.sorted() && Set(codes).count == codes.count)
        let python =
            [100, 101, 102, 103] + Array(200...208) + [226] + Array(300...305) + [307, 308] + Array(400...418)
            + Array(421...426) + [428, 429, 431, 451] + Array(500...508) + [510, 511]
        #expect(codes == python)
    }

    @Test(arguments: ResponsePhrases.all)
    func isFound(_ entry: ResponsePhrases.Entry) {
        #expect(ResponsePhrases.entry(entry.code) == entry)
        #expect(ResponsePhrases.phrase(entry.code) == entry.phrase && !entry.phrase.isEmpty)
        #expect(ResponsePhrases.explanation(entry.code) == entry.explanation)
    }

    @Test(arguments: [Int.min, -1, 0, 99, 104, 306, 419, 420, 427, 430, 509, 512, 999, Int.max])
    func unassigned(_ code: Int) {
        #expect(ResponsePhrases.entry(code) == nil && ResponsePhrases.phrase(code) == nil)
    }

    @Test func phrasesOfPython313() {
        #expect(ResponsePhrases.phrase(413) == "Content Too Large")
        #expect(ResponsePhrases.phrase(414) == "URI Too Long")
        #expect(ResponsePhrases.phrase(416) == "Range Not Satisfiable")
        #expect(ResponsePhrases.phrase(418) == "I'm a Teapot")
        #expect(ResponsePhrases.phrase(422) == "Unprocessable Content")
    }

    @Test(
        "text is quoted as Python's repr does",
        arguments: [
            ("a", "'a'"), ("a'b", "\"a'b\""), ("a'\"b", "'a\\'\"b'"), ("\\\t\r\n", "'\\\\\\t\\r\\n'"),
            ("\u{0}\u{1B}\u{7F}", "'\\x00\\x1b\\x7f'"),
            ("\u{E4}\u{85}\u{A0}\u{AD}", "'\u{E4}\\x85\\xa0\\xad'"),
        ])
    func quoting(_ text: String, _ expected: String) {
        #expect(Rejection.quote(text) == expected)
    }
}
