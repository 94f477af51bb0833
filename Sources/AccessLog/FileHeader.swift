// The first page of a ring file: written once by its maker, checked by everybody else.
internal import LinuxSyscalls
internal import SystemPackage

/// What the header says.
struct FileHeader {
    /// Numbers of the words that change: whether the writer sleeps, and the first of the refused requests.
    static let writerSleepingWord = 16
    static let refusedCountWord = 256
    private static let byteCount = 72

    let source: UInt64
    let bootID: [UInt8]
    let createdUs: Int64
    let layout: FileLayout

    /// The kernel's random id of this boot; zeros where it does not say.
    static func currentBootID() -> [UInt8] {
        guard let file = try? File.open("/proc/sys/kernel/random/boot_id", .readOnly),
            let text = try? DescriptorIO.read(from: file.rawValue, atMost: 64)
        else { return [UInt8](repeating: 0, count: 16) }
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32 else { return [UInt8](repeating: 0, count: 16) }
        return (0..<16).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }

    /// Reads and checks a header against its file's real size.
    static func read(_ file: CInt, path: FilePath) throws(LogRingError) -> FileHeader {
        let bytes: [UInt8]
        let size: Int64
        do {
            bytes = try File.read(file, at: 0, count: byteCount)
            size = try File.status(of: file).size
        } catch {
            throw .system(operation: "read", path: path, cause: error)
        }
        guard bytes.count == byteCount else { throw .damaged(path: path, what: "it is only \(bytes.count) bytes long") }
        func word(_ offset: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
        }
        guard word(0) == FileLayout.magic else { throw .damaged(path: path, what: "it does not begin like one") }
        guard word(8) == FileLayout.version else { throw .otherVersion(path: path, version: word(8)) }
        func count(_ offset: Int) -> Int { Int(exactly: word(offset)) ?? .max }
        let layout: FileLayout
        do {
            layout = try FileLayout(slotCount: count(48), entriesPerSlot: count(56), ringBytes: count(64))
        } catch {
            throw .damaged(path: path, what: "\(error)")
        }
        guard size >= layout.fileBytes else {
            throw .damaged(path: path, what: "it is \(size) bytes long and should be \(layout.fileBytes)")
        }
        guard word(16) >> 63 == 0 else { throw .damaged(path: path, what: "its source has 64 bits") }
        return FileHeader(
            source: word(16), bootID: Array(bytes[24..<40]), createdUs: Int64(bitPattern: word(40)), layout: layout)
    }

    private var bytes: [UInt8] {
        func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }
        return little(FileLayout.magic) + little(FileLayout.version) + little(source) + bootID
            + little(UInt64(bitPattern: createdUs)) + little(UInt64(layout.slotCount))
            + little(UInt64(layout.entriesPerSlot)) + little(UInt64(layout.ringBytes))
    }

    /// Makes a ring file under a temporary name, locks it, and gives it its name last.
    static func make(database: FilePath, layout: FileLayout) throws(LogRingError) -> LogRingFile {
        removeUnfinished(besides: database)
        var operation = "name"
        var temporary = database
        do {
            let source = try Random.bits64() >> 1
            let path = RingFileName.path(database, source)
            temporary = RingFileName.unfinished(path)
            operation = "create"
            let descriptor = try File.open(temporary, .readWrite, options: [.create, .exclusiveCreate])
            operation = "lock"
            guard try File.tryLock(descriptor.rawValue, exclusive: false) else { throw Errno.wouldBlock }
            operation = "allocate \(layout.fileBytes) bytes for"
            try File.allocate(descriptor.rawValue, length: Int64(layout.fileBytes))
            let header = FileHeader(
                source: source, bootID: currentBootID(), createdUs: Clock.realtimeUs(), layout: layout)
            operation = "write"
            try DescriptorIO.writeAll(header.bytes.span.raw, to: descriptor.rawValue)
            try File.write(
                ModuleTable.text(of: LoadedModule.all(), limit: FileLayout.modulesBytes).span.raw,
                to: descriptor.rawValue, at: Int64(layout.modulesOffset))
            operation = "rename"
            try File.rename(temporary, to: path)
            return try LogRingFile(descriptor, path: path, header: header, writable: true, ownTree: true)
        } catch let error as Errno {
            try? File.remove(temporary)
            throw .system(operation: operation, path: temporary, cause: error)
        } catch let error as LogRingError {
            throw error
        } catch {
            throw .damaged(path: temporary, what: "\(error)")
        }
    }

    /// Removes what makers left that were killed before the file had its name.
    private static func removeUnfinished(besides database: FilePath) {
        for path in RingFileName.list(besides: database, suffix: RingFileName.unfinishedSuffix) {
            if let file = try? File.open(path, .readOnly), (try? File.tryLock(file.rawValue, exclusive: true)) == true {
                try? File.remove(path)
            }
        }
    }
}

/// Names of ring files: `<database>-ring-<source in 16 hexadecimal digits>`.
enum RingFileName {
    static let unfinishedSuffix = ".new"

    static func path(_ database: FilePath, _ source: UInt64) -> FilePath {
        let digits = String(source, radix: 16)
        return FilePath(database.string + "-ring-" + String(repeating: "0", count: 16 - digits.count) + digits)
    }

    static func unfinished(_ path: FilePath) -> FilePath { FilePath(path.string + unfinishedSuffix) }

    /// The files beside a database that are named so, with a suffix behind.
    static func list(besides database: FilePath, suffix: String) -> [FilePath] {
        let folder = database.removingLastComponent()
        guard let name = database.lastComponent?.string,
            let directory = try? Directory(folder.isEmpty ? "." : folder), let entries = try? directory.entries()
        else { return [] }
        let prefix = Array((name + "-ring-").utf8)
        let suffix = Array(suffix.utf8)
        return entries.map(\.name).filter { name in
            guard name.count == prefix.count + 16 + suffix.count, name.starts(with: prefix) else { return false }
            let digits = name.dropFirst(prefix.count).prefix(16)
            return digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
                && name.suffix(suffix.count).elementsEqual(suffix)
        }
        .map { folder.appending(String(decoding: $0, as: UTF8.self)) }
        .sorted { $0.string < $1.string }
    }
}
