// Limits of a process that the kernel keeps: memory, open files, size of core files.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A limit of a process and what it is set to. The corresponding C function is `setrlimit`.
public struct ResourceLimit: Equatable, Sendable {
    /// What is limited, by the names of systemd and `ulimit`, in lower case.
    public enum Resource: String, CaseIterable, Sendable {
        // Address space, core files, seconds of processor time, data, file sizes, locked memory, open files, processes
        // of the user, the stack.
        case `as`, core, cpu, data, fsize, memlock, nofile, nproc, stack

        // The order of asm-generic/resource.h, which x86-64 and arm64 share.
        var number: CInt {
            switch self {
            case .cpu: 0
            case .fsize: 1
            case .data: 2
            case .stack: 3
            case .core: 4
            case .nproc: 6
            case .nofile: 7
            case .memlock: 8
            case .as: 9
            }
        }
    }

    /// No limit.
    public static let unlimited = UInt64.max

    /// What is limited.
    public let resource: Resource
    /// What counts: bytes, seconds or a number.
    public let soft: UInt64
    /// How far the process itself may raise it.
    public let hard: UInt64

    /// A limit.
    public init(_ resource: Resource, soft: UInt64, hard: UInt64) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// The limit of this process. The corresponding C function is `getrlimit`.
    public static func current(_ resource: Resource) throws(Errno) -> ResourceLimit {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try checked { unsafe clinux_get_limit(resource.number, &soft, &hard) }
        return ResourceLimit(resource, soft: soft, hard: hard)
    }

    /// Sets it for this process and those it starts. The corresponding C function is `setrlimit`.
    ///
    /// - Throws: EPERM when the hard limit is above the present one and this process is not root, EINVAL when the soft
    ///   one is above the hard one.
    public func apply() throws(Errno) {
        _ = try checked { clinux_set_limit(resource.number, soft, hard) }
    }
}
