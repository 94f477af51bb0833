// The name of a Unix socket in the file system: made so that nobody meets it unready, never taken from the living.
internal import CLinux
internal import Glibc
public import SystemPackage

/// The file that a listening Unix socket is found by.
public struct SocketFile: Equatable, Sendable {
    /// Its path, at most ``pathLimit`` bytes.
    public let path: String
    private let device: UInt64
    private let inode: UInt64

    /// Bytes of a path: the kernel's 107, less those of the name that a socket has until it is ready.
    public static let pathLimit = 98

    /// The file at a path; nil when there is no socket's.
    public init?(at path: String) {
        guard let status = try? File.status(ofName: FilePath(path)), status.kind == .socket else { return nil }
        self.path = path
        (device, inode) = (status.device, status.inode)
    }

    /// The file of a socket that was bound to an unready name; nil for one that another program bound.
    init?(ofBound address: SocketAddress) {
        guard case .unix(let name) = address, SocketFile.path(ofBound: name) != name else { return nil }
        self.init(at: SocketFile.path(ofBound: name))
    }

    /// Removes the file, unless another has taken its place.
    public func remove() {
        if SocketFile(at: path) == self { try? File.remove(FilePath(path)) }
    }

    /// The unready name of a path: `~` and eight hexadecimal digits behind it.
    fileprivate static func unready(_ path: String) throws(Errno) -> String {
        let digits = String(UInt32(truncatingIfNeeded: try Random.bits64()), radix: 16)
        return path + "~" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// The path behind an unready name, which the kernel goes on calling the socket by; other paths as they are.
    static func path(ofBound name: String) -> String {
        let bytes = name.utf8
        guard bytes.count > 9, bytes.dropLast(8).last == UInt8(ascii: "~") else { return name }
        let isHexadecimal = bytes.suffix(8).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return isHexadecimal ? String(name.unicodeScalars.dropLast(9)) : name
    }
}

/// Who may connect to a Unix socket.
public struct SocketFileRights: Equatable, Sendable {
    /// The permission bits of the file; whoever may write may connect.
    public var permissions = FilePermissions(rawValue: 0o660)
    /// The user to give the file to; nil leaves it.
    public var user: UInt32?
    /// The group to give the file to; nil leaves it.
    public var group: UInt32?

    /// Owner and group of this process may connect.
    public init() {}
}

/// Why a path cannot be listened on.
public enum SocketFileError: Error, Equatable, Sendable {
    /// Somebody accepts connections there.
    case inUse
    /// What lies there is no socket.
    case notASocket
    /// A path has too many bytes.
    case tooLong
    /// A system call failed.
    case system(step: String, Errno)
}

extension ListeningSocket {
    /// Listens on a path. A file that a dead server left there is replaced in one step; one whose server lives, and
    /// what is no socket, stay as they are. The file appears when it can be connected to, with its rights.
    ///
    /// - Parameter path: at most ``SocketFile/pathLimit`` bytes; its directory must be there.
    ///
    /// The corresponding C functions are `bind`, `chown`, `chmod`, `listen`, and `link` or `rename`.
    public init(path: String, backlog: CInt, rights: SocketFileRights = SocketFileRights()) throws(SocketFileError) {
        guard path.utf8.count <= SocketFile.pathLimit else { throw .tooLong }
        let isStale = try Self.isStale(path)
        var step = "make a name for"
        do throws(Errno) {
            let unready = try SocketFile.unready(path)
            step = "bind"
            let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            let socket = Descriptor(owning: try checked { Glibc.socket(AF_UNIX, kind, 0) })
            let raw = socket.rawValue
            _ = try checked { unsafe SocketAddress.unix(unready).withSocketAddress { unsafe bind(raw, $0, $1) } }
            let name = FilePath(unready)
            // After a rename there is nothing to remove.
            defer { try? File.remove(name) }
            step = "set owner and permissions of"
            try File.setRights(rights, of: name)
            step = "listen on"
            _ = try checked { listen(raw, backlog) }
            step = "put in place"
            if isStale {
                try File.rename(name, to: FilePath(path))
            } else {
                // Unlike rename, this fails when a server came meanwhile.
                try File.link(name, to: FilePath(path))
            }
            self.init(owning: socket, file: SocketFile(at: path))
        } catch {
            throw error == .fileExists ? .inUse : .system(step: step, error)
        }
    }

    /// Whether a file lies at the path that nobody listens on any more; false when there is no file.
    private static func isStale(_ path: String) throws(SocketFileError) -> Bool {
        let status: FileStatus
        do throws(Errno) {
            status = try File.status(ofName: FilePath(path))
        } catch {
            if error == .noSuchFileOrDirectory { return false }
            throw .system(step: "look at", error)
        }
        guard status.kind == .socket else { throw .notASocket }
        do throws(Errno) {
            let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            let probe = Descriptor(owning: try checked { Glibc.socket(AF_UNIX, kind, 0) })
            let raw = probe.rawValue
            _ = try checked { unsafe SocketAddress.unix(path).withSocketAddress { unsafe connect(raw, $0, $1) } }
            throw Errno.addressInUse
        } catch {
            switch error {
            case .connectionRefused: return true
            case .noSuchFileOrDirectory: return false
            // EAGAIN: so many wait to be accepted that no more can. EPROTOTYPE: it is of datagrams.
            case .addressInUse, .wouldBlock, .protocolWrongTypeForSocket: throw .inUse
            default: throw .system(step: "connect to", error)
            }
        }
    }
}

extension File {
    fileprivate static func setRights(_ rights: SocketFileRights, of name: FilePath) throws(Errno) {
        if rights.user != nil || rights.group != nil {
            // The largest number leaves an owner as it is.
            let (user, group) = (rights.user ?? uid_t.max, rights.group ?? gid_t.max)
            _ = try checked { unsafe name.withPlatformString { unsafe lchown($0, user, group) } }
        }
        _ = try checked { unsafe name.withPlatformString { unsafe chmod($0, rights.permissions.rawValue) } }
    }
}
