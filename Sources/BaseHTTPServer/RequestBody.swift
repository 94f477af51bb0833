// The body of a request, complete before its handler runs: in memory, beyond a limit in a nameless file.
internal import HTTPMessage
internal import LinuxSyscalls
internal import SystemPackage

/// A stored request body.
final class RequestBody {
    private let memory = ByteBuffer(capacity: 4096)
    private var spool: Descriptor?
    /// Bytes stored.
    private(set) var count: Int64 = 0
    private let memoryLimit: Int
    private let directory: FilePath

    init(memoryLimit: Int, directory: FilePath) {
        self.memoryLimit = memoryLimit
        self.directory = directory
    }

    /// Adds bytes at the end.
    func append(_ bytes: RawSpan) throws(Errno) {
        count += Int64(bytes.byteCount)
        if spool == nil {
            memory.append(bytes)
            if memory.count <= memoryLimit { return }
            let file = try File.openUnnamed(in: directory)
            let memory = memory
            try DescriptorIO.writeAll(memory.bytes, to: file.rawValue)
            memory.removeAll()
            spool = consume file
        } else if let raw = spool?.rawValue {
            try DescriptorIO.writeAll(bytes, to: raw)
        }
    }

    /// Up to `limit` bytes from `offset` on.
    func read(at offset: Int64, atMost limit: Int) throws(Errno) -> [UInt8] {
        let wanted = Int(max(0, min(Int64(limit), count - offset)))
        if let raw = spool?.rawValue { return try File.read(raw, at: offset, count: wanted) }
        let memory = memory
        let part = memory.bytes.extracting(Int(offset)..<Int(offset) + wanted)
        return part.copied
    }

    /// The whole body as an open file at its first byte. A child that gets it reads by itself, so nobody waits for
    /// anybody.
    func open() throws(Errno) -> Descriptor {
        if let file = try spool?.duplicate() {
            try File.rewind(file.rawValue)
            return file
        }
        let file = try File.openUnnamed(in: directory)
        let memory = memory
        try DescriptorIO.writeAll(memory.bytes, to: file.rawValue)
        try File.rewind(file.rawValue)
        return file
    }
}

extension RawSpan {
    /// The bytes in an array of their own.
    var copied: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(byteCount)
        for offset in byteOffsets { result.append(byte(at: offset)) }
        return result
    }
}
