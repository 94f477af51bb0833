// Buffers keep their content in order while they grow, are consumed, edited and emptied.
import LinuxSyscalls
import Testing

struct ByteBufferTests {
    @Test func growsWithoutLosingBytes() {
        let buffer = ByteBuffer(capacity: 4)
        let expected = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        for byte in expected { buffer.append(byte) }
        #expect(content(buffer) == expected)
        #expect(buffer.capacity >= 10_000)
    }

    @Test(arguments: [("a", "b"), ("", "b"), ("a", ""), ("Content-Type", String(repeating: "x", count: 300))])
    func appendsLines(_ first: String, _ second: String) {
        let buffer = ByteBuffer(capacity: 4)
        buffer.append("kept")
        buffer.appendLine(first.utf8.span.raw, separator: ": ", second.utf8.span.raw)
        #expect(text(buffer) == "kept\(first): \(second)\r\n")
    }

    @Test func reservesByMovingBeforeGrowing() {
        let buffer = ByteBuffer(capacity: 8)
        buffer.append("abcdefgh")
        buffer.discard(6)
        buffer.append("ijklmn")
        #expect(text(buffer) == "ghijklmn")
        #expect(buffer.capacity == 8)
        buffer.append("o")
        #expect(text(buffer) == "ghijklmno")
    }

    @Test func discardsFromTheFront() {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append("head body")
        buffer.discard(5)
        #expect(text(buffer) == "body")
        #expect(buffer[0] == UInt8(ascii: "b") && buffer[3] == UInt8(ascii: "y"))
        buffer.discard(4)
        #expect(buffer.isEmpty && buffer.count == 0)
    }

    @Test(arguments: [(0, "XYabcdef"), (3, "abcXYdef"), (6, "abcdefXY")])
    func insertsAt(offset: Int, expected: String) {
        // Behind a discarded byte and in a full buffer, so that the insertion has to move and to grow.
        let buffer = ByteBuffer(capacity: 7)
        buffer.append("-abcdef")
        buffer.discard(1)
        buffer.insert([UInt8]("XY".utf8).rawBytes, at: offset)
        #expect(text(buffer) == expected)
    }

    @Test func overwritesInPlaceAndTruncates() {
        let buffer = ByteBuffer(capacity: 4)
        buffer.append("?length: 0000\r\n")
        buffer.discard(1)
        buffer.overwrite([UInt8]("1234".utf8).rawBytes, at: 8)
        #expect(text(buffer) == "length: 1234\r\n")
        buffer.truncate(to: 6)
        #expect(text(buffer) == "length")
    }

    @Test func findsAByteAndTakesBytesOut() {
        let buffer = ByteBuffer(capacity: 4)
        buffer.append("-abcabc")
        buffer.discard(1)
        #expect(buffer.firstIndex(of: UInt8(ascii: "c")) == 2)
        #expect(buffer.firstIndex(of: UInt8(ascii: "c"), from: 3) == 5)
        #expect(buffer.firstIndex(of: UInt8(ascii: "-")) == nil && buffer.firstIndex(of: 97, from: 6) == nil)
        buffer.remove(2, at: 1)
        #expect(text(buffer) == "aabc")
        buffer.remove(1, at: 3)
        #expect(text(buffer) == "aab")
    }

    @Test func takesNothingGracefully() {
        let buffer = ByteBuffer(capacity: 1)
        let nothing: [UInt8] = []
        buffer.append("")
        buffer.append("" as String)
        buffer.append(nothing.rawBytes)
        buffer.insert(nothing.rawBytes, at: 0)
        buffer.overwrite(nothing.rawBytes, at: 0)
        buffer.discard(0)
        #expect(buffer.isEmpty)
    }

    @Test func takesAStringOfAnyLength() {
        let buffer = ByteBuffer(capacity: 2)
        let name: String = "Grüße, 世界 "
        buffer.append(name)
        buffer.append(String(repeating: "é", count: 500))
        #expect(text(buffer) == name + String(repeating: "é", count: 500))
    }

    @Test func writesDecimalNumbersOfEveryLength() {
        var numbers: [UInt64] = [0, UInt64.max, UInt64.max - 1]
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            numbers += [power - 1, power, power + 1]
        }
        for number in numbers {
            let buffer = ByteBuffer(capacity: 1)
            buffer.append(decimal: number)
            #expect(text(buffer) == String(number))
        }
    }

    private func content(_ buffer: ByteBuffer) -> [UInt8] {
        (0..<buffer.count).map { buffer[$0] }
    }

    private func text(_ buffer: ByteBuffer) -> String {
        String(decoding: content(buffer), as: UTF8.self)
    }
}
