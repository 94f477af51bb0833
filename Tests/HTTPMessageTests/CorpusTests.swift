// Every message of the corpus gives what is written beside it, however it is cut.
import FuzzTargets
import TestSupport
import Testing

@Suite("The corpus of messages")
struct CorpusTests {
    @Test("enough cases, each with a citation and an outcome of its folder")
    func isWellFormed() {
        #expect(CorpusCase.valid.count >= 110)
        #expect(CorpusCase.invalid.count >= 320)
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

    @Test("bytes behind a message change nothing", arguments: CorpusCase.valid + CorpusCase.invalid)
    func withMoreBehind(_ message: CorpusCase) {
        // More than a name that is found in one look; colons, so that one found too far away would show.
        let behind = Array("Behind: a:b:c:d:e:f:g:h:i:j:k:l".utf8)
        let said = reader(message).describe(message.bytes + behind, cutAt: [])
        if message.expected.hasPrefix("reject ") {
            #expect(said == message.expected)
        } else {
            let separator = message.expected.contains("\nrest ") ? "" : "\nrest "
            #expect(said == message.expected + separator + String(decoding: behind, as: UTF8.self))
        }
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

    @Test("damaged messages: whatever comes of them, it is the same in one piece and byte by byte")
    func damaged() {
        var random = SplitMix64(state: 42)
        let messages = CorpusCase.valid + CorpusCase.invalid
        let splices = [
            "\r\n", "\n", "\r", ":", " ", "\t", "\0", ",", "0", "chunked", "Content-Length: 1\r\n", "%", "\u{7F}",
        ]
        for round in 0..<4_000 {
            let message = messages[random.next(below: messages.count)]
            var bytes = message.bytes
            for _ in 0...random.next(below: 3) {
                let place = random.next(below: bytes.count + 1)
                switch random.next(below: 4) {
                case 0 where place < bytes.count: bytes[place] = UInt8(random.next(below: 256))
                case 1 where place < bytes.count: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: splices[random.next(below: splices.count)].utf8, at: place)
                default: bytes += messages[random.next(below: messages.count)].bytes.suffix(place)
                }
            }
            let whole = reader(message).describe(bytes, cutAt: [])
            let pieces = reader(message).describe(bytes, cutAt: 0..<bytes.count)
            #expect(whole == pieces, "round \(round): \(escape(bytes))")
        }
    }

    private func reader(_ message: CorpusCase) -> MessageReader {
        MessageReader(allowsHTTP09: message.options.contains("http09"))
    }
}

/// A small generator with a fixed start, so that a failure comes again (SplitMix64).
private struct SplitMix64 {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
