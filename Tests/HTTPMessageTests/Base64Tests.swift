// The base64 coding: the examples of the RFC, and what is none.
import HTTPMessage
import Testing

@Suite("Base64")
struct Base64Tests {
    private func decode(_ text: String) -> String? {
        Base64.decode(text.utf8).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("The examples of RFC 4648 section 10, with and without padding")
    func examples() {
        for (code, text) in [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"), ("Zg", "f"), ("Zm8", "fo"),
        ] {
            #expect(decode(code) == text)
        }
        #expect(Base64.decode("+/+/".utf8) == [0xfb, 0xff, 0xbf])
    }

    @Test(arguments: ["Z", "Zh==", "Zm9=", "Zg===", "Zg=a", "=", "Zm9v=", "Z g=", "Zm-_", "Zm9v\n", "\u{e9}"])
    func refused(_ code: String) {
        #expect(Base64.decode(code.utf8) == nil)
    }
}
