// What a program has to know of its standard output: whether a person reads it, how wide it is, and what a closed pipe does.
import Glibc
public import SystemPackage

extension FileDescriptor {
    /// Whether this descriptor is a terminal.
    ///
    /// The corresponding C function is `isatty`.
    public var isTerminal: Bool {
        isatty(rawValue) == 1
    }

    /// The width of the terminal in columns; `nil` when this is no terminal or it does not know.
    ///
    /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
    public var terminalColumns: Int? {
        var size = winsize()
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// What a write to a pipe without a reader does to this process.
public enum BrokenPipe {
    /// Lets such a write fail with `EPIPE` from now on; by default the signal SIGPIPE ends the process.
    ///
    /// The corresponding C function is `signal`.
    public static func becomesError() {
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
