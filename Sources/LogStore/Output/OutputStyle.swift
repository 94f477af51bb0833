// Whom the output is for: colours and a width only when a terminal shows it.
import LinuxSyscalls
import SystemPackage

/// What a table may use of the place that it is written to.
public struct OutputStyle: Sendable, Equatable {
    /// The width in columns that lines should keep to; `nil`: any.
    public var columns: Int?

    /// Whether colours may be used.
    public var isColoured: Bool

    /// Makes a style; without arguments that of a file.
    public init(columns: Int? = nil, isColoured: Bool = false) {
        self.columns = columns
        self.isColoured = isColoured
    }

    /// The style for this process's standard output: plain unless it is a terminal; `NO_COLOR` (no-color.org) and
    /// `TERM=dumb` switch colours off.
    public static func standardOutput() -> OutputStyle {
        guard CurrentProcess.isTerminal(FileDescriptor.standardOutput.rawValue) else { return OutputStyle() }
        let isPlain =
            !(CurrentProcess.environment("NO_COLOR") ?? "").isEmpty || CurrentProcess.environment("TERM") == "dumb"
        return OutputStyle(columns: FileDescriptor.standardOutput.terminalSize?.columns, isColoured: !isPlain)
    }
}

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
