// Names in a directory that are never served: the log database and what lies beside it.
internal import LinuxSyscalls
internal import SystemPackage

/// A directory, by its number, and the beginning of names in it.
struct GuardedName {
    let name: [UInt8]
    private let device: UInt64
    private let inode: UInt64

    private init?(_ path: FilePath) {
        let parent = path.removingLastComponent()
        guard let name = path.lastComponent, let directory = try? File.status(at: parent.isEmpty ? "." : parent) else {
            return nil
        }
        self.name = Array(name.string.utf8)
        device = directory.device
        inode = directory.inode
    }

    /// Whether a status is the directory's; true when there is none, to be on the safe side.
    func isDirectory(_ status: FileStatus?) -> Bool {
        guard let status else { return true }
        return status.device == device && status.inode == inode
    }

    /// What a path names, and what it leads to when it is a symbolic link.
    static func names(_ path: String) -> [GuardedName] {
        var names: [GuardedName] = []
        names.reserveCapacity(2)
        if let name = GuardedName(FilePath(path)) { names.append(name) }
        // Directories on the way are followed for the first name already.
        guard (try? File.status(ofName: FilePath(path)))?.kind == .symbolicLink else { return names }
        if let file = try? File.open(FilePath(path), .readOnly, options: [.nonBlocking]),
            let target = try? File.resolvedPath(of: file.rawValue),
            let name = GuardedName(FilePath(String(decoding: target, as: UTF8.self)))
        {
            names.append(name)
        }
        return names
    }
}
