// The index of known fields: each is found in any case, and nothing else is.
import FuzzTargets
import HTTPMessage
import Testing

@Suite("Known fields")
struct KnownFieldTests {
    static func field(_ bytes: [UInt8]) -> KnownField? { KnownField(name: bytes.span.octets) }

    @Test(arguments: KnownField.allCases)
    func foundInAnyCase(_ field: KnownField) {
        #expect(Self.field(Array(field.name.utf8)) == field)
        #expect(Self.field(Array(field.name.uppercased().utf8)) == field)
        #expect(field.name == field.name.lowercased())
    }

    @Test(
        "a name that differs in one byte is another name, unless that byte is the same letter",
        arguments: KnownField.allCases)
    func nothingElse(_ field: KnownField) {
        let name = Array(field.name.utf8)
        for place in name.indices {
            for byte in UInt8.min...UInt8.max where byte != name[place] {
                var other = name
                other[place] = byte
                let isSameLetter =
                    Unicode.Scalar(byte).properties.isAlphabetic && byte < 128 && byte | 0x20 == name[place]
                if (Self.field(other) == field) != isSameLetter { Issue.record("\(escape(other))") }
            }
        }
        #expect(Self.field(Array(name.dropLast())) != field)
        #expect(Self.field(name + [UInt8(ascii: "s")]) != field)
        #expect(Self.field(name + [UInt8](repeating: UInt8(ascii: "a"), count: 24)) == nil)
    }

    @Test func noName() {
        #expect(Self.field([]) == nil)
    }

    @Test("the bits of a word suffice for all")
    func fewEnough() {
        #expect(KnownField.allCases.count <= 64)
    }
}
