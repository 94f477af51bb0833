// Names, values and phrases, byte for byte against the grammar, at every place of a word.
import HTTPMessage
import Testing

@Suite("Field syntax")
struct FieldSyntaxTests {
    static func isToken(_ bytes: [UInt8]) -> Bool { FieldSyntax.isToken(bytes.span.octets) }
    static func isFieldValue(_ bytes: [UInt8]) -> Bool { FieldSyntax.isFieldValue(bytes.span.octets) }
    static func isReasonPhrase(_ bytes: [UInt8]) -> Bool { FieldSyntax.isReasonPhrase(bytes.span.octets) }

    @Test("one byte of every value at every place of a value of every length up to three words")
    func values() {
        for count in 1...20 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                    bytes[place] = byte
                    let allowed = byte == 9 || byte >= 32 && byte != 127
                    if Self.isFieldValue(bytes) != allowed {
                        Issue.record("\(byte) at \(place) of \(count)")
                    }
                    if Self.isReasonPhrase(bytes) != allowed { Issue.record("\(byte) at \(place)") }
                }
            }
        }
    }

    @Test("a control character among tabs and non-ASCII bytes is found")
    func mixed() {
        for filler in [UInt8(9), 0x80, 0xFF, 0x20, 0x7E] {
            var bytes = [UInt8](repeating: filler, count: 17)
            #expect(Self.isFieldValue(bytes))
            for place in bytes.indices {
                bytes[place] = 10
                #expect(!Self.isFieldValue(bytes))
                bytes[place] = filler
            }
        }
    }

    @Test func tokens() {
        for byte in UInt8.min...UInt8.max {
            #expect(Self.isToken([UInt8(ascii: "a"), byte]) == ByteSet.token.contains(byte))
        }
        #expect(!Self.isToken([]))
        #expect(Self.isFieldValue([]))
    }

    @Test func latin1() {
        let bytes = [UInt8]("a\u{0}z".utf8) + [0xE4, 0xFF, 0x80]
        #expect(bytes.span.octets.latin1(ByteRange(0..<6)) == "a\u{0}z\u{E4}\u{FF}\u{80}")
        #expect(bytes.span.octets.latin1(ByteRange(2..<3)) == "z")
        #expect(bytes.span.octets.latin1(.empty) == "")
    }
}
