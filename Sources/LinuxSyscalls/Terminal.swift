// The terminal that a program writes to: its size, and the whole of its screen while a program wants it.
internal import CLinux
import Glibc
public import SystemPackage

/// Columns and rows of a terminal.
public struct TerminalSize: Equatable, Sendable {
    /// Characters in a line.
    public let columns: Int
    /// Lines.
    public let rows: Int

    /// A size.
    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

extension FileDescriptor {
    /// The size of the terminal; `nil` when this is no terminal or it does not know.
    ///
    /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
    public var terminalSize: TerminalSize? {
        var size = winsize()
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}

/// The whole screen of the terminal on standard input and output.
public enum TerminalScreen {
    /// Takes it: keys come one by one, unseen, none of them is a signal, and what was on the screen waits. The terminal
    /// is given back by ``leave()`` or when the process exits, but not when a signal kills it. The corresponding C
    /// functions are `tcsetattr` and `atexit`.
    ///
    /// - Throws: `Errno`, for example when there is no terminal.
    public static func enter() throws(Errno) {
        _ = try checked { clinux_screen_enter() }
    }

    /// Gives it back as it was.
    public static func leave() {
        clinux_screen_leave()
    }
}
