// Which system calls a process may still make once it has confined itself with seccomp.
internal import CLinux
public import SystemPackage

/// Groups of system calls; their tables are in CLinux.
public struct SystemCalls: OptionSet, Sendable {
    /// The bits of CLinux.
    public let rawValue: UInt32

    /// Bits of CLinux.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Connections that were accepted, files that are there, nameless files, memory, time, signals, the end.
    public static let serve = SystemCalls(rawValue: UInt32(CLINUX_CALLS_SERVE))
    /// Making, renaming and removing files, and waiting for the disk.
    public static let files = SystemCalls(rawValue: UInt32(CLINUX_CALLS_FILES))
    /// Starting threads.
    public static let threads = SystemCalls(rawValue: UInt32(CLINUX_CALLS_THREADS))
    /// Starting programs, Swift's backtracer among them.
    public static let programs = SystemCalls(rawValue: UInt32(CLINUX_CALLS_PROGRAMS))
    /// Sockets of its own.
    public static let sockets = SystemCalls(rawValue: UInt32(CLINUX_CALLS_SOCKETS))
}

/// Filters of system calls; they bind all threads of this process and all it starts, for ever.
public enum SystemCallFilter {
    /// Whether the kernel has them. The C function is `seccomp`.
    public static var isAvailable: Bool { clinux_has_system_call_filters() == 1 }

    /// Allows groups of calls. Others fail with EPERM; those of the keepers of a machine (modules, mounts, tracing, …)
    /// and of another architecture end the process with SIGSYS. Needs ``CurrentProcess/renounceNewPrivileges()`` first.
    /// The C function is `seccomp`.
    public static func allowOnly(_ calls: SystemCalls) throws(Errno) {
        _ = try checked { clinux_filter_calls(calls.rawValue) }
    }

    /// Makes the program that ``allowOnly(_:)`` installs, for this process and those it forks.
    public static func prepare(_ calls: SystemCalls) {
        clinux_prepare_filter(calls.rawValue)
    }

    /// Refuses the calls of the keepers of a machine with EPERM and allows all others. The C function is `seccomp`.
    public static func refuseKeeperCalls() throws(Errno) {
        _ = try checked { clinux_refuse_keeper_calls() }
    }
}
