// As whom the children of the master run, within which limits, and what they are kept from.

/// What the log writer and the workers give up before they begin, for good. The master, which binds the sockets and
/// makes the ring file of the log, gives nothing up.
public struct Confinement: Equatable, Sendable {
    /// Who they are: `NAME` or `UID`, perhaps with `:GROUP` behind; nil for whoever starts the master. Only root can
    /// name another user. The log belongs to this user.
    public var user: String?
    /// The primary group, by name or number; nil for the one behind ``user``, or the user's own.
    public var group: String?
    /// The root directory of the workers (chroot); nil for none. `server.directory` and `server.temporaryDirectory` are
    /// paths in it. The log writer stays outside, and so must the log.
    public var rootDirectory: String?
    /// Permissions that new files do not get, 0…0o777; nil for those of whoever starts the master. The master's too.
    public var fileModeMask: UInt32?
    /// Limits of each worker, in the form `NAME=SOFT` or `NAME=SOFT:HARD`: `nofile=4096`, `core=unlimited`, `as=2G`.
    /// Names: as, core, cpu, data, fsize, memlock, nofile, nproc, stack.
    public var limits: [String] = []
    /// What they may open and call.
    public var sandbox = Sandbox.off

    /// No change of user, no limits, no sandbox.
    public init() {}
}

/// What the log writer and the workers may open and call, enforced by the kernel: Landlock for files, TCP and signals,
/// seccomp for system calls.
public struct Sandbox: Equatable, Sendable {
    /// What to do where the kernel cannot.
    public enum Mode: String, Sendable, CaseIterable {
        /// No rules; a worker of root keeps its capabilities, too.
        case off
        /// As far as the kernel can; what it cannot is said at the start.
        case auto
        /// Not without Landlock and seccomp: the server does not start.
        case require
    }

    /// What workers need.
    public enum Profile: Equatable, Sendable {
        /// What `SimpleHTTPRequestHandler` does: reading beneath the served directory, nameless temporary files. No
        /// other file, no connection or socket of its own, no thread, no program but Swift's backtracer.
        case serveOnly
        /// The same and more for handlers of your own: files beneath `readable` and `writable` (which may be read, too)
        /// and threads; with `usesNetwork` sockets of their own.
        case handlers(readable: [String], writable: [String], usesNetwork: Bool)
        /// Programs such as CGI scripts, which inherit what binds the worker: every file that the user may open and the
        /// network. Only calls that keepers of a machine make (modules, mounts, tracing …) fail.
        case programs
    }

    /// What to do where the kernel cannot.
    public var mode: Mode
    /// What workers need.
    public var profile: Profile

    /// Rules for a profile.
    public init(_ profile: Profile, mode: Mode = .auto) {
        self.mode = mode
        self.profile = profile
    }

    /// No rules. The default of the library: what a handler of yours needs, only you know.
    public static let off = Sandbox(.programs, mode: .off)
    /// The default of `basehttpd`.
    public static let serveOnly = Sandbox(.serveOnly)
}
