// A doubled mapping shows each byte twice, and mappings of one file share their bytes.
import LinuxSyscalls
import SystemPackage
import Testing

struct MemoryMappingTests {
    private let length = 65_536

    @Test func aWriteAcrossTheEndAppearsAtTheStart() throws {
        let file = try makeFile()
        let mapping = try MemoryMapping(twice: file.rawValue, offset: 0, length: length)
        #expect(mapping.byteCount == 2 * length)
        for index in 0..<8 {
            unsafe mapping.baseAddress.storeBytes(
                of: UInt8(index + 1), toByteOffset: length - 4 + index, as: UInt8.self)
        }
        let start = (0..<4).map { unsafe mapping.baseAddress.load(fromByteOffset: $0, as: UInt8.self) }
        #expect(start == [5, 6, 7, 8])
        #expect(try File.read(file.rawValue, at: Int64(length) - 4, count: 10) == [1, 2, 3, 4])
    }

    @Test func mapsFromAnOffset() throws {
        let file = try makeFile()
        try File.truncate(file.rawValue, to: Int64(2 * length))
        let whole = try MemoryMapping(file: file.rawValue, length: 2 * length)
        let second = try MemoryMapping(twice: file.rawValue, offset: length, length: length)
        unsafe second.baseAddress.storeBytes(of: 7, toByteOffset: length, as: UInt8.self)
        #expect(unsafe whole.baseAddress.load(fromByteOffset: length, as: UInt8.self) == 7)
    }

    @Test func outlivesItsDescriptor() throws {
        let file = try makeFile()
        let other = try file.duplicate()
        let mapping = try MemoryMapping(file: file.rawValue, length: length)
        _ = consume file
        unsafe mapping.baseAddress.storeBytes(of: 9, as: UInt8.self)
        #expect(try File.read(other.rawValue, at: 0, count: 1) == [9])
    }

    @Test func refusesWhatCannotBeMapped() throws {
        let file = try makeFile()
        #expect(throws: Errno.invalidArgument) {
            try MemoryMapping(twice: file.rawValue, offset: 1, length: length).byteCount
        }
        #expect(throws: Errno.badFileDescriptor) { try MemoryMapping(file: -1, length: length).byteCount }
    }

    private func makeFile() throws -> Descriptor {
        let file = try File.openUnnamed(in: "/tmp")
        try File.allocate(file.rawValue, length: Int64(length))
        return file
    }
}
