// Signals as readable events: blocked, then read from a descriptor, so that no Swift runs in a handler.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A signal number with its POSIX name.
public struct Signal: RawRepresentable, Hashable, Sendable {
    /// The number of the platform.
    public let rawValue: CInt

    /// A signal by number.
    public init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Hang-up: reload.
    public static let hangUp = Signal(rawValue: SIGHUP)
    /// Interrupt from the keyboard: quick stop.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// Quit: graceful stop.
    public static let quit = Signal(rawValue: SIGQUIT)
    /// Kill: cannot be caught.
    public static let kill = Signal(rawValue: SIGKILL)
    /// First user signal.
    public static let user1 = Signal(rawValue: SIGUSR1)
    /// Second user signal.
    public static let user2 = Signal(rawValue: SIGUSR2)
    /// A write to a pipe without a reader.
    public static let brokenPipe = Signal(rawValue: SIGPIPE)
    /// Terminate: quick stop.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// The time limit of the request that runs has passed; see ``CrashHandler``.
    public static let alarm = Signal(rawValue: SIGALRM)
    /// A child changed its state.
    public static let child = Signal(rawValue: SIGCHLD)
    /// One worker more.
    public static let terminalInput = Signal(rawValue: SIGTTIN)
    /// One worker less.
    public static let terminalOutput = Signal(rawValue: SIGTTOU)
    /// The terminal's key to stop.
    public static let terminalStop = Signal(rawValue: SIGTSTP)
    /// Go on after a stop.
    public static let resume = Signal(rawValue: SIGCONT)
    /// The window changed: drain the workers.
    public static let windowChange = Signal(rawValue: SIGWINCH)

    /// The POSIX name, for example `SIGSEGV`; a number without a name reads `signal 63`.
    public var name: String {
        let names: [CInt: String] = [
            SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
            SIGABRT: "SIGABRT",
            SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
            SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGCHLD: "SIGCHLD",
            SIGSTOP: "SIGSTOP", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS", SIGTTIN: "SIGTTIN",
            SIGTTOU: "SIGTTOU", SIGWINCH: "SIGWINCH",
        ]
        return names[rawValue] ?? "signal \(rawValue)"
    }

    /// Whether the kernel sends it for a fault of the program itself: ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS.
    public var isFault: Bool {
        [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS].contains(rawValue)
    }

    /// Sends the signal to a process by number, or to a whole process group by its negative number. A child of one's
    /// own is better held by a ``ChildProcess``, which no other process can stand for. The corresponding C function is
    /// `kill`.
    public func send(to process: Int32) throws(Errno) {
        _ = try checked { Glibc.kill(process, rawValue) }
    }

    /// Sends the signal to the calling thread. The corresponding C function is `raise`.
    public func raise() throws(Errno) {
        _ = try checked { Glibc.raise(rawValue) }
    }

    /// Ignores the signal in this process. The corresponding C function is `sigaction`.
    public func ignore() throws(Errno) {
        _ = try checked { clinux_ignore_signal(rawValue) }
    }

    /// Lets every signal through in this process again. The corresponding C function is `sigprocmask`.
    public static func unblockAll() throws(Errno) {
        _ = try checked { clinux_unblock_all_signals() }
    }
}

/// A set of blocked signals that arrive as reads of a descriptor.
public struct SignalDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Blocks the signals in this process and opens a descriptor that yields them. The C functions are `sigprocmask`
    /// and `signalfd`.
    public init(blocking signals: [Signal]) throws(Errno) {
        let numbers = signals.map(\.rawValue)
        _ = try checked {
            unsafe numbers.withUnsafeBufferPointer { unsafe clinux_block_signals($0.baseAddress, $0.count) }
        }
        let raw = try checked {
            unsafe numbers.withUnsafeBufferPointer { unsafe clinux_signalfd($0.baseAddress, $0.count) }
        }
        descriptor = Descriptor(owning: raw)
    }

    /// The number to wait on.
    public var rawValue: CInt { descriptor.rawValue }

    /// The next signal that arrived; nil when none waits. The corresponding C function is `read`.
    public borrowing func next() throws(Errno) -> Signal? {
        let number = descriptor.rawValue
        let signal = try checked { clinux_signalfd_read(number) }
        return signal == 0 ? nil : Signal(rawValue: signal)
    }
}
