// The directory being served: files opened beneath it by the kernel, small hot ones kept in memory for a second.
internal import HTTPMessage
internal import LinuxSyscalls
internal import SystemPackage

/// What lies at a path beneath the root.
enum TreeEntry {
    case file(ServedFile)
    case directory
}

/// A directory tree.
final class FileTree {
    private let root: Directory
    private let guarded: [GuardedName]
    /// Directories beneath the root, without the slash in front, whose files are programs and never sent.
    var scriptDirectories: [[UInt8]] = []
    private let followsLinks: Bool
    private let showsHidden: Bool
    private let usesSiblings: Bool
    private let cachedFileBytes: Int
    private let budget: Int
    /// Files used lately, and those used before: what is used moves from the second to the first.
    private var recent: [[UInt8]: ServedFile] = [:]
    private var earlier: [[UInt8]: ServedFile] = [:]
    private var recentBytes = 0
    /// What was found beside files that are not kept.
    private var findings: Findings = [:]
    private typealias Findings = [[UInt8]: (siblings: ContentCodings, checkedNs: Int64)]

    private static let freshNs: Int64 = 1_000_000_000
    private static let findingsLimit = 4_096

    init(_ configuration: ServerConfiguration) throws(ServerError) {
        do throws(Errno) {
            root = try Directory(FilePath(configuration.directory))
        } catch {
            throw .directory(configuration.directory, reason: "\(error)")
        }
        followsLinks = configuration.followsSymbolicLinks
        showsHidden = configuration.servesHiddenFiles
        usesSiblings = configuration.usesPrecompressedFiles
        cachedFileBytes = configuration.cachedFileBytes
        budget = configuration.fileCacheBytes
        guarded = configuration.guardedPath.map(GuardedName.names) ?? []
    }

    // MARK: Files

    /// Looks a path up: decoded, beginning with a slash, without `.` and `..`.
    ///
    /// - Throws: what the kernel says: ENOENT, EACCES, EXDEV for a link that leads out, ELOOP.
    func open(_ path: [UInt8], nowNs: Int64) throws(Errno) -> TreeEntry {
        if let file = cached(path, nowNs: nowNs) { return .file(file) }
        if isHidden(path) { throw Errno.noSuchFileOrDirectory }
        let descriptor = try openServable(path)
        let status = try File.status(of: descriptor.rawValue)
        switch status.kind {
        case .directory: return .directory
        case .regular:
            // A file is no directory: `name/` must not answer with `name`.
            if path.last == 47 { throw Errno.notDirectory }
            return .file(try load(descriptor, status, path, coding: nil, nowNs))
        case .symbolicLink, .socket, .other: throw Errno.permissionDenied
        }
    }

    /// A file in one of the codings that were found beside it; nil if it has gone since.
    func open(_ coding: ContentCoding, beside path: [UInt8], nowNs: Int64) -> ServedFile? {
        // Not the key of the sibling's own path: there it is a file of its own, with another type and tag.
        let key = [0] + path + coding.fileExtension.utf8
        if let file = cached(key, nowNs: nowNs) { return file }
        guard let descriptor = try? openServable(key), let status = try? File.status(of: descriptor.rawValue),
            status.kind == .regular
        else { return nil }
        return try? load(descriptor, status, key, coding: coding, nowNs)
    }

    /// Opens what a path or the key of a sibling leads to, unless it is the log's or a script.
    private func openServable(_ key: [UInt8]) throws(Errno) -> Descriptor {
        let descriptor = try openUnguarded(key)
        if isScript(descriptor.rawValue) { throw Errno.noSuchFileOrDirectory }
        return descriptor
    }

    private func openUnguarded(_ key: [UInt8]) throws(Errno) -> Descriptor {
        let path = Array(key.drop { $0 == 47 || $0 == 0 })
        let descriptor = followsLinks ? try root.openFollowing(path) : try root.openBeneath(path)
        if isGuarded(descriptor.rawValue) { throw Errno.noSuchFileOrDirectory }
        return descriptor
    }

    /// Whether a segment of a path begins with a dot. `/.well-known` does not count.
    private func isHidden(_ path: [UInt8]) -> Bool {
        if showsHidden { return false }
        for index in path.indices.dropLast() where path[index] == 47 && path[index + 1] == 46 {
            if index > 0 || !path.dropFirst().prefix(while: { $0 != 47 }).elementsEqual(Self.wellKnown) { return true }
        }
        return false
    }

    /// RFC 8615 section 3.
    private static let wellKnown = Array(".well-known".utf8)

    private func load(
        _ descriptor: consuming Descriptor, _ status: FileStatus, _ key: [UInt8], coding: ContentCoding?, _ nowNs: Int64
    ) throws(Errno) -> ServedFile {
        let nowSeconds = Clock.realtimeUs() / 1_000_000
        var status = status
        var content: [UInt8]?
        if status.size <= Int64(cachedFileBytes) {
            let bytes = try File.read(descriptor.rawValue, at: 0, count: Int(status.size) + 1)
            // The tag must be that of these bytes: a file that changed meanwhile is sent as it is by now.
            let after = try File.status(of: descriptor.rawValue)
            if after == status, bytes.count == Int(status.size) { content = bytes } else { status = after }
        }
        let isKept = content != nil && !status.isRecent(nowSeconds: nowSeconds)
        let file = ServedFile(
            descriptor, status, content: content, coding: coding, nowSeconds: nowSeconds, nowNs: nowNs)
        if coding == nil, usesSiblings {
            file.siblings = isKept ? siblings(of: key, status) : knownSiblings(of: key, status, nowNs)
        }
        if isKept { keep(file, key) }
        return file
    }

    // MARK: Siblings

    /// See ``Rehearsal``.
    static func rehearse() {
        var findings: Findings = [:]
        findings[[]] = (ContentCodings(), 0)
        var files: [[UInt8]: ServedFile] = [:]
        files.reserveCapacity(1)
        _ = ContentCoding.allCases.count
    }

    /// The codings in which a file lies beside itself, no older than it.
    private func siblings(of path: [UInt8], _ status: FileStatus) -> ContentCodings {
        var found = ContentCodings()
        // What is coded itself has no such siblings.
        let isCoded = ContentCoding.allCases.contains { path.reversed().starts(with: $0.fileExtension.utf8.reversed()) }
        if isCoded { return found }
        for coding in ContentCoding.allCases {
            if let descriptor = try? openServable(path + coding.fileExtension.utf8),
                let sibling = try? File.status(of: descriptor.rawValue), sibling.kind == .regular,
                sibling.isAsNew(as: status)
            {
                found.insert(coding)
            }
        }
        return found
    }

    /// The same for a file that is not kept, looked at once a second.
    private func knownSiblings(of path: [UInt8], _ status: FileStatus, _ nowNs: Int64) -> ContentCodings {
        if let finding = findings[path], nowNs - finding.checkedNs < Self.freshNs { return finding.siblings }
        if findings.count >= Self.findingsLimit { findings.removeAll(keepingCapacity: true) }
        let siblings = siblings(of: path, status)
        findings[path] = (siblings, nowNs)
        return siblings
    }

    // MARK: Directories

    /// The names in a directory that would be answered, in no order.
    ///
    /// - Returns: at most `limit` of them, and whether there are more.
    func entries(of path: [UInt8], limit: Int) throws(Errno) -> (entries: [ListedEntry], isCut: Bool) {
        let directory = Directory(owning: try openServable(path))
        let names = try directory.entries(limit: limit + 1)
        let base = path.last == 47 ? path : path + [47]
        var listed: [ListedEntry] = []
        for entry in names.prefix(limit) where !isGuarded(entry.name, in: directory) && !isHidden(base + entry.name) {
            if let status = status(of: entry, in: directory, base) {
                listed.append(ListedEntry(entry.name, status, isLink: entry.kind == .symbolicLink))
            }
        }
        return (listed, names.count > limit)
    }

    /// What a name leads to; nil if it would not be answered.
    private func status(of entry: DirectoryEntry, in directory: borrowing Directory, _ base: [UInt8]) -> FileStatus? {
        switch entry.kind {
        case .regular, .directory: return try? directory.status(of: entry.name, followingLink: false)
        case .symbolicLink:
            guard let descriptor = try? openServable(base + entry.name),
                let status = try? File.status(of: descriptor.rawValue)
            else { return nil }
            return status.kind == .regular || status.kind == .directory ? status : nil
        case .socket, .other: return nil
        }
    }

    // MARK: The log

    /// Whether a name in a directory is the log or belongs to it.
    private func isGuarded(_ name: [UInt8], in directory: borrowing Directory) -> Bool {
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

    // MARK: Scripts

    /// Opens what lies at a path and reads nothing of it: a script, or a directory on the way to one.
    ///
    /// - Throws: as ``open(_:nowNs:)``.
    func openScript(_ path: [UInt8]) throws(Errno) -> Descriptor {
        if isHidden(path) { throw Errno.noSuchFileOrDirectory }
        return try openUnguarded(path)
    }

    /// The root's path without symbolic links.
    func rootPath() throws(Errno) -> [UInt8] { try File.resolvedPath(of: root.rawValue) }

    /// Whether an open file lies in a directory of scripts, whichever way led to it.
    private func isScript(_ file: CInt) -> Bool {
        if scriptDirectories.isEmpty { return false }
        guard let path = try? File.resolvedPath(of: file) else { return true }
        return scriptDirectories.contains { name in
            guard let directory = try? root.openFollowing(name),
                let place = try? File.resolvedPath(of: directory.rawValue)
            else { return false }
            return path.starts(with: place) && (path.count == place.count || path[place.count] == 47)
        }
    }

    // MARK: Memory

    private func cached(_ key: [UInt8], nowNs: Int64) -> ServedFile? {
        if let file = recent[key] { return isFresh(file, key, nowNs) ? file : nil }
        guard let file = earlier[key], isFresh(file, key, nowNs) else { return nil }
        earlier[key] = nil
        keep(file, key)
        return file
    }

    /// Whether what is in memory is still what is on disk; looked at once a second.
    private func isFresh(_ file: ServedFile, _ key: [UInt8], _ nowNs: Int64) -> Bool {
        if nowNs - file.checkedNs < Self.freshNs { return true }
        if let descriptor = try? openServable(key), let status = try? File.status(of: descriptor.rawValue),
            status == file.status
        {
            file.checkedNs = nowNs
            if file.coding == nil, usesSiblings { file.siblings = siblings(of: key, status) }
            return true
        }
        recent[key] = nil
        earlier[key] = nil
        return false
    }

    private func keep(_ file: ServedFile, _ key: [UInt8]) {
        // A rough price of the entry itself, so that many tiny files count too.
        let price = (file.content?.count ?? 0) + key.count + 512
        if recentBytes + price > budget / 2 {
            earlier = recent
            recent = [:]
            recentBytes = 0
        }
        recent[key] = file
        recentBytes += price
    }
}
