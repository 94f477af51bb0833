// What a process may still open, connect to and signal once it has confined itself with Landlock.
internal import CLinux
internal import Glibc
public import SystemPackage

/// What may be done beneath a path. The corresponding C constants are `LANDLOCK_ACCESS_FS_…`.
public struct FileAccess: OptionSet, Sendable {
    /// The bits of the kernel.
    public let rawValue: UInt64

    /// Bits of the kernel.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Running a file as a program.
    public static let execute = FileAccess(rawValue: 1 << 0)
    /// Opening files to read, and reading directories.
    public static let read = FileAccess(rawValue: 1 << 2 | 1 << 3)
    /// Opening files to write, cutting, making and removing them; not directories, links, sockets or devices.
    public static let write = FileAccess(rawValue: 1 << 1 | 1 << 5 | 1 << 8 | 1 << 14)

    /// What can be said of a file that is no directory.
    static let file = FileAccess(rawValue: 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15)
    /// All that the kernel's first version knows.
    static let first = FileAccess(rawValue: 1 << 13 - 1)
}

/// A set of exceptions from "nothing"; once it is in force it binds this process and all it starts, for ever.
public struct LandlockRuleset: ~Copyable {
    /// The kernel's version of Landlock: 0 without it, 1 since Linux 5.13, 4 with rules for TCP, 6 with scopes. The C
    /// function is `landlock_create_ruleset`.
    public static var version: Int { max(0, Int(clinux_landlock_version())) }

    /// The number of the set, which children may inherit.
    public var rawValue: CInt { descriptor.rawValue }

    private let descriptor: Descriptor
    private let handled: FileAccess

    /// A set that allows nothing yet: no file, and where the kernel knows them no TCP connection of its own, no
    /// listening, no signal and no abstract socket of a process outside. The C function is `landlock_create_ruleset`.
    ///
    /// - Parameter restrictsNetwork: whether connecting, listening, and speaking to outside processes are forbidden.
    public init(restrictsNetwork: Bool) throws(Errno) {
        let version = Self.version
        guard version > 0 else { throw Errno.noFunction }
        var handled = FileAccess.first
        // Moving between directories, cutting files, commands to devices.
        if version >= 2 { handled.insert(FileAccess(rawValue: 1 << 13)) }
        if version >= 3 { handled.insert(FileAccess(rawValue: 1 << 14)) }
        if version >= 5 { handled.insert(FileAccess(rawValue: 1 << 15)) }
        let network: UInt64 = restrictsNetwork && version >= 4 ? 0b11 : 0
        let scoped: UInt64 = restrictsNetwork && version >= 6 ? 0b11 : 0
        let files = handled.rawValue
        descriptor = Descriptor(owning: try checked { clinux_landlock_create(files, network, scoped) })
        self.handled = handled
    }

    /// Allows something beneath a directory, or for a file. What is not there is left out. The C function is
    /// `landlock_add_rule`.
    public borrowing func allow(_ access: FileAccess, beneath path: FilePath) throws(Errno) {
        guard let place = try? File.open(path, .readOnly, options: FileDescriptor.OpenOptions(rawValue: CLINUX_O_PATH))
        else { return }
        let status = try File.status(of: place.rawValue)
        let possible = status.kind == .directory ? handled : handled.intersection(.file)
        let ruleset = descriptor.rawValue
        let bits = access.intersection(possible).rawValue
        if bits == 0 { return }
        _ = try checked { clinux_landlock_allow(ruleset, bits, place.rawValue) }
    }

    /// Puts it in force for the calling thread and those it starts. Needs
    /// ``CurrentProcess/renounceNewPrivileges()`` first. The C function is `landlock_restrict_self`.
    public borrowing func restrictSelf() throws(Errno) {
        let ruleset = descriptor.rawValue
        _ = try checked { clinux_landlock_restrict(ruleset) }
    }
}
