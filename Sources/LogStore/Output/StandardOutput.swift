// Writes to standard output; a reader that has gone away is no error.
import LinuxSyscalls
import SystemPackage

/// Writes to standard output.
public enum StandardOutput {
    /// From now on a closed pipe makes ``write(_:)`` answer `false`, and no signal ends the process.
    public static func prepare() {
        // Cannot fail: the signal exists and may be ignored.
        try? Signal.brokenPipe.ignore()
    }

    /// Writes all bytes.
    ///
    /// - Returns: Whether anybody still reads; `false` means that the program is done.
    /// - Throws: `Errno`, for example when the disk is full.
    public static func write(_ bytes: [UInt8]) throws -> Bool {
        do {
            _ = try FileDescriptor.standardOutput.writeAll(bytes)
            return true
        } catch Errno.brokenPipe {
            return false
        }
    }
}
