// How wide the terminal is that a program writes to.
import Glibc
public import SystemPackage

extension FileDescriptor {
    /// The width of the terminal in columns; `nil` when this is no terminal or it does not know.
    ///
    /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
    public var terminalColumns: Int? {
        var size = winsize()
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
