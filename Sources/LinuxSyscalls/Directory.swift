// A directory tree that lookups cannot leave: the kernel resolves every path beneath it.
internal import CLinux
internal import Glibc
public import SystemPackage

/// One name in a directory.
public struct DirectoryEntry: Sendable, Equatable {
    /// The name in the file system's own bytes, any but `/` and NUL.
    public let name: [UInt8]
    /// What it is; a symbolic link is not followed.
    public let kind: FileKind
}

/// An open directory.
public struct Directory: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Opens a directory. The corresponding C function is `open(O_DIRECTORY)`.
    public init(_ path: FilePath) throws(Errno) {
        descriptor = try File.open(path, .readOnly, options: [.directory])
    }

    /// Takes over an open descriptor of a directory.
    public init(owning descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// The number of the open directory.
    public var rawValue: CInt { descriptor.rawValue }

    /// Opens a file or directory for reading by a path beneath this directory. Neither `..` nor a symbolic link leads
    /// out: the kernel refuses with EXDEV. The C function is `openat2(RESOLVE_BENEATH)`; before Linux 5.6, or where a
    /// sandbox forbids it, one `openat(O_NOFOLLOW)` a component, which follows no link and no `..` at all.
    ///
    /// - Parameter path: relative; empty means the directory itself. A NUL in it is refused with EINVAL, an absolute
    ///   path with EXDEV.
    public borrowing func openBeneath(_ path: [UInt8]) throws(Errno) -> Descriptor {
        let terminated = try Self.terminated(path)
        let directory = descriptor.rawValue
        do {
            let raw = try checked {
                unsafe terminated.withUnsafeBytes {
                    unsafe clinux_openat2(
                        directory, $0.baseAddress!.assumingMemoryBound(to: CChar.self), UInt64(Self.flags), 0,
                        UInt64(CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_MAGICLINKS))
                }
            }
            return Descriptor(owning: raw)
        } catch Errno.noFunction, Errno.notPermitted {
            return try openStepwise(path, Self.flags)
        }
    }

    /// Opens a file or directory for reading by a path from this directory, and follows symbolic links wherever they
    /// lead. The C function is `openat`.
    ///
    /// - Parameter path: as for ``openBeneath(_:)``, but for `..` and absolute paths, which lead where they say.
    public borrowing func openFollowing(_ path: [UInt8]) throws(Errno) -> Descriptor {
        let terminated = try Self.terminated(path)
        let directory = descriptor.rawValue
        let raw = try checked {
            unsafe terminated.withUnsafeBytes {
                unsafe openat(directory, $0.baseAddress!.assumingMemoryBound(to: CChar.self), Self.flags)
            }
        }
        return Descriptor(owning: raw)
    }

    /// O_NONBLOCK: opening a FIFO must not wait for its writer. It means nothing to regular files.
    private static let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY

    /// A path as C has it; the empty one is the directory itself.
    private static func terminated(_ path: [UInt8]) throws(Errno) -> [UInt8] {
        // A C string ends at its first NUL: what was checked must be what is opened.
        if path.contains(0) { throw Errno.invalidArgument }
        return (path.isEmpty ? [UInt8(ascii: ".")] : path) + [0]
    }

    /// The fallback of ``openBeneath(_:)``: each component by itself, no link followed.
    borrowing func openStepwise(_ path: [UInt8], _ flags: CInt) throws(Errno) -> Descriptor {
        let slash = UInt8(ascii: "/")
        if path.first == slash { throw Errno.improperLink }
        var current = try descriptor.duplicate()
        var parts = path.split(separator: slash, omittingEmptySubsequences: true)
        if parts.isEmpty { parts = [[UInt8(ascii: ".")]] }
        // As the kernel has it: a slash at the end asks for a directory.
        let lastFlags = path.last == slash ? flags | O_DIRECTORY : flags
        for (index, part) in parts.enumerated() {
            if part.elementsEqual("..".utf8) { throw Errno.improperLink }
            let last = index == parts.count - 1
            let wanted = (last ? lastFlags : CInt(CLINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW
            let name = Array(part) + [0]
            let parent = current.rawValue
            let raw = try checked {
                unsafe name.withUnsafeBytes {
                    unsafe openat(parent, $0.baseAddress!.assumingMemoryBound(to: CChar.self), wanted)
                }
            }
            current = Descriptor(owning: raw)
        }
        return current
    }

    /// The names in it, without `.` and `..`, in no order, at most `limit`. The corresponding C function is `readdir`.
    public borrowing func entries(limit: Int = .max) throws(Errno) -> [DirectoryEntry] {
        // A fresh open description: fdopendir takes its descriptor over, and duplicates share one read position.
        let own = descriptor.rawValue
        let fresh = try checked { unsafe openat(own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = unsafe fdopendir(fresh) else {
            close(fresh)
            throw Errno.noMemory
        }
        defer { unsafe closedir(stream) }
        var entries: [DirectoryEntry] = []
        while entries.count < limit, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe [UInt8](bytes.prefix { $0 != 0 })
            }
            if name == [46] || name == [46, 46] { continue }
            entries.append(DirectoryEntry(name: name, kind: try unsafe kind(of: name, hint: entry.pointee.d_type)))
        }
        return entries
    }

    private borrowing func kind(of name: [UInt8], hint: UInt8) throws(Errno) -> FileKind {
        switch Int(hint) {
        case 8: return .regular
        case 4: return .directory
        case 10: return .symbolicLink
        case 12: return .socket
        case 0:  // DT_UNKNOWN: some file systems do not say
            return (try? status(of: name, followingLink: false).kind) ?? .other
        default: return .other
        }
    }

    /// What a name in this directory is. The corresponding C function is `fstatat`.
    public borrowing func status(of name: [UInt8], followingLink: Bool) throws(Errno) -> FileStatus {
        var status = stat()
        let terminated = name + [0]
        let directory = descriptor.rawValue
        _ = try checked {
            unsafe terminated.withUnsafeBytes {
                unsafe fstatat(
                    directory, $0.baseAddress!.assumingMemoryBound(to: CChar.self), &status,
                    followingLink ? 0 : AT_SYMLINK_NOFOLLOW)
            }
        }
        return FileStatus(status)
    }
}
