// Every message of the corpus gives what is written beside it, however it is cut.
import Testing

@Suite("The corpus of messages")
struct CorpusTests {
    @Test("enough cases, each with a citation and an outcome of its folder")
    func isWellFormed() {
        #expect(CorpusCase.valid.count >= 60)
        #expect(CorpusCase.invalid.count >= 150)
        for message in CorpusCase.valid + CorpusCase.invalid {
            #expect(!message.citation.isEmpty, "\(message.name)")
            #expect(message.options.isSubset(of: ["http09"]), "\(message.name)")
        }
        for message in CorpusCase.valid { #expect(message.expected.hasPrefix("request "), "\(message.name)") }
        for message in CorpusCase.invalid { #expect(message.expected.hasPrefix("reject "), "\(message.name)") }
    }

    @Test(arguments: CorpusCase.valid + CorpusCase.invalid)
    func inOnePiece(_ message: CorpusCase) {
        #expect(reader(message).describe(message.bytes, cutAt: []) == message.expected)
    }

    @Test(arguments: CorpusCase.valid + CorpusCase.invalid)
    func inTwoPieces(_ message: CorpusCase) {
        for cut in 0...message.bytes.count {
            #expect(reader(message).describe(message.bytes, cutAt: [cut]) == message.expected, "cut at \(cut)")
        }
    }

    @Test(arguments: CorpusCase.valid + CorpusCase.invalid)
    func byteByByte(_ message: CorpusCase) {
        #expect(reader(message).describe(message.bytes, cutAt: 0..<message.bytes.count) == message.expected)
    }

    @Test("a message that isn't complete is neither accepted nor refused", arguments: CorpusCase.valid)
    func truncated(_ message: CorpusCase) {
        let full = reader(message).describe(message.bytes, cutAt: [])
        let rest = full.split(separator: "\n").last { $0.hasPrefix("rest ") }
        for count in 0..<message.bytes.count {
            let said = reader(message).describe(Array(message.bytes[..<count]), cutAt: [])
            // Only what belongs to the next request may be missing.
            #expect(
                said.hasPrefix("incomplete") || rest != nil && said.hasPrefix("request "), "\(count) bytes: \(said)")
        }
    }

    private func reader(_ message: CorpusCase) -> MessageReader {
        MessageReader(allowsHTTP09: message.options.contains("http09"))
    }
}
