// Files by descriptor: open, size, lock, allocate, read, rename and remove.
internal import CLinux
internal import Glibc
public import SystemPackage

/// What a name in a directory is.
public enum FileKind: Sendable {
    /// A regular file.
    case regular
    /// A directory.
    case directory
    /// A symbolic link, not followed.
    case symbolicLink
    /// The name of a Unix socket, or a socket itself.
    case socket
    /// A device or FIFO.
    case other
}

/// What `fstat(2)` says of a file, as far as a server needs it.
public struct FileStatus: Sendable, Equatable {
    /// What it is.
    public let kind: FileKind
    /// Length in bytes.
    public let size: Int64
    /// Last change of the content, whole seconds since 1970 UTC.
    public let modifiedSeconds: Int64
    /// The rest of that moment, 0…999,999,999.
    public let modifiedNanoseconds: Int64
    /// Number of the file in its file system.
    public let inode: UInt64
    /// Number of its file system.
    public let device: UInt64

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        case S_IFSOCK: kind = .socket
        default: kind = .other
        }
        size = Int64(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
    }
}

/// Calls on files that swift-system does not carry. All descriptors are closed on exec.
public enum File {
    /// Opens a file. The corresponding C function is `open`.
    public static func open(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions = .ownerReadWrite
    ) throws(Errno) -> Descriptor {
        let flags = mode.rawValue | options.rawValue | O_CLOEXEC
        let raw = try checked {
            unsafe path.withPlatformString { unsafe Glibc.open($0, flags, permissions.rawValue) }
        }
        return Descriptor(owning: raw)
    }

    /// A nameless file for spooling in a directory, gone when it is closed. The C function is `open(O_TMPFILE)`; where
    /// the file system lacks it, `mkostemp` and `unlink`.
    public static func openUnnamed(in directory: FilePath) throws(Errno) -> Descriptor {
        do {
            let raw = try checked { unsafe directory.withPlatformString { unsafe clinux_unnamed_file($0) } }
            return Descriptor(owning: raw)
        } catch Errno.notSupported, Errno.isDirectory {
            var template = (directory.appending("spool-XXXXXX").string.utf8.map { CChar(bitPattern: $0) }) + [0]
            let raw = try checked { unsafe clinux_temporary_file(&template) }
            unsafe unlink(template)
            return Descriptor(owning: raw)
        }
    }

    /// What kind of file it is, its size and its times. The corresponding C function is `fstat`.
    public static func status(of file: CInt) throws(Errno) -> FileStatus {
        var status = stat()
        _ = try checked { unsafe fstat(file, &status) }
        return FileStatus(status)
    }

    /// As ``status(of:)`` by path, following links. The corresponding C function is `stat`.
    public static func status(at path: FilePath) throws(Errno) -> FileStatus {
        var status = stat()
        _ = try checked { unsafe path.withPlatformString { unsafe stat($0, &status) } }
        return FileStatus(status)
    }

    /// As ``status(at:)``, of a symbolic link itself. The corresponding C function is `lstat`.
    public static func status(ofName path: FilePath) throws(Errno) -> FileStatus {
        var status = stat()
        _ = try checked { unsafe path.withPlatformString { unsafe lstat($0, &status) } }
        return FileStatus(status)
    }

    /// Tries to lock the open file, never waits; false when another holds a lock in the way. The C function is `flock`.
    public static func tryLock(_ file: CInt, exclusive: Bool) throws(Errno) -> Bool {
        do {
            _ = try checked { flock(file, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) }
            return true
        } catch Errno.wouldBlock {
            return false
        }
    }

    /// Gives a lock up. The corresponding C function is `flock`.
    public static func unlock(_ file: CInt) throws(Errno) {
        _ = try checked { flock(file, LOCK_UN) }
    }

    /// Gives the file room on disk now, so that no later write into a mapping of it can run out. The corresponding C
    /// function is `posix_fallocate`, which answers with the error instead of setting errno.
    public static func allocate(_ file: CInt, length: Int64) throws(Errno) {
        let code = posix_fallocate(file, 0, off_t(length))
        if code != 0 { throw Errno(rawValue: code) }
    }

    /// Reads into a fresh array: up to `count` bytes from `offset` on, fewer at the end of the file. The C function is
    /// `pread`.
    public static func read(_ file: CInt, at offset: Int64, count: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(Errno) {
                while filled < count {
                    let place = filled
                    let more = try checked {
                        unsafe pread(file, buffer.baseAddress! + place, count - place, off_t(offset) + off_t(place))
                    }
                    if more == 0 { break }
                    filled += more
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all of the bytes from `offset` on. The C function is `pwrite`.
    public static func write(_ bytes: RawSpan, to file: CInt, at offset: Int64) throws(Errno) {
        var failure: Errno?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                var place = 0
                while place < buffer.count {
                    place += try checked {
                        unsafe pwrite(
                            file, buffer.baseAddress! + place, buffer.count - place, off_t(offset) + off_t(place))
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Goes back to the first byte, for whoever reads the open file next. The corresponding C function is `lseek`.
    public static func rewind(_ file: CInt) throws(Errno) {
        _ = try checked { lseek(file, 0, SEEK_SET) }
    }

    /// Goes to a byte, for whoever reads the open file next. The corresponding C function is `lseek`.
    public static func seek(_ file: CInt, to offset: Int64) throws(Errno) {
        _ = try checked { lseek(file, off_t(offset), SEEK_SET) }
    }

    /// The byte that is read next by whoever has the open file. The corresponding C function is `lseek`.
    public static func position(_ file: CInt) throws(Errno) -> Int64 {
        Int64(try checked { lseek(file, 0, SEEK_CUR) })
    }

    /// Waits until the content of a file is on the disk. The corresponding C function is `fsync`.
    public static func sync(_ file: CInt) throws(Errno) {
        _ = try checked { fsync(file) }
    }

    /// Whether this process may run a file as a program. The corresponding C function is `access(X_OK)`.
    public static func isExecutable(_ path: FilePath) -> Bool {
        unsafe path.withPlatformString { unsafe access($0, X_OK) } == 0
    }

    /// Cuts or extends a file. The corresponding C function is `ftruncate`.
    public static func truncate(_ file: CInt, to length: Int64) throws(Errno) {
        _ = try checked { ftruncate(file, off_t(length)) }
    }

    /// The path of an open file without symbolic links, as the kernel knows it. The C function is `readlink` on
    /// `/proc/self/fd`.
    public static func resolvedPath(of file: CInt) throws(Errno) -> [UInt8] {
        let capacity = 4096
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = try checked {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe readlink("/proc/self/fd/\(file)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), capacity)
            }
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Where a symbolic link leads, as it says; nil for what is none. The corresponding C function is `readlink`.
    public static func linkTarget(of path: FilePath) -> FilePath? {
        let capacity = 4096
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = unsafe path.withPlatformString { path in
            unsafe bytes.withUnsafeMutableBytes {
                unsafe readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), capacity)
            }
        }
        return count > 0 && count < capacity ? FilePath(bytes: Array(bytes[..<count])) : nil
    }

    /// Removes a name. The corresponding C function is `unlink`.
    public static func remove(_ path: FilePath) throws(Errno) {
        _ = try checked { unsafe path.withPlatformString { unsafe unlink($0) } }
    }

    /// Gives a file another name, replacing what had it. The corresponding C function is `rename`.
    public static func rename(_ path: FilePath, to other: FilePath) throws(Errno) {
        _ = try checked {
            unsafe path.withPlatformString { from in
                unsafe other.withPlatformString { unsafe Glibc.rename(from, $0) }
            }
        }
    }

    /// Gives a file a second name; EEXIST when something has it. The corresponding C function is `link`.
    public static func link(_ path: FilePath, to other: FilePath) throws(Errno) {
        _ = try checked {
            unsafe path.withPlatformString { from in
                unsafe other.withPlatformString { unsafe Glibc.link(from, $0) }
            }
        }
    }

    /// Gives a file to a user and a group; a symbolic link itself, not what it leads to. The C function is `lchown`.
    public static func changeOwner(of path: FilePath, user: UInt32, group: UInt32) throws(Errno) {
        _ = try checked { unsafe path.withPlatformString { unsafe lchown($0, user, group) } }
    }

    /// Makes a directory and those above it. A directory that is there already is no error. The C function is `mkdir`.
    public static func makeDirectories(_ path: FilePath, permissions: FilePermissions) throws(Errno) {
        do {
            _ = try checked { unsafe path.withPlatformString { unsafe mkdir($0, permissions.rawValue) } }
        } catch Errno.fileExists {
            if try status(at: path).kind != .directory { throw Errno.notDirectory }
        } catch Errno.noSuchFileOrDirectory where !path.removingLastComponent().isEmpty {
            try makeDirectories(path.removingLastComponent(), permissions: permissions)
            _ = try checked { unsafe path.withPlatformString { unsafe mkdir($0, permissions.rawValue) } }
        }
    }
}

extension FilePath {
    /// A path of any bytes but NUL.
    public init(bytes: [UInt8]) {
        unsafe self.init(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
    }
}
