// A descriptor closes when its owner lets go of it, not before and not when it was released.
import LinuxSyscalls
import SystemPackage
import Testing

struct DescriptorTests {
    @Test func closesWithItsOwner() throws {
        let ends = try DescriptorIO.makePipe()
        let reading = ends.read.rawValue
        try DescriptorIO.writeAll("last words", to: ends.write.rawValue)
        let kept = ends.keepRead()  // the writing end closes here
        #expect(try DescriptorIO.read(from: reading, atMost: 100) == Array("last words".utf8))
        #expect(try DescriptorIO.read(from: kept.rawValue, atMost: 100).isEmpty, "end of input: the writer is closed")
    }

    @Test func staysOpenWhenReleased() throws {
        let ends = try DescriptorIO.makePipe()
        let second = try ends.write.duplicate()
        let reading = try ends.read.duplicate()
        _ = consume ends
        let raw = second.release()
        #expect(throws: Errno.wouldBlock) { try DescriptorIO.read(from: reading.rawValue, atMost: 1) }
        let owner = Descriptor(owning: raw)
        _ = consume owner
        #expect(try DescriptorIO.read(from: reading.rawValue, atMost: 1).isEmpty)
    }

    @Test func duplicatesShareTheOpenFile() throws {
        let ends = try DescriptorIO.makePipe()
        let copy = try ends.write.duplicate()
        #expect(copy.rawValue != ends.write.rawValue && copy.rawValue >= 3)
        try DescriptorIO.writeAll("by the copy", to: copy.rawValue)
        #expect(try DescriptorIO.read(from: ends.read.rawValue, atMost: 100) == Array("by the copy".utf8))
    }

    @Test func pipesDoNotBlockUnlessAsked() throws {
        let ends = try DescriptorIO.makePipe()
        #expect(throws: Errno.wouldBlock) { try DescriptorIO.read(from: ends.read.rawValue, atMost: 1) }
        try DescriptorIO.setNonBlocking(ends.read.rawValue, false)
        try DescriptorIO.writeAll("x", to: ends.write.rawValue)
        #expect(try DescriptorIO.read(from: ends.read.rawValue, atMost: 1) == [UInt8(ascii: "x")])
        try DescriptorIO.setNonBlocking(ends.read.rawValue, true)
        #expect(throws: Errno.wouldBlock) { try DescriptorIO.read(from: ends.read.rawValue, atMost: 1) }
    }

    @Test func writesAllOfATextLongerThanOneWrite() throws {
        let file = try File.openUnnamed(in: "/tmp")
        let text = String(repeating: "0123456789", count: 300_000)
        try DescriptorIO.writeAll(text, to: file.rawValue)
        #expect(try File.status(of: file.rawValue).size == 3_000_000)
    }

    @Test func saysWhatFailed() {
        #expect(throws: Errno.badFileDescriptor) { try DescriptorIO.writeAll("x", to: -1) }
        #expect(throws: Errno.badFileDescriptor) { try DescriptorIO.read(from: -1, atMost: 1) }
    }
}
