// The bit sets against the lists of characters in the RFCs.
import HTTPMessage
import Testing

@Suite("Sets of characters")
struct ByteSetTests {
    static let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    @Test(
        arguments: [
            (ByteSet.token, "!#$%&'*+-.^_`|~" + alphanumeric),
            (ByteSet.registeredName, "-._~!$&'()*+,;=" + alphanumeric),
            (ByteSet.hexadecimal, "0123456789abcdefABCDEF"),
        ])
    func membersAreThoseOfTheGrammar(_ set: ByteSet, _ members: String) {
        for byte in UInt8.min...UInt8.max { #expect(set.contains(byte) == members.utf8.contains(byte), "\(byte)") }
    }
}
