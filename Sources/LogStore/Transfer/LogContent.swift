// The lines of a log file, whatever it is compressed with, and how far it was read.
internal import LinuxSyscalls
internal import SystemPackage

/// How a line ends.
enum LogLineEnd {
    /// With a newline.
    case whole
    /// Nowhere yet: it is longer than ``LogContent/lineLimit``, and this is a part of it.
    case cut
    /// With the content: what writes it may not be done with it.
    case unfinished
}

/// A log that is read line by line. Compressed ones are known by their first bytes, and read through the program that
/// goes with them.
final class LogContent {
    /// Bytes of a line; Apache and nginx end requests at 8 KiB of head by default.
    static let lineLimit = 1 << 18
    private static let chunk = 1 << 18

    /// The programs, by the first bytes of what they write.
    private static let programs: [(magic: [UInt8], name: String)] = [
        ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), (Array("BZh".utf8), "bzip2"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
    ]

    /// What it is called, for people.
    let name: String
    /// Bytes on disk.
    let fileBytes: Int64
    private let file: Descriptor
    private let program: String?
    private var decompression: Decompression?
    private let buffer = ByteBuffer(capacity: LogContent.chunk)
    private var isAtEnd = false
    private var isInLongLine = false

    /// Bytes of the content, when it is not compressed, that were given as lines.
    private(set) var offset: Int64 = 0

    /// Opens a file, or standard input when the path is `-`.
    ///
    /// - Throws: ``LogReadError``.
    init(_ path: String) throws {
        do {
            name = path == "-" ? "standard input" : path
            file = try path == "-" ? Self.spooledInput() : File.open(FilePath(path), .readOnly)
            let status = try File.status(of: file.rawValue)
            guard status.kind == .regular else { throw Errno.isDirectory }
            fileBytes = status.size
            let head = try File.read(file.rawValue, at: 0, count: 6)
            program = Self.programs.first { head.starts(with: $0.magic) }?.name
        } catch Errno.isDirectory {
            throw LogReadError(.unreadable, "\(path) is no regular file; name the log files themselves")
        } catch {
            throw LogReadError(.unreadable, "cannot read \(path): \(error)")
        }
        try rewind(to: 0)
    }

    /// A pipe cannot be read twice, and a known content is read again from its beginning.
    private static func spooledInput() throws -> Descriptor {
        let directory = CurrentProcess.environment("TMPDIR") ?? "/tmp"
        let spool = try File.openUnnamed(in: FilePath(directory))
        while true {
            let bytes = try DescriptorIO.read(from: 0, atMost: chunk)
            if bytes.isEmpty { return spool }
            try DescriptorIO.writeAll(bytes.rawBytes, to: spool.rawValue)
        }
    }

    /// Bytes on disk that were read.
    var fileOffset: Int64 { (try? File.position(file.rawValue)) ?? 0 }

    /// Whether what stands at the end without a newline is whole all the same: nobody adds to a compressed file.
    var isFinished: Bool { program != nil }

    /// Goes to a place of the content.
    func rewind(to place: Int64) throws {
        decompression = nil
        buffer.removeAll()
        (isAtEnd, isInLongLine, offset) = (false, false, place)
        do {
            try File.seek(file.rawValue, to: program == nil ? place : 0)
        } catch {
            throw LogReadError(.unreadable, "cannot read \(name): \(error)")
        }
        guard program != nil else { return }
        try startProgram()
        var left = place
        while left > 0, try fill() {
            let passed = min(Int64(buffer.count), left)
            buffer.discard(Int(passed))
            left -= passed
        }
    }

    /// Gives the next line, without its newline, to `body`; false at the end.
    func next(_ body: (RawSpan, LogLineEnd) throws -> Void) throws -> Bool {
        var searched = 0
        while true {
            if let end = buffer.firstIndex(of: 10, from: searched), end <= Self.lineLimit {
                try give(end, 1, isInLongLine ? .cut : .whole, body)
                isInLongLine = false
                return true
            }
            // Parts of this length exactly: a content has the same lines whatever it is read through.
            if buffer.count > Self.lineLimit {
                isInLongLine = true
                try give(Self.lineLimit, 0, .cut, body)
                return true
            }
            searched = buffer.count
            let isMore = try fill()
            if !isMore {
                if buffer.isEmpty { return false }
                try give(buffer.count, 0, isInLongLine ? .cut : .unfinished, body)
                return true
            }
        }
    }

    private func give(
        _ count: Int, _ newline: Int, _ end: LogLineEnd, _ body: (RawSpan, LogLineEnd) throws -> Void
    ) throws {
        offset += Int64(count + newline)
        let buffer = buffer
        defer { buffer.discard(count + newline) }
        try body(buffer.bytes.extracting(first: count), end)
    }

    /// Reads more; false at the end.
    private func fill() throws -> Bool {
        if isAtEnd { return false }
        switch DescriptorIO.read(
            from: decompression?.output.rawValue ?? file.rawValue, into: buffer, atMost: Self.chunk)
        {
        case .bytes(0):
            isAtEnd = true
            try endProgram()
            return false
        case .bytes, .wouldBlock: return true
        case .failed(let error): throw LogReadError(.unreadable, "cannot read \(name): \(error)")
        }
    }

    private func startProgram() throws {
        guard let program else { return }
        let directories = (CurrentProcess.environment("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        guard
            let path = directories.map({ FilePath(String($0)).appending(program) }).first(where: File.isExecutable)
        else {
            throw LogReadError(
                .unreadable, "\(name) is compressed, and \(program) is not installed; install it, or pipe the log in: -"
            )
        }
        do {
            let ends = try DescriptorIO.makePipe()
            try DescriptorIO.setNonBlocking(ends.write.rawValue, false)
            try DescriptorIO.setNonBlocking(ends.read.rawValue, false)
            var launch = ProgramLaunch(path, input: file.rawValue, output: ends.write.rawValue, error: 2)
            launch.arguments = [Array("-dc".utf8)]
            decompression = Decompression(child: try launch.start(), output: ends.keepRead())
        } catch {
            throw LogReadError(.unreadable, "cannot run \(path) to read \(name): \(error)")
        }
    }

    /// What the program says at its end: a damaged file must not pass for a short one.
    private func endProgram() throws {
        guard let decompression, let program else { return }
        guard try decompression.end() == .exited(status: 0) else {
            throw LogReadError(
                .damaged,
                "\(program) could not read \(name) to its end: it is damaged, or cut off; what was stored of it "
                    + "before stays, and the next import goes on there")
        }
    }
}

/// A program that decompresses; it lives no longer than this.
private final class Decompression {
    let output: Descriptor
    private let child: ChildProcess
    private var collected: ProcessEnd?

    init(child: consuming ChildProcess, output: consuming Descriptor) {
        self.child = child
        self.output = output
    }

    deinit {
        // A content that is known already is left in the middle.
        guard collected == nil else { return }
        try? child.send(.kill)
        _ = try? end()
    }

    /// How the program ended, when it has.
    func end() throws(Errno) -> ProcessEnd {
        if let collected { return collected }
        let poll = try EventPoll(capacity: 1)
        try poll.add(child.rawValue, .read, token: 0)
        while true {
            if let end = try child.collect() {
                collected = end
                return end
            }
            _ = try poll.wait(timeoutMs: -1)
        }
    }
}
