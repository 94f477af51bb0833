// What a process does to itself: name, death signal, inherited descriptors, exit.
internal import CLinux
internal import Glibc
public import SystemPackage

/// Calls that concern the calling process.
public enum CurrentProcess {
    /// Its number. The corresponding C function is `getpid`.
    public static var processID: Int32 { getpid() }

    /// The number of its parent. The corresponding C function is `getppid`.
    public static var parentProcessID: Int32 { getppid() }

    /// The effective user: 0 is root. The corresponding C function is `geteuid`.
    public static var effectiveUserID: UInt32 { geteuid() }

    /// Names the process as `ps` and `top` show it: its short name (15 bytes) and its command line, in place of the
    /// arguments it was started with. The corresponding C function is `prctl(PR_SET_NAME)`.
    public static func setName(_ name: String) {
        _ = unsafe name.withCString { unsafe clinux_set_name($0) }
        let room = argumentRoom
        guard room > 0, let first = unsafe CommandLine.unsafeArgv[0] else { return }
        unsafe memset(first, 0, room)
        _ = unsafe name.withCString { unsafe strncpy(first, $0, room) }
    }

    /// Bytes of the original arguments, which lie in a row and which the kernel shows. Measured before the first name
    /// is written over them: a shorter name would hide the room from the next.
    private static let argumentRoom: Int = {
        let count = Int(CommandLine.argc)
        guard count > 0, let first = unsafe CommandLine.unsafeArgv[0],
            let last = unsafe CommandLine.unsafeArgv[count - 1]
        else { return 0 }
        return unsafe last + strlen(last) - first
    }()

    /// Has the kernel send `signal` when the parent ends. False when the parent, `parent`, has ended before. The C
    /// function is `prctl(PR_SET_PDEATHSIG)`.
    public static func dieWithParent(_ parent: Int32, signal: Signal) throws(Errno) -> Bool {
        _ = try checked { clinux_set_parent_death_signal(signal.rawValue) }
        return getppid() == parent
    }

    /// Has the process end when its parent does: with SIGTERM, and with SIGKILL `limitMs` milliseconds later, whatever
    /// it is doing then.
    ///
    /// False when the parent, `parent`, has ended before. The kernel forgets it when the process changes its user or
    /// gains a capability by exec, so call it again afterwards. It takes SIGPWR, which has to be let through, and one
    /// timer. The C functions are `prctl(PR_SET_PDEATHSIG)`, `timer_create` and `timer_settime`.
    public static func endWithParent(_ parent: Int32, limitMs: Int) throws(Errno) -> Bool {
        _ = try checked { clinux_end_with_parent(limitMs) }
        return getppid() == parent
    }

    /// Closes every descriptor from 3 on that is not in `kept`. The corresponding C function is `close_range`.
    public static func closeDescriptors(except kept: [CInt]) throws(Errno) {
        var first: UInt32 = 3
        for number in kept.sorted() where number >= first {
            let number = UInt32(number)
            if number > first { _ = try checked { clinux_close_range(first, number - 1) } }
            first = number + 1
        }
        _ = try checked { clinux_close_range(first, UInt32.max) }
    }

    /// Ends the process now; nothing that was registered to run at exit runs. The corresponding C function is `_exit`.
    public static func exit(status: Int32) -> Never {
        // Children of a fork must not run the handlers of their parent; stdio is flushed by hand.
        fflush(nil)
        _exit(status)
    }

    /// Ends the process by SIGABRT. The corresponding C function is `abort`.
    public static func abort() -> Never {
        Glibc.abort()
    }

    /// A variable of the environment; nil when it is not set. The corresponding C function is `getenv`.
    public static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// What the machine calls itself. The corresponding C function is `gethostname`.
    public static var hostName: String {
        // The kernel's names have at most 64 bytes (utsname(2)).
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { name in
            guard unsafe gethostname(name.baseAddress!, name.count) == 0 else { return "localhost" }
            return unsafe String(cString: name.baseAddress!)
        }
    }

    /// Takes a variable out of the environment. The corresponding C function is `unsetenv`.
    public static func removeEnvironment(_ name: String) {
        _ = unsafe name.withCString { unsafe unsetenv($0) }
    }

    /// What this process was started with, its own name first, in bytes of any kind. Only before ``setName(_:)``, which
    /// writes over them. The corresponding C variable is `argv`.
    public static var arguments: [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            guard let text = unsafe CommandLine.unsafeArgv[index] else { return nil }
            return unsafe [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
        }
    }

    /// All of the environment, each entry `NAME=value` in bytes of any kind. The corresponding C variable is `environ`.
    public static var environmentEntries: [[UInt8]] {
        var entries: [[UInt8]] = []
        guard var place = unsafe clinux_environment() else { return [] }
        while let entry = unsafe place.pointee {
            unsafe entries.append([UInt8](UnsafeRawBufferPointer(start: entry, count: strlen(entry))))
            unsafe place += 1
        }
        return entries
    }

    /// Whether a descriptor is a terminal. The corresponding C function is `isatty`.
    public static func isTerminal(_ descriptor: CInt) -> Bool {
        isatty(descriptor) == 1
    }

    /// Raises the soft limit of open descriptors to the hard one and answers it. The C function is
    /// `setrlimit(RLIMIT_NOFILE)`.
    @discardableResult
    public static func raiseDescriptorLimit() -> UInt64 {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(7), &limit)
        return UInt64(limit.rlim_cur)
    }
}
