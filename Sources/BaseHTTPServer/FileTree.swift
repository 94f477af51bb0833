// The directory being served: files opened beneath it by the kernel, small hot ones kept in memory for a second.
internal import LinuxSyscalls
internal import SystemPackage

/// A file as it is answered: its status, and either its content or the open file.
final class ServedFile {
    let status: FileStatus
    /// The content, of a small file.
    let content: [UInt8]?
    /// The open file, of a large one.
    let descriptor: Descriptor?
    /// `Last-Modified`, made once.
    let lastModified: String
    /// `Content-Length`, made once.
    let contentLength: String
    /// `Content-Type`, once a handler has found it.
    var contentType: String?
    /// When the file was last known to be unchanged, monotonic nanoseconds.
    fileprivate(set) var checkedNs: Int64

    init(
        _ descriptor: consuming Descriptor, _ status: FileStatus, content: [UInt8]?, lastModified: String, nowNs: Int64
    ) {
        self.status = status
        self.content = content
        self.lastModified = lastModified
        contentLength = String(status.size)
        checkedNs = nowNs
        self.descriptor = content == nil ? consume descriptor : nil
    }
}

/// What lies at a path beneath the root.
enum TreeEntry: ~Copyable {
    case file(ServedFile)
    case directory(Directory)
}

/// A directory tree.
final class FileTree {
    private let root: Directory
    private let guarded: [GuardedName]
    /// Directories beneath the root, without the slash in front, whose files are programs and never sent.
    var scriptDirectories: [[UInt8]] = []
    private let cachedFileBytes: Int
    private let budget: Int
    /// Files used lately, and those used before: what is used moves from the second to the first.
    private var recent: [[UInt8]: ServedFile] = [:]
    private var earlier: [[UInt8]: ServedFile] = [:]
    private var recentBytes = 0

    private static let freshNs: Int64 = 1_000_000_000

    init(_ configuration: ServerConfiguration) throws(ServerError) {
        do throws(Errno) {
            root = try Directory(FilePath(configuration.directory))
        } catch {
            throw .directory(configuration.directory, reason: "\(error)")
        }
        cachedFileBytes = configuration.cachedFileBytes
        budget = configuration.fileCacheBytes
        guarded = configuration.guardedPath.map(GuardedName.names) ?? []
    }

    /// Looks a path up: decoded, beginning with a slash, without `.` and `..`.
    ///
    /// - Throws: what the kernel says: ENOENT, EACCES, EXDEV for a link that leads out, ELOOP.
    func open(_ path: [UInt8], nowNs: Int64) throws(Errno) -> TreeEntry {
        if let file = cached(path, nowNs: nowNs) { return .file(file) }
        let descriptor = try root.openBeneath(Array(path.drop { $0 == 47 }))
        let status = try File.status(of: descriptor.rawValue)
        if isGuarded(descriptor.rawValue) || isScript(descriptor.rawValue) { throw Errno.noSuchFileOrDirectory }
        switch status.kind {
        case .directory:
            return .directory(Directory(owning: descriptor))
        case .regular:
            // A file is no directory: `name/` must not answer with `name`.
            if path.last == 47 { throw Errno.notDirectory }
            return .file(try load(descriptor, status, path, nowNs))
        case .symbolicLink, .other:
            throw Errno.permissionDenied
        }
    }

    /// Whether a name in a directory is the log or belongs to it.
    func isGuarded(_ name: [UInt8], in directory: borrowing Directory) -> Bool {
        guarded.contains { name.starts(with: $0.name) && $0.isDirectory(try? File.status(of: directory.rawValue)) }
    }

    /// Whether an open file is. Its own name counts, and the directory it lies in now: so no other way to it leads
    /// past.
    private func isGuarded(_ file: CInt) -> Bool {
        if guarded.isEmpty { return false }
        guard let path = try? File.resolvedPath(of: file), let slash = path.lastIndex(of: 47) else { return true }
        return guarded.contains { guarded in
            path[(slash + 1)...].starts(with: guarded.name)
                && guarded.isDirectory(try? File.status(at: FilePath(String(decoding: path[...slash], as: UTF8.self))))
        }
    }

    /// Opens what lies at a path and reads nothing of it: a script, or a directory on the way to one.
    ///
    /// - Throws: as ``open(_:nowNs:)``.
    func openScript(_ path: [UInt8]) throws(Errno) -> Descriptor {
        let descriptor = try root.openBeneath(Array(path.drop { $0 == 47 }))
        if isGuarded(descriptor.rawValue) { throw Errno.noSuchFileOrDirectory }
        return descriptor
    }

    /// The root's path without symbolic links.
    func rootPath() throws(Errno) -> [UInt8] { try File.resolvedPath(of: root.rawValue) }

    /// Whether an open file lies in a directory of scripts, whichever way led to it.
    private func isScript(_ file: CInt) -> Bool {
        if scriptDirectories.isEmpty { return false }
        guard let path = try? File.resolvedPath(of: file) else { return true }
        return scriptDirectories.contains { name in
            guard let directory = try? root.openBeneath(name),
                let place = try? File.resolvedPath(of: directory.rawValue)
            else { return false }
            return path.starts(with: place) && (path.count == place.count || path[place.count] == 47)
        }
    }

    private func load(
        _ descriptor: consuming Descriptor, _ status: FileStatus, _ path: [UInt8], _ nowNs: Int64
    ) throws(Errno) -> ServedFile {
        let lastModified = SimpleHTTPRequestHandler.lastModifiedText(status)
        guard status.size <= Int64(cachedFileBytes) else {
            return ServedFile(descriptor, status, content: nil, lastModified: lastModified, nowNs: nowNs)
        }
        // One byte more than it should have tells a file that grew meanwhile.
        let content = try File.read(descriptor.rawValue, at: 0, count: Int(status.size) + 1)
        guard content.count == Int(status.size) else {
            return ServedFile(descriptor, status, content: nil, lastModified: lastModified, nowNs: nowNs)
        }
        let file = ServedFile(descriptor, status, content: content, lastModified: lastModified, nowNs: nowNs)
        // A file that is being written may change again within one tick of its times, and nothing would tell.
        if status.modifiedSeconds < Clock.realtimeUs() / 1_000_000 - 1 { keep(file, path) }
        return file
    }

    private func cached(_ path: [UInt8], nowNs: Int64) -> ServedFile? {
        if let file = recent[path] { return isFresh(file, path, nowNs) ? file : nil }
        guard let file = earlier[path], isFresh(file, path, nowNs) else { return nil }
        earlier[path] = nil
        keep(file, path)
        return file
    }

    /// Whether what is in memory is still what is on disk; looked at once a second.
    private func isFresh(_ file: ServedFile, _ path: [UInt8], _ nowNs: Int64) -> Bool {
        if nowNs - file.checkedNs < Self.freshNs { return true }
        if let descriptor = try? root.openBeneath(Array(path.drop { $0 == 47 })),
            let status = try? File.status(of: descriptor.rawValue), status == file.status
        {
            file.checkedNs = nowNs
            return true
        }
        recent[path] = nil
        earlier[path] = nil
        return false
    }

    private func keep(_ file: ServedFile, _ path: [UInt8]) {
        // A rough price of the entry itself, so that many tiny files count too.
        let price = (file.content?.count ?? 0) + path.count + 256
        if recentBytes + price > budget / 2 {
            earlier = recent
            recent = [:]
            recentBytes = 0
        }
        recent[path] = file
        recentBytes += price
    }
}
